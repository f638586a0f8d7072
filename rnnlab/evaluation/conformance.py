"""Does an evaluator keep the contract? What ``rnnlab plugins check`` asks of it.

The plugin runs in the same worker processes as everywhere, so that a check sees what a user
would see. Knows no plugin in particular.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.discovery import Plugin
from rnnlab.evaluation.lane import Description, Verdict
from rnnlab.evaluation.pool import Pool
from rnnlab.evaluation.process import Limits

State = Literal["ok", "warning", "failed"]
MEGABYTE = 1_000_000
_SMALL = MEGABYTE // 4
_STEEPEST = 3.0  # a quarter of the text in a quarter of the time, or not worse than this many times it

ORDINARY = {
    "C": "static int add(int a, int b)\n{\n\treturn a + b;\n}\n\n#define TWICE(x) ((x) * 2)\n",
    "Python": "def add(a, b):\n    return a + b\n\n\nclass A:\n    pass\n",
    "prose": "It was the best of times, it was the worst of times,\nit was the age of wisdom.\n",
    "a text cut at both ends": 'rn x;\n}\n\nint f(void)\n{\n\tif (y) {\n\t\tputs("he',
}
EDGES = {
    "an empty text": "",
    "one line break": "\n",
    "line breaks only": "\n" * 50,
    "no line break at the end": "a",
    "line ends of Windows and of old": "a\r\nb\rc\n\r\n",
    "other separators": "a\x0bb\x0cc\x85d\u2028e\u2029f\n",
}
HOSTILE = {
    "NULs and controls": "\0\x01\x1b[2J\x1b]0;owned\x07\x7f\x80\x9b31m\n",
    "markup": "[bold red]x[/] <b>&amp;</b> %s {0} $(reboot) `id`\n",
    "bidi and zero width": "a\u202eb\u2066c\u200bd\ufeffe\n",
    "lone surrogates": "a\ud800b\udfff\n",
    "astral and combining": "𝔘𝔫𝔦 e\u0301\u0301\u0301 👩\u200d👩\u200d👧 \U0010ffff\n",
    "bytes that are not UTF-8": b"caf\xe9 \xff\xfe \xc3(\n".decode("utf-8", "replace"),
    "open brackets": "({[" * 3000,
    "closed brackets": "}])" * 3000,
    "open quotes": "\"'`/*" * 2000,
    "one long line": "x + " * 25_000,
    "many short lines": "x\n" * 25_000,
}
SIGNS = '({}"#\\'  # each of them alone on half a million lines: what is looked for anew in each line takes hours


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the contract, and whether the plugin keeps it."""

    name: str
    state: State
    detail: str = ""


@dataclass(slots=True)
class _Session:
    """A started pool with one plugin, and what came out of it so far."""

    pool: Pool
    plugin: str
    rules: set[str] = field(default_factory=set)
    metrics: set[str] = field(default_factory=set)
    unclean: str = ""
    judged: int = 0

    def judge(self, text: str) -> Verdict:
        self.pool.submit(Source(text=text, name="check"))
        while self.pool.outstanding:
            for verdict in self.pool.step(1.0):
                self.pool.lanes[self.plugin].failures = 0  # a check asks on where a user would set aside
                self._remember(verdict)
                return verdict
        raise AssertionError("every text gets a verdict")

    def _remember(self, verdict: Verdict) -> None:
        if verdict.evaluation is None:
            return
        self.judged += 1
        self.rules |= {finding.rule for finding in verdict.evaluation.findings}
        self.metrics |= {metric.name for metric in verdict.evaluation.metrics}
        for finding in verdict.evaluation.findings:
            if any("\ud800" <= char <= "\udfff" for char in finding.message + finding.symbol):
                self.unclean = finding.rule


def check(plugin: Plugin, settings: Sequence[str], limits: Limits, samples: Sequence[str] = ()) -> Iterator[Check]:
    """Every check in turn, as it is done.

    Raises:
        EvaluatorError: when the plugin cannot be loaded or made at all.
    """
    with Pool([plugin], settings, limits) as pool, Pool([plugin], settings, limits) as other:
        described = pool.start()[plugin.name]
        other.start()
        yield Check("loads", "ok", described.summary or "it has no docstring")
        session, second = _Session(pool, plugin.name), _Session(other, plugin.name)
        texts = {**ORDINARY, **{f"sample {number}": text for number, text in enumerate(samples, 1)}}
        yield from _judges(session, "judges", texts)
        if not session.judged:
            yield Check("the rest", "failed", "not asked, for none of these texts was judged")
            return
        yield from _judges(session, "survives", {**EDGES, **HOSTILE})
        yield _deterministic(session, second, texts)
        yield from _speed(session, list(texts.values()))
        yield from _stuck(session)
        yield _described(session, described)
        yield _clean(session)
        yield _quiet(pool, plugin.name)


