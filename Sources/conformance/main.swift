// conformance: see README.md.
