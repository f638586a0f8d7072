"""Previews: the newest, or any earlier one; judged, compared with the one before, copied."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from rnnlab.display import safe
from rnnlab.events import SampleEvent
from rnnlab.tui.reading.judging import Judged
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.widgets.source import Document, SourceView
from rnnlab.tui.widgets.source.document import counted, difference, nothing_found

Key = tuple[int, str, float]
_REMEMBERED = 200
"""Previews whose findings are kept; an older one is judged again when it is looked at."""


def key_of(event: SampleEvent) -> Key:
    """What tells one preview from every other of its run."""
    return event.step, event.file, event.time


class SamplePanel(Vertical):
    """Shows one preview of a run; follows the newest until another is chosen."""

    DEFAULT_CSS = """
    SamplePanel { background: $background; }
    SamplePanel > #sample-head { height: 1; background: $boost; padding: 0 1; }
    SamplePanel > #sample-foot { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma", "other(-1)", "other preview of the step", show=False, id="sample.previous"),
        Binding("full_stop", "other(1)", "next preview of the step", show=False, id="sample.next"),
    ]

    shown: reactive[SampleEvent | None] = reactive(None, repaint=False)
    """The preview that is on the screen."""
    pinned: reactive[bool] = reactive(False, repaint=False)
    """Whether it was chosen; else the newest is shown as it comes."""
    comparing: reactive[bool] = reactive(False, repaint=False)
    """Whether the difference to the preview before is shown instead of the text."""

    class Shown(Message):
        """Another preview is on the screen; by whose choice is ``pinned``'s matter."""

        def __init__(self, event: SampleEvent, *, scrubbed: bool) -> None:
            super().__init__()
            self.event, self.scrubbed = event, scrubbed

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._samples: tuple[SampleEvent, ...] = ()
        self._language = ""
        self._judged: dict[Key, Judged] = {}
        self._judging = False

    def compose(self) -> ComposeResult:
        """What it is, the text, what is wrong with it."""
        yield Static("", id="sample-head")
        yield SourceView(id="sample-text")
        yield Static(Text("No previews yet: they are drawn while the model learns.", "dim"), id="sample-foot")

    # What there is.

    def show(self, snapshot: RunSnapshot, language: str, *, judging: bool) -> None:
        """Take the run's previews; show the newest unless one was chosen."""
        self._language, self._judging = language, judging
        if snapshot.samples == self._samples:
            return
        self._samples = snapshot.samples
        if not self._samples:
            self.shown = None
        elif not self.pinned or self.shown not in self._samples:
            self.pinned = False
            self._choose(self._newest())
        self._draw_head()  # how many there are of this step changes while they are drawn

    def judged(self, judged: Judged) -> None:
        """Findings came in."""
        if judged.key is None:  # no evaluator at all: say so under whatever is shown
            self._judging = False
            self._foot("; ".join(judged.problems), "yellow")
            return
        if isinstance(judged.key, tuple):
            self._judged[judged.key] = judged
            if len(self._judged) > _REMEMBERED:
                del self._judged[next(iter(self._judged))]
        if self.shown is not None and judged.key == key_of(self.shown):
            self._draw()

    def known(self, event: SampleEvent) -> bool:
        """Whether its findings are there already."""
        return key_of(event) in self._judged

    def _newest(self) -> SampleEvent:
        last = self._samples[-1]
        same = self._group(last)
        return last if last.requested else same[0]

    def _group(self, event: SampleEvent) -> list[SampleEvent]:
        """The previews that were drawn together with this one."""
        return [other for other in self._samples if (other.step, other.requested) == (event.step, event.requested)]

    # Choosing.

    def _choose(self, event: SampleEvent, *, scrubbed: bool = False) -> None:
        if event != self.shown:
            self.shown = event
            self.post_message(self.Shown(event, scrubbed=scrubbed))

    def action_other(self, direction: int) -> None:
        """Another preview of the same step."""
        if self.shown is not None:
            group = self._group(self.shown)
            self.pinned = True
            self._choose(group[(group.index(self.shown) + direction) % len(group)])

    def scrub(self, direction: int) -> None:
        """The previews of the step before (-1) or after (1); after the newest it follows again."""
        if self.shown is None:
            return
        heads = list(dict.fromkeys((event.step, event.requested) for event in self._samples))
        at = heads.index((self.shown.step, self.shown.requested)) + direction
        if at >= len(heads):
            self.pinned = False
            self._draw_head()
            return
        wanted = heads[max(at, 0)]
        group = [event for event in self._samples if (event.step, event.requested) == wanted]
        place = min(self._group(self.shown).index(self.shown), len(group) - 1)
        self.pinned = at < len(heads) - 1
        self._choose(group[place], scrubbed=True)

    def show_at(self, step: float | None) -> None:
        """The preview that was the newest at a step; None: follow again."""
        if not self._samples:
            return
        if step is None:
            self.pinned = False
            self._choose(self._newest())
            return
        before = [event for event in self._samples if event.step <= step]
        chosen = before[-1] if before else self._samples[0]
        self.pinned = True
        self._choose(self._group(chosen)[0])
        self._draw_head()

    def before(self, event: SampleEvent) -> SampleEvent | None:
        """The preview of the same place in the step before."""
        older = [other for other in self._samples if other.step < event.step and not other.requested]
        if not older:
            return None
        group = self._group(older[-1])
        return next((other for other in group if other.index == event.index), group[0])

    # Drawing.

    def watch_shown(self) -> None:
        """Another preview."""
        self._draw()

    def watch_comparing(self) -> None:
        """Text or difference."""
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted or self.shown is None:
            return
        event, earlier = self.shown, self.before(self.shown)
        view = self.query_one(SourceView)
        if self.comparing and earlier is not None:
            view.document = difference(earlier.prompt + earlier.text, event.prompt + event.text)
        else:
            judged = self._judged.get(key_of(event))
            findings = judged.findings if judged else ()
            view.document = Document(event.prompt + event.text, self._language, findings, prompt=len(event.prompt))
        self._draw_head()
        self._draw_foot()

    def _draw_head(self) -> None:
        if self.shown is None or not self.is_mounted:
            return
        event, group = self.shown, self._group(self.shown)
        head = Text(no_wrap=True, overflow="ellipsis")
        head.append(f"step {event.step:,}", "bold")
        head.append(" newest" if not self.pinned else " chosen", "green" if not self.pinned else "yellow")
        if len(group) > 1:
            head.append(f"  {group.index(event) + 1} of {len(group)}", "dim")
        head.append(f"  T {event.temperature:g}", "dim")
        if event.prompt.strip():
            head.append(f"  prompt {safe(event.prompt, multiline=False)[:40]!r}", "dim")
        if event.requested:
            head.append("  asked for", "dim")
        self.query_one("#sample-head", Static).update(head, layout=False)

    def _draw_foot(self) -> None:
        if self.shown is None:
            return
        judged = self._judged.get(key_of(self.shown))
        if self.comparing:
            earlier = self.before(self.shown)
            words = f"difference to step {earlier.step:,}" if earlier else "There is no preview before this one."
            self._foot(words, "")
        elif judged is None:
            self._foot("judging …" if self._judging else "", "dim")
        elif judged.problems:
            self._foot("; ".join(judged.problems), "yellow")
        else:
            rules = counted(judged.findings)
            self._foot("  ".join(f"{rule} {count}" for rule, count in rules) or nothing_found(judged.findings), "")

    def _foot(self, words: str, style: str) -> None:
        text = Text(safe(words, multiline=False), style, no_wrap=True, overflow="ellipsis")
        self.query_one("#sample-foot", Static).update(text, layout=False)

    def on_source_view_chosen(self, message: SourceView.Chosen) -> None:
        """The chosen finding's message stands under the text."""
        message.stop()
        finding = message.finding
        if finding is None:
            self._draw_foot()
        else:
            view = message.view
            place = f"{(view.chosen or 0) + 1}/{len(view.document.ordered)}"
            self._foot(f"{place}  {finding.message}  {finding.rule}, line {finding.line}", "yellow")
