"""Recurrent layers: whole sequences, several layers, both directions."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from descend.engine import Generator, ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks, init
from descend.nn.dropout import Dropout
from descend.nn.module import Module, Parameter
from descend.nn.precision import like
from descend.nn.recurrent import steps, whole
from descend.nn.recurrent.sequences import Lengths, PackedSequence, checked_lengths
from descend.nn.recurrent.steps import State, Step, Weights
from descend.nn.settings import chosen


class Settings(TypedDict, total=False):
    """What is given to a recurrent layer by name."""

    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool
    generator: Generator | None


class LSTMSettings(Settings, total=False):
    """The LSTM has one setting more."""

    peepholes: bool


class RNNSettings(Settings, total=False):
    """The simple recurrence has one setting more."""

    nonlinearity: str


_USUAL = {"bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False, "generator": None}


class _Recurrent(Module):
    """A stack of recurrent layers: each reads the outputs of the one below."""

    gates, states = 1, 1
    step: Step
    all_steps: whole.Whole

    def __init__(self, input_size: int, hidden_size: int, num_layers: int, settings: dict[str, Any]) -> None:
        name = type(self).__name__
        checks.counts(name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional = bool(settings["batch_first"]), bool(settings["bidirectional"])
        self.bias, self.peepholes = bool(settings["bias"]), bool(settings.get("peepholes", False))
        self.dropout = checks.probability(name, "dropout", settings["dropout"])
        self.generator = settings["generator"]
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                self._grow(input_size if layer == 0 else hidden_size * self.directions, suffix)

    @property
    def directions(self) -> int:
        """1, or 2 if bidirectional."""
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def _grow(self, n_in: int, suffix: str) -> None:
        """Make the parameters of one layer in one direction."""
        h, bound = self.hidden_size, self.hidden_size**-0.5
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (self.gates * h, n_in), "weight_hh": (self.gates * h, h)}
        if self.bias:
            shapes |= {"bias_ih": (self.gates * h,), "bias_hh": (self.gates * h,)}
        if self.peepholes:
            shapes["weight_peephole"] = (3, h)
        for name, shape in shapes.items():
            setattr(self, f"{name}_{suffix}", Parameter(init.uniform(shape, bound, self.generator)))

    def _weights(self, suffix: str) -> Weights:
        held = vars(self)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_peephole")
        return Weights(*[held.get(f"{name}_{suffix}") for name in names])  # type: ignore[arg-type]

    def _read(self, x: Any, before: State | None, lengths: Any) -> tuple[Any, State]:
        """The outputs and the last state of every layer and direction."""
        packed = x if isinstance(x, PackedSequence) else None
        sequence, lengths = self._sequence(x if packed is None else packed.data, packed, lengths)
        single = sequence.ndim == 2
        sequence = sequence.reshape(sequence.shape[0], 1, self.input_size) if single else sequence
        states = self._states(before, sequence, single)
        y, last = self._through_layers(sequence, states, lengths)
        if single:
            y, last = y.reshape(y.shape[0], -1), tuple(part.reshape(-1, self.hidden_size) for part in last)
        if packed is not None:
            flipped = y.transpose(0, 1) if packed.batch_first else y
            return PackedSequence(flipped, packed.lengths, packed.batch_first), last
        return y.transpose(0, 1) if self.batch_first and not single else y, last

    def _sequence(self, x: Any, packed: PackedSequence | None, lengths: Any) -> tuple[Tensor, Lengths | None]:
        """x as (t, n, d) or (t, d), and the lengths if there are any."""
        x = like(vars(self)["weight_ih_l0"], x)
        first = x.ndim == 3 and (self.batch_first if packed is None else packed.batch_first)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size or not x.shape[int(first)]:
            layout = "(n, t, {})" if self.batch_first else "(t, n, {})"
            raise ShapeError(
                "the input does not fit the layer", given=str(x.shape), needed=layout.format(self.input_size),
                fix="batch_first=True reads (n, t, d); numbers without features need an axis: x[..., None]",
            )  # fmt: skip
        x = x.transpose(0, 1) if first else x
        lengths = lengths if packed is None else packed.lengths
        return x, None if lengths is None else checked_lengths(lengths, x.shape[1] if x.ndim == 3 else 1, x.shape[0])

    def _states(self, before: State | None, x: Tensor, single: bool) -> State:
        """The states to begin with, each (num_layers * directions, n, hidden_size)."""
        shape = (self.num_layers * self.directions, x.shape[1], self.hidden_size)
        weight = vars(self)["weight_ih_l0"]
        if before is None:
            return (ops.zeros(shape, weight.dtype),) * self.states
        before = tuple(like(weight, part) for part in before)
        given = tuple(part.reshape(part.shape[0], 1, -1) if single and part.ndim == 2 else part for part in before)
        if any(part.shape != shape for part in given):
            raise ShapeError(
                "the state does not fit the input", given=", ".join(str(part.shape) for part in before),
                needed=str(shape), fix="a state is (layers * directions, n, hidden_size), also with batch_first",
            )  # fmt: skip
        return given

    def _through_layers(self, x: Tensor, states: State, lengths: Lengths | None) -> tuple[Tensor, State]:
        last: list[State] = []
        between = Dropout(self.dropout, generator=self.generator).train(self.training)
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = between(x)
            outputs = []
            for suffix in self._suffixes(layer):
                before = tuple(part[len(last)] for part in states)
                y, after = self._direction(x, before, self._weights(suffix), lengths, suffix.endswith("reverse"))
                outputs.append(y)
                last.append(after)
            x = outputs[0] if len(outputs) == 1 else ops.concat(outputs, -1)
        return x, tuple(ops.stack(parts) for parts in zip(*last, strict=True))

    def _direction(
        self, x: Tensor, state: State, weights: Weights, lengths: Lengths | None, backwards: bool
    ) -> tuple[Tensor, State]:
        """One layer in one direction: (t, n, d) to (t, n, h) and the last state."""
        if not whole.whole_steps(weights):
            return self._step_by_step(x, state, weights, lengths, backwards)
        if lengths is None:
            return whole.read(self.all_steps, x, state, weights, backwards)
        return whole.read_lengths(self.all_steps, x, state, weights, lengths, backwards)

    def _step_by_step(
        self, x: Tensor, state: State, weights: Weights, lengths: Lengths | None, backwards: bool
    ) -> tuple[Tensor, State]:
        gates = unstacked(steps.projected(x, weights))  # what the input says to all steps, in one product
        outputs: list[Tensor] = [state[0]] * len(gates)
        for t in reversed(range(len(gates))) if backwards else range(len(gates)):
            after = self.step(gates[t], state, weights)
            if lengths is not None and t >= lengths.min(initial=t + 1):
                inside = as_tensor((t < lengths)[:, None])
                after = tuple(ops.where(inside, new, old) for new, old in zip(after, state, strict=True))
                outputs[t] = ops.where(inside, after[0], 0)
            else:
                outputs[t] = after[0]
            state = after
        return ops.stack(outputs), state

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """At every step each gate is a sum over the features in and the state's."""
        data = inputs[0].data if isinstance(inputs[0], PackedSequence) else as_tensor(inputs[0])
        weights = sum(cell.size for cell in self.parameters() if cell.ndim == 2 and cell.shape[0] > 3)
        return int(data.size // self.input_size * weights)

    def described(self) -> str:
        """The features in and out, and the settings that are not the usual ones."""
        text = [f"{self.input_size} -> {self.hidden_size}"]
        text += [f"num_layers={self.num_layers}"] if self.num_layers > 1 else []
        text += [name for name in ("batch_first", "bidirectional", "peepholes") if getattr(self, name)]
        text += [f"dropout={self.dropout:g}"] if self.dropout else []
        return ", ".join(text if self.bias else [*text, "no bias"])


_FANOUT = 8


def unstacked(x: Tensor) -> list[Tensor]:
    """The slices x[0], x[1], ... along the first axis.

    The gradient of x[t] is as large as x. Taking t slices of slices of slices instead of t slices of x makes that
    t log t rather than t² numbers for a sequence of length t.
    """
    n = x.shape[0]
    if n <= _FANOUT:
        return [x[i] for i in range(n)]
    size = -(-n // _FANOUT)
    return [part for start in range(0, n, size) for part in unstacked(x[start : start + size])]


def _single(layer: Module, hx: Any) -> State | None:
    """The state of a layer that has one. Raises: UsageError for several."""
    if isinstance(hx, (tuple, list)):
        raise UsageError(f"the state of this {type(layer).__name__} is one tensor", given=f"a {type(hx).__name__}",
                         needed="h", fix="only an LSTM has a pair")  # fmt: skip
    return None if hx is None else (as_tensor(hx),)


class RNN(_Recurrent):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh) over a sequence, or relu with `nonlinearity="relu"`.

    Arguments, shapes, errors: as for `LSTM`, with one state instead of a pair. Source: Elman 1990.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, **settings: Unpack[RNNSettings]) -> None:
        found = chosen("RNN", {**_USUAL, "nonlinearity": "tanh"}, settings)
        self.nonlinearity = checks.one_of("RNN", "nonlinearity", found["nonlinearity"], ("tanh", "relu"))
        kind = f"rnn_{self.nonlinearity}"
        self.step, self.all_steps = getattr(steps, kind), getattr(whole, kind)
        super().__init__(input_size, hidden_size, num_layers, found)

    def forward(self, x: Any, hx: Tensor | None = None, *, lengths: Any = None) -> tuple[Any, Tensor]:
        """All outputs of the last layer, and the last state of every layer."""
        y, (h,) = self._read(x, _single(self, hx), lengths)
        return y, h


