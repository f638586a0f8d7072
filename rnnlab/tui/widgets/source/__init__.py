"""Source text as it was generated: highlighted, with findings underlined in place, and harmless.

text.py       characters to cells: tabs, wide characters, very long lines
highlight.py  which characters are keywords, strings, comments
document.py   text + findings = a style number for every character
view.py       the widget: scrolls, jumps from finding to finding
"""

from rnnlab.tui.widgets.source.document import Document
from rnnlab.tui.widgets.source.view import SourceView

__all__ = ["Document", "SourceView"]
