"""The network, its checkpoints and its sampler; with training and inspection, all that knows torch."""
