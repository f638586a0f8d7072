"""Names of colours to Rich styles, under the theme that is on.

Names: ``$variable`` of the theme, ``#rrggbb``, and a trailing ``~`` for the pale form that
bands have. Ansi themes know no pale colours: there a band is bright black.
"""

from __future__ import annotations

from rich.style import Style
from textual.color import Color, ColorParseError
from textual.widget import Widget

_CURVES = {
    "$chart-1": ("#3fa7ff", "ansi_bright_cyan"),
    "$chart-2": ("#ffb454", "ansi_bright_yellow"),
    "$chart-3": ("#5fd38d", "ansi_bright_green"),
    "$chart-4": ("#e07be0", "ansi_bright_magenta"),
    "$chart-5": ("#ff6e6e", "ansi_bright_red"),
    "$chart-6": ("#9d8cff", "ansi_bright_blue"),
    "$chart-7": ("#4fd6d6", "ansi_cyan"),
    "$chart-8": ("#c9c96a", "ansi_yellow"),
}
PALETTE = tuple(_CURVES)
"""Names for the curves of several runs, told apart by people with any colour vision as far as eight can be."""
_OWN = _CURVES | {
    "$source-keyword": ("#c792ea", "ansi_magenta"),
    "$source-type": ("#7fd1e0", "ansi_cyan"),
    "$source-string": ("#a5d68a", "ansi_green"),
    "$source-number": ("#f0a56b", "ansi_yellow"),
    "$source-directive": ("#d9a0c0", "ansi_bright_magenta"),
    "$source-name": ("#82aaff", "ansi_bright_blue"),
}
_OWN_LIGHT = {
    "$chart-1": "#0969c8",
    "$chart-2": "#b35900",
    "$chart-3": "#1a7f43",
    "$chart-4": "#9a2f9a",
    "$chart-5": "#c4314b",
    "$chart-6": "#5b45d6",
    "$chart-7": "#0b7a80",
    "$chart-8": "#77700a",
    "$source-keyword": "#8a2bb8",
    "$source-type": "#0b7a80",
    "$source-string": "#1a7f43",
    "$source-number": "#b35900",
    "$source-directive": "#a03070",
    "$source-name": "#0969c8",
}


class Colours:
    """Resolves names once per theme."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, str], Style] = {}
        self._colours: dict[str, Color] = {}

    def clear(self) -> None:
        """Forget all, after a change of theme."""
        self._styles.clear()
        self._colours.clear()

    def style(self, widget: Widget, front: str, back: str = "") -> Style:
        """The style of two names on a widget's own ground."""
        style = self._styles.get((front, back))
        if style is None:
            ground = widget.background_colors[1]
            if front == "$chart-ground" and widget.app.native_ansi_color:  # the terminal's own ground has no name
                return Style(color=self._colour(widget, back, ground).rich_color, reverse=True)
            style = Style(
                color=self._colour(widget, front or "$foreground", ground).rich_color,
                bgcolor=(self._colour(widget, back, ground) if back else ground).rich_color,
            )
            self._styles[(front, back)] = style
        return style

    def _colour(self, widget: Widget, name: str, ground: Color) -> Color:
        colour = self._colours.get(name)
        if colour is None:
            colour = self._colours[name] = self._resolve(widget, name, ground)
        return colour

    def _resolve(self, widget: Widget, name: str, ground: Color) -> Color:
        ansi = widget.app.native_ansi_color
        if name == "$chart-ground":
            return ground
        if name.endswith("~"):
            if ansi:
                return Color.parse("ansi_bright_black")
            return ground.blend(self._resolve(widget, name[:-1], ground), 0.28)
        if name == "$chart-grid":
            if ansi:
                return Color.parse("ansi_bright_black")
            return ground.blend(self._resolve(widget, "$foreground", ground), 0.22)
        if name in _OWN:
            return Color.parse(_OWN[name][ansi] if ansi or widget.app.current_theme.dark else _OWN_LIGHT[name])
        variables = widget.app.theme_variables
        text = variables.get(name[1:], "") if name.startswith("$") else name
        try:
            colour = Color.parse(text)
        except ColorParseError:  # "auto 60%" and the like: a share of the foreground
            foreground = Color.parse(variables.get("foreground", "#e0e0e0"))
            return Color.parse("ansi_bright_black") if ansi else ground.blend(foreground.with_alpha(1.0), 0.6)
        return colour if colour.a == 1 or ansi else ground.blend(colour.with_alpha(1.0), colour.a)
