"""What the tutorials share: 50,000 images in a fixed order, plain gradient descent, whole batches only.

Differs: the tutorials stop early and report the test error of the epoch with the best validation error; here training
lasts as many epochs as that took, and the test error is that of the last one.
Source: LISA lab, University of Montréal, "Deep learning tutorials", 2008-2015.
"""

from __future__ import annotations

from collections.abc import Callable

from descend.data import Loader, Split, load, on_examples, scale
from descend.engine import Tensor
from descend.nn import Module
from descend.optim import SGD
from descend.recipes.recipe import Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer

SOURCE = "deeplearning.net tutorial"
Cost = Callable[[Tensor, Tensor], Tensor]
_transform = on_examples(scale)


def trainer(model: Module, cost: Cost, settings: Settings) -> Trainer:
    """The model's training and its measuring, on the tutorials' split of the data."""
    data, batch = load(settings["data"]), settings["batch_size"]
    training, validation = data.train.split(len(data.train) // 6)
    return Trainer(
        model,
        SGD(model.parameters(), settings["lr"]),
        cost,
        _in_order(training, batch),
        epochs=settings["epochs"],
        evaluation=Evaluation(validation=_in_order(validation, batch), test=_in_order(data.test, batch)),
    )


def _in_order(split: Split, batch: int) -> Loader:
    # Only whole batches are counted there: 7.489583 % are 719 errors in 16 batches of 600.
    return Loader(split.take(len(split) // batch * batch), batch, shuffle=False, transform=_transform)
