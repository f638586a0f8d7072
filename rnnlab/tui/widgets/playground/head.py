"""The playground's first row: who writes, how far it is, and what the colours mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from rnnlab.display import safe
from rnnlab.tui.widgets.playground.text import HOTTEST, LEVELS


def head(name: str, checkpoint: str, state: str, bits: Sequence[float], width: int, colours: Mapping[str, str]) -> Text:
    """The row in at most ``width`` cells if it can be: what was measured gives way to the colours' names.

    ``colours``: the theme's variables by name.
    """
    line = Text(no_wrap=True, overflow="ellipsis").append(safe(name, multiline=False), "bold")
    line.append(f"  {checkpoint}", "dim").append(f"  {safe(state, multiline=False)}  ")
    legend = Text()
    for colour, word in [*((colour, word) for _, colour, word in LEVELS), HOTTEST]:
        shade = colours.get(colour[1:], "")
        legend.append(f" {word}", shade if shade.startswith("#") else "")
    room = width - line.cell_len - legend.cell_len  # words that are cut say nothing
    line.append(next((words for words in _measured(bits) if len(words) <= room), ""), "dim")
    return line.append_text(legend) if room >= 0 else line


def _measured(bits: Sequence[float]) -> tuple[str, ...]:
    """How much was written and how surprising it was, the longest words first."""
    if not bits:
        return ()
    each = f"{sum(bits) / len(bits):.2f} bits each "
    return f"{len(bits):,} characters, {each}", f"{len(bits):,} characters ", each
