"""What a phase is trained on: batches, views, augmentation, cached features, inner folds."""
