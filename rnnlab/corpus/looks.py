"""Whether bytes look like text, and if not, what they look like.

A judgement from a sample, made before any long work. Text with some NULs, controls, escape
sequences or broken UTF-8 is text; UTF-16, executables, pictures and archives are not.
"""

from __future__ import annotations

SAMPLE_BYTES = 1 << 16
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b") | {0x7F})
_MOST_CONTROLS = 0.05  # share of the bytes; random ones have 0.1
_FEW_CONTROLS = 8  # so many are allowed in the shortest text

_MAGIC = (
    (b"\x7fELF", "a program (ELF)"),
    (b"PK\x03\x04", "a zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"%PDF-", "a PDF document"),
    (b"\x00asm", "a program (WebAssembly)"),
    (b"\xca\xfe\xba\xbe", "a program (class or Mach-O file)"),
    (b"\xcf\xfa\xed\xfe", "a program (Mach-O)"),
    (b"MZ\x90\x00", "a program (Windows)"),
    (b"SQLite format 3\x00", "a database (SQLite)"),
    (b"!<arch>\n", "a library (ar archive)"),
)
_UNPACK = "Unpack it and give the files or their folder."
_TEXT_ONLY = "rnnlab wants text; leave this file out."


def not_text(sample: bytes) -> tuple[str, str] | None:
    """Why this beginning (or middle) of a file is no text and what to do; None where it looks like text."""
    other = other_format(sample)
    if other is not None:
        return other
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > _FEW_CONTROLS + _MOST_CONTROLS * len(sample):
        return f"it is binary: {controls / len(sample):.0%} of its bytes are control codes", _TEXT_ONLY
    return None


def other_format(sample: bytes) -> tuple[str, str] | None:
    """The same for what begins a file of a well-known format; None where it may be text with anything in it."""
    wide = _wide(sample)
    if wide:
        return f"it is {wide} text", f"Turn it into UTF-8 first: iconv -f {wide} -t UTF-8 FILE > NEW"
    for magic, name in _MAGIC:
        if sample.startswith(magic):
            return f"it is {name}, not text", _UNPACK if "archive" in name or "compressed" in name else _TEXT_ONLY
    return None


def _wide(sample: bytes) -> str:
    """UTF-16 or UTF-32, by the byte order mark or by where the NULs stand; empty where neither."""
    if sample.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    if len(sample) < 8:
        return ""
    lanes = [sample[lane::4].count(0) / len(sample[lane::4]) for lane in range(4)]
    if min(lanes[1:]) > 0.9 > 0.1 > lanes[0]:
        return "UTF-32LE"
    if min(lanes[:3]) > 0.9 > 0.1 > lanes[3]:
        return "UTF-32BE"
    even, odd = (lanes[0] + lanes[2]) / 2, (lanes[1] + lanes[3]) / 2
    if odd > 0.3 and even < 0.05:
        return "UTF-16LE"
    if even > 0.3 and odd < 0.05:
        return "UTF-16BE"
    return ""
