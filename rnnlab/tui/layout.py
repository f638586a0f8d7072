"""How a person likes the run screen: which metric over which axis, which panel, how large. Kept between visits."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from rnnlab.tui.metrics import AXES, Axis, Look
from rnnlab.tui.widgets.chart.view import SMOOTHING, View
from rnnlab.tui.widgets.run.arrangement import PANELS, WIDEST

_ALLOWED: dict[str, tuple[object, ...]] = {
    "axis": AXES,
    "smoothing": SMOOTHING,
    "panel": PANELS,
    "wider": tuple(range(-WIDEST, WIDEST + 1)),
}


@dataclass(frozen=True, slots=True)
class RunLayout:
    """Everything by the names under which it is kept; ``wider``: steps by which the chart is wider than usual."""

    metric: str = "loss"
    axis: Axis = "step"
    nats: bool = False
    log_x: bool = False
    log_y: bool = False
    whole_y: bool = False
    smoothing: float = 0.9
    panel: str = "sample"
    wider: int = 0

    @classmethod
    def of(cls, values: dict[str, Any]) -> RunLayout:
        """What was kept; the usual where it is missing, of another type or unknown by now."""
        usual = cls()
        good = {
            field.name: values[field.name]
            for field in fields(cls)
            if type(values.get(field.name)) is type(getattr(usual, field.name))
            and values[field.name] in _ALLOWED.get(field.name, (values[field.name],))
        }
        return cls(**good)

    @property
    def look(self) -> Look:
        """The axis and the unit."""
        return Look(self.axis, self.nats)

    @property
    def view(self) -> View:
        """The whole of the curve, with these scales."""
        return View(log_x=self.log_x, log_y=self.log_y, whole_y=self.whole_y, smoothing=self.smoothing)
