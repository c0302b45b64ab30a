"""Checks on a wall clock: one or two links to a device, and the Turns that checks give. Knows no check."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from footctl.link.transport import Link
from footctl.run.conformance.peer import T, Talk


async def converse(links: Sequence[Link], talk: Talk[T], speed: float = 1.0) -> T:
    """Run `talk` to its end; what it gives. Raises LinkError when a link goes away."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    turn = next(talk)
    while True:
        link = links[turn.line]
        if turn.data:
            link.write((loop.time() - begin) * speed, turn.data)
        while True:
            now = (loop.time() - begin) * speed
            data = link.read(now)
            if data or now >= turn.until:
                break
            await link.readable((turn.until - now) / speed)
        try:
            turn = talk.send((now, data))
        except StopIteration as end:
            found: T = end.value
            return found
