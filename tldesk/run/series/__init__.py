"""Several runs that belong together: cross-validation, comparison of the three ways, recipe search."""
