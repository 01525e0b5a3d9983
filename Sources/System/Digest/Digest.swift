// Digest: see README.md.
