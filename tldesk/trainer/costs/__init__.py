"""The cost of a recipe on this machine: measured stages, the cost book, estimates of time and memory."""
