"""Encoded corpora on disk: one file each, whole or not there at all.

Knows nothing of how a corpus is collected. A file is the payload (the text itself for
``bytes``, ids for ``chars``), then its description as JSON, then a footer with the
description's length and digest. It is written beside its place under a lock and moved there when
complete, so a reader never sees half of one, and its modification time is part of the
description: a file that anyone wrote to since is read whole and compared with its digest.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs

from rnnlab.errors import CorpusError

FORMAT = 1
_MAGIC = b"rnnlab corpus\x00\x00\x01"
_FOOTER = struct.Struct("<Q32s16s")  # length of the description, its SHA-256, magic
_READ_WHOLE = 64 << 20  # a payload up to here is compared with its digest each time it is opened
_BLOCK = 1 << 20
_SAMPLES = 64
_UNUSED_DAYS = 30


def cache_folder(explicit: Path | None = None) -> Path:
    """The folder of the encoded corpora, made if need be: argument, RNNLAB_CACHE, or the user's cache.

    Raises:
        CorpusError: where it cannot be written to.
    """
    root = explicit or os.environ.get("RNNLAB_CACHE") or platformdirs.user_cache_path("rnnlab")
    folder = Path(root) / "corpora"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "permission denied"
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    if reason:
        raise CorpusError(
            str(folder), f"no corpus can be cached here ({reason})", "Set RNNLAB_CACHE to another folder."
        )
    return folder


def open_payload(path: Path) -> tuple[int, dict[str, Any]] | None:
    """Descriptor and description of a cached corpus; None where there is none or it is not what was written."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        description = _description(file)
        if description is None or not _is_sound(file, path, description):
            os.close(file)
            return None
    except BaseException:
        os.close(file)
        raise
    with contextlib.suppress(OSError):  # of another user, perhaps: then it is not ours to keep young
        os.utime(path, ns=(time.time_ns(), os.fstat(file).st_mtime_ns))
    return file, description


def _description(file: int) -> dict[str, Any] | None:
    size = os.fstat(file).st_size
    footer = os.pread(file, _FOOTER.size, max(0, size - _FOOTER.size))
    if len(footer) < _FOOTER.size:
        return None
    length, digest, magic = _FOOTER.unpack(footer)
    if magic != _MAGIC or length > size - _FOOTER.size:
        return None
    text = os.pread(file, length, size - _FOOTER.size - length)
    if hashlib.sha256(text).digest() != digest:
        return None
    description: dict[str, Any] = json.loads(text)
    if description.get("format") != FORMAT or description["payload_bytes"] + length + _FOOTER.size != size:
        return None
    return description


def _is_sound(file: int, path: Path, description: dict[str, Any]) -> bool:
    """Whether the payload is what was written, as far as can be told at once; in doubt it is read whole."""
    size = description["payload_bytes"]
    untouched = os.fstat(file).st_mtime_ns == description["modified_ns"]
    if untouched and size > _READ_WHOLE:
        return bool(_sampled_digest(file, size) == description["sampled_digest"])
    if payload_digest(file, size) != description["payload_digest"]:
        return False
    if not untouched:
        with contextlib.suppress(OSError):
            os.utime(path, ns=(time.time_ns(), description["modified_ns"]))
    return True


def payload_digest(file: int, size: int) -> str:
    """SHA-256 of the first ``size`` bytes of the file."""
    digest = hashlib.sha256()
    for start in range(0, size, _BLOCK):
        digest.update(os.pread(file, min(_BLOCK, size - start), start))
    return digest.hexdigest()


def _sampled_digest(file: int, size: int) -> str:
    """SHA-256 over a few dozen pages spread evenly over the payload."""
    digest = hashlib.sha256()
    for number in range(_SAMPLES):
        digest.update(os.pread(file, 4096, (size - 4096) * number // (_SAMPLES - 1) if size > 4096 else 0))
    return digest.hexdigest()


class Writer:
    """The file that a corpus is being written to, before it gets its name."""

    def __init__(self, file: int, path: Path) -> None:
        self.file = file
        self._path = path
        self._size = 0

    def write(self, block: bytes) -> None:
        """Append to the payload."""
        write_all(self.file, block)
        self._size += len(block)

    def finish(self, path: Path, digest: str, description: dict[str, Any]) -> None:
        """Append the description, with the SHA-256 of all that was written, and give the file its name."""
        modified = (time.time_ns() // 10**9 - 60) // 2 * 2 * 10**9  # even seconds: every file system can hold them
        description |= {
            "format": FORMAT,
            "payload_bytes": self._size,
            "payload_digest": digest,
            "sampled_digest": _sampled_digest(self.file, self._size),
            "modified_ns": modified,
        }
        text = json.dumps(description, sort_keys=True).encode()
        write_all(self.file, text + _FOOTER.pack(len(text), hashlib.sha256(text).digest(), _MAGIC))
        if self._size > _READ_WHOLE:  # a smaller one is compared with its digest anyway
            os.fsync(self.file)
        os.utime(self._path, ns=(time.time_ns(), modified))
        self._path.replace(path)


def write_all(file: int, block: bytes) -> None:
    """Write every byte of the block."""
    view = memoryview(block)
    while view:
        view = view[os.write(file, view) :]


@contextlib.contextmanager
def exclusive(folder: Path, name: str, waiting: Callable[[], None]) -> Iterator[Writer]:
    """The empty file for building the corpus ``name``, held by one process at a time.

    A second process waits (``waiting`` is called meanwhile) and should then look for the finished
    corpus. The lock dies with its process; the next one takes over what was left. Unfinished at the end: removed.
    """
    path = folder / f"{name}.building"
    file = _locked(path, waiting)
    try:
        os.ftruncate(file, 0)
        yield Writer(file, path)
    finally:
        if _is_at(path, file):
            path.unlink(missing_ok=True)
        os.close(file)


def _locked(path: Path, waiting: Callable[[], None]) -> int:
    """Descriptor of the file at ``path``, made if need be, with the lock on it."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not _try_lock(file):
                waiting()
                time.sleep(0.1)
            if _is_at(path, file):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # the one who held it finished it and moved it away


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EINTR):
            return False
        raise CorpusError(
            "cache", "its file system has no file locks", "Set RNNLAB_CACHE to a folder on a local disk."
        ) from None
    return True


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def tidy(folder: Path) -> None:
    """Remove corpora that nobody opened for a month and what killed processes left."""
    for path in folder.glob("*.corpus"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_atime > _UNUSED_DAYS * 86400:
                path.unlink()
    for path in folder.glob("*.building"):
        with contextlib.suppress(OSError, CorpusError):
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if _try_lock(file) and _is_at(path, file):
                    path.unlink()
            finally:
                os.close(file)
