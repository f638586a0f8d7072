"""Where reports go: ``FORMAT`` to stdout, ``FORMAT:FILE`` to a file, several at once."""

from __future__ import annotations

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


def parse_outputs(texts: Sequence[str]) -> list[Output]:
    """The outputs that were asked for.

    Raises:
        EvaluatorError: for an unknown format, two outputs to one place, or a folder that is not there.
    """
    outputs: list[Output] = []
    for text in texts:
        form, colon, name = text.partition(":")
        if form not in FORMATS:
            raise EvaluatorError(f"format {form}", "there is no such format", suggestion(form, FORMATS, "They are"))
        path = Path(name) if colon and name != "-" else None
        if colon and not name:
            raise EvaluatorError(f"-o {text}", "names no file", f"Write -o {form}:FILE, or -o {form} for stdout.")
        if any(output.path == path for output in outputs):
            raise EvaluatorError(
                f"-o {text}", f"two reports would go to {path or 'stdout'}", "Give one of them a file."
            )
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise EvaluatorError(f"-o {text}", "cannot be written there", "Name a file in a folder that exists.")
        outputs.append(Output(form, path))
    return outputs


def write_file(output: Output, report: Report) -> None:
    """Write a report to its file.

    Raises:
        EvaluatorError: where it cannot be written.
    """
    assert output.path is not None
    try:
        output.path.write_bytes(output.text(report).encode("utf-8", "replace"))
    except OSError as error:
        reason = f"it cannot be written ({(error.strerror or str(error)).lower()})"
        raise EvaluatorError(str(output.path), reason, "Choose another place.") from None
