"""Where reports go: ``FORMAT`` to stdout, ``FORMAT:FILE`` to a file, several at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.discovery import suggestion
from rnnlab.evaluation.formats import FORMATS
from rnnlab.evaluation.report import Report


@dataclass(frozen=True, slots=True)
class Output:
    """A format and the file that it goes to; none: stdout."""

    form: str
    path: Path | None = None

    def text(self, report: Report) -> str:
        """The report in this format."""
        return FORMATS[self.form](report)


def parse_outputs(texts: Sequence[str], keep: Sequence[str] = ()) -> list[Output]:
    """The outputs that were asked for; none of them may be one of the files to ``keep``, such as what is judged.

    Raises:
        EvaluatorError: for an unknown format, two outputs to one place, or a place that cannot be written to.
    """
    outputs: list[Output] = []
    for text in texts:
        form, colon, name = text.partition(":")
        if form not in FORMATS:
            raise EvaluatorError(f"format {form}", "there is no such format", _which_format(text))
        path = Path(name) if colon and name != "-" else None
        if colon and not name:
            raise EvaluatorError(f"-o {text}", "names no file", f"Write -o {form}:FILE, or -o {form} for stdout.")
        if any(_same(output.path, path) for output in outputs):
            raise EvaluatorError(
                f"-o {text}", f"two reports would go to {path or 'stdout'}", "Give one of them a file."
            )
        if path is not None and any(_same(path, Path(name)) for name in keep):
            raise EvaluatorError(f"-o {text}", "the report would replace what it is about", "Name another file.")
        if path is not None:
            _try(f"-o {text}", path)
        outputs.append(Output(form, path))
    return outputs


def _which_format(text: str) -> str:
    """What to write instead; many programs take the file alone after ``-o``."""
    end = Path(text).suffix[1:]
    if end in FORMATS:
        return f"Write -o {end}:{text}"
    return suggestion(text.partition(":")[0], FORMATS, "They are")


def _same(one: Path | None, other: Path | None) -> bool:
    return one == other if one is None or other is None else one.resolve() == other.resolve()


def _try(asked: str, path: Path) -> None:
    """Refuse at once what could not be written after long work; an existing file stays as it is."""
    try:
        is_new = not path.exists()
        target = path.resolve() if is_new else path  # of a link to nothing yet
        if path.is_dir():
            raise EvaluatorError(asked, "is a folder", "Name a file in it.")
        if is_new or path.is_file():  # a pipe would wait for its reader
            target.open("ab").close()
        if is_new:
            target.unlink()
    except OSError as error:
        reason = f"cannot be written there ({(error.strerror or str(error)).lower()})"
        raise EvaluatorError(asked, reason, "Name a file in a folder that exists and may be written.") from None


def write_file(output: Output, report: Report) -> None:
    """Write a report to its file: all of it, or what was there before stays.

    Raises:
        EvaluatorError: where it cannot be written.
    """
    assert output.path is not None
    text = output.text(report).encode("utf-8", "replace")
    try:
        if output.path.exists() and not output.path.is_file():
            output.path.write_bytes(text)  # a pipe or a device is written to, not replaced
        else:
            _replace(output.path.resolve(), text)
    except OSError as error:
        reason = f"it cannot be written ({(error.strerror or str(error)).lower()})"
        raise EvaluatorError(str(output.path), reason, "Choose another place.") from None


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name[:200]}.{os.getpid()}.tmp")
    try:
        aside.write_bytes(content)
        if path.exists():
            shutil.copymode(path, aside)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
