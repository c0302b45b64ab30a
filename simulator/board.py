"""The virtual board under firmware.device: converts what the plant does into Inputs, and Outputs into what the plant gets.

The heater's time-proportioned duty is averaged over a tick. Contacts and switches follow within one tick. The mind that runs here
is the one that runs on the real board; only this body knows that it is simulated, and says so in `Body.simulator`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware.device import calibration
from firmware.device.body import TICK_MS, Body, Inputs, Outputs
from firmware.device.device import Device
from firmware_protocol import messages
from simulator.describe import DeviceSpec, Scenario
from simulator.plant.machine import Plant
from simulator.plant.sensors import Noise, Probe, noise

if TYPE_CHECKING:
    from simulator.mishaps.base import Mishap

BUTTONS = {"stop": "stop_button", "arm": "arm_button"}
BATH_MS = 2 * TICK_MS  # nothing in the bath is quicker than seconds; each probe is read as often
SPARE = 1000  # keeps counts positive while int() rounds them


def make_memory(body: Body, state: str) -> tuple[bytes, bytes]:
    """The two copies of the calibration as the device finds them: `state` as in Scenario.calibration."""
    if state == "implausible":
        body.water_offset_cdeg = (150, 0)
    old, new = (calibration.pack(body, count) for count in (1, 2))
    torn = new[: len(new) // 2] + b"\xff" * (len(new) - len(new) // 2)
    return {"torn": (old, torn), "lost": (torn, torn)}.get(state, (old, new))


@dataclass(frozen=True, slots=True)
class Access:
    """Who may control the device. `cables` as in Body: here every peer, unless somebody says otherwise. `key`: 16 bytes, or none.

    `secret` is what nonces are made of: the same world says the same bytes, so one that strangers can reach gets random ones.
    """

    cables: int = 0x0F
    key: bytes = b""
    secret: bytes = b"a world on its own"
    by_hand: bool = False  # a start over a cable needs the button held, too

    def give(self, body: Body) -> None:
        """Tell the body."""
        body.cables = self.cables
        body.key = self.key
        body.seed = hashlib.sha256(self.secret + body.boot_id.to_bytes(4, "little")).digest()
        if self.by_hand:
            body.features |= messages.ARMS_BY_HAND


def make_body(spec: DeviceSpec, scenario: Scenario, boot_id: int, speed: int, access: Access) -> Body:
    """What this board tells its mind about itself."""
    body = Body()
    body.serial = spec.serial.encode("ascii")
    body.model = spec.model.encode("ascii")
    body.firmware = spec.firmware.encode("ascii")
    body.boot_id = boot_id
    body.simulator = speed
    body.features = messages.SECOND_SENSOR | messages.LEVEL_SWITCH | messages.TILT_SWITCH | messages.CURRENT_SENSE | messages.DRAIN
    if spec.bubbler:
        body.features |= messages.BUBBLER
    body.places = messages.PLACE_BATH | messages.PLACE_ROLLER
    body.volume_dl = round(spec.bath.volume_l * 10)
    body.least_dl = round(spec.bath.least_l * 10)
    body.heater_w = spec.heater_w
    body.pump_rpm = spec.pump_rpm
    body.zone_mm = tuple((zone.from_mm, zone.to_mm) for zone in spec.tissue.values())
    if scenario.arms_by_hand:
        body.features |= messages.ARMS_BY_HAND
    body.cell_pa = (round(spec.roller.cell_pa * 1000),) * 4
    access.give(body)
    calibration.restore(body, make_memory(body, scenario.calibration))
    return body


class Board:
    """`tick` is one scan: plant, sensors, mind, outputs. `lamp` and `buzzer` are what a person at the device sees and hears.

    `booted_ms`: when the mind's own clock started.
    """

    __slots__ = (
        "spec", "plant", "device", "inputs", "probes", "lamp", "buzzer", "heat_w", "mishaps", "booted_ms",
        "_scenario", "_presses", "_duty_pm", "_pump", "_bubbles", "_moves", "_noise", "_at", "_zeros", "_gains", "_cross",
        "_count_kpa", "_access", "_half_w",
    )  # fmt: skip

    def __init__(
        self, spec: DeviceSpec, scenario: Scenario, plant: Plant, seed: int, boot_id: int, speed: int, access: Access = Access()
    ) -> None:
        self.spec = spec
        self.plant = plant
        self._scenario = scenario
        self._access = access
        self.device = Device(make_body(spec, scenario, boot_id, speed, access))
        self.inputs = Inputs()
        offsets = spec.probes.offset_c if scenario.probe_offset_c is None else scenario.probe_offset_c
        period_s = plant.bath.step_s
        self.probes = tuple(
            Probe(spec.probes, plant.bath.water_c, offset, seed, 1009 * number, period_s) for number, offset in enumerate(offsets)
        )
        self.mishaps: dict[str, Mishap] = {}  # what is wrong with it now; simulator.mishaps puts them here
        self.booted_ms = 0
        self.lamp = messages.LAMP_OFF
        self.buzzer = False
        self.heat_w = 0.0
        self._half_w = 0.0  # of the first tick of a step of the bath
        roller = spec.roller
        self._noise = noise(seed, roller.cell_noise_counts)
        self._at = 0
        self._count_kpa = 1000.0 / roller.cell_pa  # counts a kPa
        self._zeros = tuple(pa / roller.cell_pa for pa in roller.cell_zero_pa)
        self._gains = roller.cell_gain
        self._cross = roller.crosstalk
        self._presses: list[tuple[int, int, str]] = []  # (from, to, field of Inputs)
        self._duty_pm = 0
        self._pump = 0
        self._bubbles = 0
        self._moves = False
        self.inputs.level_ok = int(plant.bath.level_ok)
        self.inputs.water1_adc, self.inputs.water2_adc = (probe.counts for probe in self.probes)

    def restart(self, now_ms: int, boot_id: int, speed: int) -> None:
        """Power was gone: a new mind whose clock starts at zero, everything released meanwhile."""
        self.booted_ms = now_ms
        self.device = Device(make_body(self.spec, self._scenario, boot_id, speed, self._access))
        self._apply(Outputs())

    def receive(self, now_ms: int, data: bytes, peer: int) -> bytes:
        """Bytes from a peer to the mind; what it answers at once."""
        return self.device.receive(now_ms - self.booted_ms, data, peer)

    def press(self, button: str, from_ms: int, to_ms: int) -> None:
        """Hold a button of the device, "stop" or "arm", from one time to another."""
        self._presses.append((from_ms, to_ms, BUTTONS[button]))

    def tick(self, now_ms: int) -> None:
        """Let 50 ms pass, then let the mind see and act."""
        plant = self.plant
        bath = plant.bath
        inputs = self.inputs
        if self.mishaps:
            for mishap in self.mishaps.values():
                mishap.unbend(self)
        if now_ms % BATH_MS:
            self._half_w = self.heat_w
        else:
            bath.step((self._half_w + self.heat_w) / 2)
        sample = inputs.sample = (inputs.sample + 1) & 0xFF
        # One converter takes the two probes in turn, and settles for a tick on each.
        if sample & 1:
            inputs.water1_adc = self.probes[0].read(bath.water_c + bath.half_c)
        else:
            inputs.water2_adc = self.probes[1].read(bath.water_c - bath.half_c)
        inputs.presence = plant.presence
        if self._moves:
            self._scan_roller()
        elif not sample & 3:
            self._scan_cells()
        if not sample & 3:
            inputs.level_ok = int(bath.level_ok)
        if self._presses:
            self._scan_buttons(now_ms)
        if self.mishaps:
            self._mind_bent(now_ms)
        else:
            self._apply(self.device.tick(now_ms - self.booted_ms, inputs))

    @property
    def asked_w(self) -> float:
        """What the mind wants the heater to give; what it gives may be another matter."""
        return self.spec.heater_w * max(self._duty_pm, 0) / 1000 if self.inputs.heater_contact else 0.0

    def reapply(self) -> None:
        """Let the next tick give the plant what the mind wants, whatever it got until now."""
        self._duty_pm = self._pump = -1

    def _mind_bent(self, now_ms: int) -> None:
        for mishap in self.mishaps.values():
            mishap.sense(self)
        self._apply(self.device.tick(now_ms - self.booted_ms, self.inputs))
        for mishap in self.mishaps.values():
            mishap.drive(self)

    def _scan_roller(self) -> None:
        massager = self.plant.massager
        massager.step()
        inputs = self.inputs
        inputs.carriage_mm = int(massager.carriage_mm)
        inputs.motor_ma = massager.motor_ma
        self._scan_cells()
        self._moves = not massager.at_rest

    def _scan_cells(self) -> None:
        """Load cells: gain, zero, crosstalk between the feet, noise. Unloaded ones are scanned at 5 Hz: nothing changes but noise."""
        massager = self.plant.massager
        inputs = self.inputs
        table = self._noise.counts
        at = self._at = self._at + 4 if self._at < Noise.LENGTH - 8 else 0
        scale = self._count_kpa
        left = massager.left.kpa
        right = massager.right.kpa
        on_left = (left + self._cross * right) * scale
        on_right = (right + self._cross * left) * scale
        half = SPARE + 0.5
        gain_a, gain_b = self._gains
        zero_a, zero_b = self._zeros
        inputs.left_a = int(on_left * gain_a + zero_a + half) - SPARE + table[at]
        inputs.left_b = int(on_left * gain_b + zero_b + half) - SPARE + table[at + 1]
        inputs.right_a = int(on_right * gain_a + zero_a + half) - SPARE + table[at + 2]
        inputs.right_b = int(on_right * gain_b + zero_b + half) - SPARE + table[at + 3]

    def _scan_buttons(self, now_ms: int) -> None:
        inputs = self.inputs
        self._presses = [press for press in self._presses if press[1] > now_ms]
        down = {field for start, _, field in self._presses if start <= now_ms}
        inputs.stop_button = int("stop_button" in down)
        inputs.arm_button = int("arm_button" in down)

    def _apply(self, out: Outputs) -> None:
        inputs = self.inputs
        if out.heater_pm != self._duty_pm or out.heater_enable != inputs.heater_contact:
            self._duty_pm = out.heater_pm
            inputs.heater_contact = out.heater_enable
            self.heat_w = self.spec.heater_w * out.heater_pm / 1000 if out.heater_enable else 0.0
            inputs.heater_ma = int(1000 * self.heat_w / self.spec.supply_v)
        if out.pump != self._pump or out.bubbles != self._bubbles:
            self._pump = out.pump
            self._bubbles = out.bubbles
            self.plant.bath.switch(pump=bool(out.pump), bubbles=bool(out.bubbles and self.spec.bubbler))
            inputs.pump_rpm = self.spec.pump_rpm if out.pump else 0
        if out.motor_enable or inputs.motor_contact:
            massager = self.plant.massager
            inputs.motor_contact = out.motor_enable
            massager.driven = bool(out.motor_enable)
            massager.carriage_mm_s = out.carriage_um_s / 1000
            massager.left.speed_mm_s = out.left_um_s / 1000
            massager.right.speed_mm_s = out.right_um_s / 1000
            self._moves = True
        self.lamp = out.lamp
        self.buzzer = bool(out.buzzer)
