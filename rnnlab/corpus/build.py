"""The payload of a cached corpus, and what is known of it afterwards.

Knows blocks of text and where to write; neither which files they came from nor what the cache does with them.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from rnnlab.config import CorpusConfig
from rnnlab.corpus.cache import Writer, write_all
from rnnlab.corpus.collect import Collector
from rnnlab.corpus.encode import Counts, Meter, count_characters, encode_characters
from rnnlab.corpus.progress import Reporter
from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import CorpusError

LEAST_CHARACTERS = 100
FINGERPRINT = (
    "digest",
    "bytes",
    "characters",
    "files",
    "duplicates",
    "duplicate_bytes",
    "binary_files",
    "binary_names",
    "links",
)
"""What of a description goes into a corpus's fingerprint."""


def build(collector: Collector, writer: Writer, folder: Path, report: Reporter) -> tuple[str, dict[str, Any]]:
    """Write the payload; gives its SHA-256 and the description.

    Raises:
        CorpusError: where the text cannot be collected or is nothing to learn from.
    """
    build_kind = _build_bytes if collector.config.vocabulary == "bytes" else _build_chars
    payload_digest, meter, vocabulary, counts = build_kind(collector, writer, folder, report)
    tally = collector.tally
    return payload_digest, {
        "digest": meter.digest.hexdigest(),
        "bytes": meter.length,
        "characters": int(counts.sum()),
        "files": tally.files,
        "duplicates": tally.duplicates,
        "duplicate_bytes": tally.duplicate_bytes,
        "binary_files": tally.binary,
        "binary_names": tally.binary_names,
        "links": tally.links,
        "vocabulary": vocabulary.to_json(),
        "counts": counts[list(vocabulary.symbols)].tolist(),
    }


_Built = tuple[str, Meter, Vocabulary, Counts]


def _build_bytes(collector: Collector, writer: Writer, folder: Path, report: Reporter) -> _Built:  # noqa: ARG001  # as _build_chars
    """The payload is the text itself; ids are looked up when it is read."""
    meter = Meter()
    with contextlib.closing(collector.blocks()) as blocks:
        for block in blocks:
            meter.update(block)
            writer.write(block)
    vocabulary = _vocabulary(collector.config, meter.counts)
    return meter.digest.hexdigest(), meter, vocabulary, meter.counts


def _build_chars(collector: Collector, writer: Writer, folder: Path, report: Reporter) -> _Built:
    """The payload is ids, so that a character can be found by its number; the text is kept aside meanwhile."""
    meter, digest = Meter(), hashlib.sha256()
    with tempfile.TemporaryFile(dir=folder, buffering=0) as text:
        with contextlib.closing(collector.blocks()) as blocks:
            for block in blocks:
                meter.update(block)
                write_all(text.fileno(), block)
        counts = count_characters(text.fileno(), meter, lambda done: report("counting", done, meter.length))
        vocabulary = _vocabulary(collector.config, counts)
        for done, ids in encode_characters(text.fileno(), meter.length, vocabulary):
            report("encoding", done, meter.length)
            digest.update(ids)
            writer.write(ids)
    return digest.hexdigest(), meter, vocabulary, counts


def _vocabulary(config: CorpusConfig, counts: Counts) -> Vocabulary:
    refuse_small(config, int(counts.sum()))
    symbols = np.flatnonzero(counts).tolist()
    if len(symbols) < 2:
        reason = "it holds a single symbol, over and over"
        raise CorpusError(", ".join(config.sources), reason, "Give text with at least two symbols.")
    return Vocabulary(config.vocabulary, symbols)


def refuse_small(config: CorpusConfig, length: int) -> None:
    """Raise CorpusError where so many characters are too few."""
    if length < LEAST_CHARACTERS:
        reason = f"{length} characters are too few to learn from" if length else "it is empty"
        raise CorpusError(", ".join(config.sources), reason, f"Give at least {LEAST_CHARACTERS} characters of text.")
