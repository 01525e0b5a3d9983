// RFC18Eventlog: see README.md.
