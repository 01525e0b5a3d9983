// RFC28ResourceAcquisition: see README.md.
