"""Text of a model made harmless: whatever it holds, a terminal shows it and obeys none of it."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlab.display import safe

# What terminals obey: CSI, OSC (title, clipboard), DCS, APC, C1 forms, shifts, resets, and what moves the cursor.
ATTACKS = [
    *(
        "\x1b[2J",
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "\x1b]52;c;aGk=\x1b\\",
        "\x1bPq#0\x1b\\",
        "\x1b_Gi=1\x1b\\",
        "\x1bc",
    ),
    *("\x9b31m", "\x9d0;t\x9c", "\x90q\x9c", "\x0e", "\x0f", "\x07", "\x08\x08", "\r over", "\x7f", "\x00", "\x05"),
    *("\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041"),
    *("\ud800", "\ue000", "[/b]", "\u00ad"),
]
hostile = st.lists(
    st.one_of(st.sampled_from(ATTACKS), st.text(max_size=5), st.text(alphabet="ab[]0;m\\", max_size=5)), max_size=20
).map("".join)


class Obedient:
    """A screen that notes what its terminal tells it to do besides drawing a character, a tab or a line break."""

    def __init__(self) -> None:
        self.obeyed: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def note(*_: object, **__: object) -> None:
            if name not in ("draw", "tab", "linefeed"):
                self.obeyed.append(name)

        return note


def obeyed(text: str) -> list[str]:
    screen = Obedient()
    pyte.Stream(screen).feed(text)  # type: ignore[arg-type]  # it takes any listener
    return screen.obeyed


def test_the_terminal_of_these_tests_does_obey_what_is_not_made_safe() -> None:
    assert "erase_in_display" in obeyed("\x1b[2J")
    assert "select_graphic_rendition" in obeyed("\x9b31m")
    assert "set_title" in obeyed("\x1b]0;title\x07")
    assert "carriage_return" in obeyed("a\rb")


@given(hostile)
@example("".join(ATTACKS))
@settings(max_examples=300, deadline=None)
def test_a_terminal_obeys_nothing_in_safe_text(text: str) -> None:
    assert obeyed(safe(text)) == []
    assert obeyed(safe(text, multiline=False)) == []


@given(hostile)
@example("".join(ATTACKS))
@settings(max_examples=300, deadline=None)
def test_no_control_survives_and_every_character_keeps_its_place(text: str) -> None:
    shown = safe(text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        if before in "\n\t":
            assert after == before
            continue
        assert unicodedata.category(after) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        if unicodedata.category(before) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            assert after == before
    line = safe(text, multiline=False)
    assert len(line) == len(text)
    assert line.isprintable() or " " in line or any(unicodedata.category(c) in ("Zs", "Cn") for c in line)
    assert len(line.splitlines()) <= 1
    shown.encode("utf-8")  # no lone surrogate is left to break a stream
    assert safe(shown) == shown


def test_every_single_character_is_harmless() -> None:
    for start in range(0, 0x110000, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        shown = safe(text, multiline=False)
        assert len(shown) == len(text)
        assert not any(unicodedata.category(after) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for after in shown)


def test_controls_become_their_pictures() -> None:
    assert safe("a\x1b[31m\x00\x7f") == "a␛[31m␀␡"
    assert safe("a\tb\nc\rd") == "a\tb\nc␍d"
    assert safe("a\tb\nc", multiline=False) == "a␉b␊c"


def test_bytes_are_read_as_utf_8_and_broken_ones_shown() -> None:
    assert safe(b"caf\xc3\xa9 \xff\x9b2J") == "café \ufffd\ufffd2J"


@pytest.mark.parametrize("text", ["e\u0301", "日本", "👩\u200d🚀", "ａ", "\u0e33"])
def test_wide_and_combining_characters_keep_their_count_of_characters(text: str) -> None:
    """Their width in cells is the viewer's business; none is lost or joined (the joiner is shown)."""
    assert len(safe(text)) == len(text)
    assert "\u200d" not in safe(text)


def test_a_megabyte_is_made_safe_in_a_moment() -> None:
    text = ("static int \x1b[31mfoo(struct bar *b)\n{\n\treturn b->é;\n}\n" * 30_000)[: 1 << 20]
    safe(text)
    begun = time.process_time()
    safe(text)
    assert time.process_time() - begun < 0.1
