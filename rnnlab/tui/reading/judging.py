"""Findings for the preview that is looked at: evaluators in processes of their own, asked from a thread.

The newest question goes first, and an older one that nobody waits for any more is dropped. The
processes start with the first question and end with the thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from rnnlab.errors import RnnlabError
from rnnlab.evaluation.contract import Finding, Source
from rnnlab.niceness import USUAL

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of one text; ``problems`` says which evaluators failed and why."""

    key: Hashable
    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()


class Judge(threading.Thread):
    """Answers :meth:`ask` through ``deliver``, from its own thread.

    Args:
        plugins: evaluators by name or file.
        settings: ``PLUGIN.OPTION=VALUE``.
        deliver: takes each answer; must be safe to call from another thread.
    """

    def __init__(self, plugins: tuple[str, ...], settings: tuple[str, ...], deliver: Callable[[Judged], None]) -> None:
        super().__init__(name="judge", daemon=True)
        self._plugins, self._settings, self._deliver = plugins, settings, deliver
        self._question: tuple[Hashable, Source] | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._broken = ""  # why there is no evaluator at all

    def ask(self, key: Hashable, source: Source) -> None:
        """Judge this text next."""
        with self._changed:
            self._question = (key, source)
            self._changed.notify()
        if self._broken:
            self._deliver(Judged(key, problems=(self._broken,)))
        elif self.ident is None and not self._stopping:
            self.start()

    def stop(self) -> None:
        """End; does not wait for it."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def run(self) -> None:
        """Answer questions until told to stop."""
        try:
            self._work()
        except RnnlabError as error:
            self._broken = str(error).replace("\n", ": ")
            self._deliver(Judged(None, problems=(self._broken,)))

    def _work(self) -> None:
        from rnnlab.evaluation.discovery import find_all
        from rnnlab.evaluation.pool import Pool
        from rnnlab.evaluation.process import Limits
        from rnnlab.evaluation.runner import judge_all

        with Pool(find_all(self._plugins), self._settings, Limits(timeout=TIMEOUT, nice=USUAL)) as pool:
            pool.start()
            while True:
                with self._changed:
                    while self._question is None and not self._stopping:
                        self._changed.wait()
                    if self._stopping or self._question is None:
                        return
                    (key, source), self._question = self._question, None
                outcome = judge_all(pool, [source])
                findings = tuple(finding for judged in outcome.judged for _, finding in judged.findings())
                problems = tuple(f"{failure.plugin}: {failure.cause}" for failure in outcome.failures)
                self._deliver(Judged(key, findings, problems))


def usual_plugins(configured: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The run's own evaluators; else the bundled one for the corpus's language, if it is installed."""
    if configured:
        return configured
    from rnnlab.evaluation.discovery import installed

    name = {"c": "c-syntax", "python": "python-syntax"}.get(language, "")
    return (name,) if name in installed() else ()
