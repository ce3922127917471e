"""SQL conditions that select images in the table ``images``; fixed text without parameters."""

READABLE = "reason IS NULL AND NOT missing"
"""The file exists and is not known to be unreadable; it may not have been read yet."""

READ = f"{READABLE} AND content != ''"
"""The file exists and has been read."""

USABLE = f"{READ} AND NOT excluded"
"""Read and not excluded: can be used for training and testing if labelled."""

USED = f"{USABLE} AND class_id IS NOT NULL"
"""Usable and labelled."""

KEPT = "id NOT IN (SELECT id FROM images WHERE missing AND forgotten)"
"""Not forgotten by the user after its file was missing. In this form SQLite only needs the index of ids and
does not read the rows of 100,000 images."""
