// RFC50ExecEvents: see README.md.
