"""Random primitives: pure functions of a seed and a counter, both tensors, so that a trace can be replayed.

The n-th number of a stream depends on (seed, counter + n) only, whatever executes it (`philox`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from descend.engine import philox
from descend.engine.primitive import Primitive, Shape, bind
from descend.engine.samples import Sampled
from descend.engine.tensor import Tensor

WORDS = {np.dtype(np.float32): 1, np.dtype(np.float64): 2, np.dtype(np.uint32): 1}


def words_for(shape: Shape, dtype: Any) -> int:
    """How many 32-bit words it takes to fill `shape`; an even number, since normals come in pairs."""
    n = math.prod(shape)
    return (n + n % 2) * WORDS[np.dtype(dtype)]


def _bits(seed: Any, counter: Any, shape: Shape) -> Any:
    n = math.prod(shape)
    return philox.bits(n, int(seed), int(counter)).reshape(shape)


def _unit(n: int, seed: Any, counter: Any, dtype: Any) -> Any:
    """n numbers in [0, 1) with all the bits that dtype's fraction holds."""
    if np.dtype(dtype) == np.float32:
        return (philox.bits(n, int(seed), int(counter)) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)
    words = philox.bits(2 * n, int(seed), int(counter)).astype(np.uint64).reshape(n, 2)
    return (((words[:, 0] << np.uint64(32)) | words[:, 1]) >> np.uint64(11)) * 2.0**-53


def _uniform(seed: Any, counter: Any, shape: Shape, dtype: Any) -> Any:
    n = math.prod(shape)
    return _unit(n, seed, counter, dtype).reshape(shape)


def _normal(seed: Any, counter: Any, shape: Shape, dtype: Any) -> Any:
    # Source: Box and Muller 1958. 1 - u is in (0, 1], so its logarithm is finite.
    n = math.prod(shape)
    pairs = _unit(n + n % 2, seed, counter, dtype).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - pairs[:, 0])), 2 * np.pi * pairs[:, 1]
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)
    return both[:n].astype(dtype, copy=False).reshape(shape)


def _seeds(*dtypes: Any) -> Any:
    def samples(rng: np.random.Generator) -> Sampled:
        small: list[Any] = [((np.array(3), np.array(11)), {"shape": shape}) for shape in ((7,), (3, 5), (), (0,))]
        wide = ((np.array(2**62 + 5), np.array(2**32 - 1)), {"shape": (11,)})  # seed and counter of two words each
        kinds: list[dict[str, Any]] = [{"dtype": np.dtype(dtype)} for dtype in dtypes] or [{}]
        return [(inputs, {**attributes, **kind}) for inputs, attributes in [*small, wide] for kind in kinds]

    return samples


def _shaped(seed: Shape, counter: Shape, shape: Shape, **_: Any) -> Shape:
    return shape


_bits_of = Primitive("random_bits", _bits, _shaped, (None, None), samples=_seeds(), random=True)
_uniform_of = Primitive(
    "random_uniform", _uniform, _shaped, (None, None), samples=_seeds(np.float32, np.float64), random=True
)
_normal_of = Primitive(
    "random_normal", _normal, _shaped, (None, None), samples=_seeds(np.float32, np.float64), random=True
)


def random_bits(seed: Tensor, counter: Tensor, shape: Shape) -> Tensor:
    """Random 32-bit words, uint32."""
    return bind(_bits_of, seed, counter, shape=shape)


def random_uniform(seed: Tensor, counter: Tensor, shape: Shape, dtype: Any) -> Tensor:
    """Uniform on [0, 1)."""
    return bind(_uniform_of, seed, counter, shape=shape, dtype=np.dtype(dtype))


def random_normal(seed: Tensor, counter: Tensor, shape: Shape, dtype: Any) -> Tensor:
    """Standard normal, by Box and Muller."""
    return bind(_normal_of, seed, counter, shape=shape, dtype=np.dtype(dtype))
