"""Files that are whole or not there: written aside, made durable, then renamed into place.

Knows nothing of runs but that a failed write must say which file, why, and what to do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from rnnlab.errors import RunError

_NEXT_STEP = {
    errno.ENOSPC: "Free some space on that disk, then try again (--resume, where a run has begun).",
    errno.EDQUOT: "Free some of your quota, then try again (--resume, where a run has begun).",
    errno.EFBIG: "Raise the limit on file sizes (ulimit -f), then try again (--resume, where a run has begun).",
    errno.EROFS: "That file system is read-only: choose another folder with --runs-dir.",
    errno.EACCES: "Change its permissions, or choose another folder with --runs-dir.",
    errno.EPERM: "Change its permissions, or choose another folder with --runs-dir.",
    errno.ENOTDIR: "Choose a folder with --runs-dir.",
    errno.EEXIST: "That is a file: choose a folder with --runs-dir.",
}


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn a failed file operation into a :class:`RunError` that names the file and the next step."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        number = error.errno or 0
        raise RunError(str(path), reason, _NEXT_STEP.get(number, "Look at that disk and folder.")) from error


def atomic_write(path: Path, content: bytes | str) -> None:
    """Put ``content`` at ``path`` so that any reader, at any moment, sees the old bytes or all new ones.

    Durable when it returns: the file and its folder are synced. Text is written as UTF-8.

    Raises:
        RunError: where the disk is full, the folder is missing or may not be written.
    """
    data = content.encode() if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    with told(path):
        try:
            with aside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (a rename is not until its folder is synced)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot sync a folder
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
