"""Pictures that formulas draw: textures, figures, and scenes made of both."""
