"""Pooling layers, of sequences, images and volumes."""

from __future__ import annotations

from typing import Any

from descend.engine import ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module
from descend.nn.window import shown

Size = int | tuple[int, ...]
_PICTURES = {1: "(n, c, t)", 2: "(n, c, h, w)", 3: "(n, c, d, h, w)"}


class _Pool(Module):
    """A window of `kernel_size` places that moves by `stride` (its own size if not given)."""

    d = 2

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        self._slide(kernel_size, stride, padding, 1)

    def _slide(self, kernel_size: Size, stride: Size | None, padding: Size, dilation: Size) -> None:
        name, d = type(self).__name__, self.d
        self.kernel = checks.sizes(name, "kernel_size", kernel_size, d)
        step = self.kernel if stride is None else checks.sizes(name, "stride", stride, d)
        edge, spacing = (
            checks.sizes(name, "padding", padding, d, least=0), checks.sizes(name, "dilation", dilation, d),
        )  # fmt: skip
        self.window = ops.sliding(self.kernel, step, edge, spacing)
        if any(2 * p > k for p, k in zip(edge, self.kernel, strict=True)):
            raise UsageError(
                f"a window of {name} could lie wholly in the padding", given=f"kernel {self.kernel}, padding {padding}",
                needed="padding of at most half the kernel",
            )  # fmt: skip

    def _images(self, x: Any) -> Tensor:
        tensor: Tensor = as_tensor(x)
        if tensor.ndim != self.d + 2:
            raise ShapeError(
                "pooling is for images and the like", given=str(tensor.shape), needed=_PICTURES[self.d],
                fix="pool before flattening; one image: x[None]; images without channels: x[:, None]",
            )  # fmt: skip
        return tensor

    def described(self) -> str:
        """The window and its stride."""
        return shown(self.kernel, self.window)


class _MaxPool(_Pool):
    """The largest value in each window."""

    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        self._slide(kernel_size, stride, padding, dilation)
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, x: Tensor) -> Any:
        """The largest value in each window; the padding never wins. With `return_indices` the winners' places too."""
        x = self._images(x)
        if self.return_indices:
            return ops.max_pool_with_indices(x, self.kernel, self.window, ceil_mode=self.ceil_mode)
        return ops.max_pool(x, self.kernel, self.window, ceil_mode=self.ceil_mode)


class MaxPool1d(_MaxPool):
    """The largest value in each window of sequences (n, c, t). Arguments: as for `MaxPool2d`."""

    d = 1


class MaxPool2d(_MaxPool):
    """The largest value in each window.

    Args:
        stride: how far the window moves; its own size if not given.
        padding: places around the input that never win, at most half the kernel.
        dilation: the distance of the window's taps.
        return_indices: give (values, indices), the winners' places in the image in reading order, for `MaxUnpool2d`.
        ceil_mode: a last window may hang over the end if it begins inside.

    Shapes: (n, c, h, w) to (n, c, (h + 2 padding - dilation (kh - 1) - 1) // stride + 1, ...).
    """


class MaxPool3d(_MaxPool):
    """The largest value in each window of volumes (n, c, d, h, w). Arguments: as for `MaxPool2d`."""

    d = 3


class _AvgPool(_Pool):
    """The mean over each window."""

    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0, ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        self._slide(kernel_size, stride, padding, 1)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each window."""
        settings = {"ceil_mode": self.ceil_mode, "count_include_pad": self.count_include_pad}
        return ops.avg_pool(self._images(x), self.kernel, self.window, **settings)


class AvgPool1d(_AvgPool):
    """The mean over each window of sequences (n, c, t). Arguments: as for `AvgPool2d`."""

    d = 1


class AvgPool2d(_AvgPool):
    """The mean over each window. Shapes as for `MaxPool2d`.

    Args:
        ceil_mode: a last window may hang over the end if it begins inside; what hangs over does not count.
        count_include_pad: padding counts as zeros, or not at all.
    """


class AvgPool3d(_AvgPool):
    """The mean over each window of volumes (n, c, d, h, w). Arguments: as for `AvgPool2d`."""

    d = 3


class _LPPool(_Pool):
    """The p-norm of each window."""

    def __init__(
        self, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
    ) -> None:
        self.norm_type = checks.positive(type(self).__name__, "norm_type", norm_type)
        self._slide(kernel_size, stride, 0, 1)
        self.ceil_mode = ceil_mode

    def forward(self, x: Tensor) -> Tensor:
        """(sum of |x|^p)^(1/p) over each window."""
        return ops.lp_pool(self._images(x), self.norm_type, self.kernel, self.window, ceil_mode=self.ceil_mode)

    def described(self) -> str:
        """The norm, the window and its stride."""
        return f"p={self.norm_type:g}, {super().described()}"


class LPPool1d(_LPPool):
    """The p-norm of each window of sequences (n, c, t). As `LPPool2d`."""

    d = 1


class LPPool2d(_LPPool):
    """(sum of |x|^p)^(1/p) over each window: p = 1 the sum, large p near the largest. Shapes as for `MaxPool2d`.

    Differs: from PyTorch in |x| for x, which matters where p is odd.
    """


class LPPool3d(_LPPool):
    """The p-norm of each window of volumes (n, c, d, h, w). As `LPPool2d`."""

    d = 3


class _MaxUnpool(_Pool):
    """Maxima put back where they came from."""

    def forward(self, x: Tensor, indices: Tensor, output_size: tuple[int, ...] | None = None) -> Tensor:
        """x at the places `indices`, zeros elsewhere; `output_size` says which of several sizes was pooled."""
        x = self._images(x)
        sizes = zip(x.shape[2:], self.window.stride, self.window.pads, self.kernel, strict=True)
        usual = tuple((n - 1) * step - sum(pads) + k for n, step, pads, k in sizes)
        return ops.max_unpool(x, indices, usual if output_size is None else tuple(output_size)[-self.d :])


class MaxUnpool1d(_MaxUnpool):
    """Maxima of sequences (n, c, t) put back where they came from. As `MaxUnpool2d`."""

    d = 1


class MaxUnpool2d(_MaxUnpool):
    """Maxima put back where `MaxPool2d(..., return_indices=True)` found them, zeros elsewhere.

    Shapes: x and indices (n, c, h, w) to (n, c, (h - 1) stride - 2 padding + kh, ...), or `output_size`.
    Source: Zeiler and Fergus 2013, arXiv:1311.2901. Differs: from PyTorch in adding where two windows share a maximum.
    """


class MaxUnpool3d(_MaxUnpool):
    """Maxima of volumes (n, c, d, h, w) put back where they came from. As `MaxUnpool2d`."""

    d = 3
