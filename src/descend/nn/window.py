"""How the window of a convolution or a pooling is shown."""

from __future__ import annotations

from typing import Any

from descend.engine.ops import Window


def shown(kernel: tuple[int, ...], window: Window, usual_stride: tuple[int, ...] | None = None) -> str:
    """The window as "kernel 5, padding (2, 1)": only what is not the usual."""
    sizes = {"kernel": kernel, "stride": window.stride, "padding": window.padding, "dilation": window.dilation}
    one = (1,) * len(kernel)
    left_out = {"stride": usual_stride, "padding": (0,) * len(kernel), "dilation": one}
    return ", ".join(f"{name} {_short(size)}" for name, size in sizes.items() if size != left_out.get(name))


def _short(size: Any) -> str:
    return str(size[0] if len(set(size)) == 1 else size)
