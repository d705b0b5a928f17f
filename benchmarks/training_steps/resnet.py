"""ResNet-20 on 32x32 images: three stages of three blocks, 16, 32 and 64 channels.

Source: He et al. 2015, arXiv:1512.03385. The shortcut between stages is a 1x1 convolution of stride 2 (option B).
"""

from __future__ import annotations

from typing import Any

from benchmarks.training_steps.workload import Library, Workload, classification, labelled


def block(nn: Any, channels: int, out: int) -> Any:
    """Two 3x3 convolutions beside a shortcut."""
    stride = out // channels

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
            self.bn1, self.bn2 = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
            self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
            self.relu = nn.ReLU()
            self.shortcut = nn.Identity()
            if stride > 1:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
                )

        def forward(self, x: Any) -> Any:
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(y + self.shortcut(x))

    return Block()


def resnet(n: int, width: int, blocks: int, side: int) -> Workload:
    def network(library: Library) -> Any:
        nn, channels = library.nn, width
        layers = [nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        for out in (width, 2 * width, 4 * width):
            for _ in range(blocks):
                layers.append(block(nn, channels, out))
                channels = out
        return nn.Sequential(*layers, nn.AvgPool2d(side // 4), nn.Flatten(), nn.Linear(channels, 10))

    return Workload(network, classification, labelled(n, (3, side, side)))


FULL, TINY = resnet(128, 16, 3, 32), resnet(4, 4, 1, 8)
