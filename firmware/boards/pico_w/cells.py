"""Four load-cell amplifiers (HX711, 80 conversions a second) that share a clock line, and what a tick's conversions come to."""

import pins
from machine import Pin, disable_irq, enable_irq

BITS = 24
SHIFT = 9  # 512 of the converter's steps are about 50 Pa under a roller of 10 cm2 with cells of 20 kg [CALC]
NOISE = 63  # the low bits, which are noise in an amplifier that lives [S: HX711 datasheet, 90 nV rms at 80 a second]
SPREAD = 6


class Cells:
    """`poll` often; `take` once a tick."""

    def __init__(self) -> None:
        self._clock = Pin(pins.CELL_CLOCK, Pin.OUT, value=0)
        # High is "no conversion": that is what a wire that is torn off must say.
        self._data = tuple([Pin(number, Pin.IN, Pin.PULL_UP) for number in pins.CELL_DATA])
        self._sums = [0, 0, 0, 0]
        self._raw = [0, 0, 0, 0]
        self._count = 0
        self.counts = [0, 0, 0, 0]
        self.silent = 0  # ticks without a conversion

    def poll(self) -> bool:
        """Fetch a conversion when all four have one."""
        for pin in self._data:
            if pin.value():
                return False
        raw = self._raw
        raw[0] = raw[1] = raw[2] = raw[3] = 0
        for _ in range(BITS):
            self._pulse()
            for cell in range(4):
                raw[cell] = raw[cell] << 1 | self._data[cell].value()
        self._pulse()  # the 25th: gain 128 for the next
        for cell in range(4):
            value = raw[cell]
            if value & 0x800000:
                value -= 0x1000000
            # An amplifier that lives shows noise in its low bits. Spread over a few counts it tells a live cell from a dead one.
            self._sums[cell] += value + ((value & NOISE) << SPREAD)
        self._count += 1
        return True

    def _pulse(self) -> None:
        """High for less than 60 us, whatever else happens: longer would switch the amplifiers off."""
        was = disable_irq()
        self._clock.value(1)
        self._clock.value(0)
        enable_irq(was)

    def take(self) -> "list[int]":
        """The mean of what was fetched since the last time, in counts of about 50 Pa; the last ones when nothing was."""
        if not self._count:
            self.silent += 1
            return self.counts
        self.silent = 0
        for cell in range(4):
            self.counts[cell] = (self._sums[cell] // self._count) >> SHIFT
            self._sums[cell] = 0
        self._count = 0
        return self.counts
