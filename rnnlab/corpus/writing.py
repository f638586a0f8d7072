"""A corpus as one big file: the exact bytes in their final order, plain or compressed.

Knows files; the cache and the vocabulary have no part in it.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from rnnlab.config import CorpusConfig
from rnnlab.corpus.cache import cache_folder
from rnnlab.corpus.collect import Collector, Tally
from rnnlab.corpus.encode import Meter
from rnnlab.corpus.names import Names
from rnnlab.corpus.pieces import judge
from rnnlab.corpus.progress import Callback, Reporter
from rnnlab.corpus.sources import find_sources
from rnnlab.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    bytes: int
    """Length of the text, before compression."""
    digest: str
    """SHA-256 of the text, before compression."""
    symbols: int
    """Different bytes in it."""
    tally: Tally


def write_text(
    config: CorpusConfig,
    output: Path | BinaryIO,
    *,
    overwrite: bool = False,
    cache_dir: Path | None = None,
    progress: Callback | None = None,
    stdin: BinaryIO | None = None,
) -> Written:
    """Write the text of the sources to a file (whole or not at all) or to an open binary file.

    A path that ends in .gz, .xz, .zst or .bz2 is written so compressed.

    Raises:
        CorpusError: where the sources cannot be read or hold nothing, or the output may not be written.
    """
    report = Reporter(progress)
    if isinstance(output, Path):
        _refuse_existing(output, overwrite)
    sources = find_sources(config.sources, Names(config.include, config.exclude), report)
    for source in sources:
        if isinstance(output, Path):
            _refuse_source(output, {source.given} | {piece.path for piece in source.pieces if piece.folder})
        if not source.packed:
            judge(source)
    collector, meter = Collector(config, sources, cache_folder(cache_dir), report, stdin), Meter()
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(_replacing(output)) if isinstance(output, Path) else output
        for block in stack.enter_context(contextlib.closing(collector.blocks())):
            meter.update(block)
            file.write(block)
        if not meter.length:
            raise CorpusError(", ".join(config.sources), "it is empty", "Give files with text in them.")
    return Written(meter.length, meter.digest.hexdigest(), int((meter.counts > 0).sum()), collector.tally)


def _refuse_existing(output: Path, overwrite: bool) -> None:
    if output.is_dir():
        raise CorpusError(str(output), "it is a folder", "Name a file, for example corpus.c.")
    if output.exists() and not output.is_file():
        raise CorpusError(str(output), "it is no ordinary file", "Name a file, or use -o - and a pipe.")
    if output.exists() and not overwrite:
        raise CorpusError(str(output), "it exists already", "Choose another name, or replace it with --force.")
    if not output.parent.is_dir():
        raise CorpusError(str(output.parent), "there is no such folder", "Make it first.")
    if not os.access(output.parent, os.W_OK):
        raise CorpusError(str(output.parent), "it may not be written to (permission denied)", "Choose another folder.")


def _refuse_source(output: Path, paths: set[str]) -> None:
    if output.exists() and any(os.path.samefile(output, path) for path in paths if Path(path).name == output.name):  # noqa: PTH121  # str paths
        raise CorpusError(str(output), "it is among the sources itself", "Write it elsewhere, or leave it out.")


@contextlib.contextmanager
def _replacing(output: Path) -> Iterator[BinaryIO]:
    """A file beside the output that takes its place at the end, or is removed after an error."""
    part = output.with_name(f".{output.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as raw:
            with _compressing(raw, output.suffix) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(output)
        _sync_folder(output.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CorpusError(str(output), f"it cannot be written ({reason})", "Choose a place with more room.") from None
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _compressing(raw: BinaryIO, suffix: str) -> Iterator[BinaryIO]:
    file: BinaryIO = raw
    if suffix == ".gz":
        file = gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0)  # type: ignore[assignment]  # it writes
    elif suffix == ".xz":
        file = lzma.LZMAFile(raw, "wb")  # type: ignore[assignment]  # noqa: SIM115  # as above; closed below
    elif suffix == ".bz2":
        file = bz2.BZ2File(raw, "wb")  # type: ignore[assignment]  # as above
    elif suffix == ".zst":
        compressor = zstandard.ZstdCompressor(level=12, threads=-1)
        file = compressor.stream_writer(raw, closefd=False)
    try:
        yield file
    finally:
        if file is not raw:
            file.close()


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder durable, where the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
