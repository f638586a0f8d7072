"""``rnnlab sample``: let a trained network write."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from rnnlab.cli import console
from rnnlab.cli.at_once import leaving_at_once
from rnnlab.cli.progress import Progress
from rnnlab.cli.writing import Destination, Writer, refuse_existing
from rnnlab.display import safe
from rnnlab.errors import CheckpointError, ConfigError, VocabularyError

if TYPE_CHECKING:
    from rnnlab.config import CorpusConfig
    from rnnlab.corpus.vocabulary import Ids
    from rnnlab.model.checkpoint import Checkpoint
    from rnnlab.model.sampling import EngineName, Piece, Sampler

EPILOG = """\b
Examples:
  rnnlab sample RUN
  rnnlab sample RUN --temperature 0.5 --prompt 'static int ' --whole-functions
  rnnlab sample RUN -n 100 --out samples/ --seed 1
  rnnlab sample RUN --length inf --stop '/* end */'
  rnnlab sample RUN -n 100 --out samples/ --seed 2 --force
  rnnlab sample runs/linux/checkpoints/step-00012000 --exact | rnnlab eval - --plugin c-syntax

\b
RUN is a run's name, a run's folder or a checkpoint's folder. The same seed gives the same
text on every run and for any -n. Ctrl-C ends the text; what was written stays.

