"""One sitting of training: holds the run's folder, puts the trainer together, lets its events flow.

What is computed, with what and on what, is decided before; see `opening`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import torch

from rnnlab.corpus import Corpus
from rnnlab.errors import DivergedError, EvaluatorError, RnnlabError, RunError
from rnnlab.events import Event, NoteEvent, StartEvent, StepEvent
from rnnlab.model.device import describe_device
from rnnlab.model.engine_choice import EngineChoice
from rnnlab.model.network import CharModel
from rnnlab.runs.control import Inbox
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.lock import RunLock
from rnnlab.runs.manifest import Manifest, write_manifest
from rnnlab.runs.record import Recorder
from rnnlab.training.follower import announce
from rnnlab.training.judging import RunJudge
from rnnlab.training.planning import batches_of
from rnnlab.training.previews import Previews
from rnnlab.training.ranks import ALONE, Ranks
from rnnlab.training.resumed_engine import difference, rewritten
from rnnlab.training.schedule import Horizon, Milestones
from rnnlab.training.state import Progress
from rnnlab.training.steering import Desk
from rnnlab.training.step import Stepper
from rnnlab.training.steppers import stepper_for
from rnnlab.training.store import Store
from rnnlab.training.trainer import Parts, Trainer
from rnnlab.training.verdicts import Verdicts


class Session:
    """A run that is open for training; a context manager that holds its lock."""

    def __init__(
        self,
        run: RunFolder,
        manifest: Manifest,
        corpus: Corpus,
        network: CharModel,
        device: torch.device,
        interrupted: Callable[[], str],
        *,
        resumed: bool,
        ranks: Ranks = ALONE,
    ) -> None:
        self.run, self.manifest, self.corpus, self.device = run, manifest, corpus, device
        self._network, self._interrupted, self._resumed = network, interrupted, resumed
        self._ranks = ranks
        self._notes: list[str] = []
        self._rewritten: Manifest | None = None
        self._lock = RunLock(run)
        self._recorder: Recorder | None = None
        self._damaged: list[str] = []
        self._anew = False
        self._judge: RunJudge | None = None
        self._stepper: Stepper | None = None

    def note(self, text: str) -> None:
        """Tell something at the beginning of the events."""
        self._notes.append(text)

    def change_engine(self, written: Manifest, choice: EngineChoice) -> None:
        """Go on with another layer engine than ``written`` says, and record it unless it is the device's doing."""
        self._notes += filter(None, [difference(EngineChoice.from_json(written.resolved), choice)])
        if written.device.partition(":")[0] == self.device.type:
            self._rewritten = rewritten(written, choice, self.manifest.config.training.precision)

    def __enter__(self) -> Session:
        self._judge = self._judges()  # first: where it refuses, nothing has been made
        try:
            if self._resumed:
                self._lock.acquire()
                if self._rewritten is not None:
                    write_manifest(self.run, self._rewritten)
            else:
                self._establish()
            self._recorder = Recorder(self.run)
        except BaseException:
            if self._judge is not None:
                self._judge.close()
            raise
        return self

    def _judges(self) -> RunJudge | None:
        """Who judges; a run that has begun goes on also where its evaluators are gone, and says so."""
        if not self.manifest.config.evaluation.plugins:
            return None
        try:
            return RunJudge(self.manifest.config, self.corpus)
        except EvaluatorError as error:
            if not self._resumed:
                raise
            self._notes.append(f"previews are not judged: {error.thing}: {error.reason}")
            return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stepper is not None:
            self._stepper.close()
        if self._judge is not None:
            self._judge.close()
        if self._recorder is not None:
            self._recorder.close()
        self._lock.release()

    def _establish(self) -> None:
        """Make the new folder a run, and ours; where that fails, on a full disk say, nothing is left of it."""
        try:
            self._lock.acquire()
            write_manifest(self.run, self.manifest)
        except RunError:
            self._lock.release()
            shutil.rmtree(self.run.path, ignore_errors=True)
            raise

    def events(self) -> Iterator[Event]:
        """Train; every event is on disk before it comes out here.

        Raises:
            FailedError: where training failed; the run's last event says so too.
        """
        assert self._recorder is not None
        trainer, start = self._assemble()
        try:
            for event in self._all_events(trainer, start):
                self._lock.check()
                self._recorder.append(event)
                if not isinstance(event, StepEvent):
                    self._recorder.sync()
                yield event
        except DivergedError:
            raise  # the trainer has said so itself
        except (RnnlabError, OSError, MemoryError, RuntimeError) as error:
            reason = error.reason if isinstance(error, RnnlabError) else str(error) or type(error).__name__
            with contextlib.suppress(RunError):  # a full disk takes no more lines
                self._recorder.append(trainer.end("failed", reason))
            raise

    def _all_events(self, trainer: Trainer, start: StartEvent) -> Iterator[Event]:
        yield start
        if self._anew:
            yield NoteEvent(step=0, level="warning", text="it has no checkpoint: training begins anew")
        for text in self._damaged:
            yield NoteEvent(step=start.step, level="warning", text=f"passed over a damaged checkpoint: {text}")
        for text in self._notes:
            yield NoteEvent(step=start.step, text=text)
        yield from trainer.events()

    def _assemble(self) -> tuple[Trainer, StartEvent]:
        config, corpus = self.manifest.config, self.corpus
        training = config.training
        choice = EngineChoice.from_json(self.manifest.resolved)
        choice.apply(self._network)
        batches = batches_of(corpus, config)
        announce(self._ranks, self.run, config, corpus, choice, self.device)
        self._stepper = stepper = stepper_for(self._network, training, self.device, batches, self._ranks)
        store = Store(self.run.checkpoints, config, corpus.vocabulary)
        self._anew = self._resumed and not store.has_any()
        progress, self._damaged = store.load_last(stepper) if self._resumed and not self._anew else (Progress(), [])
        self._note_ranks(progress)
        horizon = Horizon.of(training, batches.per_epoch)
        previews = Previews(
            training,
            self._network,
            corpus.vocabulary,
            self.run.samples,
            Milestones(training.preview_every, horizon),
            _first_symbol(corpus),
            self._judge,
        )
        verdicts = Verdicts(store, self._judge, config.evaluation.keep_best)
        parts = Parts(batches, _measurable(corpus.parts.validation), _measurable(corpus.parts.test))
        desk = Desk(Inbox(self.run), self._interrupted)
        trainer = Trainer(config, parts, stepper, store, desk, previews, verdicts, progress)
        start = StartEvent(
            step=trainer.step,
            resumed=self._resumed,
            host=socket.gethostname(),
            pid=os.getpid(),
            device=describe_device(self.device) + (f", {self._ranks.world} processes" if self._ranks.world > 1 else ""),
            precision=choice.precision,
            parameters=self.manifest.parameters,
            vocabulary=len(corpus.vocabulary),
            train_chars=len(corpus.parts.train),
            chars_per_step=batches.chars,
            total_steps=trainer.horizon.steps,
            total_seconds=trainer.horizon.seconds,
        )
        return trainer, start

    def _note_ranks(self, progress: Progress) -> None:
        """Say what another number of processes changes."""
        before, now = progress.ranks, self._ranks.world
        progress.ranks = now
        if self._resumed and before != now:
            self._notes.append(
                f"goes on with {now} process{'es' if now > 1 else ''} instead of {before}: sums are rounded in another "
                "order, and dropout draws other masks; streams, batches and hidden state are the same"
            )


def _first_symbol(corpus: Corpus) -> str:
    """A line break, where the corpus has one: text begins after it; else the commonest symbol."""
    breaks = [place for place, code in enumerate(corpus.vocabulary.symbols) if code == ord("\n")]
    return corpus.vocabulary.decode([breaks[0] if breaks else int(corpus.counts.argmax())])


def _measurable(part: Any) -> Any:
    """A part that holds something to predict, or None."""
    return part if len(part) > 1 else None
