// RFC11TreeObject: see README.md.
