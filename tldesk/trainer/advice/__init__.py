"""Helps to choose a recipe: ranking of backbones, learning-rate range test."""
