"""Text + findings = a style number for every character.

A style number holds an :class:`Ink` in its low four bits, a severity above it, and whether the
finding is the chosen one, or is only there because the text is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding
from rnnlab.tui.widgets.source.highlight import Ink, inks

SEVERITIES = ("", "info", "warning", "error")
SEVERITY_SHIFT, CHOSEN, EDGE = 4, 1 << 6, 1 << 7


@dataclass(frozen=True)
class Document:
    """What a :class:`SourceView` shows. ``text`` may be hostile: it is made safe here.

    ``prompt``: how many of its first characters were given, not generated. ``signs``: one
    character per line for the margin (``+`` and ``-`` of a difference), or nothing.
    """

    text: str
    language: str = ""
    findings: tuple[Finding, ...] = ()
    prompt: int = 0
    signs: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text's lines, safe to show, without their ends."""
        return tuple(safe(self.text.replace("\r\n", " \n")).split("\n"))  # DOS's line ends are no news

    @cached_property
    def ordered(self) -> tuple[Finding, ...]:
        """The findings from top to bottom."""
        return tuple(sorted(self.findings, key=lambda finding: (finding.line, finding.column)))

    @cached_property
    def inks(self) -> tuple[bytes, ...]:
        """One ink per character, line by line."""
        codes = inks(self.text, self.language)
        codes[: self.prompt] = bytes([Ink.PROMPT]) * min(self.prompt, len(codes))
        rows: list[bytes] = []
        start = 0
        for number, line in enumerate(self.lines):
            row = bytes(codes[start : start + len(line)])
            sign = self.signs[number] if number < len(self.signs) else ""
            if sign in ("+", "-"):
                row = bytes([Ink.ADDED if sign == "+" else Ink.REMOVED]) * len(line)
            rows.append(row)
            start += len(line) + 1
        return tuple(rows)

    @cached_property
    def by_line(self) -> dict[int, list[Finding]]:
        """Findings by every 1-based line that they touch."""
        touched: dict[int, list[Finding]] = {}
        for finding in self.ordered:
            for line in range(finding.line, min(finding.end_line, finding.line + 200, len(self.lines)) + 1):
                touched.setdefault(line, []).append(finding)
        return touched

    def codes(self, number: int, chosen: Finding | None) -> list[int]:
        """The style numbers of 0-based line ``number``, one per character."""
        codes = list(self.inks[number])
        for finding in self.by_line.get(number + 1, ()):
            start = finding.column - 1 if finding.line == number + 1 else 0
            stop = finding.end_column - 1 if finding.end_line == number + 1 else len(codes)
            weight = SEVERITIES.index(finding.severity)
            for index in range(max(start, 0), min(max(stop, start + 1), len(codes))):
                before = (codes[index] >> SEVERITY_SHIFT) & 3
                codes[index] = (codes[index] & ~(3 << SEVERITY_SHIFT)) | max(weight, before) << SEVERITY_SHIFT
                codes[index] |= (CHOSEN if finding is chosen else 0) | (EDGE if finding.edge else 0)
        return codes

    def beginning_on(self, number: int) -> list[Finding]:
        """The findings that begin on 0-based line ``number``."""
        return [finding for finding in self.by_line.get(number + 1, ()) if finding.line == number + 1]


def counted(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    """How often each rule was broken, the most frequent first; those due to a cut are left out."""
    counts: dict[str, int] = {}
    for finding in findings:
        if not finding.edge:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def nothing_found(findings: Sequence[Finding]) -> str:
    """What is said where no rule was broken but, perhaps, where the text was cut."""
    cut = sum(finding.edge for finding in findings)
    return f"no findings but {cut:,} due to where the text was cut" if cut else "no findings"


def difference(before: str, after: str) -> Document:
    """What changed from one text to the next, line by line, as a document with signs."""
    import difflib

    old, new = before.split("\n"), after.split("\n")
    rows: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [(" ", line) for line in old[a:b]]
            continue
        rows += [("-", line) for line in old[a:b]]
        rows += [("+", line) for line in new[c:d]]
    return Document("\n".join(line for _, line in rows), signs=tuple(sign for sign, _ in rows))
