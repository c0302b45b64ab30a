"""Everything that heats or moves, off: what the program does before all else, and before all else when something failed.

Needs none of the drivers, and takes a pin away from whatever drives it.
"""

import pins
from machine import Pin

# Each load before what feeds it: the relay's contacts do not break one.
DRIVEN = (
    pins.HEATER, pins.HEATER_ENABLE, pins.CARRIAGE_PWM, pins.LEFT_PWM, pins.RIGHT_PWM, pins.MOTOR_ENABLE, pins.PUMP,
    pins.CARRIAGE_UP, pins.LEFT_UP, pins.RIGHT_UP,
)  # fmt: skip


def off() -> None:
    """Low, all of them."""
    for number in DRIVEN:
        Pin(number, Pin.OUT, value=0)
