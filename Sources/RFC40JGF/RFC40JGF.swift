// RFC40JGF: see README.md.
