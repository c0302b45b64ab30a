"""Carriage, two press axes and pump. Speeds in um/s become duties: the gears are stiff enough, position and force are measured apart."""

import pins
from machine import PWM, Pin

PWM_HZ = 20000  # above hearing
CARRIAGE_UM_S = 60000  # at full duty and 12 V [ENG]
PRESS_UM_S = 15000
MA_16 = 32  # milliamperes a count, sixteenths: 20 mOhm, amplifier x 20 [CALC]
CARRIAGE_MM = 250  # from end to end of the potentiometer
TURN_TICKS = 10  # the pump's turns are counted over half a second
TURN_RPM = 60  # a turn in half a second, two pulses each


class Motor:
    """One H-bridge with a speed and a direction input."""

    def __init__(self, pwm: int, up: int, full_um_s: int) -> None:
        self._pwm = PWM(Pin(pwm), freq=PWM_HZ, duty_u16=0)
        self._up = Pin(up, Pin.OUT, value=0)
        self._full = full_um_s
        self._speed = 0

    def set(self, speed_um_s: int) -> None:
        """Run; beyond full speed it cannot."""
        if speed_um_s == self._speed:
            return
        self._speed = speed_um_s
        self._up.value(speed_um_s > 0)
        self._pwm.duty_u16(min(abs(speed_um_s) * 65535 // self._full, 65535))


class Motors:
    """All three, their common supply, and the pump."""

    def __init__(self) -> None:
        self._supply = Pin(pins.MOTOR_ENABLE, Pin.OUT, value=0)
        self._contact = Pin(pins.MOTOR_CONTACT, Pin.IN, Pin.PULL_UP)
        self._carriage = Motor(pins.CARRIAGE_PWM, pins.CARRIAGE_UP, CARRIAGE_UM_S)
        self._left = Motor(pins.LEFT_PWM, pins.LEFT_UP, PRESS_UM_S)
        self._right = Motor(pins.RIGHT_PWM, pins.RIGHT_UP, PRESS_UM_S)
        self._pump = Pin(pins.PUMP, Pin.OUT, value=0)
        self._pulses = self._ticks = 0
        self.rpm = 0
        Pin(pins.PUMP_TURNS, Pin.IN, Pin.PULL_UP).irq(self._turned, Pin.IRQ_FALLING)

    def _turned(self, pin: Pin) -> None:
        self._pulses += 1

    def set(self, enable: int, carriage_um_s: int, left_um_s: int, right_um_s: int, pump: int) -> None:
        """What should move. Speeds first: a supply never closes on a motor that was told to run before."""
        self._carriage.set(carriage_um_s)
        self._left.set(left_um_s)
        self._right.set(right_um_s)
        self._supply.value(enable)
        self._pump.value(pump)

    def count(self) -> int:
        """Once a tick: the pump's turns a minute."""
        self._ticks += 1
        if self._ticks >= TURN_TICKS:
            self.rpm = self._pulses * TURN_RPM
            self._pulses = self._ticks = 0
        return self.rpm

    @property
    def closed(self) -> int:
        """The supply as read back."""
        return 1 - self._contact.value()
