"""Which ports answer our hello, and who is there. Says HELLO as an observer and nothing else: nothing moves, nothing is taken over."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firmware_protocol import messages, version
from firmware_protocol.exchange import Exchange
from footctl.core import translate
from footctl.core.events import CapsRead, Identified
from footctl.errors import LinkError
from footctl.link.serial_port import open_serial
from footctl.link.transport import Link

if TYPE_CHECKING:
    from footctl.link.nearby import Seen

ANSWER_S = 1.2  # three repeats of HELLO; a board that resets when its port is opened needs longer and is found when it is named


@dataclass(frozen=True, slots=True)
class Found:
    """A port, what the operating system calls it, and who answered; `error` says why nobody could be asked."""

    port: str
    description: str
    identity: Identified | None
    error: str = ""


async def identify(link: Link, wait_s: float = ANSWER_S) -> Identified | None:
    """Who answers on `link`; None when nobody does within `wait_s`. Raises LinkLost."""
    identity, _ = await converse(link, None, wait_s=wait_s)
    return identity


async def read_caps(link: Link, wait_s: float = 2 * ANSWER_S) -> tuple[Identified | None, CapsRead | None]:
    """Who answers on `link`, and the caps that it enforces; None for what nobody told within `wait_s`. Raises LinkLost."""
    identity, answer = await converse(link, messages.GetCaps(), wait_s=wait_s)
    caps = None if answer is None else translate.answer(messages.GetCaps(), answer)
    return identity, caps if isinstance(caps, CapsRead) else None


async def converse(
    link: Link, question: Any, *, controller: bool = False, wait_s: float = 2 * ANSWER_S
) -> tuple[Identified | None, Any]:
    """Say HELLO, then `question`; who answered, and what, as messages. None for what nobody told. Raises LinkLost."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    exchange = Exchange(messages.TO_HOST)
    role = messages.CONTROLLER if controller else messages.OBSERVER
    exchange.ask(messages.Hello(version.MAJOR, version.MINOR, role, secrets.randbits(32)))
    identity: Identified | None = None
    while (elapsed := loop.time() - start) < wait_s:
        now_ms = int(elapsed * 1000)
        for kind, request, answer in exchange.receive(now_ms, link.read(elapsed)):
            if kind == messages.ANSWER:
                event = translate.answer(request, answer)
                if identity is not None or not isinstance(event, Identified):
                    return identity, answer
                identity = event
                if question is None:
                    return identity, None
                exchange.ask(question)
        out = exchange.data_to_send(now_ms)
        if out:
            link.write(elapsed, out)
        due = exchange.next_ms
        await link.readable(min(wait_s, wait_s if due is None else due / 1000) - elapsed + 0.001)
    return identity, None


def serial_ports() -> list[tuple[str, str]]:
    """Serial ports of this machine and what they call themselves. Built-in ports without hardware behind them are left out."""
    from serial.tools import list_ports

    return [(port.device, port.description) for port in sorted(list_ports.comports()) if port.vid is not None or port.description != "n/a"]


async def find(ports: Iterable[tuple[str, str]]) -> list[Found]:
    """Ask every port at the same time."""
    return list(await asyncio.gather(*(_ask(port, description) for port, description in ports)))


@dataclass(frozen=True, slots=True)
class Around:
    """A peripheral within reach, who answered there, and the charge of its battery; `error` says why nobody could be asked."""

    seen: Seen
    identity: Identified | None
    battery_percent: int | None = None
    error: str = ""


async def look_around() -> list[Around]:
    """Every massager that advertises over BLE, the strongest first, asked one by one. Raises LinkError when there is no Bluetooth."""
    from footctl.link.nearby import everybody

    return [await _meet(seen) for seen in await everybody()]


async def _meet(seen: Seen) -> Around:
    from footctl.link.ble import open_seen

    try:
        link = await open_seen(seen)
    except LinkError as error:
        return Around(seen, None, error=str(error))
    try:
        identity = await identify(link)
        return Around(seen, identity, await link.battery_percent(), "" if identity else "nobody answers our hello")
    except LinkError as error:
        return Around(seen, None, error=str(error))
    finally:
        link.close()


async def _ask(port: str, description: str) -> Found:
    try:
        link = open_serial(port)
    except LinkError as error:
        return Found(port, description, None, str(error))
    try:
        identity = await identify(link)
    except LinkError as error:
        return Found(port, description, None, str(error))
    finally:
        link.close()
    return Found(port, description, identity, "" if identity else "nobody answers our hello")
