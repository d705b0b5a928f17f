"""The spatial transformer: a network that turns, moves and scales its own input."""

from __future__ import annotations

from descend.engine import ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module


class SpatialTransformer(Module):
    """The image seen through an affine map that a network finds for each image.

    theta = localisation(x); y[n, c, i, j] = x[n, c] at the place theta[n] (x_j, y_i, 1), between four pixels. Begin
    with a localisation whose last layer has weight 0 and bias (1, 0, 0, 0, 1, 0): then y is x.

    Args:
        localisation: a module from images to six numbers each, the rows of a matrix (2, 3).
        output_size: (h, w) of the result; as the input if not given.
        padding_mode: what is beside the image, "zeros" or "border".

    Shapes: x (n, c, h, w), y (n, c, *output_size). Raises: UsageError, ShapeError where theta is not (n, 6).
    Source: Jaderberg et al. 2015, arXiv:1506.02025, section 3.
    """

    def __init__(
        self, localisation: Module, output_size: tuple[int, int] | None = None, *, padding_mode: str = "zeros",
        align_corners: bool = False,
    ) -> None:  # fmt: skip
        if not isinstance(localisation, Module):
            raise UsageError(
                "a spatial transformer needs a network that finds the map", given=type(localisation).__name__,
                needed="a module from images to (n, 6)",
            )  # fmt: skip
        self.localisation, self.align_corners = localisation, align_corners
        name = "SpatialTransformer"
        self.output_size = None if output_size is None else checks.sizes(name, "output_size", output_size, 2)
        self.padding_mode = checks.one_of(name, "padding_mode", padding_mode, ("zeros", "border"))

    def forward(self, x: Tensor) -> Tensor:
        """The image through the map that the localisation finds."""
        x = as_tensor(x)
        theta = as_tensor(self.localisation(x))
        if x.ndim != 4 or theta.size != 6 * x.shape[0]:
            raise ShapeError(
                "the localisation gives six numbers an image", given=f"{theta.shape} for x {x.shape}",
                needed="(n, 6) for x (n, c, h, w)", fix="end it with Flatten() and Linear(d, 6)",
            )  # fmt: skip
        size = (*x.shape[:2], *(self.output_size or x.shape[2:]))
        grid = ops.affine_grid(theta.reshape(x.shape[0], 2, 3), size, self.align_corners)
        return ops.grid_sample(x, grid, "bilinear", self.padding_mode, self.align_corners)
