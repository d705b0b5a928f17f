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
    "tan": torch.tan,
    "arcsin": torch.arcsin,
    "arccos": torch.arccos,
    "arctan": torch.arctan,
    "arctan2": torch.arctan2,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "exp2": torch.exp2,
    "log2": torch.log2,
    "log10": torch.log10,
    "rsqrt": torch.rsqrt,
    "erf": torch.erf,
    "erfc": torch.erfc,
    "logaddexp": torch.logaddexp,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "trunc": torch.trunc,
    "round": torch.round,
    "remainder": torch.remainder,
    "fmod": torch.fmod,
    "isnan": torch.isnan,
    "isfinite": torch.isfinite,
    "logical_not": torch.logical_not,
    "logical_and": torch.logical_and,
    "logical_or": torch.logical_or,
    "logical_xor": torch.logical_xor,
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
    "argmin": lambda x, axis: torch.argmin(x, axis),
    "cumsum": lambda x, axis: torch.cumsum(x, axis),
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
    "argsort": lambda x, axis, descending: torch.argsort(x, dim=axis, descending=descending, stable=True),
    "searchsorted": lambda edges, x, right: torch.searchsorted(edges, x, right=right),
    "inv": torch.linalg.inv,
    "solve": torch.linalg.solve,
    "solve_triangular": lambda a, b, upper: torch.linalg.solve_triangular(a, b, upper=upper),
    "cholesky": lambda a: torch.linalg.cholesky((a + a.mT) / 2),
    "det": torch.linalg.det,
    "det_sign": lambda a: torch.linalg.slogdet(a)[0],
    "log_abs_det": lambda a: torch.linalg.slogdet(a)[1],
    "eigh_values": lambda a: torch.linalg.eigh((a + a.mT) / 2)[0],
    "svd_values": torch.linalg.svdvals,
    "pinv": lambda a, rcond: torch.linalg.pinv(a, rtol=rcond),
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


# Padding that differs before and behind is put there first.

CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
POOLS = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}


def _ahead(x: torch.Tensor, window: Any, value: float = 0.0) -> torch.Tensor:
    pairs = [p if isinstance(p, tuple) else (p, p) for p in window.padding]
    return F.pad(x, [n for pair in reversed(pairs) for n in pair], value=value)


def convolution(x: torch.Tensor, w: torch.Tensor, window: Any, groups: int) -> torch.Tensor:
    convolve = CONVOLUTIONS[x.ndim - 2]
    return convolve(_ahead(x, window), w, None, window.stride, 0, window.dilation, groups)


def convolution_input(w: torch.Tensor, g: torch.Tensor, window: Any, groups: int, size: Any) -> torch.Tensor:
    """Each output place puts its kernel into the image: written out, one place and one group at a time."""
    image = _ahead(g.new_zeros((g.shape[0], w.shape[1] * groups, *size)), window) + 0 * (g.sum() + w.sum())
    into, out = w.shape[1], w.shape[0] // groups
    for group, place in product(range(groups), product(*map(range, g.shape[2:]))):
        outs = slice(group * out, (group + 1) * out)
        part = g[(slice(None), outs, *place)] @ w[outs].flatten(1)
        taps = [
            slice(i * s, i * s + (k - 1) * d + 1, d)
            for i, s, k, d in zip(place, window.stride, w.shape[2:], window.dilation, strict=True)
        ]
        key = (slice(None), slice(group * into, (group + 1) * into), *taps)
        added = torch.zeros_like(image)
        added[key] = part.reshape(g.shape[0], into, *w.shape[2:])
        image = image + added
    before = [p[0] if isinstance(p, tuple) else p for p in window.padding]
    return image[(slice(None), slice(None), *(slice(p, p + n) for p, n in zip(before, size, strict=True)))]


