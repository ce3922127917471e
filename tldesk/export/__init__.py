"""Model files in the formats of other programs. Empty so far."""
