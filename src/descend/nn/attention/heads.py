"""Multi-head attention."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Unpack

import numpy as np

from descend.engine import Generator, ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks, init
from descend.nn.attention.scaled import attended, attention_weights, causal_mask, chosen_or_added
from descend.nn.linear import Linear
from descend.nn.module import Module, Parameter
from descend.nn.precision import like
from descend.nn.settings import chosen


class Settings(TypedDict, total=False):
    """What is given to `MultiheadAttention` by name."""

    dropout: float
    bias: bool
    kdim: int | None
    vdim: int | None
    batch_first: bool
    generator: Generator | None


_USUAL = {"dropout": 0.0, "bias": True, "kdim": None, "vdim": None, "batch_first": False, "generator": None}


class MultiheadAttention(Module):
    """out_proj of the heads side by side; head h is the attention of W_q query, W_k key and W_v value in its own part.

    Args:
        dropout: probability with which attention weights are dropped in training.
        bias: learn biases.
        kdim, vdim: the features of keys and values, embed_dim if not given.
        batch_first: sequences are (n, t, d) rather than (t, n, d).

    Shapes: query (t, n, embed_dim), key (s, n, kdim), value (s, n, vdim), or all without n; result (t, n, embed_dim)
    and weights (n, t, s). Parameters have PyTorch's names and layouts: in_proj_weight (3 embed_dim, embed_dim), or
    q_proj_weight, k_proj_weight and v_proj_weight where features differ; in_proj_bias; out_proj.weight, out_proj.bias.
    Raises: UsageError where num_heads does not divide embed_dim, ShapeError for inputs or masks that do not fit,
    DtypeError for a mask of integers.
    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
    Differs: from PyTorch in that what comes after num_heads is given by name, in having no `add_bias_kv` and
    `add_zero_attn`, and in that a query which may see nothing gets a mean of nothing, 0, where PyTorch gives NaN.
    """

    def __init__(self, embed_dim: int, num_heads: int, **settings: Unpack[Settings]) -> None:
        found = chosen("MultiheadAttention", _USUAL, settings)
        checks.counts("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise UsageError(
                "every head has the same number of features", given=f"{num_heads} heads of {embed_dim} features",
                needed="num_heads that divides embed_dim", fix=f"make embed_dim a multiple of {num_heads}",
            )  # fmt: skip
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, bool(found["batch_first"])
        self.dropout = checks.probability("MultiheadAttention", "dropout", found["dropout"])
        self.generator = found["generator"]
        sizes = (embed_dim, found["kdim"] or embed_dim, found["vdim"] or embed_dim)
        self._project(sizes, found["bias"])
        self.out_proj = Linear(embed_dim, embed_dim, found["bias"], generator=self.generator)
        if self.out_proj.bias is not None:
            self.out_proj.bias.write(np.zeros(embed_dim))

    def _project(self, sizes: tuple[int, int, int], bias: bool) -> None:
        e, generator = self.embed_dim, self.generator
        self.kdim, self.vdim = sizes[1:]
        self.in_proj_weight: Parameter | None = None
        if sizes == (e, e, e):
            self.in_proj_weight = Parameter(init.glorot_uniform((3 * e, e), generator))
        else:
            for name, size in zip("qkv", sizes, strict=True):
                setattr(self, f"{name}_proj_weight", Parameter(init.glorot_uniform((e, size), generator)))
        self.in_proj_bias = Parameter(np.zeros(3 * e, np.float32)) if bias else None

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Any = None,
        need_weights: bool | Literal["heads"] = True, attn_mask: Any = None, is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """The attention's result, and its weights averaged over heads, or (n, heads, t, s) with `need_weights="heads"`.

        Args:
            key_padding_mask: (n, s), True at keys that are padding and are not seen.
            attn_mask: (t, s) or (n num_heads, t, s), True where a key is hidden; or numbers that are added.
            is_causal: query i sees keys 0 to i only.
        """
        query, key, value = (like(self.out_proj.weight, x) for x in (query, key, value))
        single = query.ndim == 2
        q, k, v = self._projected(*self._batches(*self._checked(query, key, value), single))
        mask = self._mask(key_padding_mask, attn_mask, is_causal, (q.shape[0], q.shape[2], k.shape[2]))
        weights = attention_weights(q, k, mask)
        heads = attended(weights, v, self.dropout if self.training else 0.0, self.generator)
        y = self.out_proj(heads.permute(0, 2, 1, 3).reshape(heads.shape[0], heads.shape[2], self.embed_dim))
        y = y[0] if single else y if self.batch_first else y.transpose(0, 1)
        if not need_weights:
            return y, None
        shown = weights if need_weights == "heads" else weights.mean(1)
        return y, shown[0] if single else shown

    def _checked(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        sizes = (self.embed_dim, self.kdim, self.vdim)
        axis = 1 if self.batch_first else 0
        query, key, value = inputs
        fits = all(x.ndim == query.ndim and x.shape[-1:] == (size,) for x, size in zip(inputs, sizes, strict=True))
        fits = fits and query.ndim in (2, 3) and key.shape[:-1] == value.shape[:-1]
        if fits and (query.ndim == 2 or query.shape[1 - axis] == key.shape[1 - axis]):
            return query, key, value
        layout = "(n, {}, {})" if self.batch_first else "({}, n, {})"
        raise ShapeError(
            "query, key and value do not fit the attention", given=" and ".join(str(x.shape) for x in inputs),
            needed=" and ".join(layout.format(t, size) for t, size in zip("tss", sizes, strict=True)),
            fix="batch_first=True reads (n, t, d); keys and values come in pairs",
        )  # fmt: skip

    def _batches(self, query: Tensor, key: Tensor, value: Tensor, single: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Each as (n, t, d); what was one tensor stays one, for it is projected in one product."""
        q = self._batch(query, single)
        k = q if key is query else self._batch(key, single)
        return q, k, k if value is key else self._batch(value, single)

    def _batch(self, x: Tensor, single: bool) -> Tensor:
        return x.reshape(1, *x.shape) if single else x if self.batch_first else x.transpose(0, 1)

    def _projected(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values of all heads, (n, heads, t, d) each."""
        e = self.embed_dim
        if query is key is value and self.in_proj_weight is not None:
            joint = _affine(query, self.in_proj_weight, self.in_proj_bias)
            return tuple(self._heads(joint[..., i * e : (i + 1) * e]) for i in range(3))
        inputs = enumerate((query, key, value))
        return tuple(self._heads(_affine(x, self._weight(i), self._bias(i))) for i, x in inputs)

    def _weight(self, i: int) -> Tensor:
        if self.in_proj_weight is None:
            weight: Parameter = vars(self)[f"{'qkv'[i]}_proj_weight"]
            return weight
        return self.in_proj_weight[i * self.embed_dim : (i + 1) * self.embed_dim]

    def _bias(self, i: int) -> Tensor | None:
        return None if self.in_proj_bias is None else self.in_proj_bias[i * self.embed_dim : (i + 1) * self.embed_dim]

    def _heads(self, x: Tensor) -> Tensor:
        n, t, e = x.shape
        return x.reshape(n, t, self.num_heads, e // self.num_heads).permute(0, 2, 1, 3)

    def _mask(self, padding: Any, attn_mask: Any, causal: bool, sizes: tuple[int, int, int]) -> Tensor | None:
        """One mask out of three, as the scores want it: True where a key may be seen, or numbers to add."""
        n, t, s = sizes
        hidden: Any = causal_mask(t, s) if causal else None
        added = None
        if attn_mask is not None:
            mask = self._over_heads(chosen_or_added(as_tensor(attn_mask)), n, t, s)
            added, hidden = (None, _either(hidden, mask)) if mask.dtype.kind == "b" else (mask, hidden)
        if padding is not None:
            hidden = _either(hidden, _padding(as_tensor(padding), n, s))
        if added is None:
            return None if hidden is None else ops.logical_not(hidden)
        return added if hidden is None else ops.where(hidden, -np.inf, added)

    def _over_heads(self, mask: Tensor, n: int, t: int, s: int) -> Tensor:
        if mask.shape == (t, s):
            return mask
        if mask.shape == (n * self.num_heads, t, s):
            return mask.reshape(n, self.num_heads, t, s)
        raise ShapeError(
            "attn_mask does not fit the attention", given=str(mask.shape),
            needed=f"({t}, {s}) or ({n * self.num_heads}, {t}, {s})", fix="rows are queries, columns are keys",
        )  # fmt: skip

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002
        """The projections of queries, keys and values, then each query with each key, and with each value.

        What `out_proj` does is counted there.
        """
        q, k, v = (as_tensor(x) for x in inputs[:3])
        n = 1 if q.ndim == 2 else q.shape[0 if self.batch_first else 1]
        pairs = (q.size // self.embed_dim // n) * (k.size // self.kdim)
        return self.embed_dim * (q.size + k.size + v.size + 2 * pairs)

    def described(self) -> str:
        """The features and the heads."""
        text = f"{self.embed_dim}, {self.num_heads} heads"
        text += f", keys of {self.kdim}, values of {self.vdim}" if self.in_proj_weight is None else ""
        return f"{text}, dropout={self.dropout:g}" if self.dropout else text


def _affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return ops.matmul(x, weight.T) if bias is None else ops.affine(x, weight, bias)


def _padding(mask: Tensor, n: int, s: int) -> Tensor:
    if mask.shape != (n, s) or mask.dtype.kind != "b":
        raise ShapeError(
            "key_padding_mask marks the keys that are padding", given=f"{mask.dtype}{mask.shape}",
            needed=f"bool({n}, {s})", fix="True where a key is padding: np.arange(s) >= lengths[:, None]",
        )  # fmt: skip
    return mask.reshape(n, 1, 1, s)


def _either(a: Tensor | None, b: Tensor) -> Tensor:
    return b if a is None else ops.where(a, a, b)
