"""The body: pins into Inputs, Outputs into pins. Decides nothing; the mind does."""

import os

import flash
import keys
import pins
from cells import Cells
from heater import Heater
from machine import Pin, unique_id
from motors import CARRIAGE_MM, Motors
from motors import MA_16 as MOTOR_MA_16
from panel import Panel
from thermometers import Thermometers

from firmware.device import calibration
from firmware.device.body import Body, Inputs
from firmware_protocol import messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Outputs

FIRMWARE = b"0.1.0"
CELLS_SILENT = 4  # ticks without a conversion of the load cells: the converter stands still [ENG]


def describe() -> "Body":
    """What this board tells its mind about itself."""
    body = Body()
    number = unique_id()[-3:]
    body.serial = b"PW-%02X%02X%02X" % (number[0], number[1], number[2])
    body.model = b"footbath-pico-w"
    body.firmware = FIRMWARE
    body.boot_id = int.from_bytes(os.urandom(4), "little") or 1
    body.features = messages.SECOND_SENSOR | messages.LEVEL_SWITCH | messages.TILT_SWITCH | messages.CURRENT_SENSE
    body.heater_w = 200
    body.cables = 0x01  # USB; the radio is none
    body.key = keys.load()
    body.seed = os.urandom(32)
    calibration.restore(body, flash.copies("calibration"))
    return body


class Board:
    """`scan` and `apply` once a tick, `often` between."""

    def __init__(self) -> None:
        self._heater = Heater()
        self._motors = Motors()
        self._thermometers = Thermometers()
        self._cells = Cells()
        self._panel = Panel()
        self._stop = Pin(pins.STOP, Pin.IN, Pin.PULL_UP)
        self.inputs = Inputs()

    def often(self, now_ms: int) -> None:
        """What cannot wait for the next tick."""
        self._heater.often(now_ms)
        self._cells.poll()

    def scan(self) -> "Inputs":
        """Read everything."""
        inputs = self.inputs
        thermometers = self._thermometers
        port = self._panel.read()
        self._cells.poll()
        inputs.left_a, inputs.left_b, inputs.right_a, inputs.right_b = self._cells.take()
        inputs.water1_adc = thermometers.counts(0)
        inputs.water2_adc = thermometers.counts(1)
        inputs.heater_ma = self._heater.measured(thermometers.monitor(pins.HEATER_CURRENT))
        inputs.motor_ma = thermometers.monitor(pins.MOTOR_CURRENT) * MOTOR_MA_16 >> 4
        inputs.carriage_mm = thermometers.monitor(pins.CARRIAGE) * CARRIAGE_MM >> 12
        inputs.pump_rpm = self._motors.count()
        inputs.heater_contact = self._heater.closed
        inputs.motor_contact = self._motors.closed
        inputs.stop_button = self._stop.value()
        inputs.level_ok = 1 - (port >> pins.LEVEL & 1)
        inputs.wet_floor = port >> pins.WET & 1
        inputs.tilt = port >> pins.TILT & 1
        inputs.presence = ~(port >> pins.BATH_LEFT) & 15
        inputs.arm_button = 1 - (port >> pins.ARM & 1)
        if not self._panel.dead and self._cells.silent < CELLS_SILENT and thermometers.alive():
            inputs.sample = (inputs.sample + 1) & 0xFF
        return inputs

    def apply(self, now_ms: int, out: "Outputs") -> None:
        """Do what the mind wants."""
        self._heater.set(now_ms, out.heater_pm, out.heater_enable)
        self._motors.set(out.motor_enable, out.carriage_um_s, out.left_um_s, out.right_um_s, out.pump)
        self._panel.show(out.lamp, out.buzzer)
