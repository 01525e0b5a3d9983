// RFC32Execution: see README.md.
