// RFC10Content: see README.md.
