"""Which images are meant, as SQL conditions on the table ``images``; fixed text, nothing is bound to it."""

READABLE = "reason IS NULL AND NOT missing"
"""There, and as far as is known readable; found by a scan, but perhaps not read yet."""

READ = f"{READABLE} AND content != ''"
"""There, and read: what it holds is known."""

USABLE = f"{READ} AND NOT excluded"
"""May be learned from, once it has a label."""

USED = f"{USABLE} AND class_id IS NOT NULL"
"""Usable and labelled."""

KEPT = "id NOT IN (SELECT id FROM images WHERE missing AND forgotten)"
"""Not forgotten by a person after its file was gone. In this form the index of ids is enough: the rows of
100,000 images need not be read."""
