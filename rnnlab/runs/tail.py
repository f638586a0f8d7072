"""A quick look at a large event file: its newest lines, a step here and there, the lines that are no steps.

Reads bounded pieces at known places instead of the whole. Knows the form of our own lines (the
kind comes first), and nothing of what is made of them.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rnnlab.events import Event, StepEvent, from_line
from rnnlab.runs.follow import EventReader
from rnnlab.runs.supersede import returns_to

_STEP = b'{"event":"step",'
_OTHER = re.compile(rb'\n(\{"event":"(?!step")[^\n]*)')
_STANDING = re.compile(rb'\n(\{"event":"(?!step"|sample"|note")[^\n]*)')
_PROBE = 4096  # bytes; more than two step lines
_LARGEST = 1 << 24


def other_events(lines: bytes) -> list[Event]:
    """The events in whole lines that are no steps."""
    return _parsed(_OTHER.findall(b"\n" + lines))


def standing_events(lines: bytes) -> list[Event]:
    """The events in whole lines that say how the run stands: no steps, no samples, no notes."""
    return _parsed(_STANDING.findall(b"\n" + lines))


def all_other_events(path: Path) -> Iterator[Event]:
    """Every event that is no step, superseded or not: a gigabyte of steps is passed over in about a second."""
    reader = EventReader(path)
    while lines := reader.read_lines():
        yield from other_events(lines)


def ending(path: Path, count: int = 1 << 16) -> bytes:
    """The last whole lines of the file: ``count`` bytes, or as many as hold a step."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        while True:
            lines = _piece(file.fileno(), max(0, size - count), count)
            if lines.startswith(_STEP) or b"\n" + _STEP in lines or count >= min(size, _LARGEST):
                return lines
            count *= 4


def last_steps(lines: bytes, wanted: int = 16) -> list[StepEvent]:
    """The last steps in whole lines, but for those that a later event superseded."""
    found: list[StepEvent] = []
    bound = math.inf
    for line in reversed(lines.split(b"\n")):
        if line.startswith((b'{"event":"start"', b'{"event":"divergence"')):
            bound = min([bound, *(step for event in _parsed([line]) if (step := returns_to(event)) is not None)])
        elif line.startswith(_STEP) and len(found) < wanted:
            found += [event for event in _parsed([line]) if isinstance(event, StepEvent) and event.step <= bound]
    return found[::-1]


def spread(path: Path, places: int) -> list[StepEvent]:
    """The first step event at each of so many evenly spaced places; steps rise, whatever was superseded."""
    with path.open("rb", buffering=0) as file:
        size = path.stat().st_size
        pieces = [_piece(file.fileno(), size * number // places, _PROBE) for number in range(places)]
    found: list[StepEvent] = []
    for lines in pieces:
        at = lines.find(_STEP)
        for event in _parsed([lines[at : lines.find(b"\n", at)]] if at >= 0 else []):
            while found and found[-1].step >= event.step:
                found.pop()
            if isinstance(event, StepEvent):
                found.append(event)
    return found


def _piece(file: int, start: int, count: int) -> bytes:
    """The whole lines within a piece of the file."""
    piece = os.pread(file, count + (1 if start else 0), max(0, start - 1))
    first = piece.find(b"\n") + 1 if start else 0
    return piece[first : piece.rfind(b"\n") + 1]


def _parsed(lines: Iterable[bytes]) -> list[Event]:
    events: list[Event] = []
    for line in lines:
        try:
            events.append(from_line(line))
        except (ValueError, RecursionError):
            continue  # damaged: a quick look passes over it
    return events
