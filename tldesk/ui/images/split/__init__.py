"""Dialogs about the split: which images belong together, shares, balance, locking the test set."""
