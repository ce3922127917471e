"""Help with choosing a recipe: backbone ranking, learning-rate test, search, the three ways compared."""