class GRU(_Recurrent):
    """Gated recurrent units over a sequence; the formula is in `steps.gru`.

    Arguments, shapes, errors: as for `LSTM`, with one state instead of a pair.
    Source: Cho et al. 2014, arXiv:1406.1078.
    """

    gates = 3
    step, all_steps = staticmethod(steps.gru), staticmethod(whole.gru)

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, **settings: Unpack[Settings]) -> None:
        super().__init__(input_size, hidden_size, num_layers, chosen("GRU", _USUAL, settings))

    def forward(self, x: Any, hx: Tensor | None = None, *, lengths: Any = None) -> tuple[Any, Tensor]:
        """All outputs of the last layer, and the last state of every layer."""
        y, (h,) = self._read(x, _single(self, hx), lengths)
        return y, h


class LSTM(_Recurrent):
    """Long short-term memory over a sequence; the formula is in `steps.lstm`. The state is a pair (h, c).

    Args:
        num_layers: how many.
        bias: learn biases.
        batch_first: sequences are (n, t, d) rather than (t, n, d); states keep their layout.
        dropout: probability with which outputs are dropped between layers.
        peepholes: the gates look at the cell, through `weight_peephole_l0` (3, hidden_size) for i, f, o.
        bidirectional: a second set of weights reads from the end, and both outputs are joined.

    Calling it, as in `y, state = layer(x, state, lengths=...)`:

    Shapes: x (t, n, input_size) or (t, input_size); each state (num_layers * directions, n, hidden_size), zeros if
    not given; y (t, n, directions * hidden_size). With `lengths` (n,), or a `PackedSequence` for x, each sequence
    ends at its own length: the state is that of its last step, the reverse direction begins there, y is 0 behind it.
    Parameters begin uniform on ±1/sqrt(hidden_size) and have PyTorch's names: weight_ih_l0, weight_hh_l0, bias_ih_l0,
    bias_hh_l0, then l1 and so on; "_reverse" at the end.
    Raises: ShapeError for inputs, states or lengths that do not fit, UsageError for settings that do not exist.
    Differs: from PyTorch in that what comes after num_layers is given by name, and in having no `proj_size`.
    """

    gates, states = 4, 2
    step, all_steps = staticmethod(steps.lstm), staticmethod(whole.lstm)

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, **settings: Unpack[LSTMSettings]
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, chosen("LSTM", {**_USUAL, "peepholes": False}, settings))

    def forward(
        self, x: Any, hx: tuple[Tensor, Tensor] | None = None, *, lengths: Any = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """All outputs of the last layer, and the last output and cell of every layer."""
        state: Any = hx
        if state is not None and (not isinstance(state, (tuple, list)) or len(state) != 2):
            raise UsageError("the state of an LSTM is a pair", given=type(hx).__name__, needed="(h, c)",
                             fix="pass on what the layer returned")  # fmt: skip
        y, (h, c) = self._read(x, None if hx is None else (as_tensor(hx[0]), as_tensor(hx[1])), lengths)
        return y, (h, c)
