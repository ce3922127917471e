"""Second readers: labelling without seeing other labels, and agreement between readers."""
