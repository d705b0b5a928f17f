"""What every primitive should compute, said a second time and independently: by PyTorch, or by plain Python loops.

Each reference is a function of PyTorch tensors and the primitive's attributes. Where the inputs are floating-point
PyTorch can differentiate it, so it is a reference for the gradients too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

Reference = Callable[..., torch.Tensor]
REFERENCES: dict[str, Reference] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "pow": torch.pow,
    "neg": torch.neg,
    "square": torch.square,
    "exp": torch.exp,
    "log": torch.log,
    "log1p": torch.log1p,
    "expm1": torch.expm1,
    "sqrt": torch.sqrt,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "abs": torch.abs,
    "sign": torch.sign,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "copy": torch.clone,
    "equal": torch.eq,
    "not_equal": torch.ne,
    "less": torch.lt,
    "less_equal": torch.le,
    "where": torch.where,
    "cast": lambda x, dtype: x.to(getattr(torch, np.dtype(dtype).name)),
    "sum": lambda x, axes, keepdims: torch.sum(x, axes, keepdims),
    "max": lambda x, axes: torch.amax(x, axes, keepdim=True),
    "min": lambda x, axes: torch.amin(x, axes, keepdim=True),
    "argmax": lambda x, axis: torch.argmax(x, axis),
    "softmax": lambda x: torch.softmax(x, -1),
    "log_softmax": lambda x: torch.log_softmax(x, -1),
    "reshape": lambda x, shape: torch.reshape(x, shape),
    "permute": lambda x, axes: torch.permute(x, axes),
    "expand": lambda x, shape: torch.broadcast_to(x, shape),
    "concat": lambda *xs, axis: torch.cat(xs, axis),
    "ravel": lambda *xs: torch.cat([x.flatten() for x in xs]),
    "section": lambda x, start, shape: x.narrow(0, start, math.prod(shape)).reshape(shape),
    "matmul": torch.matmul,
    "affine": F.linear,
    "pick": lambda x, labels: x.gather(-1, labels[..., None])[..., 0],
    "unpick": lambda g, labels, classes: F.one_hot(labels, classes).to(g.dtype) * g[..., None],
    "callback": lambda p, q, function, symbol: p / 2 + torch.zeros_like(p),
}


def reference(function: Reference) -> Reference:
    """Enter a function that needs more than a line, under its own name."""
    REFERENCES[function.__name__] = function
    return function


@reference
def pad(x: torch.Tensor, widths: tuple[tuple[int, int], ...], value: float) -> torch.Tensor:
    flat = [n for before_after in reversed(widths) for n in before_after]  # PyTorch begins with the last axis
    return F.pad(x, flat, value=value)


# Indexing: a key applied to the numbers 0, 1, 2, ... says which elements it names.


def _named(shape: tuple[int, ...], key: tuple[Any, ...], indices: tuple[torch.Tensor, ...]) -> torch.Tensor:
    arrays = iter([i.numpy() for i in indices])
    parts = []
    for part in key:
        if isinstance(part, str):
            parts.append(next(arrays))
        else:
            parts.append(slice(*part) if isinstance(part, tuple) else part)
    return torch.from_numpy(np.asarray(np.arange(math.prod(shape)).reshape(shape)[tuple(parts)]).copy())


@reference
def index(x: torch.Tensor, *indices: torch.Tensor, key: tuple[Any, ...]) -> torch.Tensor:
    return x.flatten()[_named(x.shape, key, indices)]


@reference
def index_add(g: torch.Tensor, *indices: torch.Tensor, key: Any, shape: tuple[int, ...]) -> torch.Tensor:
    out = [torch.zeros((), dtype=g.dtype) for _ in range(math.prod(shape))]
    for place, part in zip(_named(shape, key, indices).flatten().tolist(), g.flatten(), strict=True):
        out[place] = out[place] + part
    return (torch.stack(out) if out else g.new_zeros(0)).reshape(shape)


@reference
def index_put(x: torch.Tensor, new: torch.Tensor, *indices: torch.Tensor, key: Any) -> torch.Tensor:
    places = _named(x.shape, key, indices)
    out = list(x.flatten())
    for place, element in zip(places.flatten().tolist(), new.broadcast_to(places.shape).flatten(), strict=True):
        out[place] = element
    return (torch.stack(out) if out else x.flatten() + 0 * new.sum()).reshape(x.shape)


# Windows.


@reference
def conv2d(x: torch.Tensor, w: torch.Tensor, window: Any) -> torch.Tensor:
    return F.conv2d(x, w, None, window.stride, window.padding, window.dilation)


@reference
def conv2d_input(w: torch.Tensor, g: torch.Tensor, window: Any, size: tuple[int, int]) -> torch.Tensor:
    """The adjoint of the convolution in its image: a transposed convolution, completed to the image's size."""
    (sh, sw), (ph, pw), (dh, dw) = window
    short = [
        size[0] - ((g.shape[2] - 1) * sh - 2 * ph + dh * (w.shape[2] - 1) + 1),
        size[1] - ((g.shape[3] - 1) * sw - 2 * pw + dw * (w.shape[3] - 1) + 1),
    ]
    return F.conv_transpose2d(g, w, None, window.stride, window.padding, short, dilation=window.dilation)


