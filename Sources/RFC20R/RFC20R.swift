// RFC20R: see README.md.
