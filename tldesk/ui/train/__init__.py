"""The Train page: start, watch and stop training; runs and cross-validation."""
