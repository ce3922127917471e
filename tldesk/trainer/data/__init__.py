"""The training data of a phase: batches, views, augmentation, cached features, inner folds."""
