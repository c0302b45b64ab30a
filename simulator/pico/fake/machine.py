"""What the board's program takes for the Pico's `machine`, wired to the simulator's water. In the MicroPython subset; for a desk only.

As much of it as firmware/boards uses, and as strict: a pin that is not an output cannot be driven, an unknown register is an error.
"""

import os
import sys

from pinwire import line
from utime import ticks_diff, ticks_ms

PANEL = 0x20
MONITOR_A = 2
MONITOR_B = 3
CELL_CLOCK = 6
CELL_DATA = (7, 8, 9, 10)
CELL_BITS = 24
STALE_MS = 100
LOOK_MS = 5  # in real time the pins change when the program looks at its load cells, and not more often than this
ADC_PINS = (26, 27, 28)
REAL_TIME = os.getenv("FOOT_STEPPED") is None


def unique_id():
    return b"\xe6\x61\x64\x08\x43\x51\x2a\x07"


def reset():
    """Every pin is an input again, and nothing of the program goes on."""
    line.out_levels = 0
    for number in range(len(line.duties)):
        line.duties[number] = 0
    raise SystemExit


def disable_irq():
    return 0


def enable_irq(state):
    pass


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 1
    IRQ_FALLING = 4

    def __init__(self, number, mode=-1, pull=None, value=None):
        if not 0 <= number <= 28:
            raise ValueError("no such pin")
        self.number = number
        self._mode = mode
        self._pull = pull
        if mode == Pin.OUT:
            line.duties[number] = 0  # whoever drives a pin takes it away from its PWM
            self.value(value or 0)

    def value(self, level=None):
        number = self.number
        if level is None:
            if number in CELL_DATA:
                if line.torn >> number & 1:
                    return int(self._pull == Pin.PULL_UP)  # a wire that hangs in the air is what one likes least
                return amplifiers.bit(number)
            levels = line.out_levels if self._mode == Pin.OUT else line.in_levels
            return levels >> number & 1
        if self._mode != Pin.OUT:
            raise ValueError("not an output")
        if number == CELL_CLOCK:
            amplifiers.clock(level)
        if level:
            line.out_levels |= 1 << number
        else:
            line.out_levels &= ~(1 << number)
        return None

    def irq(self, handler, trigger):
        line.on_turn = handler


class Amplifiers:
    """Four HX711 on one clock. Data is high until a conversion is ready; each pulse brings the next bit; 25 of them, and it starts anew."""

    def __init__(self):
        self._taken = 0
        self._pulses = 0
        self._held = line.cells

    def clock(self, level):
        if not level:
            return
        if not self._pulses:
            self._held = line.cells
            self._taken = line.conversions
        self._pulses += 1
        if self._pulses > CELL_BITS:
            self._pulses = 0

    def bit(self, number):
        if not self._pulses:
            if REAL_TIME and ticks_diff(ticks_ms(), line.swapped) >= LOOK_MS:
                line.swap()
            return int(line.conversions == self._taken)
        return self._held[CELL_DATA.index(number)] >> (CELL_BITS - self._pulses) & 1


class ADC:
    def __init__(self, pin):
        if pin.number not in ADC_PINS:
            raise ValueError("no converter at this pin")
        self._number = pin.number

    def read_u16(self):
        if self._number < 28:
            return line.adc[self._number - 26]
        return line.monitored[line.out_levels >> MONITOR_A & 1 | (line.out_levels >> MONITOR_B & 1) << 1]


class PWM:
    def __init__(self, pin, freq, duty_u16):
        self._number = pin.number
        self.duty_u16(duty_u16)

    def duty_u16(self, duty):
        if not 0 <= duty <= 65535:
            raise ValueError("duty")
        line.duties[self._number] = duty


class I2C:
    """An MCP23017: all pins are inputs until it is told otherwise of port B. A bus that is stuck takes its time limit, in microseconds."""

    def __init__(self, number, scl, sda, freq, timeout=50000):
        self._timeout_us = timeout
        self._direction_b = 0xFF
        self._latch_b = 0
        self._pull_ups = 0

    def readfrom_mem_into(self, address, register, buffer):
        if address != PANEL or register != 0x12:
            raise OSError(5)
        if REAL_TIME and ticks_diff(ticks_ms(), line.swapped) >= STALE_MS:
            line.swap()  # nobody feeds the watchdog: something else than the program looks at the pins
        self._wait()
        # An open switch is high only with the pull-ups on.
        inputs = line.switches & self._pull_ups
        buffer[0] = inputs & 0xFF
        buffer[1] = inputs >> 8 & self._direction_b | self._latch_b & ~self._direction_b

    def _wait(self):
        if line.stuck:
            line.now_ms += self._timeout_us // 1000
            raise OSError(110)

    def writeto_mem(self, address, register, data):
        if address != PANEL:
            raise OSError(5)
        self._wait()
        if register == 0x15:
            self._latch_b = data[0]
        elif register == 0x01:
            self._direction_b = data[0]
        elif register == 0x0C:
            self._pull_ups = data[0] | data[1] << 8
        else:
            raise OSError(5)
        line.port_b = self._latch_b & ~self._direction_b & 0xFF


class WDT:
    """Its time is the plant's. In real time it never bites: a desk that stalls for half a second is no board that does."""

    def __init__(self, timeout):
        self._timeout_ms = timeout
        self._fed_ms = line.now_ms
        if not REAL_TIME:
            line.on_time = self._look

    def _look(self):
        if line.now_ms - self._fed_ms >= self._timeout_ms:
            print("reset by the watchdog", file=sys.stderr)
            reset()

    def feed(self):
        line.feeds += 1
        self._fed_ms = line.now_ms
        if REAL_TIME:
            line.swap()  # a tick of the program is over: where no fake clock lets time pass, this is when the pins change, too


amplifiers = Amplifiers()
