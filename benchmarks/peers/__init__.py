"""The other programs: each does the same work with the same weights, images and split, tuned fairly."""
