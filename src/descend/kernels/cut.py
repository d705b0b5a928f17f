"""How images are cut into tiles for a convolution in the basis of `toom_cook`, and what its kernels are told."""

from __future__ import annotations

from dataclasses import dataclass

from descend.kernels.code import FLOAT
from descend.kernels.tile import ACROSS, SIZES

NUMBERS = (
    "images", "channels", "out", "height", "width", "top", "left", "rows", "columns",
    "together", "band", "tiles", "apart", "inputs", "sums", "pixels", "weights", "room",
)  # fmt: skip
"""Sizes of the images and of what the windows give; in a block: images, rows of tiles, tiles; whether one block has
all tiles, and threads share output channels and not images; where the parts of the room begin, and how much of it a
thread has."""

TILE = {2: 4, 3: 4, 5: 4}  # by the number of taps along an axis: results along an axis of a tile


@dataclass(frozen=True)
class Cut:
    """How images are cut.

    Attributes:
        what: what is computed, see `kernels.winograd`.
        taps: along an axis, of a phase.
        stride: how far windows move; a window has `taps` times as many taps along an axis.
        across: registers in a panel of output channels.
    """

    what: str
    taps: int
    vector_bytes: int
    stride: int = 1
    across: int = ACROSS

    @property
    def tile(self) -> int:
        """Results along an axis of a tile."""
        return TILE[self.taps]

    @property
    def reach(self) -> int:
        """Inputs along an axis of a tile."""
        return self.tile + self.taps - 1

    @property
    def phases(self) -> int:
        """Places of a pixel modulo the stride."""
        return self.stride**2

    @property
    def window(self) -> int:
        """Taps of a window."""
        return self.phases * self.taps**2

    @property
    def lanes(self) -> int:
        """Numbers in a register."""
        return self.vector_bytes // SIZES[FLOAT]

    @property
    def at_once(self) -> int:
        """Rows of a tile of sums: they divide the lanes."""
        return min(self.lanes, (16 if self.vector_bytes == 64 else 8) // self.across)
