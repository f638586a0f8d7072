"""The training loop: a generator of events.

It prints nothing and draws nothing: whoever iterates decides what to record and to show. It
stops between two updates only, so that a checkpoint always holds a whole step. Files are
behind `Store`, commands behind `Desk`, judging behind `Judge`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from rnnlab.config import RunConfig
from rnnlab.errors import DivergedError
from rnnlab.events import (
    CheckpointEvent,
    DivergenceEvent,
    EndEvent,
    EndState,
    Event,
    NoteEvent,
    StepEvent,
    TestEvent,
    ValidationEvent,
)
from rnnlab.quantities import duration
from rnnlab.training.batches import Batches
from rnnlab.training.clock import Clock
from rnnlab.training.divergence import ATTEMPTS, DivergenceWatch
from rnnlab.training.held_out import HeldOut
from rnnlab.training.previews import Previews
from rnnlab.training.schedule import Horizon, Milestones, learning_rate
from rnnlab.training.state import Progress
from rnnlab.training.steering import Desk
from rnnlab.training.step import Stepper
from rnnlab.training.store import Store
from rnnlab.training.validation import Part
from rnnlab.training.verdicts import Verdicts

_CHECKPOINT_SECONDS = 600.0
_WORTH_TELLING = 10.0  # seconds


@dataclass(slots=True)
class Parts:
    """What is learnt from, and the parts held out; a part may be None or too short to measure."""

    batches: Batches
    validation: Part | None
    test: Part | None


class Trainer:
    """One run from here to its end.

    Args:
        config: the resolved configuration.
        parts: the corpus.
        stepper: the network with its optimizer.
        store: writes and reads checkpoints.
        desk: commands from the inbox and signals.
        previews: draws samples and has them judged.
        verdicts: what is said of them.
        progress: where an earlier session stopped.
    """

    def __init__(
        self,
        config: RunConfig,
        parts: Parts,
        stepper: Stepper,
        store: Store,
        desk: Desk,
        previews: Previews,
        verdicts: Verdicts,
        progress: Progress | None = None,
    ) -> None:
        self.config = config.training
        self.parts, self.stepper, self.store, self.desk = parts, stepper, store, desk
        self.previews, self.verdicts = previews, verdicts
        self.progress = progress or Progress()
        self.horizon = Horizon.of(self.config, parts.batches.per_epoch)
        self.clock = Clock(self.progress.seconds, self.progress.preview_seconds)
        self.watch = DivergenceWatch(
            stepper.network.vocabulary_size, self.progress.lowest_loss, self.progress.smoothed_loss
        )
        self._held_out = HeldOut(
            stepper, self.clock, desk.keep_going, parts.validation, parts.test, self.config.validation_chars
        )
        self._validations = Milestones(
            self.config.validate_every, self.horizon, self._held_out.validation_steps(parts.batches.chars)
        )
        self._checkpoints = Milestones(self.config.checkpoint_every, self.horizon)
        self._updating = 0.0
        self._chars = 0
        self._rate = self.config.learning_rate
        self._last_checkpoint = (self.progress.step, time.monotonic())

    @property
    def step(self) -> int:
        """Updates so far."""
        return self.progress.step

    @property
    def chars(self) -> int:
        """Characters learnt from so far."""
        return self.progress.step * self.parts.batches.chars

    def events(self) -> Iterator[Event]:
        """Train to the end; the last event is an :class:`EndEvent`, also where training failed.

        Raises:
            DivergedError: after the :class:`EndEvent`, when training diverged once too often.
        """
        if self.progress.step == 0 and not self.store.has_any():
            yield from self._checkpoint("start")
        if self.progress.validation_owed:
            yield from self._validate()
        try:
            state, reason = yield from self._loop()
        except DivergedError as error:
            yield self.end("failed", error.reason)
            raise
        yield from self._finish(state, reason)

    def _loop(self) -> Generator[Event, None, tuple[EndState, str]]:
        """Update until a limit is reached or somebody asks to stop; gives state and reason."""
        while True:
            reason = self.horizon.over(self.step, self.clock.seconds) or self._out_of_patience()
            if reason:
                return "finished", reason
            yield from self.desk.obey(self)
            if self.desk.stop_reason:
                return self.desk.stop_state, self.desk.stop_reason
            before = self.horizon.done(self.step, self.clock.seconds)
            self._update(before)
            after = self.horizon.done(self.step, self.clock.seconds)
            if self.step % self.config.report_every == 0:
                trouble = yield from self._report()
                if trouble:
                    yield from self._go_back(trouble)
                    continue
            yield from self._milestones(before, after)
            yield from self.verdicts.come(self.progress)

    def _update(self, done: float) -> None:
        epoch = self.step / self.parts.batches.per_epoch
        self._rate = learning_rate(self.config, done, epoch) * self.progress.learning_rate_factor
        self.stepper.learn(self.parts.batches, self.step, self._rate)
        self.progress.step += 1

    def _milestones(self, before: float, after: float) -> Iterator[Event]:
        if self._validations.due(self.step, before, after, self.progress.validated_step):
            yield from self._validate()
        if self.previews.due(self.step, before, after, self.clock):
            yield from self._preview()
        due = self._checkpoints.due(self.step, before, after)
        if due or time.monotonic() - self._last_checkpoint[1] > _CHECKPOINT_SECONDS:
            yield from self._checkpoint("due")

    def _report(self) -> Generator[Event, None, str]:
        """Tell the losses since the last report; gives why training diverged, or an empty string."""
        losses, norms = self.stepper.fetch()
        trouble = self.watch.look(losses, norms)
        updating = self.clock.updating
        took, self._updating = updating - self._updating, updating
        chars, self._chars = self.chars - self._chars, self.chars
        yield StepEvent(
            step=self.step,
            chars=self.chars,
            epoch=self.step / self.parts.batches.per_epoch,
            loss=sum(losses) / len(losses),
            loss_low=min(losses),
            loss_high=max(losses),
            span=len(losses),
            learning_rate=self._rate,
            gradient_norm=max(norms),
            chars_per_second=chars / took if took > 0 else 0.0,
            seconds=self.clock.seconds,
        )
        for text in self.stepper.troubles():
            yield NoteEvent(step=self.step, text=text)
        if not trouble:
            self.store.vouch(self.step - 1)  # the last loss was measured before the last update
        return trouble

    def _validate(self) -> Iterator[Event]:
        """Measure the validation part; a new best is kept as checkpoint ``best``."""
        if self.progress.validated_step == self.step:
            return
        self.progress.validation_owed = self.parts.validation is not None
        measured = self._held_out.validation()
        if measured is None:
            return
        self.progress.validation_owed = False
        self.progress.validated_step = self.step
        best = self.progress.best_loss is None or measured.loss < self.progress.best_loss
        if best:
            self.progress.best_loss, self.progress.best_step, self.progress.without_best = measured.loss, self.step, 0
        else:
            self.progress.without_best += 1
        yield ValidationEvent(
            step=self.step,
            chars=self.chars,
            loss=measured.loss,
            bits_per_character=measured.bits_per_character,
            validated_chars=measured.chars,
            best=best,
        )
        if best:
            yield from self._checkpoint("new best", names=("best",))
            self.store.vouch(self.step)

    def _preview(self) -> Iterator[Event]:
        with self.clock.aside(preview=True), self.stepper.kept_weights():
            events = self.previews.draw(self.step)
        yield from events
        if self.verdicts.keeps_best:
            yield from self._checkpoint("preview")
            self.store.await_verdict(self.step)

    def preview_now(self, prompt: str, temperature: float, length: int) -> Iterator[Event]:
        """One sample that somebody asked for."""
        with self.clock.aside(preview=True), self.stepper.kept_weights():
            events = self.previews.draw_requested(self.step, prompt, temperature, length)
        yield from events

    def _checkpoint(self, reason: str, names: tuple[str, ...] = ()) -> Iterator[Event]:
        """Write a checkpoint, unless the losses not yet reported already say that it is worthless."""
        losses, norms = self.stepper.peek()
        if not all(math.isfinite(value) for value in (*losses, *norms)):
            return
        if self._last_checkpoint[0] == self.step and self.store.has_any():
            self.store.name(self.step, names)
            if names:
                yield CheckpointEvent(step=self.step, folder=self.store.folder(self.step), names=names, reason=reason)
            return
        progress = self.progress
        progress.losses, progress.norms = losses, norms
        progress.seconds, progress.preview_seconds = self.clock.seconds, self.clock.previews
        progress.lowest_loss, progress.smoothed_loss = self.watch.lowest, self.watch.smoothed
        with self.clock.aside(), self.stepper.kept_weights():
            folder = self.store.save(self.stepper, progress, ("last", *names))
        self._last_checkpoint = (self.step, time.monotonic())
        yield CheckpointEvent(step=self.step, folder=folder, names=("last", *names), reason=reason)

    def checkpoint_now(self, reason: str) -> Iterator[Event]:
        """A checkpoint that somebody asked for."""
        yield from self._checkpoint(reason)

    def _go_back(self, trouble: str) -> Iterator[Event]:
        """Return to the last checkpoint that later losses vouch for, with half its learning rate.

        Half of what it is now, where that is less: an earlier return has halved it already.
        """
        attempts = self.progress.divergences + 1
        before, diverged_at, seconds = self.progress.learning_rate_factor, self.step, self.clock.seconds
        restored = self.store.go_back(self.stepper)
        if attempts > ATTEMPTS:
            raise DivergedError(
                "training",
                f"diverged at step {diverged_at:,} ({trouble}) after {ATTEMPTS} returns to a checkpoint",
                "Try a smaller --learning-rate or --clip-norm.",
            )
        self.progress = restored
        factor = min(before, self.progress.learning_rate_factor) / 2
        self.progress.divergences = attempts
        self.progress.learning_rate_factor = factor
        self.progress.seconds = seconds
        self.watch.lowest, self.watch.smoothed = self.progress.lowest_loss, self.progress.smoothed_loss
        self._last_checkpoint = (self.step, time.monotonic())
        self._chars = self.chars
        yield DivergenceEvent(
            step=diverged_at, reason=trouble, restored_step=self.step, learning_rate_factor=factor, attempt=attempts
        )

    def _out_of_patience(self) -> str:
        patience = self.config.patience
        if patience is not None and self.progress.without_best >= patience:
            return f"{patience} validations without a new best"
        return ""

    def _finish(self, state: EndState, reason: str) -> Iterator[Event]:
        """Leave in good order: last report, validation, preview, checkpoint and, when finished, the test part."""
        if state == "finished":
            if self.stepper.unreported:
                trouble = yield from self._report()
                if trouble:
                    yield NoteEvent(step=self.step, level="warning", text=f"the last report is lost: {trouble}")
            yield from self._validate()
            if self.desk.keep_going():
                yield from self._preview()
        yield from self._checkpoint(reason)
        if state == "finished" and self.desk.keep_going():
            yield from self.verdicts.last(self.progress)
            yield from self._test()
        else:
            yield from self.verdicts.left(self.progress)
        if self.desk.stop_reason:  # also where it came in while the last figures were taken
            state, reason = self.desk.stop_state, self.desk.stop_reason
        yield self.end(state, reason)

    def end(self, state: EndState, reason: str) -> EndEvent:
        """The last event of this sitting, as things stand."""
        return EndEvent(
            step=self.step,
            state=state,
            reason=reason,
            chars=self.chars,
            seconds=self.clock.seconds,
            preview_seconds=self.clock.previews,
        )

    def _test(self) -> Iterator[Event]:
        """Read the test part once, with the best checkpoint."""
        if self.parts.test is None:
            return
        name = self.store.load_best_weights(self.stepper.network)
        seconds = self._held_out.test_seconds()
        if seconds > _WORTH_TELLING:
            text = f"reading the test part: {len(self.parts.test):,} characters, about {duration(seconds)}"
            yield NoteEvent(step=self.step, text=text)
        measured = self._held_out.test()
        if measured is not None:
            yield TestEvent(
                step=self.step,
                loss=measured.loss,
                bits_per_character=measured.bits_per_character,
                tested_chars=measured.chars,
                checkpoint=name,
            )
