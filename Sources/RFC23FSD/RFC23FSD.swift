// RFC23FSD: see README.md.
