// RFC41JobInfo: see README.md.
