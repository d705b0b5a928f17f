"""Chapter 3: the cross-entropy cost, overfitting, L2 regularisation, smaller first weights.

The book gives one run each. Ours, of the networks of 30 neurons, by seed from 0 on, best test accuracy in per cent:

    nielsen-ch3-30               95.03  95.14  95.06  95.38         the book has 95.49
    nielsen-ch3-30-l2            95.98  96.03  96.32                             96.49
    nielsen-ch3-1000-images      83.11  82.41  82.30  83.45  83.96               82.27
    nielsen-ch3-1000-images-l2   88.07  87.40  87.98                             87.1

So with 1,000 images two runs differ by more than the tolerance of 0.4, and on all images the book's runs are among the
better ones.
"""

from __future__ import annotations

from descend.recipes.nielsen.dense import dense

RECIPES = (
    dense(
        name="nielsen-ch3-30",
        about="Nielsen's 30 neurons with the cross-entropy cost: 95.49 %.",
        chapter=3,
        published=95.49,
        settings={"scaled": False},
    ),
    dense(
        name="nielsen-ch3-100",
        about="Nielsen's 100 neurons with the cross-entropy cost: 96.82 %.",
        chapter=3,
        published=96.82,
        settings={"scaled": False, "hidden": 100},
    ),
    dense(
        name="nielsen-ch3-1000-images",
        about="Overfitting: Nielsen's 30 neurons on the first 1,000 images for 400 epochs: 82.27 %.",
        chapter=3,
        published=82.27,
        quoted=" after about 280 epochs, and no better from there on",
        settings={"scaled": False, "images": 1000, "epochs": 400},
    ),
    dense(
        name="nielsen-ch3-1000-images-l2",
        about="The same 1,000 images with L2 regularisation: 87.1 %.",
        chapter=3,
        published=87.1,
        settings={"scaled": False, "images": 1000, "epochs": 400, "lmbda": 0.1},
    ),
    dense(
        name="nielsen-ch3-30-l2",
        about="Nielsen's 30 neurons with L2 regularisation, on all images: 96.49 %.",
        chapter=3,
        published=96.49,
        settings={"scaled": False, "lmbda": 5.0},
    ),
    dense(
        name="nielsen-ch3-100-l2",
        about="Nielsen's 100 neurons with L2 regularisation: 97.92 %.",
        chapter=3,
        published=97.92,
        settings={"scaled": False, "hidden": 100, "lmbda": 5.0},
    ),
    dense(
        name="nielsen-ch3",
        about="Nielsen's improved network: cross-entropy, L2 regularisation, smaller first weights: 98.04 %.",
        chapter=3,
        published=98.04,
        quoted=" of the validation images",
        settings={"hidden": 100, "lr": 0.1, "lmbda": 5.0, "epochs": 60, "test_each_epoch": False},
    ),
)
