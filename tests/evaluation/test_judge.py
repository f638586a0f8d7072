"""Scores while a model learns: a judge beside the training that nothing can stop or slow down."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import pytest

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import Source
from rnnlab.evaluation.baseline import STEADY_CHARS, STEADY_PIECES, cut_like, steadily
from rnnlab.evaluation.judge import Judgement, JudgeProcess
from rnnlab.events import Score

MOODY = """
    import os, signal, sys, time
    from rnnlab.evaluation import Metric, evaluator

    @evaluator(metrics={"vowels": "vowels of characters"})
    def moody(source):
        if "raise" in source.text:
            raise ValueError("no")
        if "hang" in source.text:
            time.sleep(60)
        if "crash" in source.text:
            os.kill(os.getpid(), signal.SIGSEGV)
        vowels = sum(char in "aeiou" for char in source.text)
        return [Metric(name="vowels", count=vowels, total=len(source.text))]
"""


@pytest.fixture
def moody(tmp_path: Path) -> str:
    path = tmp_path / "moody.py"
    path.write_text(textwrap.dedent(MOODY))
    return str(path)


@pytest.fixture
def steady(tmp_path: Path) -> str:
    path = tmp_path / "steady.py"
    path.write_text(
        "from rnnlab.evaluation import Metric, evaluator\n"
        "@evaluator(metrics={'chars': 'all of them'})\n"
        "def steady(source):\n"
        "    return [Metric(name='chars', count=len(source.text), total=len(source.text))]\n"
    )
    return str(path)


def next_of(judge: JudgeProcess) -> list[Judgement]:
    """The judgements that come next, whenever that is."""
    while judge.busy:
        if judgements := judge.poll(0.25):
            return judgements
    return []


def texts(*parts: str) -> list[Source]:
    return [Source(text=part, name=str(index)) for index, part in enumerate(parts)]


def test_a_batch_comes_back_as_sum_over_sum_with_its_tag(moody: str) -> None:
    with JudgeProcess([moody]) as judge:
        assert judge.submit(texts("aaaa", "bb"), tag=7)
        assert judge.wait(120) == [Judgement(7, "moody", 2, (Score(name="vowels", count=4, total=6, better="higher"),))]
        assert not judge.busy


def test_neither_submit_nor_poll_waits_for_a_plugin_that_hangs(moody: str) -> None:
    with JudgeProcess([moody], timeout=3.0) as judge:
        began = time.monotonic()
        judge.submit(texts("hang", "aab"), tag=1)
        polled = 0
        while time.monotonic() - began < 1.0:
            before = time.monotonic()
            assert judge.poll() == []
            assert time.monotonic() - before < 2.5  # a poll that waited would take the plugin's three seconds
            polled += 1
        assert polled > 3
        (judgement,) = judge.wait(120)
    assert judgement.samples == 1
    assert judgement.failures == ("did not judge within 3 s",)
    assert judgement.scores[0].count == 2


def test_crashes_cost_their_own_sample_and_the_next_batch_is_judged(moody: str) -> None:
    with JudgeProcess([moody]) as judge:
        judge.submit(texts("crash", "raise", "aab"), tag=1)
        judge.submit(texts("crash", "bbb"), tag=2)
        first, second = judge.wait(120)
    assert (first.samples, second.samples) == (1, 1)
    assert first.failures == ("crashed (SIGSEGV)", "raised ValueError: no (moody.py, line 8)")


def test_more_batches_than_the_queue_takes_are_refused_at_once(moody: str) -> None:
    with JudgeProcess([moody], queue=2) as judge:
        assert [judge.submit(texts("hang"), tag=tag) for tag in range(4)] == [["moody"], ["moody"], [], []]


def test_a_plugin_that_hangs_holds_back_no_verdict_of_another_and_takes_no_place_in_its_queue(
    moody: str, steady: str
) -> None:
    with JudgeProcess([moody, steady], timeout=600, queue=1) as judge:
        for tag in (1, 2):
            assert judge.submit(texts("hang"), tag) == (["moody", "steady"] if tag == 1 else ["steady"])
            chars = Score(name="chars", count=4, total=4, better="higher")
            assert next_of(judge) == [Judgement(tag, "steady", 1, (chars,))]
            assert judge.under_way == {("moody", 1)}
        (trouble,) = judge.troubles()
        assert trouble == ("moody", "is slow: what is drawn while 1 previews wait for it is not judged")


def test_the_first_failure_is_told_when_it_happens_and_not_when_the_batch_is_done(moody: str) -> None:
    with JudgeProcess([moody], timeout=600) as judge:
        judge.submit(texts("raise", "raise", "hang"), tag=1)
        while not (troubles := judge.troubles()):
            assert judge.poll(0.25) == []
        assert troubles == [("moody", "raised ValueError: no (moody.py, line 8)")]
        assert judge.busy


def test_a_plugin_that_fails_again_and_again_is_told_to_be_set_aside_once(moody: str) -> None:
    with JudgeProcess([moody]) as judge:
        for tag in range(4):
            judge.submit(texts("raise", "raise", "raise", "raise"), tag)
        assert len(judge.wait(120)) == 4
        raised = "raised ValueError: no (moody.py, line 8)"
        aside = f"set aside after 3 failures in a row, the last: {raised}"
        assert judge.troubles() == [("moody", raised), ("moody", aside)]


def test_closing_in_the_middle_of_a_hang_is_quick(moody: str) -> None:
    judge = JudgeProcess([moody])
    judge.submit(texts("hang"), tag=0)
    time.sleep(0.3)
    began = time.monotonic()
    judge.close()
    assert time.monotonic() - began < 30


def test_a_wrong_name_option_or_file_is_refused_before_anything_runs(moody: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import no_such_module\n")
    for plugins, settings, said in (
        (["no-such-plugin"], [], "no such evaluator"),
        ([moody], ["moody.volume=11"], "no such option"),
        ([moody, str(broken)], [], "No module named 'no_such_module'"),
    ):
        with pytest.raises(EvaluatorError, match=said):
            JudgeProcess(plugins, settings)


def test_real_text_is_cut_to_the_asked_lengths_at_starts_of_lines_and_seeded() -> None:
    corpus = "".join(f"line {number:05}\n" for number in range(5000))
    sizes = [400, 37, 1000]
    pieces = cut_like(lambda a, b: corpus[a:b], len(corpus), sizes, seed=3)
    assert [len(piece.text) for piece in pieces] == sizes
    assert all(piece.text.startswith("line ") and piece.text in corpus for piece in pieces)
    assert pieces == cut_like(lambda a, b: corpus[a:b], len(corpus), sizes, seed=3)
    assert pieces != cut_like(lambda a, b: corpus[a:b], len(corpus), sizes, seed=4)


def test_real_text_beside_is_counted_often_enough_and_never_more_than_there_is() -> None:
    assert steadily([10, 30], 10**9) == [10, 30] * (STEADY_PIECES // 2)
    assert sum(steadily([2000], 10**9)) == STEADY_CHARS
    assert steadily([200], 1000) == [200] * 5
    assert steadily([100] * 10, 500) == [100] * 5
    assert steadily([STEADY_CHARS * 2], 10**9) == [STEADY_CHARS * 2]
    assert steadily([1] * (STEADY_PIECES + 1), 10**9) == [1] * (STEADY_PIECES + 1)
    assert steadily([200], 100) == [200]  # the whole of it
    assert steadily([], 100) == []
