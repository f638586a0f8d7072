"""A small dialog: some fields, or just a question; Enter says yes, Escape says no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from rnnlab.display import safe


@dataclass(frozen=True, slots=True)
class Field:
    """One line to fill in.

    ``check`` gives what is wrong with a value, or nothing; ``doubt`` what speaks against it: sent a second time it is
    taken.
    """

    name: str
    label: str
    value: str = ""
    check: Callable[[str], str] = lambda _value: ""
    doubt: Callable[[str], str] = lambda _value: ""


class Fields(VerticalScroll, inherit_bindings=False):
    """The arrows go from field to field instead of scrolling what is in sight anyway."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "next field", show=False, id="ask.next"),
        Binding("up", "app.focus_previous", "field before", show=False, id="ask.before"),
    ]


class AskScreen(ModalScreen[dict[str, str] | None]):
    """Gives the fields' values by name, or None. ``careful``: what cannot be undone; Enter alone does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", id="ask.cancel"),
    ]
    DEFAULT_CSS = """
    AskScreen Fields { width: 64; max-width: 96%; height: auto; max-height: 96%; padding: 0 1;
                               border: round $primary; background: $surface; }
    AskScreen Input { border: none; height: 1; padding: 0; background: $boost; width: 1fr; }
    AskScreen Input:focus { background: $primary 30%; border: none; }
    AskScreen .field { height: 1; }
    AskScreen .field Label { width: 15; color: $text-muted; }
    AskScreen #wrong { color: $error; height: auto; }
    AskScreen .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    AskScreen Button { min-width: 10; margin-left: 2; }
    """

    def __init__(
        self, title: str, fields: Sequence[Field] = (), *, text: str = "", yes: str = "Send", careful: bool = False
    ) -> None:
        super().__init__()
        self._title, self._fields, self._text, self._yes = title, fields, text, yes
        self._careful = careful
        self._doubted: dict[str, str] | None = None

    def compose(self) -> ComposeResult:
        """Text, fields, two buttons."""
        with Fields(can_focus=False) as box:
            box.border_title = Text(safe(self._title, multiline=False))
            if self._text:
                yield Static(Text(safe(self._text)))
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Label(Text(field.label))
                    yield Input(field.value, id=field.name)
            yield Static("", id="wrong")
            with Horizontal(classes="buttons"):
                yield Button(self._yes, id="yes", variant="error" if self._careful else "primary", compact=True)
                yield Button("Cancel", id="no", compact=True)

    def on_mount(self) -> None:
        """The first field, else the safe button."""
        if self._fields:
            self.query(Input).first().focus()
        else:
            self.query_one("#no" if self._careful else "#yes", Button).focus()

    def on_input_submitted(self) -> None:
        """Enter in a field."""
        self._accept()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """One of the two."""
        if event.button.id == "yes":
            self._accept()
        else:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(None)

    def _accept(self) -> None:
        values = {field.name: self.query_one(f"#{field.name}", Input).value for field in self._fields}
        for field in self._fields:
            wrong = field.check(values[field.name])
            if wrong:
                self._complain(field, wrong)
                return
        for field in self._fields:
            doubt = field.doubt(values[field.name])
            if doubt and self._doubted != values:
                self._doubted = values
                self._complain(field, f"{doubt}. Enter once more if it is meant.")
                return
        self.dismiss(values)

    def _complain(self, field: Field, wrong: str) -> None:
        self.query_one("#wrong", Static).update(Text(f"{field.label}: {wrong}"))
        self.query_one(f"#{field.name}", Input).focus()


def a_number(*, above: float | None = None, least: float | None = None, whole: bool = False) -> Callable[[str], str]:
    """A check for a field that holds a number."""

    def check(value: str) -> str:
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            return "is not a whole number" if whole else "is not a number"
        if number != number or number in (float("inf"), float("-inf")):
            return "is not a number"
        if above is not None and number <= above:
            return f"must be more than {above:g}"
        if least is not None and number < least:
            return f"must be {least:g} or more"
        return ""

    return check
