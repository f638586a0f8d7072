"""One sitting of training: everything is opened, checked and put together here, then events flow.

`begin` makes the folder of a plan (see `planning`) and starts; `resume` goes on where a folder stands.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import platform
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

import torch

import rnnlab
from rnnlab.config import RunConfig, flatten
from rnnlab.corpus import Corpus, open_corpus
from rnnlab.errors import DivergedError, RnnlabError, RunError
from rnnlab.events import EndEvent, Event, NoteEvent, StartEvent, StepEvent
from rnnlab.model.device import describe_device, make_deterministic, pick_device
from rnnlab.model.engine_choice import EngineChoice
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import Sampler
from rnnlab.runs.control import Inbox
from rnnlab.runs.layout import RunFolder, create_run
from rnnlab.runs.lock import RunLock
from rnnlab.runs.manifest import Manifest, read_manifest, write_manifest
from rnnlab.runs.record import Recorder
from rnnlab.training.follower import announce
from rnnlab.training.judging import RunJudge
from rnnlab.training.planning import Collecting, Given, Plan, batches_of
from rnnlab.training.previews import Previews
from rnnlab.training.rank_stepper import check_streams
from rnnlab.training.ranks import ALONE, Ranks
from rnnlab.training.resumed_engine import difference, recorded_engine, rewritten
from rnnlab.training.schedule import Horizon, Milestones
from rnnlab.training.state import Progress
from rnnlab.training.steering import Desk
from rnnlab.training.step import Stepper
from rnnlab.training.steppers import choose_engine, stepper_for
from rnnlab.training.store import Store
from rnnlab.training.trainer import Parts, Trainer

_SAME_CORPUS = ("digest", "vocabulary", "vocabulary_size", "split")
_SIZES = ("files", "bytes", "characters", "duplicates")  # shown where the text differs
# What may differ when a run is resumed: how long it goes on, and what is shown and kept on the way.
_FREE_ON_RESUME = {
    "epochs", "steps", "time", "patience", "keep_checkpoints", "preview_every", "preview_count", "preview_length",
    "preview_prompt", "preview_temperature", "checkpoint_every",
}  # fmt: skip


def begin(planned: Plan, interrupted: Callable[[], str], command: tuple[str, ...], ranks: Ranks = ALONE) -> Session:
    """Make the run's folder and everything that training needs."""
    config, corpus = planned.config, planned.corpus
    check_streams(config.training, ranks)
    if config.training.deterministic:
        make_deterministic(planned.device)
    hint = f"{corpus.name}-{config.model.cell}-{config.model.layers}x{config.model.hidden}"
    network = CharModel(config.model, len(corpus.vocabulary), seed=config.training.seed).to(planned.device)
    Sampler.of(network, corpus.vocabulary)  # compiles what previews need before the clock runs
    choice = choose_engine(network, config.training, ranks)
    run = create_run(planned.runs_dir, planned.name, hint=hint)
    manifest = Manifest(
        config=config,
        corpus=corpus.fingerprint,
        vocabulary=corpus.vocabulary.to_json(),
        versions=_versions(),
        device=str(planned.device),
        command=command,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        resolved=choice.to_json(),
    )
    torch.manual_seed(config.training.seed)
    return Session(run, manifest, corpus, network, planned.device, interrupted, resumed=False, ranks=ranks)


def resume(
    run: RunFolder, given: Given, interrupted: Callable[[], str], collecting: Collecting, ranks: Ranks = ALONE
) -> Session:
    """Open a run where its last checkpoint stands.

    Raises:
        RunError: where the corpus has changed, a setting differs that decides what is computed, the
            run has no intact checkpoint, or another trainer holds it.
    """
    written = read_manifest(run)
    asked = given["training"].get("device")
    device = pick_device(asked or written.config.training.device)
    config = _with_free_settings(written.config, given)
    recorded = recorded_engine(run.name, written, device, given["training"].get("precision"))
    if config.training.deterministic:
        make_deterministic(device)
    with collecting() as callback:
        corpus = open_corpus(config.corpus, progress=callback, known=written.corpus)
    _same_corpus(run, written.corpus, corpus.fingerprint)
    network = CharModel(config.model, len(corpus.vocabulary), seed=config.training.seed).to(device)
    check_streams(config.training, ranks)
    choice = recorded or choose_engine(network, config.training, ranks)
    manifest = dataclasses.replace(written, config=config, resolved=choice.to_json())
    torch.manual_seed(config.training.seed)  # a run that was killed before its first checkpoint begins anew
    session = Session(run, manifest, corpus, network, device, interrupted, resumed=True, ranks=ranks)
    if recorded is None:
        session.change_engine(written, choice)
    return session


