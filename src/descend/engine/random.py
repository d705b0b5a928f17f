"""Generators of random tensors. Their state is two cells: a compiled step draws anew each time it is replayed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import philox
from descend.engine.draws import Draws
from descend.engine.dtypes import DEFAULT, supported
from descend.engine.errors import DtypeError, UsageError
from descend.engine.modes import no_grad
from descend.engine.ops.create import checked
from descend.engine.ops.elementwise import less
from descend.engine.ops.random import random_bits, random_normal, random_uniform, words_for
from descend.engine.tensor import Cell, Tensor


class Generator(Draws):
    """A stream of random numbers: the same seed gives the same stream, everywhere.

    Source: Salmon et al. 2011 (Philox4x32-10). The key is the seed; the counter advances with every draw.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = Cell(np.array(_checked(seed), np.int64))
        self.counter = Cell(np.array(0, np.int64))

    def reseed(self, seed: int) -> None:
        """Begin the stream of `seed`."""
        self.seed.write(_checked(seed))
        self.counter.write(0)

    def _draw(self, draw: Callable[[Tensor, Tensor], Tensor], words: int) -> Tensor:
        with no_grad():
            drawn = draw(self.seed, self.counter)
            self.counter.write(self.counter + philox.blocks(words))
        return drawn

    def bits(self, shape: Sequence[int]) -> Tensor:
        """Random 32-bit words, uint32."""
        size = checked(shape)
        return self._draw(lambda seed, at: random_bits(seed, at, size), words_for(size, np.uint32))

    def uniform(self, shape: Sequence[int], low: Any = 0.0, high: Any = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Uniform on [low, high): numbers, or tensors that broadcast, and then it has gradients in both."""
        size, kind = checked(shape), _real(dtype)
        drawn = self._draw(lambda seed, at: random_uniform(seed, at, size, kind), words_for(size, kind))
        return drawn if _usual(low, high) else drawn * (high - low) + low

    def normal(self, shape: Sequence[int], mean: Any = 0.0, std: Any = 1.0, dtype: Any = DEFAULT) -> Tensor:
        """Normal: mean and std are numbers, or tensors that broadcast, and then it has gradients in both."""
        size, kind = checked(shape), _real(dtype)
        drawn = self._draw(lambda seed, at: random_normal(seed, at, size, kind), words_for(size, kind))
        return drawn if _usual(mean, std) else drawn * std + mean

    def bernoulli(self, shape: Sequence[int], p: float) -> Tensor:
        """True with probability p."""
        if not 0 <= p <= 1:
            raise UsageError(
                "a probability lies between 0 and 1",
                given=f"p={p}",
                needed="0 <= p <= 1",
                fix="divide percentages by 100",
            )
        return less(self.uniform(shape), p)

    def permutation(self, n: int) -> NDArray[np.int64]:
        """A random order of 0 .. n-1."""
        words = self.bits((2 * n,)).numpy().astype(np.uint64).reshape(n, 2)
        return np.argsort((words[:, 0] << np.uint64(32)) | words[:, 1], kind="stable")

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {"seed": self.seed.numpy(), "counter": self.counter.numpy()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Go on where `state_dict` was taken."""
        if set(arrays) != {"seed", "counter"}:
            raise UsageError(
                "this is no generator's state", given=", ".join(sorted(arrays)) or "nothing", needed="seed, counter",
                fix="pass what state_dict() returned",
            )  # fmt: skip
        self.seed.write(arrays["seed"])
        self.counter.write(arrays["counter"])


def _checked(seed: Any) -> int:
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and 0 <= seed < 2**63:
        return int(seed)
    raise UsageError(
        "a seed is a whole number",
        given=repr(seed),
        needed="an integer from 0 to 2**63 - 1",
        fix="use int(...), or abs(...)",
    )


def _usual(zero: Any, one: Any) -> bool:
    """Whether these are the numbers 0 and 1, so that nothing is to be scaled."""
    return isinstance(zero, (int, float)) and isinstance(one, (int, float)) and (zero, one) == (0.0, 1.0)


def _real(dtype: Any) -> np.dtype[Any]:
    kind = supported(dtype)
    if kind in (np.float32, np.float64):
        return kind
    raise DtypeError(
        "random reals are float32 or float64",
        given=str(kind),
        needed="one of these",
        fix="draw float32 and convert with .to()",
    )


class _Default(threading.local):
    """Each thread has its own default stream: two labs in one process do not disturb each other."""

    def __init__(self) -> None:
        self.generator = Generator(0)


_default = _Default()


def default_generator() -> Generator:
    """The generator used where none is given: weights' initial values, dropout. One a thread."""
    return _default.generator


def manual_seed(seed: int) -> Generator:
    """Restart the default generator from `seed`. Returns it."""
    _default.generator.reseed(seed)
    return _default.generator
