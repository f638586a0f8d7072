"""``rnnlab corpus``: write the one big file, and look at what a corpus holds before training on it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlab.cli import console
from rnnlab.config import CorpusConfig, field_help
from rnnlab.errors import ConfigError

if TYPE_CHECKING:
    from rnnlab.corpus import Corpus
    from rnnlab.corpus.collect import Tally
    from rnnlab.corpus.statistics import Compressed, Statistics

BUILD_EPILOG = """\b
Examples:
  rnnlab corpus build linux-6.1.tar.xz -o linux.c
  rnnlab corpus build src/ include/ --exclude 'tools/*' -o project.c
  git ls-files -z '*.py' | xargs -0 cat | rnnlab corpus build - -o python.txt.zst
"""
STATS_EPILOG = """\b
Examples:
  rnnlab corpus stats linux-6.1.tar.xz
  rnnlab corpus stats book.txt --vocab chars --json
"""

_HELP = field_help(CorpusConfig)
Sources = Annotated[list[str], typer.Argument(metavar="SOURCE...", help=_HELP["sources"])]
Include = Annotated[
    list[str] | None, typer.Option("--include", metavar="PATTERN", help=_HELP["include"] + " Default: *.c and *.h.")
]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", metavar="PATTERN", help=_HELP["exclude"])]
Shuffle = Annotated[bool, typer.Option("--shuffle/--no-shuffle", help=_HELP["shuffle"])]
Seed = Annotated[int, typer.Option("--shuffle-seed", help=_HELP["shuffle_seed"])]
Deduplicate = Annotated[bool, typer.Option("--deduplicate/--no-deduplicate", help=_HELP["deduplicate"])]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the figures as JSON to stdout.")]

app = typer.Typer(
    name="corpus",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Collect text into one file, or look at what it holds.",
    epilog="\b\nExamples:\n  rnnlab corpus stats linux/\n  rnnlab corpus build linux/ -o linux.c\n",
)


@app.command(epilog=BUILD_EPILOG)
def build(
    sources: Sources,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write (.xz, .zst, .gz, .bz2: compressed); - is stdout."
        ),
    ],
    include: Include = None,
    exclude: Exclude = None,
    shuffle: Shuffle = True,
    shuffle_seed: Seed = 0,
    deduplicate: Deduplicate = True,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace the file where it exists.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write the one big file: every byte of the sources, shuffled by file, without copies."""
    import sys

    from rnnlab.cli.collecting import Collecting
    from rnnlab.corpus.writing import write_text

    if as_json and output == "-":
        raise ConfigError("--json", "stdout is taken by the corpus", "Write the corpus to a file.")
    config = _config(sources, include, exclude, shuffle, shuffle_seed, deduplicate)
    started = time.monotonic()
    with Collecting(quiet=quiet) as collecting:
        target = sys.stdout.buffer if output == "-" else Path(output)
        written = write_text(config, target, overwrite=force, progress=collecting)
    seconds = time.monotonic() - started
    if as_json:
        figures = {"bytes": written.bytes, "sha256": written.digest, "symbols": written.symbols, "seconds": seconds}
        figures |= _tally(written.tally)
        console.data(json.dumps(figures, indent=2) + "\n")
    if not quiet:
        name = "stdout" if output == "-" else output
        console.say(
            f"{name}: {written.bytes:,} bytes from {written.tally.files:,} files, {written.symbols} symbols, "
            f"in {seconds:.1f} s{_dropped(written.tally)}"
        )
        console.say(f"sha256 {written.digest}")