def _with_free_settings(config: RunConfig, given: Given) -> RunConfig:
    """The run's configuration with the given free settings; any other difference is refused and shown."""
    old = flatten(config)
    wanted = {f"{section}.{name}": value for section, values in given.items() for name, value in values.items()}
    different = {key: value for key, value in wanted.items() if _plain(value) != _plain(old[key])}
    fixed = sorted(key for key in different if key.split(".")[1] not in _FREE_ON_RESUME | {"device", "precision"})
    if fixed:
        shown = "; ".join(f"{key} is {old[key]}, not {different[key]}" for key in fixed)
        raise RunError(
            "--resume", f"the run was made with other settings: {shown}", "Leave them out, or start a new run."
        )
    training = {key.split(".")[1]: value for key, value in different.items()}
    return dataclasses.replace(config, training=dataclasses.replace(config.training, **training))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _same_corpus(run: RunFolder, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if all(before.get(key) == now.get(key) for key in _SAME_CORPUS):
        return
    different = [key for key in (*_SAME_CORPUS[1:], *_SIZES) if before.get(key) != now.get(key)]
    shown = "; ".join(f"{key} {before.get(key)} before, {now.get(key)} now" for key in different)
    shown = shown or f"as many characters, but others (digest {before['digest'][:12]} before, {now['digest'][:12]} now)"
    raise RunError(run.name, f"its corpus has changed: {shown}", "Put the old corpus back, or start a new run.")


def _versions() -> dict[str, str]:
    return {"rnnlab": rnnlab.__version__, "torch": torch.__version__, "python": platform.python_version()}


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
        self._changed: list[str] = []
        self._rewritten: Manifest | None = None
        self._lock = RunLock(run)
        self._recorder: Recorder | None = None
        self._damaged: list[str] = []
        self._anew = False
        self._judge: RunJudge | None = None
        self._stepper: Stepper | None = None

    def change_engine(self, written: Manifest, choice: EngineChoice) -> None:
        """Go on with another layer engine than ``written`` says, and record it unless it is the device's doing."""
        self._changed += filter(None, [difference(EngineChoice.from_json(written.resolved), choice)])
        if written.device.partition(":")[0] == self.device.type:
            self._rewritten = rewritten(written, choice, self.manifest.config.training.precision)

    def __enter__(self) -> Session:
        if self._resumed:
            self._lock.acquire()
            if self._rewritten is not None:
                write_manifest(self.run, self._rewritten)
        else:
            self._establish()
        self._recorder = Recorder(self.run)
        if self.manifest.config.evaluation.plugins:
            self._judge = RunJudge(self.manifest.config, self.corpus)
        return self

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
                self._recorder.append(EndEvent(step=trainer.step, state="failed", reason=reason, chars=trainer.chars))
            raise

    def _all_events(self, trainer: Trainer, start: StartEvent) -> Iterator[Event]:
        yield start
        if self._anew:
            yield NoteEvent(step=0, level="warning", text="it has no checkpoint: training begins anew")
        for text in self._damaged:
            yield NoteEvent(step=start.step, level="warning", text=f"passed over a damaged checkpoint: {text}")
        for text in self._changed:
            yield NoteEvent(step=start.step, text=text)
        yield from trainer.events()

    def _assemble(self) -> tuple[Trainer, StartEvent]:
        config, corpus = self.manifest.config, self.corpus
        training = config.training
        choice = EngineChoice.from_json(self.manifest.resolved)
        choice.apply(self._network)
        batches = batches_of(corpus, config)
        announce(self._ranks, config, corpus, choice, self.device)
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
            config.evaluation.keep_best,
        )
        parts = Parts(batches, _measurable(corpus.parts.validation), _measurable(corpus.parts.test))
        desk = Desk(Inbox(self.run), self._interrupted)
        trainer = Trainer(config, parts, stepper, store, desk, previews, progress)
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
            self._changed.append(
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
