"""From an urgent write on a BLE link to STOP readable at the peripheral, against bleak alone doing that one write. On virtual radios.

    python -m bench.stop_ble [--blocks N] [--trips N]

Both write with a response, on the same connection and host stack; ours comes from another thread, past whatever waits to be sent, while the
session's loop stands still. A real radio adds its connection interval, 7.5 to 50 ms, to both.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

from bench.blocks import Row, measure, ratio, typical
from firmware_protocol import air
from footctl.link import radio
from footctl.link.ble import BleLink, open_ble
from footctl.run.session import STOP_FRAME
from tests.ble.backend import Station, install
from tests.ble.gadget import Gadget
from tests.ble.sky import Sky

WAIT_S = 5.0
GATE, GOAL = 1.6, 1.2  # of the write alone: a thread's turn and a queue [ENG]


class Ends:
    """A peripheral and a link to it."""

    def __init__(self) -> None:
        self._sky = Sky()
        install(self._sky.socket("host"))
        self._gadget = Gadget(self._sky)
        self._loop = asyncio.new_event_loop()
        link = self._loop.run_until_complete(open_ble(self._gadget.address))
        assert isinstance(link, BleLink)
        self._link = link
        self._door: Any = link._client.services.get_service(air.SERVICE).get_characteristic(air.TO_DEVICE)

    def ours(self, trips: int) -> list[float]:
        """Urgent writes of this link."""
        return [self._timed(lambda: self._link.urgent(STOP_FRAME)) for _ in range(trips)]

    def floor(self, trips: int) -> list[float]:
        """The same bytes, written by bleak from a task of its own loop."""
        return asyncio.run_coroutine_threadsafe(self._alone(trips), radio.radio()._loop).result(WAIT_S * trips)

    def _timed(self, write: Any) -> float:
        self._gadget.rung.clear()
        begin = time.perf_counter()
        write()
        assert self._gadget.rung.wait(WAIT_S)
        took = self._gadget.rung_at - begin
        time.sleep(0.002)  # the response, too, has come
        return took

    async def _alone(self, trips: int) -> list[float]:
        times = []
        for _ in range(trips):
            begin = time.perf_counter()
            await self._link._client.write_gatt_char(self._door, STOP_FRAME, response=True)
            times.append(self._gadget.rung_at - begin)
            await asyncio.sleep(0.002)
        return times

    def close(self) -> None:
        """Nothing is left."""
        self._link.close()
        self._loop.run_until_complete(radio.radio().left())
        self._loop.run_until_complete(radio.radio().ask(Station.close(), WAIT_S, "the adapter"))
        self._loop.close()
        radio.end()
        self._sky.end()


def rows(blocks: int = 15, trips: int = 50) -> list[Row]:
    """Measure."""
    ends = Ends()
    try:
        floor, ours = measure([ends.floor, ends.ours], blocks, trips)
    finally:
        ends.close()
    told = []
    for part, gate, goal in ((0.5, GATE, GOAL), (0.99, 2.5, GATE)):
        seen = f"{typical(ours, part) * 1e3:.2f} ms to {typical(floor, part) * 1e3:.2f} ms"
        peer = "bleak alone" if part == 0.5 else "its p99"
        told.append(Row(f"urgent write → STOP at a BLE peripheral, p{part * 100:.0f}", peer, ratio(ours, floor, part), gate, goal, seen))
    return told


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--trips", type=int, default=50)
    args = parser.parse_args(argv)
    print("\n".join(str(row) for row in rows(args.blocks, args.trips)))


if __name__ == "__main__":
    main()