@app.command(epilog=STATS_EPILOG)
def stats(
    sources: Sources,
    include: Include = None,
    exclude: Exclude = None,
    vocab: Annotated[str, typer.Option("--vocab", metavar="bytes|chars", help=_HELP["vocabulary"])] = "bytes",
    deduplicate: Deduplicate = True,
    rare: Annotated[int, typer.Option("--rare", min=0, metavar="N", help="Show so many of the rarest symbols.")] = 12,
    sample: Annotated[
        int, typer.Option("--sample", min=0, metavar="MB", help="Compress so much of the text; 0: do not compress.")
    ] = 16,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show size, files, vocabulary, rare symbols, duplicates and how far the text compresses.

    The corpus is encoded into the cache on the way, so that training on it then starts at once.
    """
    from rnnlab.cli.collecting import Collecting
    from rnnlab.corpus import Progress, open_corpus
    from rnnlab.corpus.statistics import compress, statistics

    config = _config(sources, include, exclude, True, 0, deduplicate, vocab)
    with Collecting(quiet=quiet) as collecting:
        corpus = open_corpus(config, progress=collecting)
        figures, compressed = statistics(corpus), None
        if sample:
            compressed = compress(
                corpus, sample * 1_000_000, lambda done, total: collecting(Progress("compressing", done, total))
            )
    if corpus.built and not quiet:
        console.say("the corpus is in the cache now: training on it starts at once")
    if as_json:
        console.data(json.dumps(_as_json(corpus, figures, compressed), indent=2) + "\n")
    else:
        _show(corpus, figures, compressed, rare)


def _config(
    sources: list[str],
    include: list[str] | None,
    exclude: list[str] | None,
    shuffle: bool,
    seed: int,
    deduplicate: bool,
    vocab: str = "bytes",
) -> CorpusConfig:
    if vocab not in ("bytes", "chars"):
        raise ConfigError("--vocab", f"{vocab!r} is not known", "Use bytes or chars.")
    return CorpusConfig(
        sources=tuple(sources),
        include=tuple(include or CorpusConfig().include),
        exclude=tuple(exclude or ()),
        vocabulary="chars" if vocab == "chars" else "bytes",
        shuffle=shuffle,
        shuffle_seed=seed,
        deduplicate=deduplicate,
        split=(1.0, 0.0, 0.0),
    )


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "files": tally.files,
        "duplicates": tally.duplicates,
        "duplicate_bytes": tally.duplicate_bytes,
        "binary_files": tally.binary,
        "links": tally.links,
    }


def _dropped(tally: Tally) -> str:
    """What was not taken, for the closing line."""
    text = ""
    if tally.duplicates:
        text += f"; {tally.duplicates:,} exact copies ({tally.duplicate_bytes:,} bytes) dropped"
    if tally.binary:
        text += f"; {tally.binary:,} binary files left out ({', '.join(tally.binary_names[:3])})"
    if tally.links:
        text += f"; {tally.links:,} symbolic links not followed"
    return text


def _as_json(corpus: Corpus, figures: Statistics, compressed: Compressed | None) -> dict[str, Any]:
    known = corpus.fingerprint
    total = known["bytes"] + known["duplicate_bytes"]
    return {
        **{name: value for name, value in known.items() if name != "split"},
        "duplicate_share": known["duplicate_bytes"] / total,
        "lines": figures.lines,
        "entropy_bits_per_character": figures.entropy,
        "compressed": compressed
        and {
            "compressor": compressed.compressor,
            "sample_characters": compressed.sample_characters,
            "bits_per_character": compressed.bits_per_character,
        },
        "symbols": [{"label": one.label, "code": one.code, "count": one.count} for one in figures.symbols],
    }


def _show(corpus: Corpus, figures: Statistics, compressed: Compressed | None, rare: int) -> None:
    known, size = corpus.fingerprint, corpus.vocabulary.size
    total = known["bytes"] + known["duplicate_bytes"]
    rows = [
        ("size", f"{known['bytes']:,} bytes, {corpus.length:,} characters"),
        ("lines", f"{figures.lines:,}, {corpus.length / max(1, figures.lines):.1f} characters each"),
        ("files", f"{known['files']:,}"),
        ("duplicates", f"{known['duplicates']:,} files, {known['duplicate_bytes'] / total:.2%} of the bytes"),
        ("binary files", f"{known['binary_files']:,} left out"),
        ("symbolic links", f"{known['links']:,} not followed"),
        ("vocabulary", f"{size:,} {corpus.vocabulary.kind}"),
        ("entropy", f"{figures.entropy:.3f} bits per character from the symbols' shares alone"),
    ]
    if compressed:
        share = "the whole text" if compressed.sample_characters == corpus.length else "a sample of"
        amount = "" if share == "the whole text" else f" {compressed.sample_characters:,} characters"
        rows.append(
            (
                "compressed",
                f"{compressed.bits_per_character:.3f} bits per character ({compressed.compressor}, {share}{amount})",
            )
        )
    if rare:
        shown = figures.symbols[:rare]
        rows.append(("rarest symbols", "  ".join(f"{one.label} × {one.count:,}" for one in shown)))
    rows.append(("sha256", known["digest"]))
    for name, value in rows:
        if not (name in ("binary files", "symbolic links") and value.startswith("0 ")):
            console.data(f"{name:<16}{value}\n")
