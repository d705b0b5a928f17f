"""What is done to a batch between the data set and the network: one idea a file."""

from __future__ import annotations

from descend.data.transforms.affine import RandomAffine
from descend.data.transforms.color import ColorJitter
from descend.data.transforms.compose import Compose, DrawingTransform, RandomTransform, Transform, on_examples
from descend.data.transforms.contrast import local_contrast_normalization
from descend.data.transforms.crop import RandomCrop, center_crop
from descend.data.transforms.cutout import Cutout
from descend.data.transforms.elastic import ElasticTransform
from descend.data.transforms.flip import RandomHorizontalFlip, RandomVerticalFlip
from descend.data.transforms.lighting import Lighting
from descend.data.transforms.mixup import MixUp
from descend.data.transforms.normalize import Normalize
from descend.data.transforms.one_hot import on_labels, one_hot
from descend.data.transforms.scale import scale
from descend.data.transforms.whitening import Whitening
from descend.data.transforms.yuv import rgb_to_yuv, yuv_to_rgb

__all__ = [
    "ColorJitter",
    "Compose",
    "Cutout",
    "DrawingTransform",
    "ElasticTransform",
    "Lighting",
    "MixUp",
    "Normalize",
    "RandomAffine",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomTransform",
    "RandomVerticalFlip",
    "Transform",
    "Whitening",
    "center_crop",
    "local_contrast_normalization",
    "on_examples",
    "on_labels",
    "one_hot",
    "rgb_to_yuv",
    "scale",
    "yuv_to_rgb",
]
