// RFC45Range: see README.md.
