// RFC06RPC: see README.md.
