"""Keeping Python's garbage collector out of the way of a control loop. Knows nothing about what the loop does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 50_000  # objects before a young collection; turns leave no cycles, so a rare one costs milliseconds and finds little


@contextmanager
def rare() -> Iterator[None]:
    """What start-up made is never looked at again: a full collection of it takes 60 ms, which at speed 20 is more than a lease."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
