"""Which checkpoints a run has to write from, and what they are called. Knows no widget and no torch."""

from __future__ import annotations

from rnnlab.runs import RunFolder


def choices(run: RunFolder) -> list[str]:
    """The checkpoints' folders, each once: the best, what writes best, the last, then the others, newest first."""
    links = run.checkpoint_links()
    named = [links[name] for name in sorted(links, key=_rank)]
    return [folder for folder in dict.fromkeys([*named, *reversed(run.checkpoint_names())]) if folder]


def called(run: RunFolder, folder: str) -> str:
    """A checkpoint by its step and by the names that point at it: ``step 2,864 best, last``."""
    names = sorted((name for name, target in run.checkpoint_links().items() if target == folder), key=_rank)
    step = folder.removeprefix("step-")
    return f"step {int(step):,} {', '.join(names)}".strip() if step.isdecimal() else folder


def _rank(name: str) -> tuple[bool, bool, str]:
    return name != "best", name == "last", name
