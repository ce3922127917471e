"""The cost of a recipe on this computer: measured stages, the cost book, estimates of time and memory."""
