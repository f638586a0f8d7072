"""The lines under the form of a new run: what the corpus is, what the training will cost, what a field means."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from rnnlab.display import safe
from rnnlab.errors import ConfigError
from rnnlab.presets import PRESETS
from rnnlab.tui.drafting import Cost, Draft, Setting, settings
from rnnlab.tui.figures import count, duration, size
from rnnlab.tui.reading.measuring import Measured

_HELP = {
    "corpus": "Files, folders or archives; Tab takes the completion, ctrl+o goes to the tree.",
    "name": "Letters, digits and . _ + = @ -; empty: made of corpus and model.",
    "preset": "Where the settings start from; an empty field below is the preset's.",
    "device": "auto, cpu, cuda, cuda:1 or mps.",
}


def corpus_line(draft: Draft, measured: Measured | None) -> Text:
    """What is known of the corpus, or what is wrong with it."""
    line = Text("corpus  ", "dim", no_wrap=True, overflow="ellipsis")
    if not draft.corpus:
        return line.append("none chosen yet", "default")
    try:
        missing = [source for source in draft.sources if not Path(source).exists()]
    except ConfigError as error:
        return line.append(safe(str(error), multiline=False), "red")
    if missing:
        return line.append(f"{safe(missing[0], multiline=False)}: there is no such file or folder", "yellow")
    if measured is None:
        return line.append("…", "default")
    if measured.problem or measured.progress:
        words = (measured.problem or measured.progress).replace("\n", ". ")
        return line.append(words, "red" if measured.problem else "default")
    line.append(f"{measured.characters:,} characters", "bold default")
    line.append(f"  {measured.vocabulary} symbols  {count(measured.lines)} lines", "default")
    shares = " / ".join(map(count, measured.parts))
    return line.append(f"  train / validation / test {shares}  entropy {measured.entropy:.2f} bits", "dim")


def cost_line(needs: Cost) -> Text:
    """Parameters, time and memory; what matters least comes last, where a narrow screen cuts it off."""
    line = Text("cost    ", "dim", no_wrap=True, overflow="ellipsis")
    line.append(f"{needs.parameters:,} parameters", "bold default")
    about = "about " if needs.like else "at most " if needs.chars else ""  # by a run's pace; until the clock's end
    line.append(
        f"  {about}{duration(needs.seconds)}" if needs.seconds else "  time: seen after the start", "bold default"
    )
    line.append(f"  {size(needs.memory)} to train", "default")
    line.append(f"  as fast as {safe(needs.like, multiline=False)}" if needs.like else "")
    return line.append(f"  {count(needs.operations)} operations a character")


def preset_line(chosen: str) -> Text:
    """All presets by name, and what the chosen one is for."""
    line = Text("preset  ", "dim", no_wrap=True, overflow="ellipsis")
    for name in PRESETS:
        line.append(f"{name} ", "bold default" if name == chosen else "dim")
    return line.append(f" {PRESETS[chosen].purpose}", "default")


def help_line(focused: str) -> Text:
    """What the field of that id means, and what it may hold."""
    section, _, name = focused.partition("-")
    found: Setting | None = next((one for one in settings(section) if one.name == name), None) if name else None
    text = found.text if found is not None else _HELP.get(focused, "")
    if found is not None and found.choices:
        text += f" ({', '.join(found.choices)})"
    return Text(text, "italic", no_wrap=True, overflow="ellipsis")
