// RFC13PMI: see README.md.
