"""Where matrices lie inside other arrays, against NumPy's own products."""

from __future__ import annotations

import numpy as np
import pytest

from descend.compiler.stacks import Look, Stack, stacked, whole


def look(shape: tuple[int, ...], *movements) -> Look:
    """All of an array, taken through functions of arrays."""
    found = whole(shape)
    view = found.view
    for move in movements:
        view = move(view)
    return Look(view, found.origin)


def elements(stack: Stack, place: tuple[int, ...], shape: tuple[int, int], array: np.ndarray) -> np.ndarray:
    """The matrix at this place of the stack, as a kernel finds it."""
    begin = stack.begin + sum(i * step for i, step in zip(place, stack.steps, strict=True))
    down, right = (1, stack.length) if stack.by_columns else (stack.length, 1)
    i, j = np.indices(shape)
    return array.reshape(-1)[begin + i * down + j * right]


def turned(x):
    return x.swapaxes(-1, -2)


def heads(x):
    return x.reshape(x.shape[0], x.shape[1], 2, -1).transpose(0, 2, 1, 3)


CASES = {
    "matrices": ((3, 4), (), (4, 5), (), (3, 5), ()),
    "columns": ((4, 3), (turned,), (5, 4), (turned,), (3, 5), ()),
    "stack": ((2, 3, 4), (), (2, 4, 5), (), (2, 3, 5), ()),
    "broadcast": ((6, 1, 3, 4), (), (2, 4, 5), (), (6, 2, 3, 5), ()),
    "one matrix for all": ((6, 2, 3, 4), (), (4, 5), (), (6, 2, 3, 5), ()),
    "rows for all": ((6, 2, 1, 4), (), (4, 5), (), (6, 2, 1, 5), ()),
    "heads": ((2, 3, 8), (heads,), (2, 7, 8), (heads, turned), (2, 2, 3, 7), ()),
    "slices": ((2, 3, 9), (lambda x: x[..., 2:6],), (4, 5), (), (2, 3, 5), ()),
    "into heads": ((2, 2, 3, 7), (), (2, 7, 8), (heads,), (2, 3, 8), (heads,)),
    "turned result": ((2, 3, 4), (), (2, 4, 5), (), (2, 5, 3), (turned,)),
    "column": ((3, 4), (), (4, 1), (), (3, 1), ()),
}


def arrays(case: tuple) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in case[::2]]


@pytest.mark.parametrize("name", list(CASES))
def test_a_product_is_found_and_put_where_numpy_has_it(name: str) -> None:
    case = CASES[name]
    given = arrays(case)
    found = stacked(*(look(shape, *moves) for shape, moves in zip(case[::2], case[1::2], strict=True)))
    assert found is not None
    views = []
    for array, moves in zip(given, case[1::2], strict=True):
        for move in moves:
            array = move(array)
        views.append(array)
    views[2][:] = views[0] @ views[1]
    first, second = (given[1], given[0]) if found.swapped else (given[0], given[1])
    m, n, k = found.sizes
    for place in np.ndindex(*found.counts):
        a, b = (
            elements(s, place, size, x) for s, size, x in ((found.a, (m, k), first), (found.b, (k, n), second))
        )  # fmt: skip
        np.testing.assert_allclose(elements(found.c, place, (m, n), given[2]), a @ b)
    assert np.prod(found.counts) * m * n == given[2].size


def test_axes_that_continue_one_another_are_one() -> None:
    found = stacked(look((6, 2, 3, 4)), look((4, 5)), look((6, 2, 3, 5)))
    assert found is not None
    assert (found.sizes, found.counts) == ((36, 5, 4), ())


def test_what_would_have_to_be_moved_is_refused() -> None:
    apart = look((3, 4, 2), lambda x: x[..., 0])
    assert stacked(apart, look((4, 5)), look((3, 5))) is None
    assert stacked(look((2, 1, 2, 1, 2, 3, 4)), look((2, 2, 1, 4, 5)), look((2, 2, 2, 2, 2, 3, 5))) is None
