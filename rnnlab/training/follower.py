"""What the ranks that do not lead do: carry out orders until told to end.

A follower reads the corpus and holds the weights, and nothing else of the run: no clock, no judge, and of its
folder only the lock, once the leader is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from rnnlab.config import RunConfig, from_dict, to_dict
from rnnlab.corpus import Corpus, open_corpus
from rnnlab.errors import CorpusError
from rnnlab.model.device import make_deterministic, pick_device
from rnnlab.model.engine_choice import EngineChoice
from rnnlab.model.network import CharModel
from rnnlab.runs.heartbeat import lock_state
from rnnlab.runs.layout import RunFolder
from rnnlab.training.planning import batches_of
from rnnlab.training.rank_stepper import PARTS, RankStepper
from rnnlab.training.ranks import LostLeaderError, LostRankError, Order, Ranks
from rnnlab.training.state import restore

_LEAVING_SECONDS = 10.0


def follow(ranks: Ranks, begins: Callable[[], None]) -> None:
    """Take orders until the leader says that it is over.

    Args:
        ranks: who this is, and the others.
        begins: called when the training begins, from where on the leader obeys signals for all.

    Raises:
        LostLeaderError: where the leader was killed, at the first of the followers.
        LostRankError: where any other rank is gone, or the leader has gone and has said why.
        CorpusError: where this machine has another text than the leader's.
    """
    while True:
        order, _, _ = ranks.next_order()
        if order is Order.BEGIN:
            begins()
            told = ranks.broadcast()
            try:
                _train(ranks, told)
            except LostRankError:
                run = RunFolder(Path(told["run"]))
                if ranks.rank == 1 and _killed_leader(run):
                    raise LostLeaderError(run.name) from None
                raise
            return
        if order is Order.END:
            return


def _killed_leader(run: RunFolder) -> bool:
    """Whether the leader went without giving its run back; one that is about to leave in order gets time for it."""
    end = time.monotonic() + _LEAVING_SECONDS
    while (state := lock_state(run)) is not None and time.monotonic() < end:
        if not state.alive:
            return True
        time.sleep(0.05)
    return False


def announce(
    ranks: Ranks, run: RunFolder, config: RunConfig, corpus: Corpus, choice: EngineChoice, device: torch.device
) -> None:
    """The leader's side of the beginning; does nothing where nobody follows."""
    if ranks.world > 1:
        ranks.order(Order.BEGIN)
        ranks.broadcast(
            {
                "run": str(run.path.absolute()),
                "config": to_dict(config),
                "fingerprint": dict(corpus.fingerprint),
                "engine": choice.to_json(),
                "device": device.type,
            }
        )


def _train(ranks: Ranks, told: dict[str, Any]) -> None:
    config = from_dict(RunConfig, told["config"])
    corpus = open_corpus(config.corpus, known=told["fingerprint"])
    if corpus.fingerprint["digest"] != told["fingerprint"]["digest"]:
        raise CorpusError(
            corpus.name, f"rank {ranks.rank} reads another text than rank 0", "Give all machines the same files."
        )
    device = pick_device(f"cuda:{ranks.local_rank}" if told["device"] == "cuda" else told["device"])
    if config.training.deterministic:
        make_deterministic(device)
    network = CharModel(config.model, len(corpus.vocabulary), seed=config.training.seed).to(device)
    EngineChoice.from_json(told["engine"]).apply(network)
    batches = batches_of(corpus, config)
    stepper = RankStepper(network, config.training, device, batches, ranks)
    parts = {"validation": corpus.parts.validation, "test": corpus.parts.test}
    while True:
        order, number, value = ranks.next_order()
        match order:
            case Order.END:
                return
            case Order.STEP:
                stepper.learn(batches, number, value)
                stepper.restore_unreported([], [])  # reporting is the leader's
            case Order.RESTORE:
                kept = ranks.broadcast()
                network.load_state_dict(kept["weights"])
                restore(stepper, kept["optimizer"], kept["trainer"])
            case Order.GATHER:
                stepper.gather()
            case Order.MEASURE:
                _measure(stepper, parts[PARTS[number]], int(value), ranks.broadcast())


def _measure(stepper: RankStepper, part: Any, most: int, weights: dict[str, Any]) -> None:
    """Measure with the leader's weights, which may be averaged or the best ones; then take the own ones back."""
    network = stepper.network
    own = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(weights)
    network.eval()
    stepper.measure_share(part, most)
    network.train()
    network.load_state_dict(own)
