"""A board's life: a clock, a tick of the mind every 50 ms, the cable. Knows the board and the mind, not their insides."""

import asyncio
import gc
import sys
from time import ticks_diff, ticks_ms

import flash
import micropython
from board import Board, describe
from cable import Cable
from machine import WDT, reset

from firmware.device.body import TICK_MS
from firmware.device.device import Device

WATCHDOG_MS = 500
CELLS_MS = 12  # the load cells convert every 12.5 ms
TIDY_TICKS = 20  # memory is tidied once a second, right after a tick, so that it never has to be in the middle of something
CABLE = 0  # peer of the mind


class Clock:
    """Milliseconds since power-up, from a counter that wraps after twelve days."""

    def __init__(self) -> None:
        self._last = ticks_ms()
        self._now = 0

    def now(self) -> int:
        """Never goes back."""
        ticks = ticks_ms()
        self._now += ticks_diff(ticks, self._last)
        self._last = ticks
        return self._now


class Life:
    """Board, mind and cable on one clock."""

    def __init__(self, board: Board, device: Device, cable: Cable) -> None:
        self.board = board
        self.device = device
        self.cable = cable
        self.clock = Clock()
        self._due_ms = TICK_MS
        self._ticks = 0

    def hear(self, data: bytes) -> None:
        """Bytes from the cable. What they switch off goes off now, not at the next tick."""
        now = self.clock.now()
        answer = self.device.receive(now, data, CABLE)
        self.board.apply(now, self.device.outputs)
        self.cable.write(answer)

    def turn(self) -> int:
        """What is due now; gives the milliseconds until the next time."""
        now = self.clock.now()
        self.board.often(now)
        if now >= self._due_ms:
            self._due_ms = max(self._due_ms + TICK_MS, now + TICK_MS // 2)
            self.board.apply(now, self.device.tick(now, self.board.scan()))
            self.cable.write(self.device.outgoing(now, CABLE))
            self._ticks += 1
            if not self._ticks % TIDY_TICKS:
                gc.collect()
        else:
            self.cable.push()
        return max(min(self._due_ms - now, CELLS_MS), 1)

    async def live(self, dog: WDT) -> None:
        """Turn for ever. An exception ends it, and with it the feeding: the watchdog starts the board anew, everything off."""
        while True:
            wait_ms = self.turn()
            dog.feed()
            await asyncio.sleep_ms(wait_ms)


async def both(life: Life, dog: WDT) -> None:
    """The mind's turns and the cable's ears."""
    listening = asyncio.create_task(life.cable.listen(life.hear))
    try:
        await life.live(dog)
    finally:
        listening.cancel()


def main() -> None:
    """From power-up to power-down."""
    board = Board()
    if board.wants_service:
        return
    micropython.kbd_intr(-1)  # 0x03 is data on this cable
    try:
        life = Life(board, Device(describe()), Cable(sys.stdin.buffer, sys.stdout.buffer))
        gc.collect()
        asyncio.run(both(life, WDT(timeout=WATCHDOG_MS)))
    except Exception as error:
        flash.keep_first("last-words.txt", error)
    finally:
        reset()  # pins are inputs again, and every output has a resistor that holds it off
