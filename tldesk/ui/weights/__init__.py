"""The weights library dialog, and importing weight files."""
