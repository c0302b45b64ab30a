"""A session that starts nothing: ask a device something, wait until it is known, leave. On the one pump, like every session.

Knows when it has waited long enough; what is asked is the caller's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from footctl.core.host import Host
from footctl.core.view import View
from footctl.errors import FootctlError, LinkLost, LinkTimeout
from footctl.link.transport import Link
from footctl.run.clock import Clock
from footctl.run.session import Session

ANSWER_S = 5.0  # wall seconds; the repeats of one request take three


async def enquire(
    link: Link,
    known: Callable[[Host, View], bool],
    *,
    role: str = "observer",
    ask: Callable[[Session, View], None] | None = None,
    wait_s: float = ANSWER_S,
) -> Host:
    """The host that knows: `known(host, view)` is true for it. `ask` sees every view and may post events.

    Raises what `ask` raises, LinkTimeout when nobody answers within `wait_s`, LinkLost when the carrier goes away.
    """
    host = Host(nonce=secrets.randbits(32), role=role)
    session = Session(host, link, Clock())

    def look(view: View) -> None:
        try:
            if ask is not None:
                ask(session, view)
            if known(host, view):
                session.left = True
        except FootctlError as error:
            session.abandon(error)

    session.subscribe(look)
    try:
        async with asyncio.timeout(wait_s):
            view = await session.run()
    except TimeoutError:
        if host.identity is None:
            raise LinkTimeout(f"{link.name}: nobody answers our hello", "is it switched on, and is this the right port?") from None
        raise LinkTimeout(f"{host.identity.serial} does not answer what it was asked", "`footctl watch` shows how it is") from None
    if view.outcome is not None and not session.left:
        raise LinkLost(view.outcome.reason, view.outcome.hint)
    return host
