"""The line from the fake `machine` to the water: outputs up, inputs down. In the MicroPython subset; runs on a desk only.

`swap` sends every output and takes every input. Between swaps pins keep what they are. The plant at the far end decides about time
where a fake `time` is in use, else it lives in real time. Who made the two ends of the line says in FOOT_PINS which descriptors they are.
"""

import gc
import os
import struct

from utime import ticks_add, ticks_ms

UP = "<II3HBBI"  # the time waited for, output levels by pin, three duties, port B of the panel, feeds of the watchdog, bytes in use
# Time, input levels by pin, two converters, four monitored signals, the panel's switches, four cells, conversions, news, turns
DOWN = "<II2H4HH4iBBH"
DOWN_BYTES = struct.calcsize(DOWN)


class Line:
    """What the pins are now."""

    def __init__(self, up, down):
        self._up = up
        self._down = down
        self.now_ms = 0
        self.want_ms = 0
        self.out_levels = 0
        self.duties = [0] * 30
        self.port_b = 0
        self.feeds = 0
        self.in_levels = 0
        self.adc = [0, 0]
        self.monitored = (0, 0, 0, 0)
        self.switches = 0xFFFF  # of the panel, a bit each: open
        self.cells = (0, 0, 0, 0)
        self.conversions = 0
        self.news = 0
        self.turns = 0
        self.on_turn = None
        self.on_time = None  # called when time has passed
        self.torn = 0  # wires at input pins that are torn off, by pin
        self.stuck = False  # the panel's bus
        self.swapped = ticks_add(ticks_ms(), -1000)  # when, by the clock of whoever runs this

    def swap(self):
        """Tell and be told."""
        self.swapped = ticks_ms()
        duties = self.duties
        self._up.write(
            struct.pack(
                UP, self.want_ms & 0xFFFFFFFF, self.out_levels, duties[18], duties[20], duties[22], self.port_b, self.feeds & 0xFF,
                gc.mem_alloc(),
            )
        )  # fmt: skip
        data = self._down.read(DOWN_BYTES)
        if not data or len(data) < DOWN_BYTES:
            raise SystemExit  # the plant is gone: as if the power were
        self.take(data)
        if self.on_time:
            self.on_time()

    def take(self, data):
        """What the pins see now."""
        told = struct.unpack(DOWN, data)
        self.now_ms = told[0]
        self.in_levels = told[1]
        self.adc[0] = told[2]
        self.adc[1] = told[3]
        self.monitored = told[4:8]
        self.switches = told[8]
        self.cells = told[9:13]
        self.conversions = told[13]
        self.news = told[14]
        turned = (told[15] - self.turns) & 0xFFFF
        self.turns = told[15]
        if self.on_turn:
            for _ in range(turned):
                self.on_turn(None)


def _open():
    ends = os.getenv("FOOT_PINS")
    if not ends:
        return Line(None, None)  # whoever runs this takes and tells by hand
    up, down = [int(word) for word in ends.split(",")]
    return Line(open(up, "wb", 0), open(down, "rb", 0))


line = _open()
