"""A sampler process that goes away costs the text and is told; whoever asks it meanwhile notices nothing."""

from __future__ import annotations

from pathlib import Path

from rnnlab.tui.reading.sampling import Wish, Writer, Written


def test_a_writer_whose_process_is_gone_tells_so_and_may_still_be_asked(tmp_path: Path) -> None:
    told: list[Written] = []
    writer = Writer(tmp_path / "no-run", told.append)
    writer._process.kill()
    writer.start()
    writer.join(60)
    assert not writer.is_alive()
    assert writer.ask(Wish()) == 1
    writer.hush()
    assert writer.ask(Wish()) == 2
    writer.stop()
    assert [bool(written.problem) for written in told] == [True]
    assert "The sampler is gone" in told[0].problem
