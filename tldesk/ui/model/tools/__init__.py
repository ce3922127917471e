"""Tools for choosing a recipe: backbone ranking, learning-rate test, search, comparison of the three ways."""
