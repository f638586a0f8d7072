"""What else was likely at the cursor: five characters with their probabilities, as in the essay's figure.

Green is what was written, red what was not, the stronger the likelier.
"""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from rnnlab.display import safe
from rnnlab.tui.reading.sampling import Likely

_BLOCKS = " ▏▎▍▌▋▊▉█"


class LikelyPanel(Static):
    """Seven lines: what was written, then the five likeliest."""

    DEFAULT_CSS = "LikelyPanel { width: 34; height: 1fr; background: $panel; padding: 0 1; }"

    def show(self, before: str, sign: str, bits: float | None, likeliest: Likely) -> None:
        """Draw one place: the text before it (safe), the character there, its surprise."""
        if bits is None:
            self.update(Text("Enter in a field lets it write.", "dim"))
            return
        name, share = _visible(sign), 2.0**-bits
        head = Text(no_wrap=True).append("… " + before[-12:].replace("\n", "␊").replace("\t", "␉"), "dim")
        head.append(f" {name} ", "bold reverse")
        facts = Text(no_wrap=True).append(f"p {100 * share:.3g}%", "bold").append(f"   surprise {bits:.2f} bits", "dim")
        rows = [head, facts, Text("")]
        room = max(6, self.content_size.width - 18)
        for other, probability in likeliest:
            rows.append(_row(safe(other, multiline=False), probability, other in (name, sign), room))
        self.update(Text("\n", no_wrap=True).join(rows))


def _visible(sign: str) -> str:
    return {"\n": "␊", "\t": "␉", " ": "␠"}.get(sign, sign)


def _row(name: str, probability: float, written: bool, room: int) -> Text:
    """Name, number, bar. The number's colour says whether it was written, its strength how likely it was."""
    colour = "green" if written else "red"
    strength = "bold " if probability >= 0.3 else "dim " if probability < 0.03 else ""
    row = Text(no_wrap=True).append(name.rjust(6) + " ", "bold" if written else "")
    row.append(f"{100 * probability:6.2f}% ", strength + colour)
    eighths = round(probability * room * 8)
    return row.append("█" * (eighths // 8) + _BLOCKS[eighths % 8], strength + colour)
