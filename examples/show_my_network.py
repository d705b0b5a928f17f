"""Watch a convolutional network learn to read digits: run this, and look at the page that it opens.

python examples/show_my_network.py [--epochs N] [--no-browser]
"""

from __future__ import annotations

from argparse import ArgumentParser

import descend
from descend import data, nn, optim

parser = ArgumentParser(description="Watch a network learn to read digits.")
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--no-browser", action="store_true", help="print the link instead of opening a browser")
given = parser.parse_args()

digits = data.load("digits")  # 5,000 + 1,000 handwritten digits, inside the package
model = nn.Sequential(
    nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 10),
)  # fmt: skip
optimizer = optim.Adam(model.parameters(), lr=1e-3)
batches = data.Loader(digits.train, batch_size=32, transform=data.on_examples(data.scale))

# The network is watched on examples that it is not trained on.
with descend.studio.show(
    model, (data.scale(digits.test.x), digits.test.y), name="digits", browser=not given.no_browser
) as view:
    for epoch in range(given.epochs):
        for x, y in batches.epoch(epoch):
            scores = model(descend.Tensor(x))
            loss = nn.cross_entropy(scores, descend.Tensor(y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            view.update(loss, accuracy=(scores.numpy().argmax(axis=1) == y).mean())

view.wait()  # keeps the page open, so that one can look back; Ctrl-C ends it
