"""What can go wrong, as exceptions that a person can act on.

Every error names the thing, the reason and the next step; the command line prints
exactly that, in one or two lines, and leaves with the class's exit code.

    RnnlabError                  2  wrong usage or bad input
    ├── ConfigError              2  a setting is out of range or does not fit another
    ├── CorpusError              2  a corpus cannot be read, or is no text to learn from
    │   └── VocabularyError      2  a symbol that the vocabulary does not have
    ├── RunError                 2  a run folder is missing, damaged, locked or different
    │   └── CheckpointError      2  a checkpoint is incomplete or its digests do not match
    ├── DeviceError              2  the device that was asked for is not there
    ├── EvaluatorError           2  an evaluator cannot be found, loaded or configured
    └── FailedError              1  the thing asked about failed
        ├── DivergedError        1  training diverged more often than it may
        └── ThresholdError       1  a score is below what was demanded
"""

from __future__ import annotations

from typing import ClassVar


class RnnlabError(Exception):
    """Root of the family.

    Args:
        thing: what is wrong, as the user knows it (a path, an option, a name).
        reason: why, in words without a full stop.
        next_step: what to do about it; may be empty where there is nothing to do.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, thing: str, reason: str, next_step: str = "") -> None:
        self.thing = thing
        self.reason = reason
        self.next_step = next_step
        super().__init__(thing, reason, next_step)

    def __str__(self) -> str:
        first = f"{self.thing}: {self.reason}" if self.thing else self.reason
        return f"{first}\n{self.next_step}" if self.next_step else first


class ConfigError(RnnlabError):
    """A setting is out of range, unknown, or does not fit another one."""


class CorpusError(RnnlabError):
    """A corpus is missing, unreadable, or not text that a model can learn from."""


class VocabularyError(CorpusError):
    """A symbol that the vocabulary does not have."""


class RunError(RnnlabError):
    """A run folder is missing, damaged, in use, or not the run it should be."""


class CheckpointError(RunError):
    """A checkpoint is missing, incomplete, or not the bytes that were written."""


class DeviceError(RnnlabError):
    """The device that was asked for is not there or cannot do what was asked."""


class EvaluatorError(RnnlabError):
    """An evaluator cannot be found, loaded or configured."""


class FailedError(RnnlabError):
    """The thing asked about was looked at, and it failed."""

    exit_code: ClassVar[int] = 1


class DivergedError(FailedError):
    """Training diverged more often than it may."""


class ThresholdError(FailedError):
    """A score is below what was demanded."""
