"""The other programs: the same work with the same weights, images and split, fairly tuned."""
