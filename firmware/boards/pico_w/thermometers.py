"""The two thermistors, and the converter's second input with four signals behind a switch."""

import pins
from machine import ADC, Pin

READS = 8  # a reading is the mean of so many: the Pico's converter has 8.7 good bits, its supply is not quiet [S: RP2040 datasheet 4.9.3]
SHIFT = 7  # 8 readings of 16 bits to one of 12
ALIVE = (1900, 2200)  # counts of the reference, 2048 and a wide margin [ENG]


def read(adc: ADC) -> int:
    """Twelve bits."""
    total = 0
    for _ in range(READS):
        total += adc.read_u16()
    return total >> SHIFT


class Thermometers:
    """`counts` of the inlet and the far end; `monitor` for what the switch leads to."""

    def __init__(self) -> None:
        self._water = (ADC(Pin(pins.WATER1)), ADC(Pin(pins.WATER2)))
        self._monitor = ADC(Pin(pins.MONITOR))
        self._a = Pin(pins.MONITOR_A, Pin.OUT, value=0)
        self._b = Pin(pins.MONITOR_B, Pin.OUT, value=0)

    def counts(self, which: int) -> int:
        """Sensor 0 or 1."""
        return read(self._water[which])

    def monitor(self, channel: int) -> int:
        """One of the four signals."""
        self._a.value(channel & 1)
        self._b.value(channel >> 1)
        return read(self._monitor)

    def alive(self) -> bool:
        """Whether the converter measures a known voltage right."""
        return ALIVE[0] <= self.monitor(pins.REFERENCE) <= ALIVE[1]
