"""One pass over the characters: comments, strings, character constants and directives.

The pass gives back a text of the same length in which comments and the insides of strings are
blanks and directives are gone, so that every later step can look at brackets and words
without asking what they stand in. It knows nothing of grammar.

Every character outside ASCII becomes one ASCII character (a letter becomes ``z``, anything
else ``?``), so that offsets in the bytes are offsets in the text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from rnnlab_c_syntax.patterns import none_of, sign

#: Everything but line ends becomes a blank: what is taken out keeps the lines where they are.
BLANK = bytes(c if c in b"\n\r" else 0x20 for c in range(256))

#: What may begin something of interest becomes one character: one is found faster than any of several.
_MARK = b"#"
_MARKED = bytes(_MARK[0] if c in b"/\"'#" else c for c in range(256))
# Possessive quantifiers: a megabyte of any of these must not be gone over twice.
_IN_STRING, _IN_CHAR, _IN_LINE = none_of(b'"\\\n') + b"*+", none_of(b"'\\\n") + b"*+", none_of(b"\\\n") + b"*+"
_STRING = re.compile(b'"' + _IN_STRING + rb"(?:\\." + _IN_STRING + b')*+(")?', re.DOTALL)
_CHAR = re.compile(b"'" + _IN_CHAR + rb"(?:\\." + _IN_CHAR + b")*+(')?", re.DOTALL)
_LINE_COMMENT = re.compile(b"//" + _IN_LINE + rb"(?:\\." + _IN_LINE + b")*+", re.DOTALL)
_DIRECTIVE_START = rb"[ \t\f\v]*\#(?:" + none_of(b"\n\\/\"'") + rb"++|\\\r?\n|\\.|"
_DIRECTIVE_END = rb"""//(?:[^\\\n]|\\\r?\n|\\.)*+|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|["']|/(?!\*))*+"""
_DIRECTIVE = re.compile(_DIRECTIVE_START + rb"/\*(?:[^*]++|\*(?!/))*+\*/|" + _DIRECTIVE_END, re.DOTALL)
#: Where no comment ends any more: or each that begins would be looked through to the end of the text.
_LATE_DIRECTIVE = re.compile(_DIRECTIVE_START + _DIRECTIVE_END, re.DOTALL)
#: A text that begins inside a ``#define``: lines that end in a backslash, and the one after them.
_CUT_MACRO = re.compile(rb"(?:[^\n#]*\\\r?\n)++[^\n]*")
#: A ``#define`` or an ``#include`` up to a quote that has no partner.
_LONE_QUOTE = re.compile(
    rb"""[ \t\f\v]*+\#[ \t]*+(?:define|include)\b(?:[^\\"'/]++|\\.|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'"""
    rb"""|/\*(?:[^*]++|\*(?!/))*+\*/|/(?![/*]))*+\"(?!(?:[^"\\\n]|\\.)*+")""",
    re.DOTALL,
)
_LONGEST_COMMENT = 8000
#: The rest of a comment that was cut at both ends.
_STARRED = re.compile(rb"[^\n]*\n(?:[ \t]*\*(?:[ \t][^\n]*)?(?:\n|\Z))++[ \t]*\Z")
#: Code in the first column: a comment that hides it was not just cut off.
_FUNCTION = re.compile(rb"^(?:[{}]|[A-Za-z_][^\n]*(?:;|\)[ \t]*\{)[ \t\r]*$)", re.MULTILINE)
#: A line that began in code: all its literals end.
_WHOLE_LINE = re.compile(
    rb"""(?:[^"'/\\\n]++|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\[0-7xuU]?[0-9a-fA-F]*+|\\.){1,4}+'|//[^\n]*+"""
    rb"""|/\*(?:[^*\n]|\*(?!/))*+(?:\*/|(?=\n|\Z))|/|\\\r?(?=\n|\Z))*+(?=\n|\Z)"""
)
_CLOSERS_AT_END = re.compile(rb"[)\]};,][)\]};, \t\r]*$")
#: The name of the error handler below: an encoder finds what is not ASCII faster than a pattern does.
_PLAIN = "rnnlab-c-syntax"
_DIGRAPHS = (b"<:", b"[ "), (b":>", b" ]"), (b"<%", b"{ "), (b"%>", b" }")
_ANY_DIGRAPH, _OTHER_DIGRAPH = sign(b"<%", 1), sign(b"<:", 1)
_DIGIT_BEFORE = re.compile(rb"[0-9a-fA-F]")


