"""Which commands there are, and in which order help lists them."""

from __future__ import annotations

from rnnlab.cli.app import app


def add_all() -> None:
    """Add every command to the program, once."""
    if app.registered_commands or app.registered_groups:
        return
    from rnnlab.cli import train

    app.command("train", epilog=train.epilog())(train.train)
    from rnnlab.cli.sample import EPILOG as SAMPLE_EPILOG
    from rnnlab.cli.sample import sample

    app.command("sample", epilog=SAMPLE_EPILOG)(sample)
    from rnnlab.cli.eval import EPILOG as EVAL_EPILOG
    from rnnlab.cli.eval import evaluate
    from rnnlab.cli.plugins import app as plugins

    app.command("eval", epilog=EVAL_EPILOG)(evaluate)
    app.add_typer(plugins)
    from rnnlab.cli.corpus import app as corpus

    app.add_typer(corpus, name="corpus")
    from rnnlab.cli.tui import EPILOG as TUI_EPILOG
    from rnnlab.cli.tui import tui

    app.command("tui", epilog=TUI_EPILOG)(tui)
    from rnnlab.cli.runs import app as runs

    app.add_typer(runs, name="runs")
    from rnnlab.cli.bench import EPILOG as BENCH_EPILOG
    from rnnlab.cli.bench import bench

    app.command("bench", epilog=BENCH_EPILOG)(bench)
