"""Tables beside the images: reading label tables, cell values, metadata columns."""
