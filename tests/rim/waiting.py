"""Waiting for a thread, on a loop whose own clock would jump ahead of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 30.0  # wall seconds


async def until(true: Callable[[], Any]) -> None:
    """Raises AssertionError when it does not come true."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0)
