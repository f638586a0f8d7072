"""The type of a column of numbers, as the reader of runs hands it out."""

from __future__ import annotations

from rnnlab.runs.series import Column as Floats

__all__ = ["Floats"]
