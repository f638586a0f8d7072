"""The texts that files, folders and standard input stand for, each with the evaluators that judge it.

What the user named himself must be readable. What is met inside a folder and is not is told, costs its own verdict,
and leaves the others to be judged.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.display import safe
from rnnlab.errors import RnnlabError
from rnnlab.evaluation import sources
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.report import Failure, Judged
from rnnlab.evaluation.takers import Takers

Texts = list[tuple[Source, frozenset[str]]]  # each with the names of the evaluators that judge it
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a folder within a folder, that cannot be read: which, why, and who would have judged it."""

    name: str
    reason: str
    takers: frozenset[str]

    def judged(self) -> Judged:
        """As a text without a verdict."""
        causes = dict.fromkeys(sorted(self.takers), self.reason)
        return Judged(Source(text="", name=self.name), {}, causes=causes, is_read=False)

    def failures(self) -> list[Failure]:
        """As verdicts that are missing."""
        return [Failure(plugin, self.reason, self.name) for plugin in sorted(self.takers)]


@dataclass(slots=True)
class _Place:
    """A file that was found: its path as first met, who judges it, and whether the user named it himself."""

    path: Path
    takers: frozenset[str]
    named: bool


class Gathering:
    """Reads texts.

    Args:
        takers: who judges what.
        whole: the texts are whole, nothing is cut off at their ends.
        say: is told what cannot be read, when it is met.
    """

    def __init__(self, takers: Takers, say: Say, *, whole: bool = False) -> None:
        self._takers, self._say, self._whole = takers, say, whole
        self.unread: list[Unread] = []
        """What cannot be read and was met inside a folder."""

    def texts(self, names: Sequence[str]) -> Texts:
        """What the names stand for, standard input first, every file once.

        Raises:
            RnnlabError: for a name that is nothing or cannot be read, and where nothing inside can be read.
        """
        found: Texts = []
        if "-" in names:
            found.append((sources.read_stream(sys.stdin.buffer, whole=self._whole), self._takers.everyone))
        for place in self._places(name for name in dict.fromkeys(names) if name != "-"):
            try:
                found.append((sources.read(place.path, whole=self._whole), place.takers))
            except RnnlabError as error:
                if place.named:
                    raise
                self._leave_out(error, place.takers)
        if self.unread and not found:
            where = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"
            raise RnnlabError(where, "nothing there can be read", "The lines above say why.")
        return found

    def _places(self, names: Iterable[str]) -> Iterable[_Place]:
        places: dict[Path, _Place] = {}
        for name in names:
            named = not Path(name).is_dir()
            for path in sources.collect([name], self._takers.patterns, self._leave_out):
                place = places.setdefault(path.resolve(), _Place(path, frozenset(), named))
                place.takers |= self._takers.everyone if named else self._takers.of(path)
                place.named |= named
        return places.values()

    def _leave_out(self, error: RnnlabError, takers: frozenset[str] | None = None) -> None:
        takers = self._takers.everyone if takers is None else takers
        self.unread.append(Unread(error.thing, error.reason, takers))
        self._say(safe(f"left out: {error.thing}: {error.reason}", multiline=False))
