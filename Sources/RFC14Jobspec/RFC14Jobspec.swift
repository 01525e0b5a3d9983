// RFC14Jobspec: see README.md.
