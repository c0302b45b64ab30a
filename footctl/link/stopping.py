"""STOP said to a device from outside any session: it needs no hello, no key and no lease, so anybody may. Knows no session."""

from __future__ import annotations

import asyncio

from firmware_protocol import faults, messages
from firmware_protocol.exchange import Exchange
from footctl.core import translate
from footctl.core.events import ReadBack
from footctl.link.transport import Link

STOP_S = 3.0  # wall seconds; it is repeated until it is answered


async def stop_device(link: Link, pain: bool = False, wait_s: float = STOP_S) -> bool:
    """Say STOP until it is answered. True when the outputs read back as off; False when nobody answers. Raises LinkLost."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    exchange = Exchange(messages.TO_HOST)
    exchange.urgent(0, messages.Stop(faults.PAIN if pain else faults.STOPPED))
    while (elapsed := loop.time() - begin) < wait_s:
        now_ms = int(elapsed * 1000)
        for kind, request, answer in exchange.receive(now_ms, link.read(elapsed)):
            event = translate.answer(request, answer) if kind == messages.ANSWER else None
            if isinstance(event, ReadBack):
                return not (event.heater_enable or event.motor_enable or event.heater_duty)
        out = exchange.data_to_send(now_ms)
        if out:
            link.write(elapsed, out)
        due = exchange.next_ms
        await link.readable(min(wait_s, wait_s if due is None else due / 1000) - elapsed + 0.001)
    return False
