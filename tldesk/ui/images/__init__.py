"""The Images page: look at images, label them, manage classes."""
