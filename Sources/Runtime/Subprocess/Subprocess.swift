// Subprocess: see README.md.
