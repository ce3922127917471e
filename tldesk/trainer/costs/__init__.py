"""What a recipe costs on this machine: measured stages, the cost book, estimates of time and memory."""
