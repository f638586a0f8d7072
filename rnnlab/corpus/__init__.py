"""The text a model learns from: collected, encoded once on disk, split."""

from rnnlab.corpus.corpus import Corpus, Part, Parts, Streams
from rnnlab.corpus.opening import open_corpus
from rnnlab.corpus.progress import Progress
from rnnlab.corpus.split import parse_split
from rnnlab.corpus.vocabulary import Vocabulary

__all__ = [
    "Corpus",
    "Part",
    "Parts",
    "Progress",
    "Streams",
    "Vocabulary",
    "open_corpus",
    "parse_split",
]