def _judges(session: _Session, verb: str, texts: dict[str, str]) -> Iterator[Check]:
    for name, text in texts.items():
        verdict = session.judge(text)
        yield Check(f"{verb} {name}", "failed" if verdict.evaluation is None else "ok", verdict.cause + verdict.place)


def _deterministic(session: _Session, second: _Session, texts: dict[str, str]) -> Check:
    """In another process hashes fall differently; in the same one, an earlier text may have left something."""
    first = [session.judge(text).evaluation for text in texts.values()]
    again = [session.judge(text).evaluation for text in reversed(texts.values())]
    elsewhere = [second.judge(text).evaluation for text in texts.values()]
    for name, one, two, three in zip(texts, first, reversed(again), elsewhere, strict=True):
        if one != two:
            return Check("is deterministic", "failed", f"{name}: another verdict after other texts")
        if one != three:
            return Check("is deterministic", "failed", f"{name}: another verdict in another process")
    return Check("is deterministic", "ok")


def _speed(session: _Session, texts: Sequence[str]) -> Iterator[Check]:
    quick, slow = session.judge(_long(texts, _SMALL)), session.judge(_long(texts, MEGABYTE))
    if slow.evaluation is None or quick.evaluation is None:
        yield Check("judges a megabyte", "failed", slow.cause + slow.place or quick.cause + quick.place)
        return
    yield Check("judges a megabyte", "ok", f"{slow.seconds:.2f} s per MB")
    yield _proportion("takes time in proportion", quick, slow)


def _stuck(session: _Session) -> Iterator[Check]:
    """A model that is stuck writes one sign, line after line: no line may cost a look at all the others."""
    for sign in SIGNS:
        name = f"judges a megabyte of lines of {sign}"
        quick = session.judge(f"{sign}\n" * (_SMALL // 2))
        slow = session.judge(f"{sign}\n" * (MEGABYTE // 2)) if quick.evaluation is not None else quick
        if slow.evaluation is None:
            size = MEGABYTE if slow is not quick else _SMALL
            yield Check(name, "failed", f"{size:,} characters: {slow.cause}{slow.place}")
        else:
            yield _proportion(name, quick, slow)


def _proportion(name: str, quick: Verdict, slow: Verdict) -> Check:
    """Whether a megabyte took no more than its share, beside a quarter of it."""
    times = slow.seconds / (quick.seconds * MEGABYTE / _SMALL) if quick.seconds > 0.01 else 1.0
    state: State = "ok" if times < _STEEPEST else "warning"
    return Check(name, state, f"per character, a megabyte takes {times:.1f} times a quarter of it")


def _long(texts: Sequence[str], size: int) -> str:
    """A long text out of the short ones, in a seeded order."""
    generator, parts, length = random.Random(0), [""], 0
    while length < size:
        parts.append(generator.choice(texts) + "\n")
        length += len(parts[-1])
    return "".join(parts)[:size]


def _described(session: _Session, described: Description) -> Check:
    """Rules and metrics that came out are those that ``plugins info`` tells of."""
    strange = sorted((session.rules - set(described.rules)) | (session.metrics - set(described.metrics)))
    if strange:
        return Check("describes what comes out", "failed", f"not in its rules or metrics: {', '.join(strange)}")
    if not session.metrics:
        return Check("describes what comes out", "warning", "no metric came out: there will be no rate to compare")
    unseen = sorted(set(described.metrics) - session.metrics)
    detail = f"never seen: {', '.join(unseen)}" if unseen else ""
    return Check("describes what comes out", "warning" if unseen else "ok", detail)


def _clean(session: _Session) -> Check:
    if session.unclean:
        return Check("gives text that JSON takes", "warning", f"{session.unclean}: a lone surrogate in its message")
    return Check("gives text that JSON takes", "ok")


def _quiet(pool: Pool, name: str) -> Check:
    printed = pool.lanes[name].printed
    return Check("prints nothing", "warning" if printed else "ok", f"{printed} characters" if printed else "")
