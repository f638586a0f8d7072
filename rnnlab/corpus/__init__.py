"""The text a model learns from: collected, encoded once on disk, split."""
