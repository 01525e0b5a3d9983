// RFC39Signature: see README.md.
