"""How a sitting of training begins: `begin` makes the folder of a plan, `resume` opens one where it stands.

What a plan leaves to timing is chosen here, and what a run was made with is held against what is
there now. The sitting itself is `session`'s.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable, Mapping
from typing import Any

import torch

import rnnlab
from rnnlab.config import RunConfig, flatten
from rnnlab.corpus import open_corpus
from rnnlab.errors import RunError
from rnnlab.model.device import make_deterministic, pick_device
from rnnlab.model.engine_choice import EngineChoice
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import Sampler
from rnnlab.runs.layout import RunFolder, create_run
from rnnlab.runs.manifest import Manifest, read_manifest
from rnnlab.training.planning import Collecting, Given, Plan
from rnnlab.training.rank_stepper import check_streams
from rnnlab.training.ranks import ALONE, Ranks
from rnnlab.training.resumed_engine import recorded_engine
from rnnlab.training.session import Session
from rnnlab.training.steppers import choose_engine, choose_streams_and_engine
from rnnlab.training.stream_choice import StreamChoice, with_streams

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
    config, choice, streams = _chosen(planned, network, ranks)
    run = create_run(planned.runs_dir, planned.name, hint=hint)
    manifest = Manifest(
        config=config,
        corpus=corpus.fingerprint,
        vocabulary=corpus.vocabulary.to_json(),
        versions=_versions(),
        device=str(planned.device),
        command=command,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        resolved={**choice.to_json(), **({"streams": streams.to_json()} if streams else {})},
    )
    torch.manual_seed(config.training.seed)
    session = Session(run, manifest, corpus, network, planned.device, interrupted, resumed=False, ranks=ranks)
    if streams is not None:
        session.note(streams.told(config))
    return session


def _chosen(planned: Plan, network: CharModel, ranks: Ranks) -> tuple[RunConfig, EngineChoice, StreamChoice | None]:
    """What the plan leaves to timing: the layer engine, and the streams where nobody gave them."""
    config = planned.config
    if "streams" not in planned.by_timing:
        return config, choose_engine(network, config.training, ranks), None
    streams, choice = choose_streams_and_engine(network, config, len(planned.corpus.parts.train), ranks)
    return with_streams(config, streams, planned.by_timing), choice, streams


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
    manifest = dataclasses.replace(written, config=config, resolved={**written.resolved, **choice.to_json()})
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
