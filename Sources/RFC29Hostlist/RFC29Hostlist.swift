// RFC29Hostlist: see README.md.
