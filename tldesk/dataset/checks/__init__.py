"""Checks of a project's images: duplicates, leakage, blur, odd pictures, shortcuts, privacy."""
