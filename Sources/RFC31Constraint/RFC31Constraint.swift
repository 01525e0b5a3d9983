// RFC31Constraint: see README.md.
