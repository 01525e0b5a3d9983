// RFC38KVEncoding: see README.md.
