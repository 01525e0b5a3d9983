// RFC37FileArchive: see README.md.
