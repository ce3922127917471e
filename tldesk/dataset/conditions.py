"""Which images are meant, as SQL conditions on the table ``images``; fixed text, nothing is bound to it."""

READABLE = "reason IS NULL AND NOT missing"
"""There, and as far as is known readable; found by a scan, but perhaps not read yet."""

READ = f"{READABLE} AND content != ''"
"""There, and read: what it holds is known."""

USABLE = f"{READ} AND NOT excluded"
"""May be learned from, once it has a label."""

USED = f"{USABLE} AND class_id IS NOT NULL"
"""Usable and labelled."""

LET_GO = "missing AND forgotten"
"""Its file is gone, and a person wants to see it no more."""
