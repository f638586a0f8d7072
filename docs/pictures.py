"""Draws the README's pictures: the real dashboard on a real run.

    python docs/pictures.py RUN [--runs-dir runs] [--keys "1 . 0"]

Writes run.svg and lab.svg beside this file. The SVG names fonts that have braille characters and
are found on most machines, instead of one that is fetched from elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from rnnlab.runs.layout import find_run, runs_dir
from rnnlab.tui.app import Dashboard

HERE = Path(__file__).parent
BUSY = ("judging …", "reading …", "Reading the events")
FONTS = "'DejaVu Sans Mono', 'JetBrains Mono', Menlo, 'Cascadia Mono', 'Noto Sans Mono', monospace"


def portable(svg: str) -> str:
    """The picture with fonts of the reader's machine, and none from the network."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # or some viewers swallow blanks
    svg = re.sub(r'(<text [^>]*?)x="([\d.]+)"([^>]*?) textLength="([\d.]+)"([^>]*)>([^<]+)</text>', placed, svg)
    return re.sub(r"font-family: [^;]+;", f"font-family: {FONTS};", svg)


def placed(text: re.Match[str]) -> str:
    """A text with braille sign by sign: not in every font are those as wide as letters, and the curve would drift."""
    signs = html.unescape(text[6])
    if not any(0x2800 <= ord(sign) < 0x2900 for sign in signs):
        return text[0]
    x, cell = float(text[2]), float(text[4]) / len(signs)
    return "".join(
        f'{text[1]}x="{x + place * cell:.1f}"{text[3]}{text[5]}>{html.escape(sign)}</text>'
        for place, sign in enumerate(signs)
        if not sign.isspace()
    )


async def settled(pilot: Pilot[None]) -> None:
    """Wait until everything is read and judged, and the machine's figures are those of a while."""
    await pilot.pause(5.0)
    while any(word in strip.text for strip in pilot.app.screen._compositor.render_strips() for word in BUSY):
        await pilot.pause(0.5)


async def draw(app: Dashboard, name: str, size: tuple[int, int], title: str, keys: list[str]) -> None:
    """Open the dashboard as a person would, and keep what is on the screen."""
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press(*keys)
        await settled(pilot)
        (HERE / name).write_text(portable(app.export_screenshot(title=title)))


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Draw the README's pictures.")
    parser.add_argument("run")
    parser.add_argument("--runs-dir", type=Path)
    parser.add_argument("--keys", default="", help="pressed on the run's screen, such as '1 .': the next preview")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as nobody:  # not the painter's own theme and layout
        os.environ |= {"XDG_STATE_HOME": nobody, "XDG_CONFIG_HOME": nobody}
        os.environ |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }  # nor their terminal
        paint(given)


def paint(given: argparse.Namespace) -> None:
    """Both pictures."""
    folder = runs_dir(given.runs_dir)
    run = find_run(given.run, folder)
    asyncio.run(draw(Dashboard(folder, run), "run.svg", (132, 38), f"rnnlab tui {run.name}", given.keys.split()))
    asyncio.run(draw(Dashboard(folder), "lab.svg", (132, 18), "rnnlab tui", []))


if __name__ == "__main__":
    main()
