"""Where the panels of the run screen stand, for every size of terminal. Pure: sizes in, regions out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.geometry import Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

PANELS = ("sample", "scores", "machine", "log", "setup")
LABELS = {"sample": "1 Preview", "scores": "2 Scores", "machine": "3 Machine", "log": "4 Log", "setup": "5 Setup"}


WIDEST = 3
"""Steps by which the chart may be made wider than usual, or narrower."""
_STEP = 0.06  # of the screen


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Regions by the panels' ids, and which panels share the place under the bar ``tabs``."""

    regions: dict[str, Region]
    shared: tuple[str, ...] = ()


def arrange(width: int, height: int, active: str, zoomed: str = "", wider: int = 0) -> Arrangement:
    """Small: chart over one panel. Medium: the preview beside them. Large: everything at once.

    ``wider`` gives the chart so many steps more of the screen: of its height where it is small, else of its width.
    """
    more = wider * _STEP
    if zoomed:
        return Arrangement({zoomed: Region(0, 0, width, height)})
    if height < 12:
        return Arrangement({"chart": Region(0, 0, width, height)})
    if width < 100 or height < 24:
        return _small(width, height, active, more)
    if width < 160 or height < 36:
        return _medium(width, height, active, more)
    return _large(width, height, active, more)


def _shared(regions: dict[str, Region], place: Region, panels: tuple[str, ...], active: str) -> Arrangement:
    chosen = active if active in panels else panels[0]
    regions["tabs"] = Region(place.x, place.y, place.width, 1)
    regions[chosen] = Region(place.x, place.y + 1, place.width, place.height - 1)
    return Arrangement(regions, panels)


def _small(width: int, height: int, active: str, more: float) -> Arrangement:
    top = max(9, min(round(height * (0.52 + more)), height - 8))
    regions = {"chart": Region(0, 0, width, top)}
    return _shared(regions, Region(0, top, width, height - top), PANELS, active)


def _medium(width: int, height: int, active: str, more: float) -> Arrangement:
    left, top = round(width * (0.56 + more)), round(height * 0.62)
    regions = {"chart": Region(0, 0, left, top), "sample": Region(left + 1, 0, width - left - 1, height)}
    return _shared(regions, Region(0, top, left, height - top), PANELS[1:], active)


def _large(width: int, height: int, active: str, more: float) -> Arrangement:
    left, right = round(width * (0.42 + more)), round(width * (0.29 - more / 2))
    top = round(height * 0.62)
    middle = width - left - right - 2
    x = left + middle + 2
    regions = {
        "chart": Region(0, 0, left, top),
        "second": Region(0, top, left, height - top),
        "sample": Region(left + 1, 0, middle, height),
        "scores": Region(x, 0, right, round(height * 0.32)),
        "machine": Region(x, round(height * 0.32), right, 9),
    }
    rest = round(height * 0.32) + 9
    return _shared(regions, Region(x, rest, right, height - rest), ("log", "setup"), active)


class Arranged(Layout):
    """A Textual layout that asks a function where each child stands; others get no place."""

    name = "arranged"

    def __init__(self, ask: Callable[[Size], Arrangement]) -> None:
        self._ask = ask

    def arrange(
        self,
        parent: Widget,  # noqa: ARG002  # the signature is Textual's
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002  # as above
    ) -> ArrangeResult:
        """Place the children by their ids."""
        regions = self._ask(size).regions
        nowhere = Region(0, 0, 0, 0)
        return [
            WidgetPlacement(regions.get(child.id or "", nowhere), nowhere.offset, Spacing(), child)
            for child in children
        ]
