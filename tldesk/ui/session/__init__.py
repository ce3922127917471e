"""What the pages share: the open project, recipe, run, model and device, and undoable edits."""
