"""The network: symbols in, logits out, with its state passed in and returned.

Knows how layers are wired (embedding, dropout, skips, output) but neither how a layer is
computed (an engine's business, see `layer`) nor how the weights are learnt.

Shapes: N streams, T time, V vocabulary, D embedding, H hidden, L layers. Ids come in as
(N, T) and logits go out as (N, T, V); between, everything is time-major (T, N, ...).

Names of the weights, which checkpoints and other tools rely on:

    embedding                      (V, D)     only where D > 0
    layers.<l>.input_weight        (G·H, D)   see `RecurrentLayer`
    layers.<l>.symbol_weight       (G·H, V)
    layers.<l>.recurrent_weight    (G·H, H)
    layers.<l>.bias                (G·H,)
    layers.<l>.new_bias            (H,)       gru only
    output_weight                  (V, H), with skips (V, L·H), layers side by side
    output_bias                    (V,)
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.config import ModelConfig
from rnnlab.model.cudnn_engine import CudnnEngine
from rnnlab.model.initialization import initialize_layer, initialize_matrix
from rnnlab.model.kernel_layer import KernelEngine
from rnnlab.model.layer import LayerEngine, LayerInput, RecurrentLayer, State
from rnnlab.model_size import dense_width, output_width, sees_symbols


class CharModel(nn.Module):
    """A recurrent character model.

    Args:
        config: its shape.
        vocabulary_size: V.
        seed: of the initial weights.
        engine: computes the layers; may be replaced at any time, the parameters stay.
    """

    def __init__(
        self, config: ModelConfig, vocabulary_size: int, *, seed: int = 0, engine: LayerEngine | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.vocabulary_size = vocabulary_size
        self.engine: LayerEngine = engine or KernelEngine()
        embedding = nn.Parameter(torch.empty(vocabulary_size, config.embedding)) if config.embedding else None
        self.embedding: nn.Parameter | None = embedding
        self.layers = nn.ModuleList(
            RecurrentLayer(
                config.cell,
                config.hidden,
                dense_width(config, layer),
                vocabulary_size if sees_symbols(config, layer) else 0,
            )
            for layer in range(config.layers)
        )
        self.output_weight = nn.Parameter(torch.empty(vocabulary_size, output_width(config)))
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.initialize(seed)

    def initialize(self, seed: int) -> None:
        """Give every weight its first value; the same for the same seed on every device."""
        generator = torch.Generator().manual_seed(seed)
        if self.embedding is not None:
            # A row is looked up, not summed over: its components should be of size one.
            initialize_matrix(self.embedding, self.config, generator, fan_in=1)
        for layer in self.recurrent_layers():
            initialize_layer(layer, self.config, generator)
        initialize_matrix(self.output_weight, self.config, generator, fan_in=self.output_weight.shape[1])

    def recurrent_layers(self) -> list[RecurrentLayer]:
        """The layers, from the input up."""
        return [cast(RecurrentLayer, layer) for layer in self.layers]

    def initial_state(self, streams: int) -> State:
        """The state before the first symbol: zeros."""
        return tuple(layer.initial_state(streams) for layer in self.recurrent_layers())

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits for the symbol after each one, and the state after the last.

        Args:
            ids: (N, T) int64, T at least 1.
            state: where the last window ended, or None for the beginning of a text.

        Returns:
            logits (N, T, V) and the new state, still attached to the graph (see `detached`).
        """
        features, state = self.features(ids.t(), state)
        features = features.to(self.output_weight.dtype)
        return functional.linear(features, self.output_weight, self.output_bias).transpose(0, 1), state

    def loss(self, ids: Tensor, targets: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Mean loss of predicting ``targets`` (N, T) after ``ids`` (N, T), in nats per character, and the state.

        Cross entropy on what `forward` gives, within the precision of the engine.
        """
        features, state = self.features(ids.t(), state)
        return self.engine.loss(features, self.output_weight, self.output_bias, targets.t()), state

    def features(self, symbols: Tensor, state: State | None) -> tuple[Tensor, State]:
        """What the output layer sees, (T, N, H or L·H), for ``symbols`` (T, N)."""
        state = self.initial_state(symbols.shape[1]) if state is None else state
        embedded, scale = self._input(symbols)
        if isinstance(self.engine, CudnnEngine) and self.engine.stacks(len(state), plain=self._plain):
            lowest = self._layer_input([], embedded, symbols, scale)
            features, new = self.engine.run_all(self.recurrent_layers(), lowest, state)
            return self._dropped(features, self.config.dropout_output), new
        outputs: list[Tensor] = []
        states = []
        for layer, layer_state in zip(self.recurrent_layers(), state, strict=True):
            output, new_state = self.engine.run(
                layer, self._layer_input(outputs, embedded, symbols, scale), layer_state
            )
            outputs.append(output)
            states.append(new_state)
        features = torch.cat(outputs, dim=-1) if self.config.skip and len(outputs) > 1 else outputs[-1]
        return self._dropped(features, self.config.dropout_output), tuple(states)

    @property
    def _plain(self) -> bool:
        """Whether nothing lies between the layers, and the input reaches the lowest alone."""
        return not self.config.skip and not (self.training and self.config.dropout_between)

    def _input(self, symbols: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The embedded symbols (T, N, D), or for one-hot input what dropout makes of each 1, (T, N)."""
        share = self.config.dropout_input
        if self.embedding is not None:
            return self._dropped(self.engine.embed(symbols, self.embedding), share), None
        if not (self.training and share):
            return None, None
        return None, functional.dropout(self.output_bias.new_ones(symbols.shape), share)

    def _layer_input(
        self, outputs: list[Tensor], embedded: Tensor | None, symbols: Tensor, scale: Tensor | None
    ) -> LayerInput:
        """The input of the layer above ``outputs``."""
        parts = [self._dropped(outputs[-1], self.config.dropout_between)] if outputs else []
        if embedded is not None and (self.config.skip or not outputs):
            parts.append(embedded)
        dense = torch.cat(parts, dim=-1) if len(parts) > 1 else (parts[0] if parts else None)
        one_hot = sees_symbols(self.config, len(outputs))
        return LayerInput(dense, symbols if one_hot else None, scale if one_hot else None)

    def _dropped(self, values: Tensor, share: float) -> Tensor:
        """Values (T, N, F) with components dropped, the same ones at every step of the window.

        One mask for each stream and window (after Gal and Ghahramani 2016, Merity et al. 2018):
        a mask for each step needs T times as many random numbers, and torch draws those on one
        core, which takes a good part of an update on a CPU.
        """
        if not (share and self.training):
            return values
        # torch's global generator: its state is one tensor that a checkpoint keeps.
        return values * functional.dropout(values.new_ones(values.shape[1:]), share)


def detached(state: State) -> State:
    """The same state, cut off from the graph: where truncated backpropagation ends."""
    return tuple(tuple(part.detach() for part in layer) for layer in state)
