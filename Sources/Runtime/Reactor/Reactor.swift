// Reactor: see README.md.