@reference
def conv2d_weight(x: torch.Tensor, g: torch.Tensor, window: Any, kernel: tuple[int, int]) -> torch.Tensor:
    """Each weight meets, at each place of the result, the pixel that F.unfold puts into its row."""
    columns = F.unfold(x, kernel, window.dilation, window.padding, window.stride) if len(x) else None
    if columns is None:
        return x.new_zeros((g.shape[1], x.shape[1], *kernel)) + 0 * (x.sum() + g.sum())
    return torch.einsum("nop,nkp->ok", g.flatten(2), columns).reshape(g.shape[1], x.shape[1], *kernel)


@reference
def max_pool(x: torch.Tensor, kernel: tuple[int, int], window: Any) -> torch.Tensor:
    return F.max_pool2d(x, kernel, window.stride, window.padding, window.dilation)


def _taps(i: int, j: int, kernel: tuple[int, int], window: Any) -> list[tuple[int, int]]:
    """The pixels that the window at (i, j) covers, in reading order; outside the image where it is padding."""
    (sh, sw), (ph, pw), (dh, dw) = window
    return [(i * sh + a * dh - ph, j * sw + b * dw - pw) for a in range(kernel[0]) for b in range(kernel[1])]


def _inside(pixel: tuple[int, int], size: Any) -> bool:
    return 0 <= pixel[0] < size[0] and 0 <= pixel[1] < size[1]


def _everywhere(shape: Any) -> Iterator[tuple[int, int, int, int]]:
    return product(*(range(length) for length in shape))


def _out(size: Any, kernel: tuple[int, int], window: Any) -> tuple[int, ...]:
    """How many windows fit, found by moving the window until it leaves the image."""
    counts = []
    for axis in (0, 1):
        reach = (kernel[axis] - 1) * window.dilation[axis]
        last = size[axis] + 2 * window.padding[axis] - reach
        counts.append(len(range(0, last, window.stride[axis])))
    return tuple(counts)


@reference
def pool_places(x: torch.Tensor, kernel: tuple[int, int], window: Any) -> torch.Tensor:
    places = torch.zeros((*x.shape[:2], *_out(x.shape[2:], kernel, window)), dtype=torch.int16)
    for n, c, i, j in _everywhere(places.shape):
        taps = [x[n, c][p].item() if _inside(p, x.shape[2:]) else -math.inf for p in _taps(i, j, kernel, window)]
        places[n, c, i, j] = taps.index(max(taps))
    return places


@reference
def pool_take(x: torch.Tensor, places: torch.Tensor, kernel: tuple[int, int], window: Any) -> torch.Tensor:
    out = [x.new_zeros(())] * places.numel()
    for number, (n, c, i, j) in enumerate(_everywhere(places.shape)):
        pixel = _taps(i, j, kernel, window)[int(places[n, c, i, j])]
        if _inside(pixel, x.shape[2:]):
            out[number] = x[n, c][pixel]
    return (torch.stack(out) if out else x.new_zeros(0) + 0 * x.sum()).reshape(places.shape)


