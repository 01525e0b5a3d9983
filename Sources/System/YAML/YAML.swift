// YAML: see README.md.
