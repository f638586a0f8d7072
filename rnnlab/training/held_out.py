"""The figures of a run: how well it predicts what it does not learn from.

Knows when measuring must stop and what it costs; what follows from a figure is the trainer's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rnnlab.training.clock import Clock
from rnnlab.training.step import Stepper
from rnnlab.training.validation import Measured, Part

_READING = 1 / 3  # of the time that learning takes


class HeldOut:
    """Measures the parts held out, without learning from them.

    Args:
        stepper: holds the network.
        clock: measuring is not updating.
        keep_going: asked again and again; where it says no, nothing is measured.
        validation: the part to steer by; None or too short where there is none.
        test: the part that is read once.
        most: characters of the validation part to read; 0 for all.
    """

    def __init__(
        self,
        stepper: Stepper,
        clock: Clock,
        keep_going: Callable[[], bool],
        validation: Part | None,
        test: Part | None,
        most: int,
    ) -> None:
        self._stepper, self._clock, self._keep_going = stepper, clock, keep_going
        self._validation, self._test, self._most = validation, test, most
        self._seconds_per_char = 0.0

    def validation(self) -> Measured | None:
        """The validation loss of the weights that are kept; None without that part or when told to stop."""
        if self._validation is None:
            return None
        network = self._stepper.network
        with self._clock.aside(), self._stepper.kept_weights():
            network.eval()
            began = time.perf_counter()
            try:
                measured = self._stepper.measure(self._validation, "validation", self._most, self._keep_going)
            finally:
                network.train()
        if measured is not None:
            self._seconds_per_char = (time.perf_counter() - began) / max(1, measured.chars)
        return measured

    def test(self) -> Measured | None:
        """The test loss of the weights that the network holds, which stays in evaluation mode."""
        if self._test is None:
            return None
        self._stepper.network.eval()
        return self._stepper.measure(self._test, "test", 0, self._keep_going)

    def test_seconds(self) -> float:
        """How long :meth:`test` will take, by the last validation; 0 where there was none."""
        return len(self._test) * self._seconds_per_char if self._test is not None else 0.0

    def validation_steps(self, chars: int) -> float:
        """Updates of ``chars`` characters that take as long as one validation."""
        if self._validation is None:
            return 0.0
        return min(len(self._validation), self._most or len(self._validation)) * _READING / chars
