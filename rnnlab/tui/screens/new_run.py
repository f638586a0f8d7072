"""A new run: choose a corpus, a preset and settings; see what it will cost; start it.

What was typed is a draft; everything else on the screen follows from it. The training becomes a
process of its own, which needs this dashboard no more.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.timer import Timer
from textual.widgets import DirectoryTree, Input, Label, Static
from textual.worker import get_current_worker

from rnnlab.config import CorpusConfig
from rnnlab.display import safe
from rnnlab.errors import ConfigError, RnnlabError
from rnnlab.presets import PRESETS
from rnnlab.runs.layout import check_name
from rnnlab.tui import launching
from rnnlab.tui.base import LabAppScreen, hand_over
from rnnlab.tui.drafting import SECTIONS, USUAL_VOCABULARY, Draft, cost, hint_name, settings
from rnnlab.tui.reading.measuring import Measured, measure
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.new_run.facts import corpus_line, cost_line, help_line, preset_line
from rnnlab.tui.widgets.new_run.field import FieldInput
from rnnlab.tui.widgets.new_run.paths import CorpusTree, PathSuggester

_PAUSE = 0.6  # seconds without a key after which a corpus is taken as chosen
_TITLES = {"corpus": "Corpus", "model": "Model", "training": "Training", "evaluation": "Scores"}


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Fields under each other: the arrows go from one to the next, and what is out of sight comes with them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "next field", show=False, id="new.next"),
        Binding("up", "app.focus_previous", "field before", show=False, id="new.before"),
    ]


class NewRunScreen(LabAppScreen):
    """The form on the left, files on the right; corpus, cost and help under them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", "start", id="new.start", priority=True),
        Binding("ctrl+o", "tree", "files", id="new.tree", priority=True),
        Binding("escape", "back", "back", id="new.back"),
    ]
    DEFAULT_CSS = """
    NewRunScreen Horizontal.main { height: 1fr; }
    NewRunScreen #form { width: 1fr; padding: 0 1; scrollbar-size: 1 1; }
    NewRunScreen .field { height: 1; }
    NewRunScreen .field Label { width: 22; color: $text-muted; }
    NewRunScreen .title { text-style: bold; color: $primary; height: 1; margin-top: 1; }
    NewRunScreen Input { border: none; height: 1; padding: 0; background: $boost; width: 1fr; max-width: 70; }
    NewRunScreen Input:focus { background: $primary 30%; border: none; }
    NewRunScreen Input.-wrong { color: $error; }
    NewRunScreen .files { width: 38%; }
    NewRunScreen CorpusTree { background: $background; scrollbar-size: 1 1; }
    NewRunScreen.-narrow .files { display: none; }
    NewRunScreen.-narrow.-files .files { display: block; width: 55%; }
    NewRunScreen #facts { height: 4; background: $panel; padding: 0 1; }
    """

    class Seen(Message):
        """The measuring thread knows more."""

        def __init__(self, measured: Measured) -> None:
            super().__init__()
            self.measured = measured

    def __init__(self) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._asked: CorpusConfig | None = None
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """The tree mirrors the screen."""
        with Horizontal(classes="main"):
            with Form(id="form"):
                yield from self._row("corpus", "corpus", "a path", PathSuggester())
                yield from self._row("name", "name", "made of corpus and model")
                yield from self._row("preset", "preset", "small", SuggestFromList(PRESETS))
                yield from self._row("device", "device", "auto", SuggestFromList(["auto", "cpu", "cuda", "mps"]))
                for section in ("model", "training", "corpus", "evaluation"):
                    yield Static(_TITLES[section], classes="title")
                    for setting in settings(section):
                        choices = SuggestFromList(setting.choices) if setting.choices else None
                        yield from self._row(setting.key, setting.label, "", choices)
            with Vertical(classes="files"):
                yield CorpusTree(Path.cwd())
        yield Static("", id="facts")
        yield KeyBar()

    def _row(
        self, key: str, label: str, placeholder: str, suggester: PathSuggester | SuggestFromList | None = None
    ) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Label(label)
            yield FieldInput(placeholder=placeholder, id=key, suggester=suggester)

    def on_mount(self) -> None:
        """Begin with the corpus."""
        self.query_one("#corpus", Input).focus()
        self._follow()

    # The draft, and all that follows from it.

    @property
    def draft(self) -> Draft:
        """What the form says."""
        values = {"corpus": "", "name": "", "preset": "", "device": ""}
        values |= {one.id: one.value.strip() for one in self.query(Input) if one.id}
        typed = {key: value for key, value in values.items() if "-" in key and value}
        preset, device = values["preset"] or "small", values["device"] or "auto"
        return Draft(values["corpus"], preset, device, values["name"], typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Draw what follows; look at the corpus once nothing is typed for a moment."""
        self._follow()
        section = (event.input.id or "").partition("-")[0]
        if section == "corpus":
            if self._pause is not None:
                self._pause.stop()
            self._pause = self.set_timer(_PAUSE, self._look)

    def on_input_submitted(self) -> None:
        """Enter goes to the next field."""
        self._look()
        self.focus_next()

    def on_descendant_focus(self) -> None:
        """Help for the field."""
        self._follow()

    def on_directory_tree_file_selected(self, event: DirectoryTree.FileSelected) -> None:
        """A file of the tree is the corpus."""
        self._choose(event.path)

    def on_directory_tree_directory_selected(self, event: DirectoryTree.DirectorySelected) -> None:
        """A folder is a corpus as well: it is put in, and measured once the field is left with Enter."""
        self._choose(event.path)

    def _choose(self, path: Path) -> None:
        import shlex

        inside = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        self.query_one("#corpus", Input).value = shlex.quote(str(inside))
        self.remove_class("-files")

    def _look(self) -> None:
        """Measure the corpus, in a thread, if it is another one."""
        draft = self.draft
        try:
            sources = draft.sources
            if not sources or not all(Path(source).exists() for source in sources):
                return
            config = draft.resolve().corpus
        except ConfigError:
            return
        if config == self._asked:
            return
        self._asked = config
        self.run_worker(
            lambda: self._measure(config), thread=True, group="measure", exclusive=True, exit_on_error=False
        )

    def _measure(self, config: CorpusConfig) -> None:
        worker = get_current_worker()
        measure(config, lambda measured: self._hand_over(measured), lambda: worker.is_cancelled)

    def _hand_over(self, measured: Measured) -> None:
        hand_over(self.Seen(measured), self)

    def on_new_run_screen_seen(self, message: Seen) -> None:
        """Figures of the corpus."""
        if message.measured.config == self._asked:
            self._measured = message.measured
            self._follow()

    def _follow(self) -> None:
        """Placeholders, the cost, and what is wrong."""
        draft = self.draft
        rows = [corpus_line(draft, self._measured)]
        measured = self._measured if self._measured is not None and self._measured.characters else None
        try:
            if draft.name:
                check_name(draft.name)
            config = draft.resolve(measured.parts[0] if measured else 0)
        except RnnlabError as error:  # the reason, then the next step
            rows += [Text(safe(line, multiline=False), "red") for line in str(error).split("\n")[:2]]
        else:
            for section in SECTIONS:
                for setting in settings(section):
                    value = getattr(getattr(config, section), setting.name)
                    field = self.query_one(f"#{setting.key}", Input)
                    if setting.key not in draft.typed and field.placeholder != setting.shown(value):
                        field.placeholder = setting.shown(value)
            vocabulary = measured.vocabulary if measured else USUAL_VOCABULARY
            needs = cost(config, vocabulary, measured.parts[0] if measured else None, self.lab.summaries)
            rows.append(cost_line(needs))
            rows.append(preset_line(draft.preset))
        rows.append(help_line(self.focused.id or "" if self.focused is not None else ""))
        self.query_one("#facts", Static).update(Text("\n", no_wrap=True, overflow="ellipsis").join(rows))

    # Keys.

    def action_tree(self) -> None:
        """To the files, or back to the form."""
        tree = self.query_one(CorpusTree)
        if tree.has_focus:
            self.remove_class("-files")
            self.query_one("#corpus", Input).focus()
        else:
            self.add_class("-files")
            self.call_after_refresh(tree.focus)

    def action_start(self) -> None:
        """Begin, if nothing is wrong."""
        draft = self.draft
        try:
            if not draft.sources:
                raise ConfigError("corpus", "none was chosen", "Type a path, or ctrl+o for the files.")
            missing = next((source for source in draft.sources if not Path(source).exists()), None)
            if missing is not None:
                raise ConfigError(missing, "there is no such file or folder")
            config = draft.resolve()
            folder = self.lab.runs_folder
            taken = self.lab.starting
            given = check_name(draft.name) if draft.name else ""
            name = given or launching.free_name(folder, hint_name(draft, config), taken)
            launching.check_free(folder, name, taken)
        except RnnlabError as error:
            self.lab.notice(str(error), "error")
            return
        self.app.pop_screen()
        self.lab.launch(launching.begin(folder, draft.arguments(), name))

    def action_back(self) -> None:
        """From the files to the form, from the form to the lab; what was typed is forgotten."""
        if self.query_one(CorpusTree).has_focus:
            self.action_tree()
        else:
            self.app.pop_screen()
