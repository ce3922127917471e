"""Scanning the project's folders: find, compare, list, label, read, report."""
