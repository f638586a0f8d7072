"""Sampling: one interface, several engines.

settings    what may be asked of a sample
sampler     texts piece by piece, with the probabilities if wanted
choice      which engine runs here
engine      what every engine does; portable, native and graph are engines
weights     a network's weights in the form that engines take
int8, cells, draw          the arithmetic
endings, functions         where a text ends
measure     bits per character of an engine
benchmark   characters per second, against the obvious loop
"""

from rnnlab.model.sampling.choice import ENGINES, EngineName, make_engine
from rnnlab.model.sampling.sampler import Piece, Sampler
from rnnlab.model.sampling.settings import SamplingSettings

__all__ = ["ENGINES", "EngineName", "Piece", "Sampler", "SamplingSettings", "make_engine"]
