"""How the window of a convolution or a pooling is shown."""

from __future__ import annotations

from descend.engine.ops import Window

Pair = tuple[int, int]


def shown(kernel: Pair, window: Window, usual_stride: Pair | None = None) -> str:
    """The window as "kernel 5, padding (2, 1)": without padding if there is none, and without the usual stride."""
    sizes = {"kernel": kernel, "stride": window.stride, "padding": window.padding}
    left_out = {"stride": usual_stride, "padding": (0, 0)}
    return ", ".join(f"{name} {_short(size)}" for name, size in sizes.items() if size != left_out.get(name))


def _short(size: Pair) -> str:
    return str(size[0] if size[0] == size[1] else size)
