"""Recurrent cells: one step at a time, for loops of one's own."""

from __future__ import annotations

from typing import Any

from descend.engine import Generator, ShapeError, Tensor, as_tensor, ops
from descend.nn import checks, init
from descend.nn.module import Module, Parameter
from descend.nn.precision import like
from descend.nn.recurrent import steps
from descend.nn.recurrent.steps import State, Step, Weights


class _Cell(Module):
    """One step of a recurrence. Its parameters begin uniform on ±1/sqrt(hidden_size), as in PyTorch."""

    gates, states = 1, 1
    step: Step

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, generator: Generator | None = None
    ) -> None:
        checks.counts(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        bound, rows = hidden_size**-0.5, self.gates * hidden_size
        self.weight_ih = Parameter(init.uniform((rows, input_size), bound, generator))
        self.weight_hh = Parameter(init.uniform((rows, hidden_size), bound, generator))
        self.bias_ih = Parameter(init.uniform((rows,), bound, generator)) if bias else None
        self.bias_hh = Parameter(init.uniform((rows,), bound, generator)) if bias else None

    def _next(self, x: Any, before: State | None) -> State:
        x = like(self.weight_ih, x)
        if x.shape[-1:] != (self.input_size,) or x.ndim > 2:
            raise ShapeError(
                "the input does not fit the cell", given=str(x.shape), needed=f"(n, {self.input_size})",
                fix="a cell makes one step: give it x[t], or use the layer for whole sequences",
            )  # fmt: skip
        shape = (*x.shape[:-1], self.hidden_size)
        if before is None:
            before = (ops.zeros(shape, self.weight_ih.dtype),) * self.states
        before = tuple(like(self.weight_ih, part) for part in before)
        for part in before:
            if part.shape != shape:
                raise ShapeError(
                    "the state does not fit the input", given=f"state {part.shape}, input {x.shape}",
                    needed=f"state {shape}", fix="begin every new batch without a state",
                )  # fmt: skip
        weights = Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return self.step(steps.projected(x, weights), before, weights)

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """Each gate is a sum over the features in and the state's."""
        rows = as_tensor(inputs[0]).size // self.input_size
        return rows * (self.weight_ih.size + self.weight_hh.size)

    def described(self) -> str:
        """The features in and out."""
        text = f"{self.input_size} -> {self.hidden_size}"
        return text if self.bias_ih is not None else f"{text}, no bias"


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu for tanh.

    Shapes: x (n, input_size), h (n, hidden_size), zeros if not given; or both without n. Raises: ShapeError.
    Source: Elman 1990.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
        *, generator: Generator | None = None,
    ) -> None:  # fmt: skip
        self.nonlinearity = checks.one_of("RNNCell", "nonlinearity", nonlinearity, ("tanh", "relu"))
        self.step = steps.rnn_tanh if nonlinearity == "tanh" else steps.rnn_relu
        super().__init__(input_size, hidden_size, bias, generator=generator)

    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        return self._next(x, None if hx is None else (as_tensor(hx),))[0]


class GRUCell(_Cell):
    """One step of a gated recurrent unit; see `steps.gru`. Shapes and errors as for `RNNCell`.

    Shapes: weight_ih (3 hidden_size, input_size), weight_hh (3 hidden_size, hidden_size), gates r, z, n.
    """

    gates = 3
    step = staticmethod(steps.gru)

    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        return self._next(x, None if hx is None else (as_tensor(hx),))[0]


class LSTMCell(_Cell):
    """One step of long short-term memory; see `steps.lstm`. Shapes and errors as for `RNNCell`.

    The state is a pair (h, c). Shapes: weight_ih (4 hidden_size, input_size), weight_hh (4 hidden_size,
    hidden_size), gates i, f, g, o.
    """

    gates, states = 4, 2
    step = staticmethod(steps.lstm)

    def forward(self, x: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """The next output and the next cell."""
        h, c = self._next(x, None if hx is None else (as_tensor(hx[0]), as_tensor(hx[1])))
        return h, c
