"""The table of scores: what stands in its columns where a sample had nothing to count."""

from __future__ import annotations

import pytest

from rnnlab.events import Score, ScoreEvent
from rnnlab.tui.widgets.run.scores import score_rows


def _score(name: str, count: int, total: int) -> Score:
    return Score(name=name, count=count, total=total, better="higher")


def _events() -> list[ScoreEvent]:
    corpus = (_score("full", 10, 10), _score("none", 1, 2), _score("nowhere", 0, 0))
    return [
        ScoreEvent(
            step=step,
            plugin="c-syntax",
            samples=1,
            scores=(_score("full", 3, 4), _score("none", 0, 2 - step), _score("nowhere", 2 - step, 2 - step)),
            corpus_scores=corpus,
        )
        for step in (1, 2)
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_rates_and_courses_stand_in_their_columns_also_where_there_was_nothing_to_count(width: int) -> None:
    head, full, none, nowhere = (row.plain for row in score_rows(_events(), width))
    assert head == "c-syntax  step 2, 1 preview"
    assert full.index("corpus 100.0%") == none.index("corpus 50.0%")
    assert "corpus" not in nowhere
    if width >= 80:
        assert full.index("▁▁") == nowhere.index("▁")
