"""What a new run will compute: decided, checked and shown before any run folder exists.

Refusals come before long work: names, devices, settings and evaluators are looked at before the
corpus is read. Knows nothing of how a run is carried out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rnnlab.config import CorpusConfig, RunConfig, to_dict
from rnnlab.corpus import Corpus, Vocabulary, open_corpus
from rnnlab.corpus.language import language_of
from rnnlab.errors import ConfigError, RunError, VocabularyError
from rnnlab.evaluation.discovery import find_all, installed, suggestion
from rnnlab.evaluation.lane import Description
from rnnlab.evaluation.pool import Pool
from rnnlab.model.device import pick_device
from rnnlab.model.engine_choice import check_precision
from rnnlab.model_size import parameter_count
from rnnlab.presets import PRESETS, default_preset, dropout_for, resolve
from rnnlab.runs.layout import RunFolder, check_name, check_runs_dir
from rnnlab.training.batches import Batches
from rnnlab.training.stream_choice import left_to_timing

Given = Mapping[str, Mapping[str, Any]]
"""Settings that were given, by section."""

_DEFAULT_PLUGIN = "c-syntax"
_C_PROMPT = "static int "
_GPU_REPORT_EVERY = 50  # steps
_KEEP_EXAMPLE = "Name PLUGIN.METRIC, for example --plugin c-syntax --keep-best c-syntax.clean-functions."


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new run will compute: resolved configuration, opened corpus, device."""

    config: RunConfig
    corpus: Corpus
    device: torch.device
    name: str | None
    runs_dir: Path
    by_timing: frozenset[str] = frozenset()
    """Training settings that are still to be chosen when the run begins; see `rnnlab.training.stream_choice`."""

    def to_json(self) -> str:
        """The resolved configuration, with what follows from it, as JSON."""
        facts = {
            "parameters": parameter_count(self.config.model, len(self.corpus.vocabulary)),
            "vocabulary": len(self.corpus.vocabulary),
            "train_chars": len(self.corpus.parts.train),
            "validation_chars": len(self.corpus.parts.validation),
            "test_chars": len(self.corpus.parts.test),
            "device": str(self.device),
            "chosen_by_timing": sorted(self.by_timing),
        }
        return json.dumps({"config": to_dict(self.config), "facts": facts}, indent=1)


Collecting = Callable[[], contextlib.AbstractContextManager[Any]]


def plan(
    sources: list[str], preset: str | None, given: Given, name: str | None, runs_dir: Path, collecting: Collecting
) -> Plan:
    """Resolve a new run; reads and encodes the corpus if it is not cached yet.

    Args:
        sources: what the user named.
        preset: the preset to start from, or None for a sensible one.
        given: settings by section.
        name: the run's name, or None for one made of the corpus and the model.
        runs_dir: where the run will lie.
        collecting: opens whatever shows the collecting of the corpus; gives its callback.

    Raises:
        RnnlabError: for anything that would fail later.
    """
    device = pick_device(given["training"].get("device", "auto"))
    if preset is not None and preset not in PRESETS:
        raise ConfigError("preset", f"there is none called {preset!r}", f"Use one of: {', '.join(PRESETS)}.")
    check_runs_dir(runs_dir)
    if name is not None and RunFolder(runs_dir / check_name(name)).exists:
        raise RunError(
            name, f"there is already such a run in {runs_dir}", f"Go on with it: rnnlab train --resume {name}"
        )
    # Absolute, so that the run can be resumed from any folder.
    absolute = tuple(source if source == "-" else os.path.abspath(source) for source in sources)  # noqa: PTH100  # a link stays one
    by_timing = left_to_timing(given["training"], preset, device.type)
    if "streams" in by_timing:
        given = {**given, "training": {name: value for name, value in given["training"].items() if name != "streams"}}
    corpus_given = {**given["corpus"], "sources": absolute}
    is_c = language_of(absolute, given["corpus"].get("include", CorpusConfig().include)) == "c"
    given = {**given, "evaluation": _evaluation(given["evaluation"], is_c=is_c)}
    # Every setting is checked before the corpus is read; the default preset can only be chosen after.
    early = _resolved(preset or "small", given, corpus_given)
    check_precision(device.type, early.training.precision)
    with collecting() as callback:
        corpus = open_corpus(early.corpus, progress=callback)
    chosen = preset or default_preset(device.type, len(corpus.parts.train))
    model = {**dropout_for(chosen, len(corpus.parts.train)), **given["model"]}
    config = _resolved(chosen, {**given, "model": model}, corpus_given)
    config = _fitted(config, given, len(corpus.parts.train), device.type)
    if is_c and "preview_prompt" not in given["training"] and _knows(corpus.vocabulary, _C_PROMPT):
        # From the beginning of a file a model writes headers; what is worth judging is functions.
        config = dataclasses.replace(config, training=dataclasses.replace(config.training, preview_prompt=_C_PROMPT))
    batches_of(corpus, config)  # refuses streams that are too short
    return Plan(config, corpus, device, name, runs_dir, by_timing)


