"""Several runs that belong together: cross-validation, the three ways compared, recipe search."""
