// RFC24IO: see README.md.
