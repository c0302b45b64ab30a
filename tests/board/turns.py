"""A board's life turn by turn, and the time that they take: run under real MicroPython by test_life. In the MicroPython subset."""

import life
import pins
from board import Board
from pinwire import line

from firmware.device.body import Body
from firmware.device.device import Device

TURN_MS = 1  # what a turn takes [ENG]
TICK_MS = 8  # and the mind: 60 times a desk's 0.11 ms [benchmarks.md], rounded up
TIDY_MS = 15


class Quiet:
    """In place of the cable and of the watchdog."""

    def write(self, data):
        pass

    push = feed = lambda *words: None


class Slow(Device):
    """A mind that takes time."""

    ticks = 0

    def tick(self, now_ms, inputs):
        self.ticks += 1
        line.now_ms += TIDY_MS if not self.ticks % 20 else TICK_MS
        return super().tick(now_ms, inputs)


board = Board()
one = life.Life(board, Slow(Body()), Quiet())
dog = Quiet()
fetched = []
phase = [0]  # the converters have a clock of their own
poll = board._cells.poll


def counted():
    line.conversions = (line.now_ms + phase[0]) * 80 // 1000 & 0xFF
    if poll():
        fetched.append(1)


board._cells.poll = counted


def live(seconds):
    """So many turns; conversions a second."""
    fetched.clear()
    begun = line.now_ms
    while line.now_ms < begun + seconds * 1000:
        wait_ms = one.turn(dog)
        line.now_ms += wait_ms + TURN_MS
    return len(fetched) // seconds


line.switches = 0xFFF8
line.monitored = (0, 0, 0, 2048 << 4)
live(1)
seen = []
for phase[0] in range(13):
    live(1)
    seen.append(live(5))
print("conversions a second", min(seen))
before = board.inputs.sample
live(1)
print("alive", board.inputs.sample != before)

# The panel's bus is stuck: its readings are no readings, and the ticks stay whole.
line.stuck = True
live(1)
before = board.inputs.sample
ticks = one.device.ticks
live(2)
print("stuck", board.inputs.sample - before, one.device.ticks - ticks, board.inputs.level_ok, board.inputs.tilt)
line.stuck = False
live(1)
print("again", board.inputs.sample != before)

# One load cell is torn off.
line.torn = 1 << pins.CELL_DATA[2]
live(1)
before = board.inputs.sample
live(1)
print("torn", board.inputs.sample - before)
print("done")
