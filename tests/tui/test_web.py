"""``rnnlab tui --web``: the dashboard in a browser, here a program that speaks to the server as the page does."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest
import tui_runs

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    tui_runs.make_run(tmp_path / "runs", "kernel", tui_runs.training(1000, every=50))
    with socket.socket() as free:
        free.bind(("localhost", 0))
        number = int(free.getsockname()[1])
    command = [sys.executable, "-m", "rnnlab", "tui", "--web", "--port", str(number)]
    with (tmp_path / "said").open("wb") as said:
        server = subprocess.Popen([*command, "--runs-dir", str(tmp_path / "runs")], stdout=said, stderr=said)
    yield number
    server.terminate()
    server.wait()


async def test_a_browser_is_shown_the_lab(port: int) -> None:
    screen = pyte.Screen(100, 30)
    stream = pyte.ByteStream(screen)
    until = time.monotonic() + 90
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            try:
                browser = await session.ws_connect(f"ws://localhost:{port}/ws?width=100&height=30")
                break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.2)
        while "kernel" not in "\n".join(screen.display):
            message = await browser.receive(max(0.1, until - time.monotonic()))
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), os.linesep.join(screen.display)
            if message.type == aiohttp.WSMsgType.BINARY:
                stream.feed(message.data)
        await browser.close()
    assert "new run" in "\n".join(screen.display)
