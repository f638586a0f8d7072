"""The speed measurement, and the promise that it exists for."""

from __future__ import annotations

import pytest

from rnnlab.model.native.build import NativeUnavailable, library
from rnnlab.model.sampling.benchmark import measure_sampling


def test_int8_is_many_times_as_fast_as_the_obvious_loop() -> None:
    try:
        library("sampling")
    except NativeUnavailable as reason:
        pytest.skip(str(reason))
    speed = measure_sampling(2, 128, rounds=3, seconds=0.2)
    assert (speed.model, speed.device, speed.engine, speed.streams) == ("lstm-2x128", "cpu", "int8", 1)
    assert speed.ratio > 12  # measured: about a hundred; a busy machine takes its share from both
