from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from descend.data.prefetch import NAME, ahead


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert workers() == []


def failing(n: int, error: BaseException) -> Iterator[int]:
    yield from range(n)
    raise error


@pytest.mark.parametrize("depth", [1, 2, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_all_items_come_in_order(n, depth):
    assert list(ahead(iter(range(n)), depth)) == list(range(n))


def test_items_are_made_in_another_thread_and_no_more_than_depth_in_advance():
    made, places = [], set()

    def record() -> Iterator[int]:
        for i in range(20):
            made.append(i)
            places.add(threading.current_thread().name)
            yield i

    items = ahead(record(), 3)
    for i in items:
        deadline = time.monotonic() + 5
        while len(made) < min(i + 4, 20) and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.002)
        assert len(made) == min(i + 4, 20)
    assert places == {NAME}


def test_nothing_starts_before_the_first_item_is_asked_for():
    items = ahead(failing(0, AssertionError("asked too early")), 2)
    assert workers() == []
    items.close()


@pytest.mark.parametrize("taken", [1, 2, 5])
def test_a_consumer_may_break(taken):
    for i in ahead(iter(range(10**9)), 2):
        if i == taken:
            break
    assert workers() == []


def test_a_consumer_may_raise():
    def consume() -> None:
        for i in ahead(iter(range(10**9)), 2):
            if i == 3:
                raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        consume()
    assert workers() == []


def test_dropping_and_closing_end_the_thread():
    items = ahead(iter(range(10**9)), 2)
    next(items)
    assert len(workers()) == 1
    items.close()
    assert workers() == []
    with pytest.raises(StopIteration):
        next(items)
    items = ahead(iter(range(10**9)), 2)
    next(items)
    del items
    assert workers() == []


def test_an_iterator_in_a_cycle_ends_with_the_cycle():
    items = ahead(iter(range(10**9)), 2)
    next(items)
    cycle: list[object] = [items]
    cycle.append(cycle)
    del items, cycle
    gc.collect()
    assert workers() == []


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3), MemoryError()])
@pytest.mark.parametrize("n", [0, 1, 4])
def test_an_error_in_the_making_comes_after_the_items_before_it(n, error):
    got = []
    with pytest.raises(type(error)) as caught:
        got.extend(iter_into(got, ahead(failing(n, error), 2)))
    assert caught.value is error
    assert got == list(range(n))
    assert "failing" in [entry.name for entry in caught.traceback], "the traceback shows where it was made"


def iter_into(got: list[int], items: Iterator[int]) -> list[int]:
    for item in items:
        got.append(item)  # noqa: PERF402
    return []


def test_closing_waits_for_no_more_than_the_item_in_the_making():
    made = []

    def slow() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            time.sleep(0.05)
            yield i

    items = ahead(slow(), 10)
    next(items)
    items.close()
    assert len(made) <= 3


def test_a_program_ends_with_an_iterator_still_open():
    code = """
import time
from descend.data.prefetch import ahead
def slow():
    while True:
        time.sleep(0.1)
        yield 1
items = ahead(slow(), 2)
next(items)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
