// RFC42Subprocess: see README.md.
