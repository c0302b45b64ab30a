"""A board's life: a clock, a tick of the mind every 50 ms, the cable and the radio. Knows the board and the mind, not their insides."""

import asyncio
import gc
import sys
from time import ticks_diff, ticks_ms

import flash
import micropython
import outputs
from board import Board, describe
from cable import Cable
from clock import Clock
from machine import WDT, reset
from panel import Panel

from firmware.device.body import TICK_MS
from firmware.device.device import Device

try:
    from radio import Radio
except ImportError:  # a board without one
    Radio = None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WATCHDOG_MS = 500
CELLS_MS = 5  # the load cells convert every 12.5 ms, and forget what was not fetched before the next; turns take time, too
TIDY_TICKS = 20  # memory is tidied once a second, right after a tick, so that it never has to be in the middle of something
CTRL_C = 3
CABLE = 0  # peers of the mind
AIR = 1


class Life:
    """Board, mind and links on one clock."""

    def __init__(self, board: Board, device: Device, cable: Cable) -> None:
        self.board = board
        self.device = device
        self.cable = cable
        self.radio: "Any" = None if Radio is None else Radio(device.body.serial, self.hear_air, self.air_gone)
        self.clock = Clock(ticks_ms, ticks_diff)
        self._due_ms = TICK_MS
        self._ticks = 0

    def hear(self, data: bytes) -> None:
        """Bytes from the cable."""
        self.cable.write(self._take(data, CABLE))

    def hear_air(self, data: bytes) -> None:
        """Bytes from the radio."""
        self.radio.write(self._take(data, AIR))

    def air_gone(self) -> None:
        """The host on the radio is gone."""
        self.device.disconnect(AIR)

    def _take(self, data: bytes, peer: int) -> bytes:
        """What they switch off goes off now, not at the next tick."""
        now = self.clock.now()
        answer = self.device.receive(now, data, peer)
        self.board.apply(now, self.device.outputs)
        return answer

    def turn(self, dog: WDT) -> int:
        """What is due now; gives the milliseconds until the next time. The watchdog is fed by whole ticks and by nothing else."""
        now = self.clock.now()
        self.board.often(now)
        if now >= self._due_ms:
            self._due_ms = max(self._due_ms + TICK_MS, now + TICK_MS // 2)
            self.board.apply(now, self.device.tick(now, self.board.scan()))
            self.cable.write(self.device.outgoing(now, CABLE))
            if self.radio is not None:
                self.radio.write(self.device.outgoing(now, AIR))
            self._ticks += 1
            if not self._ticks % TIDY_TICKS:
                gc.collect()
            self.board.often(self.clock.now())  # a tick takes its time
            dog.feed()
        else:
            self.cable.push()
            if self.radio is not None:
                self.radio.push()
        return max(min(self._due_ms - now, CELLS_MS), 1)

    async def live(self, dog: WDT) -> None:
        """Turn for ever."""
        while True:
            await asyncio.sleep_ms(self.turn(dog))


async def together(life: Life, dog: WDT) -> None:
    """The mind's turns, the cable's ears, the radio. An error of one ends all: a board that is deaf on one link must not go on."""
    links = [life.cable.listen(life.hear)]
    if life.radio is not None:
        links.append(life.radio.live())
    await asyncio.gather(life.live(dog), *links)


def run() -> None:
    """Board, mind and links, until something fails."""
    try:
        life = Life(Board(), Device(describe()), Cable(sys.stdin.buffer, sys.stdout.buffer))
        gc.collect()
        gc.threshold(-1)  # from here on once a second, and when memory is short
        asyncio.run(together(life, WDT(timeout=WATCHDOG_MS)))
    finally:
        outputs.off()  # here, and not where it is written down: flash takes its time


def main() -> None:
    """From power-up to power-down."""
    if Panel().wants_service:
        micropython.kbd_intr(CTRL_C)
        return
    try:
        run()
    except Exception as error:
        flash.keep_first("last-words.txt", error)
    finally:
        reset()  # pins are inputs again, and every output has a resistor that holds it off
