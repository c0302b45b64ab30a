"""What a device's black box holds: ten minutes of samples and the faults between them. Says HELLO as an observer and reads."""

from __future__ import annotations

import asyncio
import secrets
import struct
from dataclasses import dataclass

from firmware_protocol import messages, version
from firmware_protocol.exchange import LOST, Exchange
from footctl.errors import LinkTimeout, RemoteProtocolError
from footctl.link.transport import Link

RECORD = struct.Struct(messages.LOG_RECORD)
LONGEST_S = 60.0  # 640 records, 15 in a message, over the slowest radio [ENG]


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `fault` 0 is a sample."""

    uptime_ms: int
    fault: int
    water1_c: float
    water2_c: float
    duty: float
    state: int
    left_kpa: float
    right_kpa: float


async def read_log(link: Link) -> list[Record]:
    """All of it, oldest first. Raises LinkError or ProtocolError."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    exchange = Exchange(messages.TO_HOST)
    exchange.ask(messages.Hello(version.MAJOR, version.MINOR, messages.OBSERVER, secrets.randbits(32)))
    records: list[Record] = []
    while (elapsed := loop.time() - start) < LONGEST_S:
        now_ms = int(elapsed * 1000)
        for kind, request, answer in exchange.receive(now_ms, link.read(elapsed)):
            if kind == LOST:
                raise LinkTimeout(f"{link.name}: nobody answers", "is it switched on, and is this its port? `footctl devices` tells")
            if kind == messages.REQUEST:
                exchange.answer(request, messages.Ack(messages.code_of(answer)))
            elif kind == messages.ANSWER and isinstance(answer, messages.Nak):
                reason = messages.REASONS[answer.reason][1] if answer.reason < len(messages.REASONS) else str(answer.reason)
                raise RemoteProtocolError(f"{link.name} does not give its black box: {reason}", "footctl device info tells who it is")
            elif kind == messages.ANSWER and isinstance(answer, messages.LogData):
                if not answer.records:
                    return records
                records += [_record(*row) for row in RECORD.iter_unpack(answer.records)]
                exchange.ask(messages.LogRead(len(records)))
            elif kind == messages.ANSWER:
                exchange.ask(messages.LogRead(0))
        out = exchange.data_to_send(now_ms)
        if out:
            link.write(elapsed, out)
        due = exchange.next_ms
        await link.readable((1.0 if due is None else max(due / 1000 - elapsed, 0.0)) + 0.001)
    raise LinkTimeout(f"{link.name}: the black box did not come to its end within {LONGEST_S:.0f} s", "come closer, or use the cable")


def _record(uptime_ms: int, fault: int, water1: int, water2: int, duty: int, state: int, left: int, right: int) -> Record:
    return Record(uptime_ms, fault, water1 / 100, water2 / 100, duty / 200, state, left / 100, right / 100)