def batches_of(corpus: Corpus, config: RunConfig) -> Batches:
    """The train part, cut as the configuration says.

    Raises:
        ConfigError: where it is too short for that.
    """
    streams, window = config.training.streams, config.training.window
    return Batches(corpus.parts.train.streams(streams), streams, window)


def _evaluation(given: Mapping[str, Any], *, is_c: bool) -> dict[str, Any]:
    """Which evaluators judge: those that were asked for, none for ``none``, and c-syntax for C.

    Where something was asked for they are started once, because what they refuse is to be known before the work.

    Raises:
        EvaluatorError: for an evaluator that is not there, cannot be loaded or does not have an option.
        ConfigError: for a score to keep that no evaluator gives.
    """
    asked = tuple(given.get("plugins", ()))
    if asked == ("none",):
        asked = ()
    elif not asked and is_c and _DEFAULT_PLUGIN in installed():
        asked = (_DEFAULT_PLUGIN,)
    plugins = find_all(asked)
    if given:
        with Pool(plugins, given.get("settings", ())) as pool:
            _check_keep(given.get("keep_best", ""), pool.start(every=True))
    # Files by their whole path, so that the run can be resumed and judged from any folder.
    return {**given, "plugins": tuple(plugin.target if plugin.is_file else plugin.name for plugin in plugins)}


def _check_keep(keep: str, plugins: Mapping[str, Description]) -> None:
    plugin, _, metric = keep.rpartition(".")
    if not keep or (plugin in plugins and metric in plugins[plugin].metrics):
        return
    if plugin in plugins:
        reason = f"{plugin} has no metric {metric!r}"
        raise ConfigError("keep_best", reason, suggestion(metric, plugins[plugin].metrics, "It has"))
    names = ", ".join(plugins) or "none"
    raise ConfigError("keep_best", f"{keep!r} is no score of an evaluator that judges here ({names})", _KEEP_EXAMPLE)


def _knows(vocabulary: Vocabulary, text: str) -> bool:
    """Whether every symbol of a text is known."""
    try:
        vocabulary.encode(text)
    except VocabularyError:
        return False
    return True


def _resolved(preset: str, given: Given, corpus: Mapping[str, Any]) -> RunConfig:
    return resolve(
        preset, corpus=corpus, model=given["model"], training=given["training"], evaluation=given["evaluation"]
    )


def _fitted(config: RunConfig, given: Given, chars: int, device: str) -> RunConfig:
    """The same configuration with fewer streams where a preset's do not fit a small corpus, and fewer reports on a GPU.

    A GPU makes hundreds of updates a second, and each report waits for the last of them.
    """
    streams, window = config.training.streams, config.training.window
    if "window" not in given["training"]:
        while window > 16 and chars < 4 * window:
            window //= 2
    if "streams" not in given["training"]:
        while streams > 1 and chars // streams < 4 * window:
            streams //= 2
    often = config.training.report_every
    if device == "cuda" and "report_every" not in given["training"]:
        often = _GPU_REPORT_EVERY
    training = dataclasses.replace(config.training, streams=streams, window=window, report_every=often)
    return dataclasses.replace(config, training=training)
