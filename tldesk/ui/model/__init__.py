"""The Model page: choose a backbone, the freeze line and the rest of the recipe."""
