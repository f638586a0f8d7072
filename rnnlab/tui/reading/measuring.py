"""Statistics of a corpus that was just chosen, from a thread: what it is told is frozen, and it can be told to stop.

Opening a corpus encodes it into the cache; the training that follows finds it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnlab.config import CorpusConfig
from rnnlab.display import safe
from rnnlab.errors import RnnlabError


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a corpus so far; ``problem`` or ``progress`` are words where it is not known."""

    config: CorpusConfig
    progress: str = ""
    problem: str = ""
    name: str = ""
    characters: int = 0
    parts: tuple[int, int, int] = (0, 0, 0)
    vocabulary: int = 0
    lines: int = 0
    entropy: float = 0.0
    files: int = 0


class Unwanted(Exception):  # noqa: N818  # it ends a thread; nothing went wrong
    """Another corpus was chosen meanwhile."""


def measure(config: CorpusConfig, deliver: Callable[[Measured], None], unwanted: Callable[[], bool]) -> None:
    """Open the corpus and deliver its figures, with words on the way; call it from a thread."""
    from rnnlab.corpus import open_corpus
    from rnnlab.corpus.progress import Progress
    from rnnlab.corpus.statistics import statistics

    def told(now: Progress) -> None:
        if unwanted():
            raise Unwanted
        total = f" of {now.total_bytes / 1e6:,.0f}" if now.total_bytes else ""
        deliver(Measured(config, progress=f"{now.stage}: {now.done_bytes / 1e6:,.0f}{total} MB"))

    try:
        corpus = open_corpus(config, progress=told)
        figures, parts = statistics(corpus), corpus.parts
        deliver(
            Measured(
                config,
                name=corpus.name,
                characters=corpus.length,
                parts=(len(parts.train), len(parts.validation), len(parts.test)),
                vocabulary=corpus.vocabulary.size,
                lines=figures.lines,
                entropy=figures.entropy,
                files=int(corpus.fingerprint.get("files", 0) or 0),
            )
        )
    except Unwanted:
        return
    except (RnnlabError, OSError) as error:
        deliver(Measured(config, problem=safe(str(error))))
