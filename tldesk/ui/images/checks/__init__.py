"""Checks of the images: running them, listing the findings, resolving a finding."""
