"""Data: sets by name, one's own files and arrays, what is done to examples, and batches in a seeded order.

>>> from descend import data
>>> digits = data.load("digits")
>>> rest, validation = digits.train.split(1000)
>>> shift = data.Compose(data.RandomCrop(28, padding=2), data.on_examples(data.scale))
>>> batches = data.Loader(rest, 64, seed=1, transform=shift)
>>> x, y = next(batches.epoch(0))
>>> x.shape, str(x.dtype), y.shape
((64, 1, 28, 28), 'float32', (64,))

`data.load(path)` reads pictures, recordings, tables, arrays and texts of one's own, and `data.inspect(path)` says what
is there and what is wrong with it. `data.text` and `data.audio` make numbers of texts and features of sounds.
"""

from __future__ import annotations

from descend.data import audio, text
from descend.data.buckets import BucketLoader
from descend.data.contact_sheet import contact_sheet
from descend.data.dataset import Dataset, Split, from_arrays, unlabelled
from descend.data.datasets import DatasetInfo, Listener, Progress, holds, info, load, named, names
from descend.data.draws import Draws
from descend.data.errors import DataError, DataWarning, DownloadError
from descend.data.items import described, each, sequences
from descend.data.loader import Loader
from descend.data.own import (
    Problem,
    Report,
    csv_table,
    image_folder,
    image_parquet,
    inspect,
    numpy_arrays,
    recognised,
    text_files,
    wav_folder,
)
from descend.data.padding import Padded, lengths, pad, with_lengths
from descend.data.transforms import (
    ColorJitter,
    Compose,
    Cutout,
    ElasticTransform,
    Lighting,
    MixUp,
    Normalize,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomTransform,
    RandomVerticalFlip,
    Transform,
    Whitening,
    center_crop,
    local_contrast_normalization,
    on_examples,
    on_labels,
    one_hot,
    rgb_to_yuv,
    scale,
    yuv_to_rgb,
)

__all__ = [
    "BucketLoader",
    "ColorJitter",
    "Compose",
    "Cutout",
    "DataError",
    "DataWarning",
    "Dataset",
    "DatasetInfo",
    "DownloadError",
    "Draws",
    "ElasticTransform",
    "Lighting",
    "Listener",
    "Loader",
    "MixUp",
    "Normalize",
    "Padded",
    "Problem",
    "Progress",
    "RandomAffine",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomTransform",
    "RandomVerticalFlip",
    "Report",
    "Split",
    "Transform",
    "Whitening",
    "audio",
    "center_crop",
    "contact_sheet",
    "csv_table",
    "described",
    "each",
    "from_arrays",
    "holds",
    "image_folder",
    "image_parquet",
    "info",
    "inspect",
    "lengths",
    "load",
    "local_contrast_normalization",
    "named",
    "names",
    "numpy_arrays",
    "on_examples",
    "on_labels",
    "one_hot",
    "pad",
    "recognised",
    "rgb_to_yuv",
    "scale",
    "sequences",
    "text",
    "text_files",
    "unlabelled",
    "wav_folder",
    "with_lengths",
    "yuv_to_rgb",
]
