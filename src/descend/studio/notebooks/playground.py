"""The playground as a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from descend.studio.notebook import Cell, code, prose, values

if TYPE_CHECKING:
    from descend.studio.labs.playground import Playground


def cells(lab: Playground, layers: Sequence[int]) -> list[Cell]:
    """The cells, with the lab's parameters as they are now."""
    return [
        _given(lab, layers),
        _IMPORTS,
        _OWN if lab.data == "own" else _MADE,
        _DIVIDE,
        _WORDS,
        _MODEL,
        _TRAIN,
        _PICTURE,
    ]


def _given(lab: Playground, layers: Sequence[int]) -> Cell:
    points = {"own": lab.own} if lab.data == "own" else {"noise": lab.noise}
    return values(
        data=lab.data, **points, share=lab.train, seed=lab.seed, inputs=lab.inputs, layers=list(layers),
        activation=lab.activation, lr=lab.lr, batch=lab.batch, regularisation=lab.regularisation,
        penalty=lab.penalty, epochs=lab.steps or 100,
    )  # fmt: skip


_IMPORTS = code("""
import numpy as np

from descend.engine import Tensor, manual_seed, no_grad, ops
from descend.models import mlp
from descend.nn import Linear
from descend.optim import SGD
from descend.studio import plane
from descend.studio.labs.playground import ACTIVATIONS

rng = np.random.default_rng(seed)
""")

_MADE = code("""
rows = np.column_stack(plane.DATA[data](300, noise, rng))
""")

_OWN = code("""
rows = np.array(own)
""")

_DIVIDE = code("""
rows = rows[rng.permutation(len(rows))].astype(np.float32)
n = min(max(1, round(share * len(rows))), max(1, len(rows) - 1))
train, test = rows[:n], rows[n:] if len(rows) > 1 else rows
x, y = plane.features(train[:, :2], inputs), train[:, 2]
test_x, test_y = plane.features(test[:, :2], inputs), test[:, 2]
""")

_WORDS = prose("""
Of two classes the answer is a tanh, so that it lies between -1 and 1; a height is predicted as it is.
""")

_MODEL = code("""
manual_seed(seed)
model = mlp([len(inputs), *layers, 1], ACTIVATIONS[activation])
optimizer = SGD(model.parameters(), lr)

def answer(x):
    z = model(Tensor(x))[:, 0]
    return z if data in plane.SURFACES else ops.tanh(z)

def size_of_weights():
    flat = ops.ravel([layer.weight for layer in model if isinstance(layer, Linear)])
    return ops.sum(ops.abs(flat)) if regularisation == "L1" else 0.5 * ops.sum(ops.square(flat))

def measured(x, y):
    with no_grad():
        return float(0.5 * np.mean((answer(x).numpy() - y) ** 2))
""")

_TRAIN = code("""
losses = [(measured(x, y), measured(test_x, test_y))]
for epoch in range(epochs):
    order = rng.permutation(len(y))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        loss = 0.5 * ops.mean(ops.square(answer(x[chosen]) - Tensor(y[chosen])))
        if regularisation != "none":
            loss = loss + penalty * size_of_weights()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    losses.append((measured(x, y), measured(test_x, test_y)))
train_loss, test_loss = losses[-1]
print(f"after {epochs} epochs: loss {train_loss:.4f}, test loss {test_loss:.4f}")
""")

_PICTURE = code("""
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.plot(losses, label=["training points", "test"])
left.set(xlabel="epoch", ylabel="loss")
left.legend()
side, reach = 100, plane.REACH
with no_grad():
    field = answer(plane.features(plane.grid(side), inputs)).numpy().reshape(side, side)
right.imshow(field, origin="lower", extent=(-reach, reach, -reach, reach), cmap="PuOr", vmin=-1, vmax=1)
right.scatter(*train[:, :2].T, c=train[:, 2], cmap="PuOr", vmin=-1, vmax=1, edgecolors="white")
right.set(xlabel="x1", ylabel="x2");
""")
