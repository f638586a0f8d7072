"""Branches of ``#if`` that lack a bracket which the branch in their place has."""

from __future__ import annotations

from bisect import bisect_left

from rnnlab_c_syntax.brackets import Unmatched, is_balanced
from rnnlab_c_syntax.pieces import match_brackets
from rnnlab_c_syntax.places import Lines, Range

#: Between two branches stands a line alone.
_LONGEST_LINE = 2000


def odd_branches(code: bytes, news: list[Range], others: list[Range], start: int, end: int) -> list[Unmatched]:
    """List the brackets without partners in those of ``news`` between two offsets that are in the place of whole ones.

    What then lacks its partner may stand around a branch, and what the first world reads there matches: ``others``
    are the branches that it reads instead. Only where such a branch is balanced by itself is the new one to blame.
    """
    found: list[Unmatched] = []
    for index in range(bisect_left(news, (start, start)), bisect_left(news, (end, end))):
        begin, stop = news[index]
        branch = code[begin:stop]
        if is_balanced(branch) or not _has_whole_sibling(code, others, begin, stop):
            continue
        for lost in match_brackets(branch, Lines(branch), start_cut=False, end_cut=False).unmatched:
            if lost.symbol in "()[]":
                found.append(lost.moved(begin))
                break
    return found


def _has_whole_sibling(code: bytes, others: list[Range], begin: int, stop: int) -> bool:
    """Tell whether one of ``others`` is next to the branch between two offsets, and balanced, and not empty."""
    index = bisect_left(others, (begin, begin))
    for start, end in others[max(0, index - 1) : index + 1]:
        behind, before = (end, begin) if end <= begin else (stop, max(stop, start))
        if before - behind > _LONGEST_LINE or code[behind:before].strip():
            continue
        if code[start:end].strip() and is_balanced(code[start:end]):
            return True
    return False
