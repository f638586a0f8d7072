"""From sources to an open corpus: out of the cache where it is there, else collected into it.

The only place that knows the whole way: find, judge, collect, measure, encode, cache, open.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from rnnlab.config import CorpusConfig
from rnnlab.corpus import cache, split
from rnnlab.corpus.build import FINGERPRINT, build, refuse_small
from rnnlab.corpus.collect import Collector
from rnnlab.corpus.corpus import Corpus, Payload
from rnnlab.corpus.names import Names
from rnnlab.corpus.pieces import judge
from rnnlab.corpus.progress import Callback, Reporter
from rnnlab.corpus.sources import Source, find_sources
from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import CorpusError

_ROOM_TO_SPARE = 64 << 20


def open_corpus(
    config: CorpusConfig,
    *,
    cache_dir: Path | None = None,
    progress: Callback | None = None,
    stdin: BinaryIO | None = None,
    known: Mapping[str, Any] | None = None,
) -> Corpus:
    """The corpus that the configuration describes.

    Args:
        cache_dir: where encoded corpora are kept; else RNNLAB_CACHE, else the user's cache folder.
        progress: is told how far the work is.
        stdin: what the source ``-`` reads; else standard input.
        known: the fingerprint of an earlier opening. A corpus that came from a pipe is taken from the
            cache by it, where it still is there, instead of being read again.

    Raises:
        CorpusError: with the reason, before any long work where it can be known by then.
    """
    report = Reporter(progress)
    sources = find_sources(config.sources, Names(config.include, config.exclude), report)
    folder = cache.cache_folder(cache_dir)
    piped = any(not source.identity for source in sources)
    key = _key(config, *(source.identity for source in sources))
    if piped:
        key = _key(config, str(known["digest"])) if known else ""
    if key and (corpus := _cached(folder, key, config)):
        return corpus
    _refuse_early(sources, config, folder)
    name = key or f"pipe-{os.getpid()}"
    with _naming(folder), cache.exclusive(folder, name, lambda: report("waiting")) as writer:
        if key and (corpus := _cached(folder, key, config)):
            return corpus  # another process built it meanwhile
        digest, description = build(Collector(config, sources, folder, report, stdin), writer, folder, report)
        key = _key(config, description["digest"]) if piped else key
        writer.finish(folder / f"{key}.corpus", digest, description)
    cache.tidy(folder)
    corpus = _cached(folder, key, config, built=True)
    if corpus is None:
        raise CorpusError(str(folder), "the corpus that was just cached is gone", "Start again.")
    return corpus


@contextlib.contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """Turn what goes wrong in the cache into an error that says where."""
    try:
        yield
    except OSError as error:
        reason = f"the corpus cannot be cached here ({(error.strerror or str(error)).lower()})"
        raise CorpusError(str(folder), reason, "Make room, or set RNNLAB_CACHE to another folder.") from None


def _key(config: CorpusConfig, *identities: str) -> str:
    """Name of the cached corpus: changes with whatever changes its text or ids, and not with the split."""
    names = ("include", "exclude", "vocabulary", "shuffle", "deduplicate", "shuffle_seed")
    settings = [cache.FORMAT, *(getattr(config, name) for name in names), *identities]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]


def _refuse_early(sources: list[Source], config: CorpusConfig, folder: Path) -> None:
    """Everything that can be known before the long work."""
    plain = [source for source in sources if not source.packed]
    for source in plain:
        judge(source)
    size = sum(source.size or 0 for source in plain)
    if len(plain) == len(sources):
        refuse_small(config, size)
    room = shutil.disk_usage(folder).free
    needed = size * (1 if config.vocabulary == "bytes" else 2) + _ROOM_TO_SPARE
    if needed > room:
        raise CorpusError(
            str(folder),
            f"the corpus needs {needed >> 20:,} MB to be cached and {room >> 20:,} MB are free",
            "Make room there, or set RNNLAB_CACHE to another folder.",
        )


def _cached(folder: Path, key: str, config: CorpusConfig, *, built: bool = False) -> Corpus | None:
    path = folder / f"{key}.corpus"
    found = cache.open_payload(path)
    if found is None:
        return None
    file, description = found
    payload = Payload(file, str(path), Vocabulary.from_json(description["vocabulary"]))
    places = split.boundaries(description["characters"], config.split)
    fingerprint = {name: description[name] for name in FINGERPRINT} | {
        "vocabulary": payload.vocabulary.kind,
        "vocabulary_size": payload.vocabulary.size,
        "split": list(config.split),
    }
    counts = np.array(description["counts"], np.int64)
    return Corpus(name_of(config.sources), payload, places, counts, fingerprint, built=built)


_SUFFIX = re.compile(r"(?<=[^.])\.(?=[0-9]{0,2}[A-Za-z])[0-9A-Za-z]{1,7}$")
"""An ending that is no version's number; names that begin with a dot keep what follows it."""


def name_of(sources: tuple[str, ...]) -> str:
    """A short name after the first source, without its suffixes."""
    if sources[0] == "-":
        return "stdin"
    name = Path(os.path.abspath(sources[0])).name  # noqa: PTH100  # `.` has a name, links keep theirs
    return bare_name(name)


def bare_name(name: str) -> str:
    """A file's name without what says how it is packed: ``linux-6.1.tar.xz`` is linux-6.1, ``corpus.c`` is corpus."""
    while suffix := _SUFFIX.search(name):
        name = name[: suffix.start()]
    return name.strip(".") or "corpus"
