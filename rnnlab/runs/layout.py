"""Where a run's files lie, which names a run may have, and how runs are found, made, renamed and removed.

A folder is a run when it holds ``run.json``. Knows nothing of what the files say.
"""

from __future__ import annotations

import difflib
import itertools
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import RunError
from rnnlab.runs.durable import sync_folder, told

_NAME = re.compile(r"\w[\w.+=@-]*")
_LONGEST = 120  # bytes; file systems allow 255, and temporary names are built around it


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run: a folder whose name is the run's name."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name: that of its folder."""
        return self.path.name

    @property
    def manifest_path(self) -> Path:
        """What was decided at the start: ``run.json``."""
        return self.path / "run.json"

    @property
    def events_path(self) -> Path:
        """What happened: ``events.jsonl``, append-only."""
        return self.path / "events.jsonl"

    @property
    def checkpoints(self) -> Path:
        """One folder per checkpoint, and the links ``best`` and ``last``."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """Every preview that was drawn, as a plain file with its exact bytes."""
        return self.path / "samples"

    @property
    def control(self) -> Path:
        """The inbox of commands to the trainer."""
        return self.path / "control"

    @property
    def lock_path(self) -> Path:
        """Who trains here, with a heartbeat."""
        return self.path / "lock"

    def checkpoint_names(self) -> list[str]:
        """The checkpoints' folders, oldest first; without the links."""
        try:
            return sorted(entry.name for entry in os.scandir(self.checkpoints) if entry.is_dir(follow_symlinks=False))
        except OSError:
            return []

    def checkpoint_links(self) -> dict[str, str]:
        """Where the links among the checkpoints point: best, last and others to a folder's name."""
        try:
            return {
                entry.name: Path(entry.path).readlink().name
                for entry in os.scandir(self.checkpoints)
                if entry.is_symlink()
            }
        except OSError:
            return {}

    @property
    def exists(self) -> bool:
        """Whether this is a run, not just a folder."""
        return self.manifest_path.is_file()


def runs_dir(explicit: Path | None = None) -> Path:
    """The folder of runs: the one given, else RNNLAB_RUNS, else ``runs``."""
    return explicit or Path(os.environ.get("RNNLAB_RUNS") or "runs")


def check_runs_dir(folder: Path) -> None:
    """Refuse, before any long work, a place where no run can be made.

    Raises:
        RunError: for a file, or a folder that cannot be written or made.
    """
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise RunError(str(there), "is a file, so no run can lie there", "Choose a folder with --runs-dir.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise RunError(str(there), "may not be written, so no run can be made", "Choose another with --runs-dir.")


def list_runs(folder: Path) -> list[RunFolder]:
    """Every run in a folder of runs, newest first (by when ``run.json`` was made); none where there is no folder."""
    found: list[tuple[float, RunFolder]] = []
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(str(folder), (error.strerror or str(error)).lower(), "Name another with --runs-dir.") from None
    for name in names:
        run = RunFolder(folder / name)
        try:
            made = run.manifest_path.stat().st_mtime
        except OSError:
            continue
        found.append((made, run))
    return [run for _, run in sorted(found, key=lambda pair: (-pair[0], pair[1].name))]


def find_run(name: str | Path, folder: Path) -> RunFolder:
    """The run of that name in the folder of runs, or at that path.

    Raises:
        RunError: where there is none; names the runs that come near.
    """
    text = str(name)
    for candidate in (folder / text, Path(text)):
        run = RunFolder(candidate if candidate.name not in ("", "..") else candidate.resolve())
        if text and run.exists:
            return run
    if text and Path(text).is_dir():
        raise RunError(text, "is a folder, but no run (it has no run.json)", "See the runs with: rnnlab runs")
    names = [run.name for run in list_runs(folder)]
    near = difflib.get_close_matches(text, names, n=3, cutoff=0.5) or names[:3]
    hint = f"There are for example: {', '.join(near)}" if near else "There are no runs yet: rnnlab train CORPUS"
    raise RunError(text or "run", f"there is no such run in {folder}", hint)


def is_name(name: str) -> bool:
    """Whether a run may be called so: no path, no leading dot or dash, no controls, at most 120 bytes."""
    return bool(_NAME.fullmatch(name)) and len(name.encode("utf-8", "replace")) <= _LONGEST


def check_name(name: str) -> str:
    """The name, if a run may have it.

    Raises:
        RunError: see :func:`is_name`.
    """
    if not is_name(name):
        raise RunError(
            repr(name),
            "cannot be the name of a run",
            "Use up to 120 letters, digits and . _ + = @ -, a letter or digit first.",
        )
    return name


def slug(text: str) -> str:
    """A name that a run may have, as near to the text as can be."""
    kept = re.sub(r"[^\w.+=@-]+", "-", text, flags=re.ASCII).strip("-._+=@")
    return kept[: _LONGEST - 8] or "run"


def create_run(folder: Path, name: str | None, *, hint: str = "run") -> RunFolder:
    """Make a new run's folders. A name that is taken is refused; without a name, ``hint`` is made one and numbered.

    Two programs that start at once get two runs: the folder itself is the claim.

    Raises:
        RunError: for a name that is taken or cannot be one, or where nothing can be written.
    """
    wanted = [check_name(name)] if name is not None else _numbered(slug(hint))
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for candidate in wanted:
        run = RunFolder(folder / candidate)
        with told(run.path):
            try:
                run.path.mkdir()
            except FileExistsError:
                continue
            for inside in (run.checkpoints, run.samples, run.control):
                inside.mkdir()
            sync_folder(folder)
        return run
    if RunFolder(folder / str(name)).exists:
        raise RunError(str(name), f"there is already such a run in {folder}", _taken(str(name)))
    raise RunError(str(folder / str(name)), "exists, and is no run", "Choose another --name, or remove it.")


def _numbered(name: str) -> itertools.chain[str]:
    return itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))


def _taken(name: str) -> str:
    return f"Choose another --name, go on with it (rnnlab train --resume {name}) or remove it (rnnlab runs rm {name})."


def rename_run(run: RunFolder, name: str) -> RunFolder:
    """Give a run another name, in the same folder. The caller holds the run's lock.

    Raises:
        RunError: for a name that is taken or cannot be one.
    """
    renamed = RunFolder(run.path.parent / check_name(name))
    if os.path.lexists(renamed.path):
        raise RunError(name, f"there is already such a run in {run.path.parent}", "Choose another name.")
    with told(run.path):
        run.path.rename(renamed.path)
        sync_folder(run.path.parent)
    return renamed


def remove_run(run: RunFolder) -> None:
    """Remove a run with all its files. The caller holds the run's lock.

    It leaves the list at once, also if the removal itself is interrupted.
    """
    if run.path.is_symlink():
        raise RunError(str(run.path), "is a link to a run elsewhere", "Remove the link by hand.")
    gone = run.path.with_name(f".removed-{run.name}-{secrets.token_hex(4)}")
    with told(run.path):
        run.path.rename(gone)
        shutil.rmtree(gone)
