// ConformanceKit: see README.md.
