"""Starter weights: drawing pictures by formulas, training a backbone on them, measuring what it is worth."""
