// RFC44ResourceEvents: see README.md.
