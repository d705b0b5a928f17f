"""The network of ConvNetJS's MNIST page: random windows in training, four windows averaged in testing, Adadelta.

Differs: eps is 1e-6, as in Zeiler's paper; with 1e-8, the library's later default, one pass ends at 96.4 % of the
validation images instead of 98.6 %. The four windows are the corners of the picture, not random ones.
Source: Karpathy 2014, ConvNetJS, demo/mnist.html.
"""

from __future__ import annotations

from typing import Any

from descend.data import Loader, load, on_examples, scale
from descend.data.transforms import Compose, RandomCrop
from descend.engine import Tensor, manual_seed, ops
from descend.nn import Conv2d, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential, cross_entropy, init
from descend.optim import Adadelta
from descend.recipes.recipe import Expect, Network, Recipe, Settings
from descend.train.evaluate import Evaluation
from descend.train.trainer import Trainer

SOURCE = "Karpathy 2014, ConvNetJS, MNIST demo"
SIDE = 24


class Windows(Module):
    """A network for windows of 24 x 24 pixels; of a whole picture it averages what four windows say.

    Shapes: x (n, 1, 24, 24) or (n, 1, 28, 28); result (n, classes), for whole pictures logarithms of probabilities.
    """

    def __init__(self, body: Module) -> None:
        self.body = body

    def forward(self, x: Any) -> Tensor:
        """The windows of a whole picture are its corners."""
        if x.shape[-1] == SIDE:
            return self.body(x)  # type: ignore[no-any-return]
        ends = slice(0, SIDE), slice(-SIDE, None)
        windows = [x[:, :, rows, columns] for rows in ends for columns in ends]
        logs = [ops.log_softmax(self.body(window), -1) for window in windows]
        return ops.logsumexp(ops.stack(logs), 0) - ops.log(Tensor(float(len(logs))))


def network(_: Settings) -> Module:
    """Two convolutions of 5 x 5, with pooling by 2 and by 3. Biases before rectified units begin at 0.1."""
    convs, last = (Conv2d(1, 8, 5, padding=2), Conv2d(8, 16, 5, padding=2)), Linear(16 * 4 * 4, 10)
    for layer, bias in ((convs[0], 0.1), (convs[1], 0.1), (last, 0.0)):
        layer.weight.write(init.lecun_normal(layer.weight.shape))
        layer.bias.write(init.zeros(layer.bias.shape) + bias)  # type: ignore[union-attr]
    first, second = convs
    return Windows(Sequential(first, ReLU(), MaxPool2d(2), second, ReLU(), MaxPool2d(3), Flatten(), last))


def build(settings: Settings) -> Trainer:
    """One pass through nine tenths of the images; the weights decay, the biases do not."""
    manual_seed(settings["seed"])
    data, batch = load(settings["data"]), settings["batch_size"]
    training, validation = data.train.split(len(data.train) // 10)
    model = network(settings)
    weights, biases = ([p for n, p in model.named_parameters() if n.endswith(end)] for end in ("weight", "bias"))
    # There the decay is added to the sum over the batch, and divided by the batch's size with it.
    groups = [{"params": weights, "weight_decay": settings["l2"] / batch}, {"params": biases}]
    whole = on_examples(scale)
    return Trainer(
        model,
        Adadelta(groups, rho=0.95, eps=1e-6),
        cross_entropy,
        Loader(training, batch, seed=settings["seed"], transform=Compose(whole, RandomCrop(SIDE))),
        epochs=settings["epochs"],
        evaluation=Evaluation(
            validation=Loader(validation, 500, shuffle=False, transform=whole),
            test=Loader(data.test, 500, shuffle=False, transform=whole),
        ),
    )


RECIPE = Recipe(
    name="convnetjs-mnist",
    about="The network that learned digits in the browser: about 99 % within minutes.",
    source=f"{SOURCE}: about 99 % in minutes",
    settings={"data": "mnist", "l2": 0.001, "batch_size": 20, "epochs": 1, "seed": 0},
    expect=(Expect(metric="test_accuracy", at_least=0.985, source=SOURCE),),
    build=build,
    tiny={"data": "digits", "batch_size": 250},
    network=Network(build=network, input_shape=(1, 28, 28), classes=tuple("0123456789"), prepare=scale),
)
