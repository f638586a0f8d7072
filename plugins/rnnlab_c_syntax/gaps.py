"""Where a reader would look for a brace that is missing: where the indentation says that a block ends or begins."""

from __future__ import annotations

from rnnlab_c_syntax.places import Lines

#: For so many mistakes their probable places are looked for; further ones stay where they are.
_MOST_SEARCHES = 1000
_MOST_LINES = 2000


class Gaps:
    """Looks for the places of missing braces in one text."""

    def __init__(self, code: bytes, lines: Lines) -> None:
        self.code = code
        self.lines = lines
        self._searches = 0

    def opens_block(self, position: int) -> bool:
        """Tell whether a ``{`` stands where one is expected, so that its ``}`` is what is missing."""
        code = self.code
        if code[position + 1 : position + 80].lstrip(b" \t")[:1] not in (b"\n", b"\r", b""):
            return False
        before = code[max(0, position - 200) : position].rstrip()
        return (
            before[-1:] in (b")", b"=", b",", b"{", b":", b"")
            or before.endswith((b"else", b"do"))
            or (not self.lines.is_first(position) and before[-1:].isalnum())
        )

    def block_end(self, position: int) -> int:
        """Give where a block's indentation ends: there its ``}`` would stand."""
        lines = self.lines
        if self._is_enough():
            return position
        line = lines.line(position)
        indent = lines.indent(line)
        last = line
        for number in range(line + 1, min(len(lines.starts), line + _MOST_LINES)):
            if lines.is_blank(number):
                continue
            if lines.indent(number) <= indent and not lines.text(number).startswith(b"#"):
                if lines.text(number).lstrip().startswith((b"else", b"while")) or last + 1 == number:
                    return lines.starts[number] + min(indent, len(lines.text(number)))
                break
            last = number
        if last + 1 < len(lines.starts):
            return lines.starts[last + 1]
        return lines.starts[last] + len(lines.text(last))

    def header_of(self, position: int, indent: int) -> int:
        """Give the end of the line that a block without ``{`` belongs to."""
        lines = self.lines
        if self._is_enough():
            return position
        line = lines.line(position)
        for number in range(line - 1, max(-1, line - _MOST_LINES), -1):
            text = lines.text(number)
            if not text.strip() or lines.indent(number) > indent:
                continue
            if lines.indent(number) == indent:
                if number + 1 < line and lines.is_blank(number + 1):
                    return lines.starts[number + 1]
                return lines.starts[number] + len(text.rstrip())
            break
        return position

    def _is_enough(self) -> bool:
        self._searches += 1
        return self._searches > _MOST_SEARCHES
