"""The virtual grid of thumbnails: model, delegate, cell layout, thumbnail store."""
