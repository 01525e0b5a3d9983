// FluxJSON: see README.md.
