"""rnnlab: train, watch, steer and measure character-level recurrent networks in a terminal."""

__version__ = "0.1.0"
