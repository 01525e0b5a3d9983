// RFC27ResourceAllocation: see README.md.