@reference
def pool_put(
    g: torch.Tensor, places: torch.Tensor, kernel: tuple[int, int], window: Any, size: tuple[int, int]
) -> torch.Tensor:
    flat = {at: g.new_zeros(()) for at in _everywhere((*g.shape[:2], *size))}
    for n, c, i, j in _everywhere(places.shape):
        pixel = _taps(i, j, kernel, window)[int(places[n, c, i, j])]
        if _inside(pixel, size):
            flat[n, c, *pixel] = flat[n, c, *pixel] + g[n, c, i, j]
    parts = list(flat.values())
    return (torch.stack(parts) if parts else g.new_zeros(0) + 0 * g.sum()).reshape(*g.shape[:2], *size)


@reference
def pool_sum(x: torch.Tensor, kernel: tuple[int, int], window: Any) -> torch.Tensor:
    shape = (*x.shape[:2], *_out(x.shape[2:], kernel, window))
    if not len(x):
        return x.new_zeros(shape) + 0 * x.sum()
    columns = F.unfold(x.flatten(0, 1)[:, None], kernel, window.dilation, window.padding, window.stride)
    return columns.sum(1).reshape(shape)


@reference
def pool_spread(g: torch.Tensor, kernel: tuple[int, int], window: Any, size: tuple[int, int]) -> torch.Tensor:
    if not len(g):
        return g.new_zeros((*g.shape[:2], *size)) + 0 * g.sum()
    columns = g.reshape(-1, 1, g.shape[2] * g.shape[3]).expand(-1, math.prod(kernel), -1)
    image = F.fold(columns, size, kernel, window.dilation, window.padding, window.stride)
    return image.reshape(*g.shape[:2], *size)


# Random numbers: Philox4x32-10 on Python's own integers. Salmon et al. 2011, section 3.3.


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """One block of four 32-bit words."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def words(n: int, seed: int, start: int, stream: int = 0) -> list[int]:
    """The first n words from the block numbered `start` on."""
    key = seed % 2**32, seed >> 32
    found: list[int] = []
    for block in range(start, start + (n + 3) // 4):
        found += philox((block % 2**32, block >> 32, stream % 2**32, stream >> 32), key)
    return found[:n]


def units(n: int, seed: int, start: int, dtype: Any) -> list[float]:
    """n numbers in [0, 1): the 24 (float32) or 53 (float64) highest bits of one or two words each."""
    if np.dtype(dtype) == np.float32:
        return [(word // 2**8) / 2**24 for word in words(n, seed, start)]
    pairs = words(2 * n, seed, start)
    return [((high * 2**32 + low) // 2**11) / 2**53 for high, low in zip(pairs[::2], pairs[1::2], strict=True)]


def _shaped(numbers: list[Any], shape: tuple[int, ...], dtype: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(numbers[: math.prod(shape)], dtype).reshape(shape))


@reference
def random_bits(seed: torch.Tensor, counter: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    return _shaped(words(math.prod(shape), int(seed), int(counter)), shape, np.uint32)


@reference
def random_uniform(seed: torch.Tensor, counter: torch.Tensor, shape: tuple[int, ...], dtype: Any) -> torch.Tensor:
    return _shaped(units(math.prod(shape), int(seed), int(counter), dtype), shape, dtype)


@reference
def random_normal(seed: torch.Tensor, counter: torch.Tensor, shape: tuple[int, ...], dtype: Any) -> torch.Tensor:
    n = math.prod(shape)
    u = units(n + n % 2, int(seed), int(counter), dtype)
    numbers: list[float] = []
    for first, second in zip(u[::2], u[1::2], strict=True):  # Box and Muller: a random radius and a random angle
        radius, angle = math.sqrt(-2 * math.log(1 - first)), 2 * math.pi * second
        numbers += [radius * math.cos(angle), radius * math.sin(angle)]
    return _shaped(numbers, shape, dtype)
