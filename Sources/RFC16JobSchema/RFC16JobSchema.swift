// RFC16JobSchema: see README.md.
