"""Watch a network of PyTorch learn to tell two spirals apart: run this, and look at the page that it opens.

python examples/show_my_torch_network.py [--steps N] [--no-browser]
"""

from __future__ import annotations

from argparse import ArgumentParser

import torch
from torch import nn

from descend import studio

parser = ArgumentParser(description="Watch a network learn to tell two spirals apart.")
parser.add_argument("--steps", type=int, default=3000)
parser.add_argument("--no-browser", action="store_true", help="print the link instead of opening a browser")
given = parser.parse_args()

torch.manual_seed(0)
along = torch.linspace(0.1, 1, 200).repeat(2)
label = torch.arange(400) // 200
angle = 9 * along + torch.pi * label + 0.15 * torch.randn(400)
x = torch.stack([along * angle.sin(), along * angle.cos()], dim=1)

model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

with studio.show(model, (x, label), name="spirals", browser=not given.no_browser) as view:
    for _ in range(given.steps):
        loss = nn.functional.cross_entropy(model(x), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        view.update(loss)

view.wait()  # keeps the page open, so that one can look back; Ctrl-C ends it