@dataclass(slots=True)
class Broken:
    """Something that starts and never ends: a rule and the range that it covers."""

    rule: str
    start: int
    end: int
    #: A cut at the start or the end of the text explains it.
    edge: bool = False


@dataclass(slots=True)
class Lexed:
    """What the pass found. ``code`` is as long as the text it was made from."""

    code: bytes
    directives: list[tuple[int, int]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    comments: int = 0
    strings: int = 0
    #: The text began inside a comment that ends here (0: it did not).
    head_comment: int = 0


def to_bytes(text: str) -> bytes:
    """Give one byte for each character of ``text``."""
    if text.isascii():
        return text.encode("ascii")
    return text.encode("ascii", _PLAIN)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Give an ASCII character for each of those that cannot be encoded."""
    assert isinstance(error, UnicodeEncodeError)
    others = error.object[error.start : error.end]
    return "".join("z" if other.isidentifier() else "?" for other in others), error.end


codecs.register_error(_PLAIN, _plain)


def lex(raw: bytes, *, start_cut: bool = True, end_cut: bool = True) -> Lexed:
    """Blank out comments, the insides of literals and directives of ``raw``."""
    result = Lexed(raw)
    pieces: list[bytes] = []
    position = done = _cut_head(raw, result) if start_cut else 0
    pieces.append(raw[:done].translate(BLANK))
    marked = raw.translate(_MARKED)
    last_comment = raw.rfind(b"*/")
    while (start := marked.find(_MARK, position)) >= 0:
        first = raw[start]
        if first == 0x22:  # "
            end, kept = _literal(
                raw, start, _STRING, "unterminated-string", result, start_cut=start_cut, end_cut=end_cut
            )
            result.strings += 1
        elif first == 0x27:  # '
            if start and raw[start - 1 : start].isalnum() and _inside_number(raw, start):
                position = start + 1
                continue
            end, kept = _literal(raw, start, _CHAR, "unterminated-char", result, start_cut=start_cut, end_cut=end_cut)
        elif first == 0x23:  # '#'
            position = start + 1
            start = _blanks_before(raw, start, done)
            if start and raw[start - 1] != 0x0A:
                continue
            found = (_DIRECTIVE if start < last_comment else _LATE_DIRECTIVE).match(raw, start)
            end = found.end() if found else len(raw)
            result.directives.append((start, end))
            if raw.count(b'"', start, end) % 2 and (lone := _LONE_QUOTE.match(raw, start, end)):
                result.broken.append(Broken("unterminated-string", lone.end() - 1, end, end_cut and end == len(raw)))
            kept = raw[start:end].translate(BLANK)
        elif raw[start + 1 : start + 2] not in (b"*", b"/"):
            position = start + 1
            continue
        else:
            end = _comment(raw, start, result, end_cut=end_cut)
            kept = raw[start:end].translate(BLANK)
        pieces.append(raw[done:start])
        pieces.append(kept)
        position = done = end
    pieces.append(raw[done:])
    result.code = _without_digraphs(b"".join(pieces))
    return result


def _without_digraphs(code: bytes) -> bytes:
    """Write brackets for digraphs (C11 6.4.6)."""
    if _ANY_DIGRAPH.search(code) or _OTHER_DIGRAPH.search(code):
        for digraph, bracket in _DIGRAPHS:
            code = code.replace(digraph, bracket)
    return code


def _blanks_before(raw: bytes, position: int, first: int) -> int:
    """Give where the blanks that end at ``position`` begin, ``first`` at the earliest."""
    while position > first and raw[position - 1] in b" \t\f\v":
        position -= 1
    return position


def _literal(
    raw: bytes, start: int, pattern: re.Pattern[bytes], rule: str, result: Lexed, *, start_cut: bool, end_cut: bool
) -> tuple[int, bytes]:
    match = pattern.match(raw, start)
    assert match is not None  # the pattern takes a lone quote
    end = match.end()
    quote = raw[start : start + 1]
    if match[1]:
        return end, quote + raw[start + 1 : end - 1].translate(BLANK) + quote
    cut = end_cut and raw.find(b"\n", end) < 0
    line_end = raw.find(b"\n", start)
    edge = cut or (start_cut and raw.rfind(b"\n", 0, start) < 0)
    end = len(raw) if cut or line_end < 0 else line_end
    # The line's last closers are code again: what follows the literal was meant to.
    if not cut and (tail := _CLOSERS_AT_END.search(raw, max(start + 1, end - 200), end)):
        end = tail.start()
    end = max(end, start + 1)
    result.broken.append(Broken(rule, start, end, edge))
    if quote == b"'" or end - start < 2:
        value = b" " if raw[max(start - 1, 0) : start].isalnum() else b"0"  # ``don't`` is no word with a digit
        return end, value + raw[start + 1 : end].translate(BLANK)
    return end, quote + raw[start + 1 : end - 1].translate(BLANK) + quote


def _comment(raw: bytes, start: int, result: Lexed, *, end_cut: bool) -> int:
    result.comments += 1
    if raw[start + 1] == 0x2F:  # //
        match = _LINE_COMMENT.match(raw, start)
        return match.end() if match else len(raw)
    end = raw.find(b"*/", start + 2)
    if end >= 0:
        return end + 2
    # C11 6.4.9: nothing ends it, so it hides the rest of the text.
    edge = end_cut and not _FUNCTION.search(raw, start)
    result.broken.append(Broken("unterminated-comment", start, start + 2, edge))
    return len(raw)


def _inside_number(raw: bytes, quote: int) -> bool:
    """Tell whether a quote separates the digits of a number (C23)."""
    start = quote
    while start and quote - start < 40 and raw[start - 1 : start].isalnum():
        start -= 1
    return raw[start : start + 1].isdigit() and bool(_DIGIT_BEFORE.match(raw, quote + 1))


def _cut_head(raw: bytes, result: Lexed) -> int:
    """Give where code begins in a text that began inside a comment, a ``#define`` or a literal."""
    if (macro := _CUT_MACRO.match(raw)) and macro[0].rfind(b"/*") <= macro[0].rfind(b"*/"):
        return macro.end()  # else it is the frame around a comment: ``/*----*\``
    end = raw.find(b"*/", 0, _LONGEST_COMMENT)
    if end >= 0 and _is_comment(raw, end):
        result.head_comment = end + 2
        return end + 2
    if end < 0 and (comment := _STARRED.match(raw)):
        return comment.end()
    return _cut_literal(raw)


def _is_comment(raw: bytes, end: int) -> bool:
    """Tell whether everything before the ``*/`` at ``end`` is the rest of a comment."""
    if b"/*" in raw[: end + 2] or raw.count(b'"', raw.rfind(b"\n", 0, end) + 1, end) % 2:
        return False
    return not _FUNCTION.search(raw, raw.find(b"\n", 0, end) + 1 or end, end)


def _cut_literal(raw: bytes) -> int:
    """Give where a literal ends that the text began inside of: then the quotes of its first line tell so."""
    if not _WHOLE_LINE.match(raw) and not _DIRECTIVE.match(raw):
        for quote in (b'"', b"'"):
            end = raw.find(quote, 0, _LONGEST_COMMENT) + 1
            if end and raw.find(b"\n", 0, end) < 0 and _WHOLE_LINE.match(raw, end):
                return end
    return 0
