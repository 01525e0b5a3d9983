// RFC46Shape: see README.md.
