"""The real text that stands beside what is judged: a run's own held-out part, and what a user names.

Where evaluators take different files of a folder, each has its own pieces of it. Knows corpora and runs; judges
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import CorpusError
from rnnlab.evaluation.baseline import corpus_samples, steadily
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.takers import Patterns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rnnlab.config import CorpusConfig
    from rnnlab.corpus import Corpus, Part
    from rnnlab.corpus.progress import Callback
    from rnnlab.runs import RunFolder

Group = tuple[Patterns, frozenset[str]]
Cut = Callable[[Sequence[int]], list[Source]]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Other:
    """Real text under one name: pieces of it for some evaluators, others perhaps for others."""

    name: str
    cuts: Sequence[tuple[frozenset[str], Cut]]

    def pieces(self, texts: Iterable[tuple[Source, frozenset[str]]]) -> list[tuple[Source, frozenset[str]]]:
        """As long as the texts, cut for those who judge these."""
        judged, found = list(texts), []
        for names, cut in self.cuts:
            sizes = [len(text.text) for text, takers in judged if takers & names]
            found += [(piece, names) for piece in cut(sizes)]
        return found


def of_run(run: RunFolder, everyone: frozenset[str], seed: int, progress: Callback | None, say: Say) -> list[Other]:
    """What the run did not learn from; nothing, and a word about it, where that is not to be had."""
    from rnnlab.runs import read_manifest

    manifest = read_manifest(run)
    try:
        corpus = _open(manifest.config.corpus, progress, manifest.corpus)
    except CorpusError as error:
        say(f"no column of the run's own text: {error.thing}: {error.reason}")
        return []
    part = corpus.parts.validation if corpus.parts.validation.length else corpus.whole
    return [Other(f"{corpus.name} ({part.name} part)", [(everyone, _cutter(corpus, part, seed))])]


def of_source(source: str, groups: Sequence[Group], seed: int, progress: Callback | None) -> Other:
    """A file, for all, or a folder or archive: of it each group gets the files that it takes.

    Raises:
        CorpusError: where there is no text to cut from.
    """
    from rnnlab.config import CorpusConfig

    cuts = []
    for patterns, names in groups:
        corpus = _open(CorpusConfig(sources=(source,), include=patterns or ("*",)), progress)
        cuts.append((names, _cutter(corpus, corpus.whole, seed)))
    return Other(Path(source).name, cuts)


def _cutter(corpus: Corpus, part: Part, seed: int) -> Cut:
    def cut(sizes: Sequence[int]) -> list[Source]:
        return corpus_samples(part, corpus.vocabulary, steadily(sizes, part.length), seed=seed)

    return cut


def _open(config: CorpusConfig, progress: Callback | None, known: dict[str, object] | None = None) -> Corpus:
    from rnnlab.corpus import open_corpus

    return open_corpus(config, progress=progress, known=known)
