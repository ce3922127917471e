"""The state shared by the pages: the open project, recipe, run, model and device, and undoable edits."""
