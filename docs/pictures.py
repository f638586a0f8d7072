"""Draws the README's pictures: the real dashboard on a real run.

    python docs/pictures.py RUN [--runs-dir runs] [--keys "1 . 0"]

Writes run.svg and lab.svg beside this file. The SVG names fonts that have braille characters and
are found on most machines, instead of one that is fetched from elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from pathlib import Path

from rnnlab.runs.layout import find_run, runs_dir
from rnnlab.tui.app import Dashboard

HERE = Path(__file__).parent
FONTS = "'DejaVu Sans Mono', 'JetBrains Mono', Menlo, 'Cascadia Mono', 'Noto Sans Mono', monospace"


def portable(svg: str) -> str:
    """The picture with fonts of the reader's machine, and none from the network."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # or some viewers swallow blanks
    return re.sub(r"font-family: [^;]+;", f"font-family: {FONTS};", svg)


async def draw(app: Dashboard, name: str, size: tuple[int, int], title: str, keys: list[str]) -> None:
    """Open the dashboard as a person would, and keep what is on the screen."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause(6.0)
        await pilot.press(*keys)
        await pilot.pause(3.0)
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
        paint(given)


def paint(given: argparse.Namespace) -> None:
    """Both pictures."""
    folder = runs_dir(given.runs_dir)
    run = find_run(given.run, folder)
    asyncio.run(draw(Dashboard(folder, run), "run.svg", (132, 38), f"rnnlab tui {run.name}", given.keys.split()))
    asyncio.run(draw(Dashboard(folder), "lab.svg", (132, 18), "rnnlab tui", []))


if __name__ == "__main__":
    main()
