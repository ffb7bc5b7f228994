"""Pictures for training: sources, preparation, batches, views, augmentation."""
