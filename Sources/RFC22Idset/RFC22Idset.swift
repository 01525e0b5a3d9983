// RFC22Idset: see README.md.
