"""The Images page: view images, label them, manage classes."""
