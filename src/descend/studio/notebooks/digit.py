"""The reading of a drawn digit as a notebook."""

from __future__ import annotations

from descend.studio.notebook import Cell, code, values
from descend.studio.plane import Array


def cells(run: str, drawing: Array) -> list[Cell]:
    """The cells, with the run whose network reads, and what is drawn. Shape: drawing (28, 28)."""
    return [values(run=run, drawing=drawing.ravel().tolist()), _NETWORK, _READ, _PICTURE]


_NETWORK = code("""
import numpy as np

from descend.engine import Tensor, no_grad
from descend.recipes import registry
from descend.recipes.trained import model_of, network_of
from descend.train.runs import Run

trained = Run.open(run)
model, network = model_of(trained), network_of(registry.get(trained.info.recipe))
picture = np.array(drawing, np.uint8).reshape(28, 28)
print(model)
""")

_READ = code("""
with no_grad():
    logits = model(Tensor(network.prepare(picture[None, None]))).numpy()[0]
probabilities = np.exp(logits - logits.max())
probabilities /= probabilities.sum()
read_as = network.classes[int(probabilities.argmax())]
print(f"read as {read_as} with probability {probabilities.max():.3f}")
""")

_PICTURE = code("""
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
left.imshow(picture, cmap="gray")
right.bar(network.classes, probabilities)
right.set(ylabel="probability");
""")
