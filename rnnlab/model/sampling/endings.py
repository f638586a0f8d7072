"""Where a text ends: at its length, after a stop text, or with a whole function.

Works on symbols as they come, in pieces of any size; knows neither engines nor terminals.
Symbols are looked at as one character each: a byte as the Latin-1 character of its value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import VocabularyError
from rnnlab.model.sampling.functions import FunctionEnd
from rnnlab.model.sampling.settings import SamplingSettings


class Ending:
    """Watches one stream.

    Args:
        settings: its length, stop text and whole_functions.
        vocabulary: of the ids.
        prompt: ids that were read before; a function may have begun there.

    Raises:
        VocabularyError: where the stop text has a symbol that no text can have.
    """

    def __init__(self, settings: SamplingSettings, vocabulary: Vocabulary, prompt: ArrayLike = ()) -> None:
        self._characters = characters_of(vocabulary)
        self._length, self._utf8 = settings.length, vocabulary.kind == "bytes"
        self._stop = self._characters(_encoded(settings.stop, vocabulary)) if settings.stop else ""
        self._function = FunctionEnd() if settings.whole_functions else None
        if self._function is not None:
            self._function.begin(self._characters(prompt))
        self._made = 0
        self._recent = ""
        self.cut_off = False
        """Whether the text has ended at its length, before the stop text or the function that was to end it."""

    def cut(self, ids: ArrayLike) -> int | None:
        """How many of these next symbols belong to the text, where it ends among them; None while it goes on."""
        text = self._characters(ids)
        full = self._at_length(text)
        ends = [end for end in (self._at_stop(text), self._at_function(text)) if end is not None]
        self._made += len(text)
        self._recent = (self._recent + text)[-max(3, len(self._stop) - 1) :]
        if full is not None and all(full < end for end in ends):
            self.cut_off = bool(self._stop) or self._function is not None
            return full
        return min(ends, default=None)

    def remaining(self) -> int | None:
        """Symbols still wanted, at least 1 while the text goes on; None where it has no set length."""
        return max(1, self._length - self._made) if self._length else None

    def _at_length(self, text: str) -> int | None:
        if not self._length or self._made + len(text) < self._length:
            return None
        end = max(0, self._length - self._made)
        if not self._utf8:
            return end
        # A UTF-8 sequence that has begun is finished, as long as its continuation comes.
        before = self._recent + text
        while (place := len(self._recent) + end) <= len(before) and _unfinished(before[max(0, place - 3) : place]):
            if place == len(before):
                return None
            if not "\x80" <= before[place] <= "\xbf":
                break
            end += 1
        return end

    def _at_stop(self, text: str) -> int | None:
        if not self._stop:
            return None
        before = self._recent[len(self._recent) - min(len(self._recent), len(self._stop) - 1, self._made) :]
        place = (before + text).find(self._stop)
        return None if place < 0 else place + len(self._stop) - len(before)

    def _at_function(self, text: str) -> int | None:
        return None if self._function is None else self._function.feed(text)


def _encoded(stop: str, vocabulary: Vocabulary) -> ArrayLike:
    try:
        return vocabulary.encode(stop)
    except VocabularyError as error:
        raise VocabularyError("stop text", f"it can never come: {error.reason}", "Name another.") from None


def _unfinished(tail: str) -> bool:
    """Whether a UTF-8 sequence begins in the last three bytes and is not complete."""
    for back, character in enumerate(reversed(tail), start=1):
        if character < "\x80":
            return False
        if character >= "\xc2":
            return back < (2 if character < "\xe0" else 3 if character < "\xf0" else 4 if character < "\xf5" else 1)
    return False


def characters_of(vocabulary: Vocabulary) -> Callable[[ArrayLike], str]:
    """A function from ids to one character per symbol."""
    codes = np.array(vocabulary.symbols, dtype="<u4")

    def characters(ids: ArrayLike) -> str:
        return codes[np.asarray(ids, dtype=np.int64)].tobytes().decode("utf-32-le", "surrogatepass")

    return characters
