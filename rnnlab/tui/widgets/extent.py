"""How large the inside of a scrolling widget is, told to Textual without drawing the whole screen anew.

Assigning ``virtual_size`` lays out and sends everything, twenty kilobytes on a usual terminal. That
is needed only when a scroll bar comes or goes.
"""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


def set_extent(view: ScrollView, extent: Size) -> None:
    """Give a widget another inner size."""
    before, room = view.virtual_size, view.container_size.height
    if extent == before:
        return
    if view.is_mounted and before and (before.height > room) == (extent.height > room):
        view.set_reactive(Widget.virtual_size, extent)
        view._scroll_update(extent)  # the part of the assignment that moves the scroll bars
    else:
        view.virtual_size = extent
