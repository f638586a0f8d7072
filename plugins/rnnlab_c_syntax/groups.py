"""Groups of preprocessor lines by their first words alone: how they nest and whether they are whole."""

from __future__ import annotations

OPENING = frozenset((b"if", b"ifdef", b"ifndef"))
FURTHER = frozenset((b"elif", b"elifdef", b"elifndef"))


def longest_chain(words: list[bytes]) -> int:
    """Give how many ``#elif`` lines the group has that has most."""
    counts = [0]
    most = 0
    for word in words:
        if word in OPENING:
            counts.append(0)
        elif word in FURTHER:
            counts[-1] += 1
            most = max(most, counts[-1])
        elif word == b"endif" and len(counts) > 1:
            counts.pop()
    return most


def nests(words: list[bytes]) -> bool:
    """Tell whether a group stands within the ``#else`` or ``#elif`` of another."""
    others: list[bool] = []  # of each group around whether its #else or #elif has begun
    begun = 0
    for word in words:
        if word in OPENING:
            if begun:
                return True
            others.append(False)
        elif (word == b"else" or word in FURTHER) and others:
            begun += not others[-1]
            others[-1] = True
        elif word == b"endif" and others:
            begun -= others.pop()
    return False


def nests_choices(words: list[bytes]) -> bool:
    """Tell whether a group within another has an ``#else`` or ``#elif``."""
    depth = 0
    for word in words:
        if word in OPENING:
            depth += 1
        elif word == b"endif":
            depth -= 1
        elif depth > 1 and (word == b"else" or word in FURTHER):
            return True
    return False


def paired(words: list[bytes]) -> bool:
    """Tell whether every ``#if`` has its ``#endif``, and nothing else stands outside a group."""
    depth = 0
    for word in words:
        if word in OPENING:
            depth += 1
        elif word in FURTHER or word in (b"else", b"endif"):
            if depth == 0:
                return False
            depth -= word == b"endif"
    return depth == 0


def settled_by_error(words: list[bytes]) -> frozenset[int]:
    """List the lines of groups with an ``#error`` for an ``#else``: the last holds if none before it does."""
    found: set[int] = set()
    last: list[int] = []  # of each group around the last line that asks for something
    for index, word in enumerate(words):
        if word in OPENING:
            last.append(index)
        elif word in FURTHER and last:
            last[-1] = index
        elif word == b"else" and last and words[index + 1 : index + 2] == [b"error"]:
            found.add(last[-1])
        elif word == b"endif" and last:
            last.pop()
    return frozenset(found)


class Dead:
    """Counts the branches around a line that are written so that nobody reads them: those of ``#if 0``."""

    def __init__(self) -> None:
        self.branches = 0
        self._stack: list[tuple[bool, bool]] = []  # whether a branch is dead, and whether its #else is

    def take(self, word: bytes, rest: bytes) -> None:
        """Take a line that is no definition."""
        if word in OPENING:
            self._enter(is_dead=word == b"if" and rest == b"0", ends_dead=word == b"if" and rest == b"1")
        elif self._stack and (word in (b"else", b"endif") or word in FURTHER):
            is_dead, ends_dead = self._stack.pop()
            self.branches -= is_dead
            if word != b"endif":
                self._enter(is_dead=ends_dead, ends_dead=ends_dead)

    def _enter(self, *, is_dead: bool, ends_dead: bool) -> None:
        self._stack.append((is_dead, ends_dead))
        self.branches += is_dead
