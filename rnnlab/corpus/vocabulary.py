"""The symbols of a corpus and their numbers: text to ids and back.

Knows no files. Two kinds: ``bytes`` (each byte value that occurs is a symbol) and ``chars``
(each Unicode code point that occurs is one). Both are exact for any bytes whatsoever: where
UTF-8 is broken, ``chars`` takes each offending byte as a symbol of its own (the lone surrogate
U+DC80 to U+DCFF of PEP 383), so ``decode_bytes(encode(text)) == text`` always holds.

V vocabulary size. Ids are 0 to V-1 in the order of the code points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rnnlab.display import safe
from rnnlab.errors import VocabularyError

Ids = npt.NDArray[np.unsignedinteger[Any]]
CODE_POINTS = 0x110000
_BLOCK = 1 << 16  # characters; small pieces are ASCII more often, and stay in the processor's cache
_PICTURES = {" ": "␠", "\n": "␊", "\t": "␉", "\r": "␍"}


class Vocabulary:
    """A sorted set of symbols, numbered.

    Args:
        kind: ``bytes`` or ``chars``.
        symbols: byte values or code points; lone surrogates U+DC80 to U+DCFF stand for broken bytes.

    Raises:
        VocabularyError: where the symbols are none, not distinct or out of range.
    """

    def __init__(self, kind: Literal["bytes", "chars"], symbols: Iterable[int]) -> None:
        self.kind = kind
        self.symbols = tuple(sorted(symbols))
        limit = 256 if kind == "bytes" else CODE_POINTS
        sound = self.symbols and self.symbols[0] >= 0 and self.symbols[-1] < limit
        if kind not in ("bytes", "chars") or not sound or len(set(self.symbols)) != len(self.symbols):
            raise VocabularyError("vocabulary", "its symbols are none, repeated or out of range")
        self.dtype: np.dtype[np.unsignedinteger[Any]] = _dtype_for(len(self.symbols))
        self._codes = np.array(self.symbols, dtype=np.uint32)  # (V,)
        # Of a byte, or of an ASCII character, to its id. 255 marks what is no symbol: ASCII ids are below 128,
        # and where all 256 bytes are symbols nothing needs a mark.
        narrow = 256 if kind == "bytes" else 128
        self._table = bytes(_numbers(self.symbols, narrow, 255).astype(np.uint8)).ljust(256, b"\xff")
        self._wide: npt.NDArray[np.uint32] | None = None

    @property
    def size(self) -> int:
        """Number of symbols, V."""
        return len(self.symbols)

    def __len__(self) -> int:
        return len(self.symbols)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and (self.kind, self.symbols) == (other.kind, other.symbols)

    def __hash__(self) -> int:
        return hash((self.kind, self.symbols))

    def __repr__(self) -> str:
        return f"Vocabulary({self.kind}, {self.size} symbols)"

    def encode(self, text: bytes | bytearray | str) -> Ids:
        """Ids (length,) of the text, in the smallest unsigned type that holds V; the array may be written to.

        A str is taken as the bytes of its UTF-8 form (``bytes``) or as its code points (``chars``).

        Raises:
            VocabularyError: for the first symbol that the vocabulary does not have, with its place.
        """
        if self.kind == "bytes":
            raw = _to_bytes(text) if isinstance(text, str) else text
            numbers = raw.translate(self._table)
            ids = np.frombuffer(numbers if isinstance(numbers, bytearray) else bytearray(numbers), np.uint8)
            self._refuse_unseen(ids, raw)
            return ids
        characters = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
        ids = np.empty(len(characters), self.dtype)
        for start in range(0, len(characters), _BLOCK):
            ids[start : start + _BLOCK] = self._encode_characters(characters[start : start + _BLOCK], start)
        return ids

    def decode(self, ids: npt.ArrayLike) -> str:
        """The ids (any shape) as text; bytes that are no UTF-8 show as U+FFFD."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def decode_bytes(self, ids: npt.ArrayLike) -> bytes:
        """The ids (any shape) as the exact bytes of the corpus they stand for."""
        codes = self._codes[np.asarray(ids).astype(np.int64, copy=False).ravel()]
        if self.kind == "bytes":
            return codes.astype(np.uint8).tobytes()
        return _to_bytes(codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass"))

    def label(self, symbol: int) -> str:
        """A short visible name of symbol number ``symbol``: ``a``, ``␊``, ``0xC3`` or ``U+FEFF``."""
        code = self.symbols[symbol]
        if code >= 0x80 and self.kind == "bytes":
            return f"0x{code:02X}"
        if 0xDC80 <= code <= 0xDCFF:
            return f"0x{code - 0xDC00:02X}"
        shown = _PICTURES.get(chr(code)) or safe(chr(code), multiline=False)
        return f"U+{code:04X}" if shown == "\ufffd" or (code > 0x7F and chr(code).isspace()) else shown

    def to_json(self) -> dict[str, Any]:
        """The vocabulary as plain JSON values."""
        return {"kind": self.kind, "symbols": list(self.symbols)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Vocabulary:
        """The inverse of :meth:`to_json`.

        Raises:
            VocabularyError: where the values are no vocabulary.
        """
        kind, symbols = values.get("kind"), values.get("symbols")
        listed = isinstance(symbols, list) and all(type(symbol) is int for symbol in symbols)
        if kind not in ("bytes", "chars") or not listed:
            raise VocabularyError("vocabulary", "the stored vocabulary is damaged")
        return cls(kind, symbols or ())

    def _encode_characters(self, characters: str, offset: int) -> Ids:
        """Ids of a block of text that begins at character ``offset`` of the whole."""
        if characters.isascii():
            plain = characters.encode("ascii")
            ids: Ids = np.frombuffer(plain.translate(self._table), np.uint8)
            self._refuse_unseen(ids, characters, offset)
            return ids
        if self._wide is None:
            self._wide = _numbers(self.symbols, CODE_POINTS, self.size)
        codes = np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
        numbers = self._wide.take(codes)
        if numbers.size and int(numbers.max()) == self.size:
            self._unseen(characters, int((numbers == self.size).argmax()), offset)
        return numbers.astype(self.dtype)

    def _refuse_unseen(self, ids: Ids, text: bytes | bytearray | str, offset: int = 0) -> None:
        if (self.size < 256 or self.kind == "chars") and ids.size and int(ids.max()) == 255:
            self._unseen(text, int((ids == 255).argmax()), offset)

    def _unseen(self, text: bytes | bytearray | str, place: int, offset: int = 0) -> None:
        code = ord(text[place]) if isinstance(text, str) else text[place]
        shown = f"byte 0x{code:02X}"
        if code < 0x80 or self.kind == "chars":
            shown = f"{safe(chr(code), multiline=False)!r} (U+{code:04X})"
        raise VocabularyError(
            f"character {offset + place + 1:,} of the text",
            f"{shown} does not occur in the corpus of {self.size} symbols",
            "Leave it out, or train on a corpus that has it.",
        )


def _to_bytes(text: str) -> bytes:
    """UTF-8, where broken bytes come back as they were and other lone surrogates as three bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return b"".join(
            part.encode("utf-8", "surrogateescape" if "\udc80" <= part <= "\udcff" else "surrogatepass")
            for part in text
        )


def _dtype_for(size: int) -> np.dtype[np.unsignedinteger[Any]]:
    return np.dtype(np.uint8 if size <= 256 else np.uint16 if size <= 65536 else np.uint32)


def _numbers(symbols: tuple[int, ...], length: int, unseen: int) -> npt.NDArray[np.uint32]:
    """Table (length,) from code to id, with ``unseen`` where there is none."""
    table = np.full(length, unseen, np.uint32)
    codes = [code for code in symbols if code < length]
    table[codes] = np.arange(len(codes), dtype=np.uint32)
    return table
