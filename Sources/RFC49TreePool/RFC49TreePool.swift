// RFC49TreePool: see README.md.
