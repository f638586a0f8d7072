"""The words that C keeps for itself (C11 6.4.1), and those that gcc does."""

from __future__ import annotations

from typing import Final

TYPE_WORDS: Final = frozenset(
    b"void char short int long float double signed unsigned _Bool bool struct union enum const volatile static register"
    b" auto extern typedef inline restrict _Complex __int128 __signed__ typeof __typeof__ _Thread_local".split()
)
QUALIFIERS: Final = frozenset(b"const volatile static register auto extern typedef inline restrict".split())
_STATEMENT_WORDS: Final = frozenset(
    b"if else for while do switch case default break continue return goto sizeof asm __asm__ __asm offsetof"
    b" __builtin_offsetof _Generic _Alignof __alignof__".split()
)
KEYWORDS: Final = TYPE_WORDS | _STATEMENT_WORDS
TYPEOF: Final = (b"typeof", b"__typeof__", b"__typeof", b"__auto_type")
TAGGED: Final = (b"struct", b"union", b"enum")
