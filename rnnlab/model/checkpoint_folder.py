"""The checkpoints of one run: which there are, which names point at them, which may go.

``best``, ``last`` and ``best-<score>`` are relative symbolic links, replaced atomically, so a
copied or moved run keeps them. Knows nothing of what a checkpoint holds; needs no torch, except
where it looks for one that is intact.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnnlab.errors import CheckpointError

if TYPE_CHECKING:
    from rnnlab.model.checkpoint import Checkpoint

_STEP = re.compile(r"step-(\d{8,})")


def list_checkpoints(folder: Path) -> list[Path]:
    """The checkpoint folders, oldest step first; links and unfinished ones are not among them."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if _STEP.fullmatch(path.name) and path.is_dir()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def names(folder: Path) -> dict[str, str]:
    """The links (best, last, ...) and the checkpoint that each points at."""
    if not folder.is_dir():
        return {}
    links = sorted(path for path in folder.iterdir() if path.is_symlink() and not path.name.startswith("."))
    return {link.name: link.readlink().name for link in links}


def point(checkpoint: Path, *link_names: str) -> None:
    """Let each name point at the checkpoint, atomically and durably.

    Raises:
        CheckpointError: where the folder cannot be written.
    """
    folder = checkpoint.parent
    try:
        for name in link_names:
            aside = folder / f".{name}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
            aside.symlink_to(checkpoint.name)
            aside.replace(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise CheckpointError(str(folder), f"a link cannot be written ({error.strerror})") from error


def prune(folder: Path, keep: int, spare: Collection[str] = ()) -> list[Path]:
    """Delete all but the newest ``keep`` checkpoints, ``spare`` and what a name points at; returns the deleted."""
    spared = {*spare, *names(folder).values()}
    doomed = [path for path in list_checkpoints(folder)[: -keep or None] if path.name not in spared]
    for path in doomed:
        discard(path)
    return doomed


def discard(checkpoint: Path) -> None:
    """Delete a checkpoint folder, if it is there; it is hidden first, for half of one must not look like one."""
    aside = checkpoint.with_name(f".{checkpoint.name.lstrip('.')}.{secrets.token_hex(4)}.tmp")
    try:
        checkpoint.rename(aside)
    except FileNotFoundError:
        return
    shutil.rmtree(aside, ignore_errors=True)


def clean_up(folder: Path) -> None:
    """Remove what a killed process left half-written; only for the process that holds the run's lock."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name.startswith(".") and path.name.endswith(".replaced"):
            original = path.with_name(path.name[1:].removesuffix(".replaced"))
            if not original.exists():
                path.rename(original)
                continue
        if path.name.startswith(".") and path.name.endswith((".tmp", ".replaced")):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Found:
    """The newest checkpoint that is intact, and what was wrong with the newer ones."""

    checkpoint: Checkpoint
    damaged: tuple[CheckpointError, ...]


def newest_intact(folder: Path, *, training: bool = False) -> Found:
    """Load the newest checkpoint that loads.

    Raises:
        CheckpointError: where there is none; for a single damaged one, what is wrong with it.
    """
    from rnnlab.model.checkpoint import load_checkpoint  # loads torch

    damaged: list[CheckpointError] = []
    for path in reversed(list_checkpoints(folder)):
        try:
            return Found(load_checkpoint(path, training=training), tuple(damaged))
        except CheckpointError as error:
            damaged.append(error)
    if damaged:
        raise damaged[0]
    raise CheckpointError(str(folder), "there is no checkpoint yet", "Train until the first validation.")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (a rename is not until its folder is synced)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        return  # some network file systems cannot sync a folder
    finally:
        os.close(descriptor)
