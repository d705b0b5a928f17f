from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from descend import nn
from descend.engine import Tensor
from descend.models import LeNet
from tests.nn.samples import SAMPLES

NAMESPACE = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{NAMESPACE}text")]


def boxes(svg: str, kind: str) -> list[tuple[float, float, float, float]]:
    """(left, top, right, bottom) of every rectangle of a kind."""
    found = []
    for element in ET.fromstring(svg).iter(f"{NAMESPACE}rect"):
        if element.get("class") == kind:
            x, y, w, h = (float(element.get(name)) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
    return found


def net() -> nn.Module:
    body = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.Residual(body), nn.Concat(nn.Conv2d(4, 2, 1), nn.MaxPool2d(3, 1, 1)),
        nn.GlobalPool(), nn.Linear(6, 10),
    )  # fmt: skip


def test_every_layer_is_drawn_once_with_its_settings_and_its_numbers():
    svg = nn.diagram(LeNet()).svg
    shown = texts(svg)
    assert len(boxes(svg, "layer")) == 11
    assert len(boxes(svg, "frame")) == 3
    assert shown.count("1 -> 16, kernel 5, padding 2") == 1
    assert shown.count("102,528") == 1
    assert "Sequentialfeatures" in shown
    assert len(boxes(svg, "bar")) == 4, "of the layers that learn"


def test_shapes_are_those_of_the_summary():
    found = nn.diagram(LeNet(), (5, 1, 28, 28))
    rows = nn.summary(LeNet(), (5, 1, 28, 28)).rows
    assert {row.name: row.shape for row in rows}.items() <= found.shapes.items()
    shown = texts(found.svg)
    assert shown[0] == "5 × 1 × 28 × 28"
    assert shown[-1] == "5 × 10"
    assert shown.count("5 × 32 × 10 × 10") == 2


@pytest.mark.parametrize("model", [LeNet(), net(), nn.Linear(2, 3)], ids=["lenet", "branches", "single"])
def test_layers_do_not_overlap_and_lie_inside_their_frames_and_the_page(model):
    svg = nn.diagram(model).svg
    layers, frames = boxes(svg, "layer"), boxes(svg, "frame")
    page = ET.fromstring(svg)
    width, height = float(page.get("width")), float(page.get("height"))
    for i, a in enumerate(layers):
        assert min(a) >= 0
        assert a[2] <= width
        assert a[3] <= height
        assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for b in layers[:i])
        around = [f for f in frames if f[0] < a[2] and a[0] < f[2] and f[1] < a[3] and a[1] < f[3]]
        assert all(f[0] < a[0] and f[1] < a[1] and a[2] < f[2] and a[3] < f[3] for f in around)


def test_an_arrow_is_drawn_where_a_part_was_seen_to_follow():
    class Model(nn.Module):
        def __init__(self) -> None:
            self.first, self.unused, self.second = nn.Linear(3, 4), nn.Linear(2, 2), nn.Linear(4, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.second(self.first(x))

    class Forked(nn.Module):
        def __init__(self) -> None:
            self.first, self.second = nn.Linear(3, 4), nn.Linear(3, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.first(x) + self.second(x)

    class Straight(nn.Module):
        def __init__(self) -> None:
            self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.second(self.first(x))

    tips = lambda svg: svg.count('class="tip"')
    assert tips(nn.diagram(Forked(), (2, 3)).svg) == 2, "into the model and out of it"
    assert tips(nn.diagram(Model(), (2, 3)).svg) == 3, "what does not run is out of the way"
    assert tips(nn.diagram(Straight(), (2, 3)).svg) == 3
    assert tips(nn.diagram(Straight()).svg) == 0


def test_parts_come_in_the_order_in_which_they_were_seen_to_run():
    class Model(nn.Module):
        def __init__(self) -> None:
            self.third, self.unused = nn.Linear(5, 6), nn.ReLU()
            self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.third(self.second(self.first(x)))

    settings = [text for text in texts(nn.diagram(Model(), (2, 3)).svg) if "->" in text]
    assert settings == ["3 -> 4", "4 -> 5", "5 -> 6"]
    assert [text for text in texts(nn.diagram(Model()).svg) if "->" in text] == ["5 -> 6", "3 -> 4", "4 -> 5"]
    names = texts(nn.diagram(nn.TransformerEncoderLayer(4, 2, 5), (3, 2, 4)).svg)
    shown = [name for text in names for name in ("linear1", "activation", "linear2", "norm2") if text.endswith(name)]
    assert shown == ["linear1", "activation", "linear2", "norm2"]


def test_equal_blocks_in_a_row_are_drawn_once():
    svg = nn.diagram(nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 6)).svg
    assert any("× 6" in text for text in texts(svg))
    assert len(boxes(svg, "layer")) < 12


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout()).train()
    state = model.state_dict()
    nn.diagram(model, (2, 3))
    assert all(np.array_equal(state[name], now) for name, now in model.state_dict().items())
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("sample", SAMPLES[::7], ids=lambda sample: sample.name)
def test_every_module_shows_a_picture_that_is_well_formed(sample):
    model = sample.ours()
    assert ET.fromstring(model._repr_svg_()).get("class") == "net"
    assert model._repr_svg_() == nn.diagram(model)._repr_svg_()
