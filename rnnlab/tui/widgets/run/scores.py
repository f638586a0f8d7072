"""Scores: each rate with its interval, how it came there, and how far it is from the real corpus."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from rnnlab.display import safe
from rnnlab.evaluation.totals import wilson
from rnnlab.events import Score, ScoreEvent
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.widgets.lines import Lines
from rnnlab.tui.widgets.spark import sparkline


class ScoresPanel(Lines):
    """A table of the newest scores; ``snapshot`` in, rows out."""

    _shown: tuple[RunSnapshot, float | None] | None = None

    def on_resize(self) -> None:
        """What is told of each score depends on the width."""
        if self._shown is not None:
            self.show(*self._shown)

    def show(self, snapshot: RunSnapshot, step: float | None = None) -> None:
        """Draw the scores as they were at ``step`` (None: the newest)."""
        self._shown = (snapshot, step)
        events = [event for event in snapshot.scores if step is None or event.step <= step]
        self.rows = score_rows(events, self.size.width) if events else _none(snapshot)


def _none(snapshot: RunSnapshot) -> list[Text]:
    if snapshot.manifest is not None and not snapshot.manifest.config.evaluation.plugins:
        return [Text("This run has no evaluators. Give some when you train: --plugin c-syntax", "dim")]
    if snapshot.samples:
        return [Text("No scores yet: the evaluators are at work.", "dim")]
    return [Text("No scores yet: they come with the previews.", "dim")]


def score_rows(events: Sequence[ScoreEvent], width: int) -> list[Text]:
    """One row per metric: name, rate, 95 % interval, the corpus's rate, its course."""
    rows: list[Text] = []
    for plugin in dict.fromkeys(event.plugin for event in events):
        own = [event for event in events if event.plugin == plugin]
        newest = own[-1]
        head = Text(safe(plugin, multiline=False), "bold", no_wrap=True)
        many = "" if newest.samples == 1 else "s"
        rows.append(head.append(f"  step {newest.step:,}, {newest.samples} preview{many}", "dim"))
        corpus = {score.name: score for score in newest.corpus_scores}
        for score in newest.scores:
            course = [
                rate for event in own for other in event.scores if other.name == score.name and (rate := _rate(other))
            ]
            rows.append(_row(score, corpus.get(score.name), course, width))
        rows += [Text(f"  failed: {safe(failure, multiline=False)}", "red") for failure in newest.failures]
    return rows


def _rate(score: Score) -> float | None:
    return score.count / score.total if score.total else None


def _row(score: Score, corpus: Score | None, course: list[float], width: int) -> Text:
    rate = _rate(score)
    low, high = wilson(score.count, score.total)
    row = Text(no_wrap=True)
    row.append(f" {'↑' if score.better == 'higher' else '↓'} ", "dim")
    row.append(safe(score.name, multiline=False)[:24].ljust(24 if width >= 50 else 20))
    row.append("  none" if rate is None else f"{100 * rate:5.1f}%", "bold")
    row.append(("" if rate is None else f" [{100 * low:.0f}–{100 * high:.0f}]").ljust(9), "dim")
    if corpus is not None:
        _append_corpus(row, corpus, score, width)
    room = min(12, width - row.cell_len - 1)
    if room >= 6:
        row.append(" " + sparkline(course, room), "cyan")
    row.rstrip()  # blanks that do not fit would be told of by an ellipsis
    return row


def _append_corpus(row: Text, corpus: Score, score: Score, width: int) -> None:
    """The corpus's rate, also where the sample had nothing to count; blanks where the corpus had none."""
    rate, real = _rate(score), _rate(corpus)
    near = rate is not None and real is not None and (rate >= real if score.better == "higher" else rate <= real)
    row.append(("" if real is None else f" corpus {100 * real:.1f}%").ljust(15), "green" if near else "dim")
    if width >= 72:
        low, high = wilson(corpus.count, corpus.total)
        row.append(("" if real is None else f"[{100 * low:.0f}–{100 * high:.0f}]").ljust(9), "dim")
