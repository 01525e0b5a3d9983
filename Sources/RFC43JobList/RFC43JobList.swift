// RFC43JobList: see README.md.
