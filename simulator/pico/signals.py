"""Readings as the voltages and switches that a board's pins see, and what its pins drive as outputs. The inverse of the board's drivers.

Pin numbers come from the board's own page; scales are those of its wiring. Knows no process and no time.
"""

from __future__ import annotations

import ast
import struct
from importlib import resources
from random import Random
from typing import Any

from firmware.device.body import Inputs, Outputs

UP = "<II3HBBI"  # as in fake/pinwire.py
DOWN = "<II2H4HH4iBBH"
UP_BYTES = struct.calcsize(UP)
RAW_COUNT = 512  # steps of a load-cell amplifier a count
RAW_MOST = (1 << 23) - 1  # where it saturates
RAW_MIDDLE = 2016  # what the spread noise adds on average
CONVERSIONS_S = 80
HEATER_MA = 4  # a count of the current amplifier, 12 bits
MOTOR_MA = 2
FULL_UM_S = (60000, 15000, 15000)  # carriage, left, right at full duty
CARRIAGE_MM = 250
REFERENCE = 2048
TURN_PULSES = 2
TICKS_MIN = 1200


def _numbers() -> dict[str, Any]:
    """The board's page of pins: names and the numbers behind them."""
    page = (resources.files("firmware") / "boards" / "pico_w" / "pins.py").read_text("utf-8")
    rows = [node for node in ast.parse(page).body if isinstance(node, ast.Assign)]
    return {row.targets[0].id: ast.literal_eval(row.value) for row in rows if isinstance(row.targets[0], ast.Name)}


PINS = _numbers()


class Signals:
    """`see` the readings of a tick, `down` for the board; `drive` with what came `up` gives what is driven."""

    def __init__(self, seed: int) -> None:
        self.outputs = Outputs()
        self.wanted_ms = 0
        self.feeds = 0  # of the watchdog, modulo 256
        self.used = 0  # bytes of MicroPython's heap
        self._dice = Random(seed)
        self._sample = -1
        self._turns = 0.0
        self._levels = 0
        self._adc = (0, 0)
        self._monitored = (0, 0, 0, 0)
        self._switches = 0xFFFF
        self._cells = (0, 0, 0, 0)

    def see(self, inputs: Inputs) -> None:
        """The readings of a tick."""
        alive = inputs.sample != self._sample
        self._sample = inputs.sample
        self._adc = (inputs.water1_adc << 4, inputs.water2_adc << 4)
        carriage = min((inputs.carriage_mm * 4096 + CARRIAGE_MM - 1) // CARRIAGE_MM, 4095)
        currents = (min(inputs.heater_ma // HEATER_MA, 4095), min(inputs.motor_ma // MOTOR_MA, 4095))
        self._monitored = (currents[0] << 4, currents[1] << 4, carriage << 4, REFERENCE << 4 if alive else 0)
        self._cells = tuple(self._raw(count) for count in (inputs.left_a, inputs.left_b, inputs.right_a, inputs.right_b))  # type: ignore[assignment]
        self._turns += inputs.pump_rpm * TURN_PULSES / TICKS_MIN
        open_switches = (
            (PINS["LEVEL"], not inputs.level_ok),
            (PINS["WET"], inputs.wet_floor),
            (PINS["TILT"], inputs.tilt),
            (PINS["BATH_LEFT"], not inputs.presence & 1),
            (PINS["BATH_RIGHT"], not inputs.presence & 2),
            (PINS["ROLLER_LEFT"], not inputs.presence & 4),
            (PINS["ROLLER_RIGHT"], not inputs.presence & 8),
            (PINS["ARM"], not inputs.arm_button),
        )
        self._switches = sum(1 << bit for bit, is_open in open_switches if is_open)
        high = (
            (PINS["STOP"], inputs.stop_button),
            (PINS["HEATER_CONTACT"], not inputs.heater_contact),
            (PINS["MOTOR_CONTACT"], not inputs.motor_contact),
        )
        self._levels = sum(1 << pin for pin, is_high in high if is_high)

    def _raw(self, count: int) -> int:
        return max(-RAW_MOST - 1, min(RAW_MOST, count * RAW_COUNT - RAW_MIDDLE + self._dice.getrandbits(6)))

    def down(self, now_ms: int, *, news: bool = False) -> bytes:
        """What the board's pins see at `now_ms`; `news` when bytes wait on its cable."""
        conversions = now_ms * CONVERSIONS_S // 1000 & 0xFF
        return struct.pack(
            DOWN, now_ms & 0xFFFFFFFF, self._levels, *self._adc, *self._monitored, self._switches, *self._cells, conversions, news,
            int(self._turns) & 0xFFFF,
        )  # fmt: skip

    def drive(self, up: bytes) -> Outputs:
        """What the board's pins drive."""
        self.wanted_ms, levels, carriage, left, right, port_b, self.feeds, self.used = struct.unpack(UP, up)
        out = self.outputs
        out.heater_pm = 1000 * (levels >> PINS["HEATER"] & 1)
        out.heater_enable = levels >> PINS["HEATER_ENABLE"] & 1
        out.motor_enable = levels >> PINS["MOTOR_ENABLE"] & 1
        out.pump = levels >> PINS["PUMP"] & 1
        speeds = []
        for duty, up_pin, full in zip((carriage, left, right), ("CARRIAGE_UP", "LEFT_UP", "RIGHT_UP"), FULL_UM_S, strict=True):
            speed = duty * full // 65535
            speeds.append(speed if levels >> PINS[up_pin] & 1 else -speed)
        out.carriage_um_s, out.left_um_s, out.right_um_s = speeds
        out.lamp = (port_b & 0x3F).bit_length()
        out.buzzer = port_b >> PINS["BUZZER"] & 1
        return out
