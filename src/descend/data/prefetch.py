"""Making the next items in a background thread while the current one is used."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

NAME = "descend-prefetch"  # of the thread, in a debugger


@dataclass(frozen=True)
class _Made(Generic[T]):
    item: T


@dataclass(frozen=True)
class _Ended:
    error: BaseException | None


def ahead(items: Iterator[T], depth: int) -> Iterator[T]:
    """The items in their order, up to `depth` >= 1 of them made in advance by one thread.

    An error in the making is raised here, after the items before it. When this iterator is exhausted, closed
    or dropped, the thread has ended; closing waits for no more than the item in the making.
    """
    # One token for each item that may be made. SimpleQueue.put may be called from a destructor, which is
    # where an iterator that was dropped gets closed.
    wanted: SimpleQueue[None] = SimpleQueue()
    made: SimpleQueue[_Made[T] | _Ended] = SimpleQueue()
    stop = threading.Event()
    worker = threading.Thread(target=_make, args=(items, wanted, made, stop), name=NAME, daemon=True)
    for _ in range(depth):
        wanted.put(None)
    worker.start()
    try:
        while isinstance(outcome := made.get(), _Made):
            wanted.put(None)
            yield outcome.item
        if outcome.error is not None:
            raise outcome.error
    finally:
        stop.set()
        wanted.put(None)
        # No thread can wait for itself (the collector runs in any), nor for one that stops with the program.
        if threading.current_thread() is not worker and not sys.is_finalizing():
            worker.join()


def _make(
    items: Iterator[T], wanted: SimpleQueue[None], made: SimpleQueue[_Made[T] | _Ended], stop: threading.Event
) -> None:
    try:
        wanted.get()
        while not stop.is_set():
            made.put(_Made(next(items)))
            wanted.get()
    except StopIteration:
        made.put(_Ended(None))
    except BaseException as error:  # noqa: BLE001  (whatever it is, it belongs to whoever takes the items)
        made.put(_Ended(error))
