"""What stands where a type may, in a function that has no tree."""

from __future__ import annotations

from typing import Final

from rnnlab_c_syntax.keywords import TYPE_WORDS
from rnnlab_c_syntax.looks import is_type_name
from rnnlab_c_syntax.scopes import Names
from rnnlab_c_syntax.words import Words

_MOST_STARS: Final = 4
_BEHIND_TYPE: Final = frozenset((b"const", b"volatile"))


def is_type_like(words: Words, names: Names, i: int, before: bytes, after: bytes) -> bool:
    """Tell whether a word that nothing declares stands where a type may."""
    tokens = words.tokens
    if after in _BEHIND_TYPE:
        return True  # ``(u8 const *)text``
    if i + 1 < len(tokens) and words.is_word(i + 1):
        if words.breaks_before(i + 1) and ")" in words.text[words.end(i) : words.at[i + 1]]:
            return False  # ``if !name)`` lost a parenthesis
        return before != b"return" or not words.is_line_end(i)  # a statement without its semicolon
    if _is_parameter(words, i, before):
        return True
    if before in (b"(", b",") and after in (b",", b")") and is_type_name(words.name(i)):
        return not (tokens[i][:1].isupper() and names.is_slip(words.name(i)))
    if before == b"(" and after == b"[" and is_type_name(words.name(i)):
        return True  # ``(u8[4]){ 9 }``
    if before == b"(" and after == b"*" and words.at[i - 1] in words.slips:
        return is_type_name(words.name(i))  # a cast that is not closed: ``*(u16 *p``
    if after == b"*" and i > 1 and words.is_word(i - 1) and tokens[i - 2] == b"(":
        return True  # ``(z_const Bytef *)source``
    if before == b"(" and after == b")" and i > 1:
        previous, following = tokens[i - 2], tokens[i + 2 : i + 3]
        if previous == b"sizeof":
            return is_type_name(words.name(i))
        if following and (words.is_word(i + 2) or _is_cast(words, i + 2)):
            return previous not in (b"if", b"while", b"switch", b"for")
    if after == b"*" and before in (b"(", b",", b";", b"{", b"}"):
        following = [t for t in tokens[i + 1 : i + 5] if t != b"*"][:1]
        return following in ([b")"], [b","]) or (before in (b";", b"{", b"}") and following != [b"="])
    return False


def _is_parameter(words: Words, i: int, before: bytes) -> bool:
    """Tell whether a word stands behind a type, as among a macro's arguments: ``declare(void, int *first)``."""
    k = i - 1
    if k >= 0 and ")" in words.text[words.end(k) : words.at[i]]:
        return False  # ``= struct node *)p;``
    while before == b"*" and k > 0 and i - k < _MOST_STARS:
        k -= 1
        before = words.tokens[k]
    return before in TYPE_WORDS or (k >= 0 and words.is_word(k) and is_type_name(words.name(k)))


def _is_cast(words: Words, i: int) -> bool:
    """Tell whether what begins at ``i``, behind a word in parentheses, may be cast: ``(name)0``, ``(name)-1``."""
    tokens = words.tokens
    if tokens[i] in (b"(", b"&") or tokens[i][:1].isdigit():
        return True
    next_to = words.at[i] == words.end(i - 1) and tokens[i + 1 : i + 2] != [] and words.at[i + 1] == words.end(i)
    return tokens[i] == b"-" and next_to and tokens[i + 1][:1].isdigit()
