"""Which checkpoint a person means: a run by name, a run's folder, or a checkpoint's folder.

Reads names only; whether the checkpoint is whole is seen when it is loaded. Needs no torch.
"""

from __future__ import annotations

import re
from pathlib import Path

from rnnlab.errors import CheckpointError
from rnnlab.model.checkpoint_folder import list_checkpoints, names
from rnnlab.runs import find_run

_STATE = "state.json"


def find_checkpoint(source: str, runs: Path, which: str = "") -> Path:
    """The folder of the checkpoint that is meant.

    Args:
        source: a run's name or folder, or a checkpoint's folder.
        runs: the folder of runs.
        which: best, last, another name that points at a checkpoint, or step-N; empty: the best, and
            where none is called that yet, the newest.

    Raises:
        RunError: there is no such run.
        CheckpointError: the run has no such checkpoint.
    """
    path = Path(source)
    if (path / _STATE).is_file() or (path / "model.safetensors").is_file():
        if which:
            raise CheckpointError(source, f"is one checkpoint, which has no {which}", "Name the run instead.")
        return path
    run = find_run(source, runs)
    there = list_checkpoints(run.checkpoints)
    if not there:
        raise CheckpointError(f"run {run.name}", "there is no checkpoint yet", "Wait for its first validation.")
    if not which:
        best = run.checkpoints / "best"
        return best if (best / _STATE).is_file() else there[-1]
    step = re.fullmatch(r"(?:step-)?(\d+)", which)
    if step:
        found = [each for each in there if int(each.name.removeprefix("step-")) == int(step[1])]
        if found:
            return found[0]
    elif which in names(run.checkpoints) and (run.checkpoints / which / _STATE).is_file():
        return run.checkpoints / which
    known = [*names(run.checkpoints), *(each.name for each in there)]
    raise CheckpointError(f"run {run.name}", f"there is no checkpoint {which}", f"There are: {', '.join(known)}.")
