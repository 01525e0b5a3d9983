// RFC35ConstraintQuery: see README.md.
