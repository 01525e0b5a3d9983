// RFC36Directives: see README.md.
