"""Switches, presence, lamps and buzzer: an MCP23017 on the I2C bus. One that does not answer is told as `dead`."""

import pins
from machine import I2C, Pin

ADDRESS = 0x20
DIRECTION_B = 0x01
PULL_UP_A = 0x0C  # B is the next one; so with the ports
PORT_A = 0x12
LATCH_B = 0x15
INPUTS_B = 1 << pins.ARM >> 8
SERVICE_READS = 5  # the arm button held at power-up, and not a glitch
TIMEOUT_US = 2000  # ten times the longest message; a stuck bus takes as much of every tick [ENG]
AGAIN = 20  # ticks: the expander is told everything again once a second, in case its supply blinked


class Panel:
    """`read` and `show` once a tick."""

    def __init__(self) -> None:
        self._bus = I2C(0, scl=Pin(pins.SCL), sda=Pin(pins.SDA), freq=400000, timeout=TIMEOUT_US)
        self._in = bytearray(2)
        self._out = bytearray(1)
        self._since = AGAIN
        self.dead = True
        self.show(0, 0)

    def read(self) -> int:
        """Port A and, above it, port B; all switches open, the careful answer, when it is dead."""
        try:
            self._bus.readfrom_mem_into(ADDRESS, PORT_A, self._in)
            self.dead = self._since >= AGAIN  # not told to pull up: then an open switch reads as anything
        except OSError:
            self.dead = True
        return 0xFFFF if self.dead else self._in[0] | self._in[1] << 8

    @property
    def wants_service(self) -> bool:
        """Somebody holds the arm button while power comes on: leave the link to whoever flashes or calibrates."""
        for _ in range(SERVICE_READS):
            self.show(0, 0)  # an expander that wakes up later is told then
            if self.read() >> pins.ARM & 1 or self.dead:
                return False
        return True

    def show(self, lamp: int, buzzer: int) -> None:
        """One lamp, or 0 for none, and the buzzer."""
        bits = (1 << lamp >> 1) | buzzer << pins.BUZZER
        self._since += 1
        if bits == self._out[0] and self._since < AGAIN:
            return
        self._out[0] = bits
        try:
            self._bus.writeto_mem(ADDRESS, LATCH_B, self._out)
            if self._since >= AGAIN:
                self._bus.writeto_mem(ADDRESS, DIRECTION_B, bytes((INPUTS_B,)))
                self._bus.writeto_mem(ADDRESS, PULL_UP_A, bytes((0xFF, INPUTS_B)))
                self._since = 0
        except OSError:
            self.dead = True
