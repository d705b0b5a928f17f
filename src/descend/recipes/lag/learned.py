"""Both networks trained on the lag task in the same way."""

from __future__ import annotations

from descend.data import Loader
from descend.engine import manual_seed
from descend.models import SequenceClassifier
from descend.nn import cross_entropy
from descend.optim import Adam
from descend.recipes.lag import task
from descend.recipes.recipe import Expect, Recipe, Setting, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer

SOURCE = "Hochreiter and Schmidhuber 1997"


def build(settings: Settings) -> Trainer:
    """Adam with the gradient's length limited to 1."""
    manual_seed(settings["seed"])
    data, batch = task.sequences(settings), settings["batch_size"]
    training, validation = data.train.split(len(data.train) // 10)
    model = SequenceClassifier(task.recurrent(settings), task.CLASSES)
    return Trainer(
        model,
        Adam(model.parameters(), settings["lr"]).clip(norm=1.0),
        cross_entropy,
        Loader(training, batch, seed=settings["seed"]),
        epochs=settings["epochs"],
        evaluation=Evaluation(
            validation=Loader(validation, 500, shuffle=False), test=Loader(data.test, 500, shuffle=False)
        ),
    )


_SETTINGS: dict[str, Setting] = {
    "cell": "lstm",
    "lag": 50,
    "hidden": 32,
    "examples": 14000,
    "tests": 2000,
    "lr": 0.005,
    "batch_size": 64,
    "epochs": 3,
    "seed": 0,
}
_TINY: dict[str, Setting] = {"lag": 5, "examples": 200, "tests": 50, "epochs": 1}

RECIPES = (
    Recipe(
        name="lag-lstm",
        about="A long short-term memory names what it saw 50 steps ago: every time.",
        source=f"{SOURCE}: memories of this kind bridge lags of 100 steps and more",
        settings=_SETTINGS,
        expect=(Expect(metric="test_accuracy", at_least=0.99, source=SOURCE),),
        build=build,
        tiny=_TINY,
    ),
    Recipe(
        name="lag-rnn",
        about="A simple recurrent network, trained alike, forgets what it saw 50 steps ago.",
        source="Bengio, Simard and Frasconi 1994: learning long-term dependencies is difficult",
        settings={**_SETTINGS, "cell": "rnn"},
        # Chance is 25 %.
        expect=(Expect(metric="test_accuracy", at_most=0.5, source="Bengio, Simard and Frasconi 1994"),),
        build=build,
        tiny=_TINY,
    ),
)
