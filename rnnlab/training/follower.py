"""What the ranks that do not lead do: carry out orders until told to end.

A follower reads the corpus and holds the weights, and nothing else of the run: no folder, no clock, no judge.
"""

from __future__ import annotations

from typing import Any

import torch

from rnnlab.config import RunConfig, from_dict, to_dict
from rnnlab.corpus import Corpus, open_corpus
from rnnlab.errors import CorpusError
from rnnlab.model.device import make_deterministic, pick_device
from rnnlab.model.engine_choice import EngineChoice
from rnnlab.model.network import CharModel
from rnnlab.training.planning import batches_of
from rnnlab.training.rank_stepper import PARTS, RankStepper
from rnnlab.training.ranks import Order, Ranks
from rnnlab.training.state import restore


def follow(ranks: Ranks) -> None:
    """Take orders until the leader says that it is over.

    Raises:
        LostRankError: where the leader, or another rank, is gone.
        CorpusError: where this machine has another text than the leader's.
    """
    while True:
        order, _, _ = ranks.next_order()
        if order is Order.BEGIN:
            _train(ranks, ranks.broadcast())
            return
        if order is Order.END:
            return


def announce(ranks: Ranks, config: RunConfig, corpus: Corpus, choice: EngineChoice, device: torch.device) -> None:
    """The leader's side of the beginning; does nothing where nobody follows."""
    if ranks.world > 1:
        ranks.order(Order.BEGIN)
        ranks.broadcast(
            {
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
    stepper = RankStepper(network, config.training, device, ranks)
    parts = {"validation": corpus.parts.validation, "test": corpus.parts.test}
    while True:
        order, number, value = ranks.next_order()
        match order:
            case Order.END:
                return
            case Order.STEP:
                stepper.step(batches.at(number), value)
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
