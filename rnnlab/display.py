"""Text that a model or a corpus wrote, made safe to show.

Generated text is hostile: it can hold escape sequences, C0 and C1 controls, NULs, markup,
bidirectional overrides and lone surrogates. :func:`safe` is the one door through which such
text reaches a terminal, a log line or an error message. Files keep the exact bytes.
"""

from __future__ import annotations

import unicodedata

_TABLE: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}  # U+2400: pictures of control characters
_TABLE[0x7F] = "\u2421"
_TABLE |= dict.fromkeys(range(0x80, 0xA0), "\ufffd")  # C1: some terminals obey these single bytes
_LAYOUT = {ord("\n"), ord("\t")}
# Cf: bidi overrides and zero-width; Cs: lone surrogates; Co: fonts decide; Zl, Zp: line breaks to some terminals
_HIDDEN = {"Cf", "Cs", "Co", "Zl", "Zp"}


class _Safe(dict[int, str]):
    """A translation table that decides about each code point once, when it is first seen."""

    def __missing__(self, code: int) -> str:
        picture = "\ufffd" if code > 0x7F and unicodedata.category(chr(code)) in _HIDDEN else chr(code)
        self[code] = picture
        return picture


_MULTILINE = _Safe({code: picture for code, picture in _TABLE.items() if code not in _LAYOUT})
_LINE = _Safe(_TABLE)


def safe(text: str | bytes, *, multiline: bool = True) -> str:
    """The text with every character that a terminal might obey shown as a picture, one for one.

    The result has as many characters as the text, so columns of findings stay true. Line breaks
    and tabs stay where ``multiline`` is set. Bytes are read as UTF-8, broken ones as U+FFFD.
    Markup (Rich, Textual) is the caller's: pass the result as plain text, never as markup.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return text.translate(_MULTILINE if multiline else _LINE)
