"""The heater: a solid-state switch, time-proportioned, a relay in series with it, and the current that really flows."""

import pins
from machine import Pin

PERIOD_MS = 2000  # of the duty: short against the water, long for a relay-free switch [ENG]
MA_16 = 64  # milliamperes a count, sixteenths: 10 mOhm, amplifier x 20, 3.3 V in 4096 steps [CALC]


class Heater:
    """`set` what is wanted, `often` between ticks, `measured` once a tick."""

    def __init__(self) -> None:
        self._switch = Pin(pins.HEATER, Pin.OUT, value=0)
        self._relay = Pin(pins.HEATER_ENABLE, Pin.OUT, value=0)
        self._contact = Pin(pins.HEATER_CONTACT, Pin.IN, Pin.PULL_UP)
        self._duty_pm = self._begun_ms = self._on_ma = self._off_ma = 0

    def set(self, now_ms: int, duty_pm: int, enable: int) -> None:
        """Duty in permille, relay closed or open. The relay's contacts neither make nor break a load: the switch is off meanwhile."""
        self._duty_pm = duty_pm if enable else 0
        if enable:
            self._relay.value(1)
            self.often(now_ms)
        else:
            self.often(now_ms)
            self._relay.value(0)

    def often(self, now_ms: int) -> None:
        """Switch as the duty wants it now. A period begins with heat and lasts: a duty that flickers heats once in it."""
        if self._duty_pm:
            if now_ms - self._begun_ms >= PERIOD_MS:
                self._begun_ms = now_ms
            self._switch.value((now_ms - self._begun_ms) * 1000 < self._duty_pm * PERIOD_MS)
        else:
            self._switch.value(0)

    def measured(self, counts: int) -> int:
        """Milliamperes over the period of the duty: what flows while it is on and what flows while it is off, by their parts."""
        if self._switch.value():
            self._on_ma = counts * MA_16 >> 4
        else:
            self._off_ma = counts * MA_16 >> 4
        return (self._on_ma * self._duty_pm + self._off_ma * (1000 - self._duty_pm)) // 1000

    @property
    def closed(self) -> int:
        """The relay as read back."""
        return 1 - self._contact.value()
