"""A line of the form: Tab takes the completion that is offered, also before it could be drawn. Knows no setting."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class FieldInput(Input):
    """An input whose suggester is asked again when a key wants its answer: a fast typist does not wait for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "take the completion, or the next field", show=False, id="new.complete"),
        Binding("right", "complete_or_move", "take the completion, or move on", show=False, id="new.right"),
    ]

    async def action_complete(self) -> None:
        """Take the completion; without one go to the next field."""
        if not await self._take():
            self.screen.focus_next()

    async def action_complete_or_move(self) -> None:
        """Take the completion; without one move the cursor."""
        if not await self._take():
            self.action_cursor_right()

    async def _take(self) -> bool:
        if self.suggester is None or not self.value or not self.cursor_at_end:
            return False
        offered = await self.suggester.get_suggestion(self.value)
        if offered is None or len(offered) <= len(self.value):
            return False
        self.value = offered
        self.cursor_position = len(offered)
        return True
