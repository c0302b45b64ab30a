"""After a lost link: look whether the device is off, when it comes back. Heat and motion never do: nothing is resumed, STOP is said.

Only to the device that was lost: at the same port another one may answer by now, with somebody else's session on it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from footctl.core.events import Identified
from footctl.core.host import Host
from footctl.errors import LinkError
from footctl.link.discover import identify
from footctl.link.transport import Link
from footctl.run.clock import Clock
from footctl.run.session import Session, on_signals

EVERY_S = 0.5  # between two tries
OFF_STATES = ("idle", "latched")  # a device in these holds both enables open
PATIENCE_S = 6.0  # the device has aborted by itself after 5 s; whoever comes back later finds it latched


async def off_again(reopen: Callable[[], Awaitable[Link]], lost: Identified, speed: float = 1.0) -> bool:
    """Reopen the link, say STOP to the `lost` device, read the outputs back. True when they read as off. A signal ends it."""
    given_up = asyncio.Event()
    looking = asyncio.ensure_future(_look(reopen, lost, speed))
    with on_signals(lambda name: given_up.set()):
        giving_up = asyncio.ensure_future(given_up.wait())
        await asyncio.wait((looking, giving_up), return_when=asyncio.FIRST_COMPLETED)
    for task in (looking, giving_up):
        task.cancel()
    await asyncio.wait((looking, giving_up))
    return not looking.cancelled() and looking.result()


async def _look(reopen: Callable[[], Awaitable[Link]], lost: Identified, speed: float) -> bool:
    """Try until the device has read back as off. A radio may need seconds for one try: it is broken off when the time is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while loop.time() < end:
        try:
            async with asyncio.timeout_at(end):
                link = await reopen()
            try:
                if await _is_off(link, lost, speed):
                    return True
            finally:
                link.close()
        except (LinkError, TimeoutError):
            pass  # not there yet, or it went away again
        await asyncio.sleep(EVERY_S)
    return False


async def _is_off(link: Link, lost: Identified, speed: float) -> bool:
    found = await identify(link)
    if found is None or found.serial != lost.serial:
        return False
    if found.boot_id != lost.boot_id:
        return found.state in OFF_STATES  # it restarted, and a device boots to off: a STOP would only latch it
    session = Session(Host(nonce=secrets.randbits(32)), link, Clock(speed))
    session.stop("the link was lost", "footctl")
    view = await session.run()
    return view.outcome is not None and view.outcome.off_confirmed