\b
Several texts on standard output or in one file are parted by a line with a form feed, which is
white space to C and to Python. rnnlab eval takes a file as one text: write a folder for it.
"""


def sample(
    source: Annotated[str, typer.Argument(metavar="RUN_OR_CHECKPOINT", help="A run or a checkpoint.")],
    length: Annotated[str, typer.Option("--length", "-l", help="Symbols to write; 0 or inf: until Ctrl-C.")] = "1000",
    temperature: Annotated[float, typer.Option("--temperature", "-t", help="0: always the likeliest symbol.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Only the k likeliest symbols; 0: all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Only the likeliest symbols that have this share together.")] = 1.0,
    min_p: Annotated[float, typer.Option(help="Only symbols this share as likely as the likeliest.")] = 0.0,
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="What to continue; - reads standard input.")] = "",
    prompt_file: Annotated[
        str, typer.Option(metavar="FILE", help="A file to continue, exactly as it is; - reads standard input.")
    ] = "",
    echo: Annotated[bool, typer.Option("--echo/--no-echo", help="Write the prompt before its continuation.")] = True,
    seed: Annotated[int | None, typer.Option(help="Of the draws; without it, another one each time.")] = None,
    count: Annotated[int, typer.Option("--number", "-n", min=1, help="How many texts.")] = 1,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FILE|FOLDER/", help="One file, or a folder for a file each.")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace the file, or all sample files of the folder.")
    ] = False,
    stop: Annotated[str, typer.Option(help="End right after this text.")] = "",
    whole_functions: Annotated[
        bool, typer.Option("--whole-functions", help="End where a C function's brace closes.")
    ] = False,
    checkpoint: Annotated[
        str, typer.Option(metavar="NAME", help="best, last, step-N or, of --keep-best, best-METRIC; default: best.")
    ] = "",
    exact: Annotated[bool, typer.Option("--exact", help="float32 instead of int8.")] = False,
    engine: Annotated[str, typer.Option(help="auto, exact, int8, portable-exact, portable-int8, graph.")] = "auto",
    threads: Annotated[int, typer.Option(min=0, help="Cores to share many texts; 0: all there are.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1.")] = "cpu",
    gpu: Annotated[bool, typer.Option("--gpu", help="Short for --device cuda.")] = False,
    runs_dir: Annotated[Path | None, typer.Option(help="Folder of runs; else RNNLAB_RUNS, else runs.")] = None,
) -> None:
    """Let a trained network write: streamed to the terminal, a pipe or files as it is made."""
    if exact and engine not in ("auto", "exact"):
        raise ConfigError("--exact", f"it does not go with --engine {engine}", "Give one of the two.")
    if prompt and prompt_file:
        raise ConfigError("--prompt", "it does not go with --prompt-file", "Give one of the two.")
    refuse_existing(out, force)
    symbols = _length(length)
    if not symbols and count > 1 and not (stop or whole_functions):
        raise ConfigError("--length", "texts without end are written one at a time", "Leave -n out.")

    with leaving_at_once():
        from rnnlab.model.sampling.settings import SamplingSettings

    settings = SamplingSettings(
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        seed=secrets.randbelow(2**32) if seed is None else seed,
        length=symbols,
        stop=stop,
        whole_functions=whole_functions,
    )
    begin = _prompt(prompt, prompt_file)
    asked = cast("EngineName", "exact" if exact else engine)  # an unknown one is refused by name
    loaded, sampler = _load(source, checkpoint, runs_dir, "cuda" if gpu else device, asked, threads)
    pieces = sampler.stream(_encoded(sampler, begin), settings, count)
    if seed is None:
        console.say(f"seed {settings.seed}")
    with Destination(out, count, file_suffix(loaded.config.corpus)) as writer:
        task = _Task(pieces, sampler.vocabulary.decode_bytes, count, symbols, begin if echo else b"", out)
        cut_off = task.write(writer)
    if cut_off:
        wanted = "a function was whole" if whole_functions else "the stop text came"
        texts = f"{cut_off:,} of {count:,} texts" if count > 1 else "the text"
        console.say(f"{texts} ended by --length {length}, before {wanted}")


def _length(text: str) -> int:
    if text.lower() in ("inf", "infinite"):
        return 0
    if not text.isdecimal():
        raise ConfigError("--length", f"{text!r} is not a number of symbols", "Use for example 2000, or inf.")
    return int(text)


def _load(
    source: str, which: str, runs: Path | None, device: str, engine: EngineName, threads: int
) -> tuple[Checkpoint, Sampler]:
    with leaving_at_once():
        from rnnlab.cores import usable_threads
        from rnnlab.model.checkpoint import load_checkpoint
        from rnnlab.model.device import pick_device
        from rnnlab.model.sampling import Sampler
        from rnnlab.model.sampling.source import find_checkpoint
        from rnnlab.runs import runs_dir

    if Path(source).name in ("model.safetensors", "state.json") and Path(source).is_file():
        raise CheckpointError(source, "it is a file of a checkpoint", f"Give its folder: {Path(source).parent}")
    path = find_checkpoint(source, runs_dir(runs), which)
    chosen = pick_device(device)
    loaded = load_checkpoint(path)
    return loaded, Sampler.of(loaded, engine=engine, device=chosen, threads=threads or usable_threads())


def _prompt(text: str, file: str) -> bytes:
    if "-" in (text, file):
        return sys.stdin.buffer.read()
    return Path(file).read_bytes() if file else text.encode("utf-8", "surrogateescape")


def _encoded(sampler: Sampler, prompt: bytes) -> Ids:
    try:
        return sampler.vocabulary.encode(prompt)
    except VocabularyError as error:
        thing, reason = error.thing.replace("of the text", "of the prompt"), error.reason
        if sampler.vocabulary.kind == "bytes":  # a person typed a character, not its bytes
            known = set(sampler.vocabulary.symbols)
            typed = next((one for one in prompt.decode("utf-8", "replace") if not known.issuperset(one.encode())), "")
            reason = reason if typed.isascii() else f"{safe(typed, multiline=False)!r}: {reason}"
        raise VocabularyError(thing, reason, "Leave it out of the prompt.") from None


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be written: pieces of so many texts, each of at most ``length`` symbols (0: without end)."""

    pieces: Iterator[Piece]
    decode: Callable[[Any], bytes]
    count: int
    length: int
    echoed: bytes
    out: str

    def write(self, writer: Writer) -> int:
        """Write all texts; where they go to files, say how far it is and how fast it was.

        Returns:
            How many were cut off at the length, before they came to the end that they should have.
        """
        began, made, ended, cut_off = time.monotonic(), 0, 0, 0
        begun: set[int] = set()
        try:
            with Progress("sampled characters" if self.count == 1 else "sampled texts") as progress:
                for piece in self.pieces:
                    text = self.decode(piece.ids)
                    if piece.stream not in begun:
                        begun.add(piece.stream)
                        text = self.echoed + text
                    writer.write(piece.stream, text, piece.finished)
                    made, ended = made + len(piece.ids), ended + piece.finished
                    cut_off += piece.cut_off
                    if self.out and (self.count > 1 or self.length):
                        progress(*((ended, self.count) if self.count > 1 else (made, self.length)))
        except KeyboardInterrupt:
            writer.close()
            console.say(f"interrupted after {made:,} symbols; what was written stays")
            raise typer.Exit(130) from None
        if self.out:
            seconds = time.monotonic() - began
            texts = f"{self.count:,} texts, " if self.count > 1 else ""
            console.say(f"{texts}{made:,} symbols in {seconds:.1f} s, {made / seconds:,.0f}/s, in {self.out}")
        return cut_off


def file_suffix(corpus: CorpusConfig) -> str:
    """What to call files of such text: like the corpus's file, or like what was taken from its folders."""
    for source in corpus.sources:
        suffixes = [part for part in Path(source).suffixes if part not in (".gz", ".xz", ".bz2", ".zst")]
        if suffixes and suffixes[-1] not in (".tar", ".tgz", ".zip"):
            return suffixes[-1]
    patterns = [Path(pattern).suffix for pattern in corpus.include]
    return next((suffix for suffix in patterns if suffix and "*" not in suffix), ".txt")
