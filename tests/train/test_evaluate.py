from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Tensor, default_generator
from descend.engine.errors import ShapeError
from descend.nn.inspection import evaluating
from descend.train.evaluate import Evaluation, evaluate, predictions
from descend.train.metrics import accuracy, cross_entropy
from tests.train.small import batches, equal_bits, split, trainer

METRICS = {"accuracy": accuracy, "cross_entropy": cross_entropy}


def test_the_result_does_not_depend_on_the_batch_size() -> None:
    model = trainer().model
    found = [evaluate(model, nn.cross_entropy, batches(30, 4, size), METRICS) for size in (1, 7, 30)]
    for other in found[1:]:
        assert other["accuracy"] == found[0]["accuracy"]
        # One example's logits may differ in the last bit with the shape of the product that they come from.
        assert other["loss"] == pytest.approx(found[0]["loss"], rel=1e-5)
        assert other["cross_entropy"] == pytest.approx(found[0]["cross_entropy"], rel=1e-5)
    assert found[0]["loss"] == pytest.approx(found[0]["cross_entropy"], rel=1e-5)


def test_it_is_the_mean_over_examples_and_not_over_batches() -> None:
    model = trainer().model
    data = split(30, 4)
    model.eval()
    expected = accuracy(model(Tensor(data.x)).numpy(), data.y).mean()
    assert evaluate(model, nn.cross_entropy, batches(30, 4, 29), METRICS)["accuracy"] == pytest.approx(expected)


def test_nothing_is_changed_by_measuring() -> None:
    model = trainer().model
    model.train()
    frozen = next(part for part in model.modules() if isinstance(part, nn.BatchNorm1d))
    frozen.eval()
    modes = [part.training for part in model.modules()]
    before, stream = model.state_dict(), default_generator().state_dict()
    evaluate(model, nn.cross_entropy, batches(30, 4), METRICS)
    predictions(model, batches(30, 4))
    assert equal_bits(model.state_dict(), before)
    assert equal_bits(default_generator().state_dict(), stream)
    assert [part.training for part in model.modules()] == modes
    assert not frozen.training
    assert all(p.grad is None for p in model.parameters())


def test_modes_come_back_after_an_error() -> None:
    model = trainer().model
    model.train()
    with pytest.raises(RuntimeError), evaluating(model):
        assert not any(part.training for part in model.modules())
        raise RuntimeError
    assert all(part.training for part in model.modules())


def test_dropout_is_off_and_batchnorm_uses_its_averages() -> None:
    model = trainer().model
    first, second = (predictions(model, batches(30, 4, size)) for size in (3, 10))
    np.testing.assert_allclose(first[0], second[0], rtol=1e-5, atol=1e-6)
    assert first[1].tolist() == split(30, 4).y.tolist()


def test_predictions_have_a_row_for_each_example() -> None:
    logits, labels = predictions(trainer().model, batches(30, 4))
    assert logits.shape == (30, 3)
    assert labels.shape == (30,)


def test_a_metric_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match="one number for each example"):
        evaluate(trainer().model, nn.cross_entropy, batches(30, 4), {"bad": lambda logits, labels: logits})


def test_the_test_data_are_measured_once_unless_asked_for() -> None:
    validation, test = batches(5, 1), batches(5, 2)
    assert Evaluation(validation, test).after_epoch() == {"validation": validation}
    assert Evaluation(validation, test).after_all() == {"test": test}
    assert Evaluation(None, test, test_each_epoch=True).after_epoch() == {"test": test}
    assert Evaluation(None, test, test_each_epoch=True).after_all() == {}
    assert Evaluation().after_epoch() == Evaluation().after_all() == {}
