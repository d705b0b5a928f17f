"""What a kernel for convolutions is made for: a kind of numbers, a geometry, registers of so many bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from descend.kernels.geometry import Geometry, Layout, backwards, forwards
from descend.kernels.tile import SIZES


class Described:
    """What follows from a description, of the convolution or of a gradient."""

    kind: str
    geometry: Geometry
    vector_bytes: int

    @cached_property
    def layout(self) -> Layout:
        """Where everything lies."""
        return forwards(self.geometry)

    @property
    def lanes(self) -> int:
        """Numbers in a register."""
        return self.vector_bytes // SIZES[self.kind]


@dataclass(frozen=True)
class Convolution(Described):
    """The convolution, or where it is `turned` the gradient of its input."""

    kind: str
    geometry: Geometry
    turned: bool
    vector_bytes: int

    @cached_property
    def layout(self) -> Layout:
        """Where everything lies."""
        return (backwards if self.turned else forwards)(self.geometry)


@dataclass(frozen=True)
class WeightGradient(Described):
    """The gradient of the weights: images, cotangents, result."""

    kind: str
    geometry: Geometry
    vector_bytes: int
