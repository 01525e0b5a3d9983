// Client: see README.md.
