// RFC26Dependency: see README.md.
