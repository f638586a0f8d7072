"""Where a C function ends: a reader of braces that knows strings, comments and directives.

It sees text as a model writes it, so nothing need balance or compile. A function's body is what
opens at depth zero after a closing parenthesis (C11 6.9.1; a structure or an initializer does
not), and it ends where its brace closes. Knows no symbols but characters.
"""

from __future__ import annotations

_CODE, _STRING, _CHARACTER, _LINE, _BLOCK, _DIRECTIVE = range(6)


class FunctionEnd:
    """Follows a text character by character."""

    def __init__(self) -> None:
        self._mode = _CODE
        self._depth = 0
        self._in_function = False
        self._significant = ""  # the last character of code that is no white space
        self._before = "\n"  # the character before; '' where it is used up
        self._line_is_blank = True
        self._resume = _CODE  # what a block comment returns to

    def begin(self, prompt: str) -> None:
        """Read what stands before the text; functions that end in there do not count."""
        while (end := self.feed(prompt)) is not None:
            prompt = prompt[end:]

    def feed(self, text: str) -> int | None:
        """How many characters belong to the text until its first function is whole; None while none is.

        After an end the reader stands right behind it: whatever follows must be fed again.
        """
        for index, character in enumerate(text):
            if self._take(character):
                return index + 1
        return None

    def _take(self, character: str) -> bool:
        before, self._before = self._before, character
        if self._mode == _CODE:
            return self._code(character, before)
        if self._mode == _BLOCK:
            if before == "*" and character == "/":
                self._mode, self._before = self._resume, ""
        elif self._mode in (_STRING, _CHARACTER):
            self._literal(character, before)
        elif character == "\n" and before not in ("\\", "\r\\"):
            self._mode, self._line_is_blank = _CODE, True
        elif self._mode == _DIRECTIVE and before == "/" and character == "*":
            self._mode, self._resume, self._before = _BLOCK, _DIRECTIVE, ""
        return False

    def _literal(self, character: str, before: str) -> None:
        if before == "\\":
            self._before = ""  # an escaped backslash escapes nothing
        elif character == "\n" or character == ('"' if self._mode == _STRING else "'"):
            self._mode = _CODE  # a literal never crosses a line

    def _code(self, character: str, before: str) -> bool:
        if before == "/" and character in "/*":
            self._mode = _LINE if character == "/" else _BLOCK
            self._resume, self._before = _CODE, ""
            self._significant = self._significant[:-1]
            return False
        if character.isspace():
            self._line_is_blank = self._line_is_blank or character == "\n"
            return False
        if character == "#" and self._line_is_blank:
            self._mode = _DIRECTIVE
            return False
        self._line_is_blank = False
        if character == '"':
            self._mode = _STRING
        elif character == "'":
            self._mode = _CHARACTER
        ended = self._brace(character) if character in "{}" else False
        self._significant = (self._significant + character)[-2:]
        return ended

    def _brace(self, character: str) -> bool:
        if character == "{":
            if self._depth == 0:
                self._in_function = self._significant[-1:] in (")", "")
            self._depth += 1
            return False
        if self._depth == 0:
            return False  # closes nothing
        self._depth -= 1
        return self._depth == 0 and self._in_function
