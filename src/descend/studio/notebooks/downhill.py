"""Downhill as a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.studio.notebook import Cell, code, prose, values

if TYPE_CHECKING:
    from descend.studio.labs.downhill import Downhill


def cells(lab: Downhill) -> list[Cell]:
    """The cells, with the lab's parameters as they are now, from where its walk began."""
    given = values(units=lab.units, lr=lab.lr, steps=lab.steps or 100, start=lab.begun)
    return [given, _HOUSES, _WORDS, _CURVATURES, _WALK, _PICTURE]


_HOUSES = code("""
import numpy as np

from descend.engine import from_numpy
from descend.nn import Parameter, mse_loss
from descend.optim import SGD

area = np.array([2104.0, 1600.0, 2400.0])  # square feet
price = np.array([399.9, 329.9, 369.0])  # thousands of dollars
mean, std = (0.0, 1.0) if units == "square feet" else (area.mean(), area.std())
inputs = np.column_stack([(area - mean) / std, np.ones(3)])
x, y = from_numpy(inputs), from_numpy(price)
""")

_WORDS = prose("""
The curvatures of the error are the eigenvalues of its Hessian. Their ratio is the condition number:
how much flatter the valley is along its floor than across. Above 2 / (greatest curvature) it explodes.
""")

_CURVATURES = code("""
flattest, steepest = np.linalg.eigvalsh(2 / 3 * inputs.T @ inputs)
print(f"condition number {steepest / flattest:.3g}, explodes above {2 / steepest:.3g}")
""")

_WALK = code("""
weights = Parameter(np.array(start))
optimizer = SGD([weights], lr)
errors = [mse_loss(x @ weights, y).item()]
for _ in range(steps):
    loss = mse_loss(x @ weights, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    errors.append(mse_loss(x @ weights, y).item())
slope, intercept = weights.numpy()
print(f"after {steps} steps: error {errors[-1]:.1f}, slope {slope:.4g}, intercept {intercept:.4g}")
""")

_PICTURE = code("""
import matplotlib.pyplot as plt

plt.semilogy(errors)
plt.axhline(799, linestyle=":", color="grey")
plt.xlabel("step")
plt.ylabel("mean squared error");
""")
