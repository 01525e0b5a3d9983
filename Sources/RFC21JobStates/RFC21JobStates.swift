// RFC21JobStates: see README.md.
