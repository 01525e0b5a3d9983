// RFC33Queue: see README.md.
