from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine.errors import UsageError
from descend.recipes.recipe import Expect, Recipe
from descend.train.trainer import Trainer

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


def _never(_: Any) -> Trainer:
    raise AssertionError


RECIPE = Recipe(
    name="some-recipe",
    about="",
    source="",
    settings={"lr": 0.1, "epochs": 3, "shuffle": True, "data": "digits", "seed": 0},
    expect=(Expect(metric="accuracy", at_least=0.5, source="here"),),
    build=_never,
)


class TestExpect:
    @given(target=FINITE, tolerance=st.floats(0, 1e6), gap=st.floats(-2, 2))
    def test_a_target_holds_inside_its_tolerance_only(self, target: float, tolerance: float, gap: float) -> None:
        expect = Expect(metric="m", target=target, tolerance=tolerance, source="")
        width = tolerance + 1e-6 * abs(target) + 1e-6
        assert expect.holds({"m": target})
        assert expect.holds({"m": target + 0.99 * tolerance * max(-1.0, min(gap, 1.0))})
        assert not expect.holds({"m": target + 2 * width}) or math.isinf(2 * width)
        assert not expect.holds({"m": target - 2 * width})

    @given(bound=FINITE, value=FINITE)
    def test_bounds_on_one_side(self, bound: float, value: float) -> None:
        assert Expect(metric="m", at_least=bound, source="").holds({"m": value}) == (value >= bound)
        assert Expect(metric="m", at_most=bound, source="").holds({"m": value}) == (value <= bound)

    def test_a_missing_metric_and_nan_do_not_hold(self) -> None:
        expect = Expect(metric="m", at_least=0.0, source="")
        assert not expect.holds({})
        assert not expect.holds({"m": math.nan})

    def test_rounding_is_no_miss(self) -> None:
        assert Expect(metric="m", target=0.3, source="").holds({"m": 0.1 + 0.2})

    def test_an_expectation_of_nothing_is_refused(self) -> None:
        with pytest.raises(UsageError, match="expects nothing"):
            Expect(metric="m", source="")

    def test_it_says_what_it_expects(self) -> None:
        assert str(Expect(metric="acc", target=0.98, tolerance=0.003, source="")) == "acc = 0.98 ± 0.003"
        assert str(Expect(metric="acc", at_least=0.99, at_most=1, source="")) == "acc >= 0.99 and <= 1"


class TestSettings:
    @pytest.mark.parametrize(
        ("given_", "name", "value"),
        [
            ("0.25", "lr", 0.25),
            ("1e-3", "lr", 0.001),
            ("2", "lr", 2.0),
            (2, "lr", 2.0),
            ("7", "epochs", 7),
            ("1e1", "epochs", 10),
            ("false", "shuffle", False),
            ("Yes", "shuffle", True),
            ("mnist", "data", "mnist"),
        ],
    )
    def test_a_value_takes_the_type_of_the_one_it_replaces(self, given_: object, name: str, value: object) -> None:
        found = RECIPE.with_settings({name: given_})[name]
        assert found == value
        assert type(found) is type(RECIPE.settings[name])

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("lr", "fast"),
            ("lr", "nan"),
            ("lr", "inf"),
            ("lr", ""),
            ("lr", True),
            ("epochs", "1.5"),
            ("epochs", "1e400"),
            ("epochs", 2.5),
            ("epochs", None),
            ("shuffle", "perhaps"),
            ("shuffle", 1),
        ],
    )
    def test_a_value_of_another_type_is_refused_with_an_example(self, name: str, value: object) -> None:
        with pytest.raises(UsageError) as refused:
            RECIPE.with_settings({name: value})
        assert refused.value.fix == f"for example {name}={RECIPE.settings[name]}"

    def test_an_unknown_setting_is_refused_with_the_near_miss(self) -> None:
        with pytest.raises(UsageError) as refused:
            RECIPE.with_settings({"epoch": 3})
        assert refused.value.fix == "did you mean 'epochs'?"
        assert "lr, epochs" in str(refused.value)

    @given(text=st.text(max_size=12))
    def test_any_text_is_a_value_or_a_usage_error(self, text: str) -> None:
        for name, default in RECIPE.settings.items():
            with suppress(UsageError):
                assert type(RECIPE.with_settings({name: text})[name]) is type(default)

    def test_the_defaults_stay_as_they_are(self) -> None:
        RECIPE.with_settings({"lr": "3"})
        assert RECIPE.settings["lr"] == 0.1
        assert RECIPE.with_settings({}) == RECIPE.settings

    def test_changes_names_what_differs_but_the_seed(self) -> None:
        assert RECIPE.changes(RECIPE.with_settings({"seed": 5})) == {}
        assert RECIPE.changes(RECIPE.with_settings({"lr": 0.2, "seed": 5})) == {"lr": 0.2}
