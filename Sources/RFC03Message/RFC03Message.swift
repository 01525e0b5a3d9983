// RFC03Message: see README.md.
