"""Characters to cells: tabs, wide and combining characters, very long lines. Knows no colours.

Every string here went through :func:`rnnlab.display.safe`, which keeps one character for one, so
that columns of findings (which count characters) stay true; only cells differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import get_character_cell_size

TAB = 8
LONGEST = 4000
"""Characters of a line that are drawn; the rest is counted."""


def runs(line: str, codes: Sequence[int]) -> list[tuple[str, int]]:
    """The line as (text, code) pieces of one code each, tabs as blanks up to the next stop.

    The pieces' text takes exactly :func:`width` cells.
    """
    pieces: list[tuple[str, int]] = []
    cell, text, current = 0, "", codes[0] if codes else 0
    for sign, code in zip(line[:LONGEST], codes, strict=False):
        if code != current:
            pieces.append((text, current))
            text, current = "", code
        if sign == "\t":
            blanks = TAB - cell % TAB
            text += " " * blanks
            cell += blanks
        else:
            text += sign
            cell += get_character_cell_size(sign)
    if text:
        pieces.append((text, current))
    if len(line) > LONGEST:
        pieces.append((f" … {len(line) - LONGEST:,} more characters", 0))
    return pieces


def width(line: str) -> int:
    """Cells that a line takes (up to :data:`LONGEST` characters)."""
    return cell_of(line, min(len(line), LONGEST))


def cell_of(line: str, column: int) -> int:
    """The cell where the character with the 0-based index ``column`` begins."""
    cell = 0
    for sign in line[:column]:
        cell += TAB - cell % TAB if sign == "\t" else get_character_cell_size(sign)
    return cell
