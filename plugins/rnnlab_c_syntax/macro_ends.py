"""How the call of a macro of the text may end: with a semicolon of its own, or only with one behind it."""

from __future__ import annotations

import re

from rnnlab_c_syntax.macros import Macros

#: The body of a macro that is nothing but a call.
_WHOLE_CALL = re.compile(rb"([A-Za-z_]\w*+)[ \t]*+\(.*\)\Z", re.DOTALL)
#: A macro with that in its body is more than a call.
_IS_STATEMENT = re.compile(rb"[;{]|\b(?:for|if|while|switch|else|return|goto|__attribute__)\b")
#: Through how many macros a statement's macro is followed.
_DEEPEST = 4


def brings_its_own(macros: Macros, name: bytes) -> bool:
    """Tell whether a macro of the text ends in a brace or a semicolon, or is another's call that does."""
    for _ in range(_DEEPEST):
        macro = macros.get(name.decode())
        if macro is None:
            break
        body = macro.body.strip()
        if body[-1:] in (b"}", b";"):
            return True
        inner = _WHOLE_CALL.match(body)
        if inner is None:
            break
        name = inner[1]
    return False


def wants_semicolon(macros: Macros, name: bytes) -> bool:
    """Tell whether a macro of the text is an expression, or a loop that needs its semicolon."""
    macro = macros.get(name.decode())
    if macro is None or macro.parameters is None or macro.other is not None:
        return False
    body = macro.body.strip()
    if not body.endswith(b")"):
        return False
    return body.startswith(b"do") or _IS_STATEMENT.search(body) is None
