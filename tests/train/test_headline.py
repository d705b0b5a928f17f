from __future__ import annotations

import pytest

from descend.train.headline import headline


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train_loss", "validation_accuracy", "test_loss", "test_accuracy"], "test_accuracy"),
        (["test_accuracy", "best_test_accuracy"], "test_accuracy"),
        (["train_loss", "train_accuracy", "validation_loss", "validation_accuracy"], "validation_accuracy"),
        (["softmax_accuracy", "network_accuracy", "network_loss"], "network_accuracy"),
        (["train_loss", "validation_loss"], "validation_loss"),
        ([], None),
    ],
)
def test_one_rule_says_by_which_number_a_run_is_known(names: list[str], expected: str | None) -> None:
    assert headline(dict.fromkeys(names, 0.5)) == expected
