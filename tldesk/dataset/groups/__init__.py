"""Groups: images that belong together; rules, proposals, previews."""
