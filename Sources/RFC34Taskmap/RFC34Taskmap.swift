// RFC34Taskmap: see README.md.
