"""Draws the README's pictures: the real dashboard on a real run.

    python docs/pictures.py RUN [--runs-dir runs]

Writes run.svg and lab.svg beside this file. The SVG names fonts that have braille characters and
are found on most machines, instead of one that is fetched from elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from rnnlab.runs.layout import find_run, runs_dir
from rnnlab.tui.app import Dashboard

HERE = Path(__file__).parent
FONTS = "'DejaVu Sans Mono', 'JetBrains Mono', Menlo, 'Cascadia Mono', 'Noto Sans Mono', monospace"
SIZE = (132, 38)


def portable(svg: str) -> str:
    """The picture with fonts of the reader's machine, and none from the network."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: [^;]+;", f"font-family: {FONTS};", svg)


async def draw(run: str, folder: Path) -> None:
    """Open the lab and the run as a person would, and keep what is on the screen."""
    app = Dashboard(folder, find_run(run, folder))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(6.0)
        (HERE / "run.svg").write_text(portable(app.export_screenshot(title=f"rnnlab tui {run}")))
        await pilot.press("escape")
        await pilot.pause(3.0)
        (HERE / "lab.svg").write_text(portable(app.export_screenshot(title="rnnlab tui")))


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Draw the README's pictures.")
    parser.add_argument("run")
    parser.add_argument("--runs-dir", type=Path)
    given = parser.parse_args()
    asyncio.run(draw(given.run, runs_dir(given.runs_dir)))


if __name__ == "__main__":
    main()
