"""Checkpoints: a folder that holds all that is needed to go on, or only to sample.

    step-00012000/
      model.safetensors      the weights to validate and to sample with
      optimizer.safetensors  tensors of the optimizer and the trainer (carried state, random states, ...)
      state.json             step, configuration, vocabulary, metrics, their trees, and a digest of every file

Sampling needs model.safetensors and state.json alone, so a copied folder works anywhere. Nothing
is ever unpickled. Every digest is checked at every load, on the very bytes that are then parsed.
A folder appears under its name in one rename, after all of it is on the disk. Which folders there
are, and which one is best, is `checkpoint_folder`'s business.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from rnnlab.config import RunConfig, from_dict, to_dict
from rnnlab.errors import CheckpointError, ConfigError
from rnnlab.model.checkpoint_folder import discard, sync_folder
from rnnlab.model.network import CharModel
from rnnlab.model.tensor_tree import put_together, take_apart

SCHEMA = 1
MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
_DAMAGED = "Use another checkpoint of the run, or copy this one again from where it is whole."


class HasJson(Protocol):
    """A vocabulary, as far as a checkpoint is concerned."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values from which it can be rebuilt."""
        ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was loaded from one folder."""

    path: Path
    step: int
    config: RunConfig
    vocabulary_json: dict[str, Any]
    """For ``Vocabulary.from_json``."""
    vocabulary_size: int
    metrics: dict[str, Any]
    """Losses and scores at that step, plain JSON."""
    weights: dict[str, Tensor]
    """By the names that `CharModel` documents."""
    optimizer: Any = None
    """The tree that was saved; None unless the checkpoint was loaded for training."""
    trainer: Any = None
    """Likewise."""

    def build_model(self, device: torch.device | str = "cpu") -> CharModel:
        """A network with these weights, in evaluation mode.

        Raises:
            CheckpointError: where the weights are not those of the configuration.
        """
        model = CharModel(self.config.model, self.vocabulary_size)
        try:
            model.load_state_dict(self.weights)
        except RuntimeError as error:
            raise CheckpointError(str(self.path / MODEL), "its weights do not fit its configuration") from error
        return model.to(device).eval()


def save_checkpoint(
    folder: Path,
    step: int,
    model: nn.Module | Mapping[str, Tensor],
    optimizer_state: Any,
    trainer_state: Any,
    config: RunConfig,
    vocabulary: HasJson,
    *,
    metrics: Mapping[str, Any] | None = None,
) -> Path:
    """Write ``folder/step-<step>`` and return its path; durable when it returns.

    Args:
        folder: the run's checkpoints folder.
        model: the network, or the weights to keep under their names (an average, say).
        optimizer_state: any tree of tensors and plain values, such as ``optimizer.state_dict()``.
        trainer_state: another one; may be huge or hold random states.
        metrics: losses and scores at this step, plain JSON.

    Raises:
        CheckpointError: where it cannot be written (disk full, no permission).
    """
    weights = model.state_dict() if isinstance(model, nn.Module) else dict(model)
    tensors: dict[str, Tensor] = {}
    state = {
        "schema": SCHEMA,
        "step": step,
        "config": to_dict(config),
        "vocabulary": vocabulary.to_json(),
        "vocabulary_size": weights["output_bias"].shape[0],
        "metrics": dict(metrics or {}),
        "optimizer": take_apart(optimizer_state, "optimizer", tensors),
        "trainer": take_apart(trainer_state, "trainer", tensors),
    }
    path = folder / f"step-{step:08d}"
    with _told(path), _aside(path) as aside:
        files = {}
        for name, content in ((MODEL, weights), (OPTIMIZER, tensors)):
            data = safetensors.torch.save(_storable(content))
            files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            _write(aside / name, data)
            del data
        state["files"] = files
        state["sha256"] = _digest(state)
        _write(aside / STATE, json.dumps(state, indent=1, allow_nan=False).encode())
    return path


def load_checkpoint(path: Path, *, training: bool = False) -> Checkpoint:
    """Read and verify a checkpoint folder (or a link to one); tensors are on the CPU.

    Args:
        training: load the optimizer's and the trainer's state as well, which sampling does not need.

    Raises:
        CheckpointError: names the file that is missing, damaged, or of a newer version.
    """
    state = _read_state(path / STATE)
    weights = _read_tensors(path, MODEL, state)
    optimizer = trainer = None
    try:
        if training:
            tensors = _read_tensors(path, OPTIMIZER, state)
            optimizer = put_together(state["optimizer"], tensors)
            trainer = put_together(state["trainer"], tensors)
        return Checkpoint(
            path.resolve(),
            state["step"],
            from_dict(RunConfig, state["config"]),
            state["vocabulary"],
            state["vocabulary_size"],
            state["metrics"],
            weights,
            optimizer,
            trainer,
        )
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        raise CheckpointError(str(path / STATE), f"it does not describe a checkpoint ({error})", _DAMAGED) from error


def _storable(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Contiguous on the CPU, none sharing its memory with another (the format refuses that)."""
    seen: set[int] = set()
    result = {}
    for name, tensor in tensors.items():
        stored = tensor.detach().to("cpu").contiguous()
        if stored.untyped_storage().data_ptr() in seen:
            stored = stored.clone()
        seen.add(stored.untyped_storage().data_ptr())
        result[name] = stored
    return result


def _digest(state: Mapping[str, Any]) -> str:
    """Digest of state.json's content, whatever its layout."""
    content = {key: value for key, value in state.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "it is missing" if isinstance(error, FileNotFoundError) else f"it cannot be read ({error.strerror})"
        raise CheckpointError(str(path), reason, _DAMAGED) from error


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(_read(path))
        schema, whole = state["schema"], state["sha256"] == _digest(state)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(str(path), "it is damaged", _DAMAGED) from error
    if not whole:
        raise CheckpointError(str(path), "its digest does not match: it is damaged", _DAMAGED)
    if schema != SCHEMA:
        raise CheckpointError(str(path), f"its format is number {schema}, this rnnlab reads {SCHEMA}", "Update rnnlab.")
    return dict(state)


def _read_tensors(folder: Path, name: str, state: Mapping[str, Any]) -> dict[str, Tensor]:
    path = folder / name
    data = _read(path)
    expected = state["files"][name]
    if len(data) != expected["bytes"]:
        reason = f"it has {len(data)} bytes instead of {expected['bytes']}: it is damaged"
        raise CheckpointError(str(path), reason, _DAMAGED)
    if hashlib.sha256(data).hexdigest() != expected["sha256"]:
        raise CheckpointError(str(path), "its digest does not match: it is damaged", _DAMAGED)
    try:
        return safetensors.torch.load(data)
    except safetensors.SafetensorError as error:
        raise CheckpointError(str(path), f"it is no safetensors file ({error})", _DAMAGED) from error


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into an error that names the checkpoint."""
    try:
        yield
    except OSError as error:
        reason = f"it cannot be written ({error.strerror})"
        raise CheckpointError(str(path), reason, "Make room or choose another --runs-dir.") from error


@contextlib.contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A hidden folder that becomes ``path`` when the block ends well, and vanishes when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    aside.mkdir()
    try:
        yield aside
        sync_folder(aside)
        replaced = path.with_name(f".{path.name}.replaced")
        if path.exists():  # the same step once more, after going back
            discard(replaced)
            path.rename(replaced)
        aside.rename(path)
        sync_folder(path.parent)
        discard(replaced)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
