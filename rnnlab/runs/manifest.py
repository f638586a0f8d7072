"""``run.json``: what was decided at a run's start, whole and durable before the first step.

Knows the shape of the file; what the corpus fingerprint and the vocabulary mean is the corpus's.
"""

from __future__ import annotations

import json
import time as clock
from dataclasses import dataclass, field
from typing import Any

from rnnlab.config import RunConfig, from_dict, to_dict
from rnnlab.errors import ConfigError, RunError
from rnnlab.runs.durable import atomic_write
from rnnlab.runs.layout import RunFolder

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that a run started from.

    ``resolved`` holds the choices that were made by timing or by what the machine offers (layer
    engine, threads, precision): a resumed run takes them from here, so that it computes the same.
    """

    config: RunConfig
    corpus: dict[str, Any]
    vocabulary: dict[str, Any]
    versions: dict[str, str] = field(default_factory=dict)
    device: str = ""
    command: tuple[str, ...] = ()
    created: float = field(default_factory=clock.time)
    parameters: int = 0
    resolved: dict[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA


def write_manifest(run: RunFolder, manifest: Manifest) -> None:
    """Write ``run.json``; from then on the folder is a run.

    Raises:
        RunError: where it cannot be written.
    """
    values = {
        "schema": manifest.schema,
        "created": manifest.created,
        "command": list(manifest.command),
        "device": manifest.device,
        "parameters": manifest.parameters,
        "versions": manifest.versions,
        "resolved": manifest.resolved,
        "config": to_dict(manifest.config),
        "corpus": manifest.corpus,
        "vocabulary": manifest.vocabulary,
    }
    atomic_write(run.manifest_path, json.dumps(values, indent=1, allow_nan=False) + "\n")


def read_values(run: RunFolder) -> dict[str, Any]:
    """``run.json`` as plain values, for those who only list.

    Raises:
        RunError: where it is missing, damaged, or of a newer schema.
    """
    path = run.manifest_path
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        what = "is no run (it has no run.json)" if run.path.is_dir() else "is no run any more (its folder is gone)"
        raise RunError(str(run.path), what, "See the runs with: rnnlab runs") from None
    except OSError as error:
        raise RunError(str(path), (error.strerror or str(error)).lower()) from None
    except (ValueError, RecursionError):
        raise RunError(str(path), "is damaged: not JSON", "Put it back from a copy, or remove the run.") from None
    if not isinstance(values, dict) or not isinstance(values.get("schema"), int):
        raise RunError(str(path), "is damaged: no schema number", "Put it back from a copy, or remove the run.")
    if values["schema"] > SCHEMA:
        raise RunError(str(path), f"was written by a newer rnnlab (schema {values['schema']})", "Update rnnlab.")
    return values


def read_manifest(run: RunFolder) -> Manifest:
    """The run's manifest.

    Raises:
        RunError: where it is missing, damaged, or of a newer version.
    """
    return from_values(run, read_values(run))


def from_values(run: RunFolder, values: dict[str, Any]) -> Manifest:
    """The run's manifest from the values of its ``run.json``.

    Raises:
        RunError: where they are damaged.
    """
    try:
        return Manifest(
            schema=values["schema"],
            created=float(values["created"]),
            command=tuple(values["command"]),
            device=values["device"],
            parameters=int(float(values["parameters"])),
            versions=dict(values["versions"]),
            resolved=dict(values["resolved"]),
            config=from_dict(RunConfig, values["config"]),
            corpus=dict(values["corpus"]),
            vocabulary=dict(values["vocabulary"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, ConfigError) as error:
        detail = f"{error.thing}: {error.reason}" if isinstance(error, ConfigError) else repr(error)
        raise RunError(str(run.manifest_path), f"is damaged: {detail}", "Put it back from a copy.") from None
