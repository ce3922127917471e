"""Models in the formats of other programs, and reports. Empty so far."""
