"""Help with choosing a recipe: ranking backbones, the learning-rate test."""
