"""Images at another size: interpolated, or with channels laid out as pixels."""

from __future__ import annotations

from typing import Any

from descend.engine import ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module

_MODES = ("nearest", "linear", "bilinear", "trilinear")


class Upsample(Module):
    """The input at another size, by the nearest pixel or on the line between two.

    Args:
        size: the new lengths, or scale_factor: how many times the old ones; one of the two.
        mode: "nearest", "linear" (sequences), "bilinear" (images) or "trilinear" (volumes).
        align_corners: the corner pixels keep their places; otherwise pixels are areas.

    Shapes: (n, c, *old) to (n, c, *size). Raises: UsageError, ShapeError.
    Differs: from PyTorch in having no "bicubic".
    """

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> None:
        if (size is None) == (scale_factor is None):
            raise UsageError(
                "Upsample needs to know how large", given=f"size={size!r}, scale_factor={scale_factor!r}",
                needed="one of the two", fix="Upsample(scale_factor=2) doubles",
            )  # fmt: skip
        self.size, self.scale_factor, self.align_corners = size, scale_factor, bool(align_corners)
        self.mode = checks.one_of("Upsample", "mode", mode, _MODES)

    def forward(self, x: Tensor) -> Tensor:
        """The input at the new size."""
        return ops.interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def described(self) -> str:
        """How large, and how."""
        size = f"size={self.size}" if self.size is not None else f"scale_factor={self.scale_factor}"
        return f"{size}, mode={self.mode!r}"


class PixelShuffle(Module):
    """Channels laid out as pixels: (n, c r², h, w) to (n, c, h r, w r) for r = upscale_factor.

    Raises: ShapeError where r² does not divide the channels. Source: Shi et al. 2016, arXiv:1609.05158, Eq. 4.
    """

    def __init__(self, upscale_factor: int) -> None:
        checks.counts("PixelShuffle", upscale_factor=upscale_factor)
        self.upscale_factor = upscale_factor

    def forward(self, x: Tensor) -> Tensor:
        """Fewer channels of more pixels."""
        return ops.pixel_shuffle(x, self.upscale_factor)

    def described(self) -> str:
        """The factor."""
        return str(self.upscale_factor)


class PixelUnshuffle(Module):
    """Pixels laid out as channels: (n, c, h r, w r) to (n, c r², h, w) for r = downscale_factor.

    Raises: ShapeError where r does not divide the size.
    """

    def __init__(self, downscale_factor: int) -> None:
        checks.counts("PixelUnshuffle", downscale_factor=downscale_factor)
        self.downscale_factor = downscale_factor

    def forward(self, x: Tensor) -> Tensor:
        """More channels of fewer pixels."""
        return ops.pixel_unshuffle(x, self.downscale_factor)

    def described(self) -> str:
        """The factor."""
        return str(self.downscale_factor)


class ChannelShuffle(Module):
    """Channels dealt out like cards: channel i of group g becomes channel g of group i. Shapes: (n, c, ...), as x.

    Raises: ShapeError where groups does not divide the channels. Source: Zhang et al. 2017, arXiv:1707.01083.
    """

    def __init__(self, groups: int) -> None:
        checks.counts("ChannelShuffle", groups=groups)
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        """The same channels in another order."""
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[1] % self.groups:
            raise ShapeError(
                "the channels cannot be dealt out evenly", given=str(x.shape),
                needed=f"(n, c, ...) with c a multiple of {self.groups}", fix="choose groups that divides the channels",
            )  # fmt: skip
        n, c, *size = x.shape
        return x.reshape(n, self.groups, c // self.groups, -1).transpose(1, 2).reshape(n, c, *size)

    def described(self) -> str:
        """The number of groups."""
        return str(self.groups)
