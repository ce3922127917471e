"""Picture files on disk: walking folders, folder layout, fingerprints, copying, reconciling."""