def convolution_weight(x: torch.Tensor, g: torch.Tensor, window: Any, groups: int, kernel: Any) -> torch.Tensor:
    """Each weight meets, at each place of the result, the pixel below it."""
    wide = _ahead(x, window)
    parts = []
    for tap in product(*map(range, kernel)):
        seen = tuple(
            slice(i * d, i * d + (n - 1) * s + 1, s)
            for i, d, n, s in zip(tap, window.dilation, g.shape[2:], window.stride, strict=True)
        )
        pixels = wide[(slice(None), slice(None), *seen)].unflatten(1, (groups, -1)).flatten(3)
        cotangents = g.unflatten(1, (groups, -1)).flatten(3)
        parts.append(torch.einsum("ngop,ngcp->goc", cotangents, pixels).flatten(0, 1))
    return torch.stack(parts, -1).reshape(g.shape[1], x.shape[1] // groups, *kernel)


for d in (1, 2, 3):
    parts = {"": convolution, "_input": convolution_input, "_weight": convolution_weight}
    REFERENCES |= {f"conv{d}d{part}": function for part, function in parts.items()}


@reference
def max_pool(x: torch.Tensor, kernel: Any, window: Any) -> torch.Tensor:
    pool = POOLS[len(kernel)]
    if not len(x):  # of which PyTorch pools no sequences and no volumes
        return x.new_zeros((0, x.shape[1], *_out(x.shape[2:], kernel, window))) + 0 * x.sum()
    return pool(_ahead(x, window, -math.inf), kernel, window.stride, 0, window.dilation)


def _taps(place: Any, kernel: Any, window: Any) -> list[tuple[int, ...]]:
    """The pixels that the window at a place covers, in reading order; outside the image where it is padding."""
    before = [p[0] if isinstance(p, tuple) else p for p in window.padding]
    axes = range(len(kernel))
    return [
        tuple(place[a] * window.stride[a] + tap[a] * window.dilation[a] - before[a] for a in axes)
        for tap in product(*map(range, kernel))
    ]


def _inside(pixel: tuple[int, ...], size: Any) -> bool:
    return all(0 <= i < n for i, n in zip(pixel, size, strict=True))


def _everywhere(shape: Any) -> Iterator[tuple[int, ...]]:
    return product(*(range(length) for length in shape))


def _out(size: Any, kernel: Any, window: Any) -> tuple[int, ...]:
    """How many windows fit, found by moving the window until it leaves the image."""
    counts = []
    for axis, padding in enumerate(window.padding):
        around = sum(padding) if isinstance(padding, tuple) else 2 * padding
        reach = (kernel[axis] - 1) * window.dilation[axis]
        counts.append(len(range(0, size[axis] + around - reach, window.stride[axis])))
    return tuple(counts)


def _covered(shape: Any, kernel: Any, window: Any, size: Any) -> Iterator[tuple[int, int, Any, Any]]:
    """For each place of the result (its number, image and channel) the pixels that its window covers."""
    for number, (n, c, *place) in enumerate(_everywhere(shape)):
        yield number, n, c, _taps(place, kernel, window)


@reference
def pool_places(x: torch.Tensor, kernel: Any, window: Any) -> torch.Tensor:
    places = torch.zeros((*x.shape[:2], *_out(x.shape[2:], kernel, window)), dtype=torch.int16)
    flat = places.view(-1)
    for number, n, c, pixels in _covered(places.shape, kernel, window, x.shape[2:]):
        taps = [x[n, c][p].item() if _inside(p, x.shape[2:]) else -math.inf for p in pixels]
        flat[number] = taps.index(max(taps))
    return places


@reference
def pool_take(x: torch.Tensor, places: torch.Tensor, kernel: Any, window: Any) -> torch.Tensor:
    out = [x.new_zeros(())] * places.numel()
    for number, n, c, pixels in _covered(places.shape, kernel, window, x.shape[2:]):
        pixel = pixels[int(places.reshape(-1)[number])]
        if _inside(pixel, x.shape[2:]):
            out[number] = x[n, c][pixel]
    return (torch.stack(out) if out else x.new_zeros(0) + 0 * x.sum()).reshape(places.shape)


@reference
def pool_put(g: torch.Tensor, places: torch.Tensor, kernel: Any, window: Any, size: Any) -> torch.Tensor:
    flat = {at: g.new_zeros(()) for at in _everywhere((*g.shape[:2], *size))}
    for number, n, c, pixels in _covered(places.shape, kernel, window, size):
        pixel = pixels[int(places.reshape(-1)[number])]
        if _inside(pixel, size):
            flat[n, c, *pixel] = flat[n, c, *pixel] + g.reshape(-1)[number]
    parts = list(flat.values())
    return (torch.stack(parts) if parts else g.new_zeros(0) + 0 * g.sum()).reshape(*g.shape[:2], *size)


# Sums over windows are convolutions with ones; columns are convolutions with one tap each.


def _ones(channels: int, kernel: Any, like: torch.Tensor) -> torch.Tensor:
    return torch.ones((channels, 1, *kernel), dtype=like.dtype)


@reference
def pool_sum(x: torch.Tensor, kernel: Any, window: Any) -> torch.Tensor:
    return convolution(x, _ones(x.shape[1], kernel, x), window, x.shape[1])


@reference
def pool_spread(g: torch.Tensor, kernel: Any, window: Any, size: Any) -> torch.Tensor:
    return convolution_input(_ones(g.shape[1], kernel, g), g, window, g.shape[1], size)


def _each_tap(channels: int, kernel: Any, like: torch.Tensor) -> torch.Tensor:
    taps = math.prod(kernel)
    return torch.eye(taps, dtype=like.dtype).reshape(taps, 1, *kernel).repeat(channels, *(1,) * (len(kernel) + 1))


@reference
def unfold(x: torch.Tensor, kernel: Any, window: Any) -> torch.Tensor:
    return convolution(x, _each_tap(x.shape[1], kernel, x), window, x.shape[1]).flatten(2)


@reference
def fold(g: torch.Tensor, size: Any, kernel: Any, window: Any) -> torch.Tensor:
    channels = g.shape[1] // math.prod(kernel)
    places = _out(size, kernel, window)
    images = g.reshape(*g.shape[:2], *places)
    return convolution_input(_each_tap(channels, kernel, g), images, window, channels, size)


# Decompositions, with the signs that make them functions.


def _column_signs(u: torch.Tensor) -> torch.Tensor:
    if not u.numel():
        return torch.ones_like(u[..., :1, :])
    return u.detach().gather(-2, u.detach().abs().argmax(-2, keepdim=True)).sign()


@reference
def eigh_vectors(a: torch.Tensor) -> torch.Tensor:
    v = torch.linalg.eigh((a + a.mT) / 2)[1]
    return v * _column_signs(v)


@reference
def svd_left(a: torch.Tensor) -> torch.Tensor:
    u = torch.linalg.svd(a, full_matrices=False)[0]
    return u * _column_signs(u)


@reference
def svd_right(a: torch.Tensor) -> torch.Tensor:
    u, _, vh = torch.linalg.svd(a, full_matrices=False)
    return vh * _column_signs(u).mT


@reference
def qr_q(a: torch.Tensor) -> torch.Tensor:
    q, r = torch.linalg.qr(a)
    return q * r.detach().diagonal(0, -2, -1).sign()[..., None, :]


@reference
def qr_r(a: torch.Tensor) -> torch.Tensor:
    r = torch.linalg.qr(a)[1]
    return r * r.detach().diagonal(0, -2, -1).sign()[..., None]


# Taking and adding along an axis, one element at a time.


@reference
def gather(x: torch.Tensor, indices: torch.Tensor, axis: int) -> torch.Tensor:
    return torch.gather(x, axis, indices % max(x.shape[axis], 1))


@reference
def scatter_add(g: torch.Tensor, indices: torch.Tensor, axis: int, shape: Any) -> torch.Tensor:
    return g.new_zeros(shape).scatter_add(axis, indices % max(shape[axis], 1), g)


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


# Recurrences, a step at a time and a row after the other.


def _gates_of(a: torch.Tensor, n: int) -> tuple[torch.Tensor, ...]:
    return a.chunk(n, -1)


@reference
def rnn(x: torch.Tensor, h0: torch.Tensor, w: torch.Tensor, function: str) -> torch.Tensor:
    h = [h0]
    for a in x:
        h.append(getattr(torch, function)(a + F.linear(h[-1], w)))
    return torch.stack(h)


@reference
def lstm(x: torch.Tensor, h0: torch.Tensor, c0: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    states = [torch.stack([h0, c0])]
    for a in x:
        h, c = states[-1]
        i, f, g, o = _gates_of(a + F.linear(h, w), 4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        states.append(torch.stack([o.sigmoid() * c.tanh(), c]))
    return torch.stack(states, 1)


@reference
def lstm_gates(x: torch.Tensor, s: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    i, f, g, o = _gates_of(x + F.linear(s[0, :-1], w), 4)
    return torch.cat([i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()], -1)


@reference
def gru(x: torch.Tensor, h0: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    h = [h0]
    for a in x:
        _, z, n, _ = _gates_of(gru_gates(a[None], h[-1][None].expand(2, *h0.shape), w, b)[0], 4)
        h.append((1 - z) * n + z * h[-1])
    return torch.stack(h)


@reference
def gru_gates(x: torch.Tensor, h: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    (xr, xz, xn), (r, z, n) = _gates_of(x, 3), _gates_of(F.linear(h[:-1], w, b), 3)
    r = (xr + r).sigmoid()
    return torch.cat([r, (xz + z).sigmoid(), (xn + r * n).tanh(), n], -1)


@reference
def rnn_adjoint(g: torch.Tensor, h: torch.Tensor, w: torch.Tensor, function: str) -> torch.Tensor:
    slope = 1 - h.square() if function == "tanh" else (h > 0).to(h.dtype)
    out = [g[-1]]
    for t in range(len(h) - 1, 0, -1):
        out[0] = out[0] * slope[t]
        out.insert(0, out[0] @ w + g[t - 1])
    return torch.stack(out)


@reference
def lstm_adjoint(g: torch.Tensor, gates: torch.Tensor, s: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    gh, gc = g[:, -1]
    out: list[torch.Tensor] = []
    for t in reversed(range(len(gates))):
        i, f, n, o = _gates_of(gates[t], 4)
        tanh_c = s[1, t + 1].tanh()
        gc = gc + gh * o * (1 - tanh_c.square())
        slopes = torch.cat([n * i * (1 - i), s[1, t] * f * (1 - f), i * (1 - n.square()), tanh_c * o * (1 - o)], -1)
        out.insert(0, torch.cat([gc, gc, gc, gh], -1) * slopes)
        gh, gc = g[0, t] + out[0] @ w, g[1, t] + gc * f
    return torch.stack([torch.cat([gh, gc, torch.zeros_like(gh), torch.zeros_like(gh)], -1), *out])


@reference
def gru_adjoint(g: torch.Tensor, gates: torch.Tensor, h: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    gh, none = g[-1], torch.zeros_like(g[-1])
    of_x: list[torch.Tensor] = []
    own: list[torch.Tensor] = []
    for t in reversed(range(len(gates))):
        r, z, n, m = _gates_of(gates[t], 4)
        gn = (gh - gh * z) * (1 - n.square())
        of_x.insert(0, torch.cat([gn * m * (r - r.square()), gh * (h[t] - n) * (z - z.square()), gn], -1))
        own.insert(0, of_x[0] * torch.cat([torch.ones_like(r), torch.ones_like(r), r], -1))
        gh = g[t] + own[0] @ w + gh * z
    begin = torch.cat([gh, none, none], -1)
    return torch.stack([torch.stack([begin, *of_x]), torch.stack([0 * begin, *own])])
