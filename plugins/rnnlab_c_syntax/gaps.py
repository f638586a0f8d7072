"""Where a reader would look for a brace that is missing: where the indentation says that a block ends or begins."""

from __future__ import annotations

from rnnlab_c_syntax.places import Lines, closing

#: For so many mistakes their probable places are looked for; further ones stay where they are.
_MOST_SEARCHES = 1000
_MOST_LINES = 2000
_LONGEST_HEADER = 4000


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
        indent = lines.indent(position)
        last_end = end = lines.end(position)
        for _ in range(_MOST_LINES):
            start = end + 1
            if start > len(self.code):
                break
            end = lines.end(start)
            line = self.code[start:end]
            if not line.strip():
                continue
            if lines.indent(start) <= indent and not line.startswith(b"#"):
                if line.lstrip().startswith((b"else", b"while")) or last_end + 1 == start:
                    return start + len(line) - len(line.lstrip())
                break
            last_end = end
        return min(last_end + 1, len(self.code))

    def header_of(self, position: int, indent: int) -> int:
        """Give the end of the line that a block without ``{`` belongs to."""
        lines = self.lines
        if self._is_enough():
            return position
        start = lines.start(position)
        below_is_blank = False
        for _ in range(_MOST_LINES):
            if not start:
                break
            end = start - 1
            start = lines.start(end)
            line = self.code[start:end].rstrip()
            if line and lines.indent(start) <= indent:
                if lines.indent(start) < indent:
                    break
                header_end = self._parameters_end(start, start + len(line), position)
                if header_end is not None:
                    end = lines.end(header_end)
                    below_is_blank = not self.code[end + 1 : lines.end(end + 1)].strip()
                    return end + 1 if below_is_blank else header_end
                return end + 1 if below_is_blank else start + len(line)
            below_is_blank = not line
        return position

    def _parameters_end(self, start: int, end: int, limit: int) -> int | None:
        """Give where a header's parameters end that go on behind its first line; None if they do not."""
        opening = self.code.find(b"(", start, end)
        if opening < 0:
            return None
        close = closing(self.code, opening, min(_LONGEST_HEADER, limit - opening))
        return close + 1 if close >= end else None

    def _is_enough(self) -> bool:
        self._searches += 1
        return self._searches > _MOST_SEARCHES
