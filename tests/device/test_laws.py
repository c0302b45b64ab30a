"""Whatever arrives and whatever is read: nothing raises, no output is above its cap, a latch stays, the same input gives the same bytes."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.device.axis import FULL_UM_S
from firmware.device.body import Body, Inputs
from firmware.device.device import Device
from firmware_protocol import framing, limits, messages
from tests.device.rig import HEATER, MOTOR, counts

M = messages
COLD, WARM, HOT = counts(2400), counts(3800), counts(4300)
FIELDS = ("water1_adc", "water2_adc", "left_a", "left_b", "right_a", "right_b", "carriage_mm")
CALM = (WARM, WARM, 0, 0, 0, 0, 120)


def frame(message: Any, seq: int) -> bytes:
    return framing.encode(M.code_of(message), seq, M.pack(message))


masks = st.integers(0, 3)
speeds = st.integers(0, 1000)
caps = st.lists(st.tuples(st.integers(0, len(limits.CAPS)), st.integers(-1, 100_000)), max_size=4).map(
    lambda rows: b"".join(struct.pack("<Bi", number, value) for number, value in rows)
)
asked = st.one_of(
    st.builds(M.Hello, st.sampled_from([1, 1, 1, 2]), st.just(0), st.sampled_from([1, 1, 2]), st.integers(1, 3)),
    st.just(M.GetCaps()),
    st.builds(M.SetLimits, caps),
    st.builds(M.Start, st.sampled_from([0, HEATER, MOTOR, HEATER | MOTOR, HEATER | MOTOR])),
    st.sampled_from([M.Pause(), M.Release(), M.Finish(), M.Checked(), M.GetCause()]),
    st.builds(M.SetBath, st.sampled_from([0, 2000, 3800, 4100, 4101, 32767]), st.integers(0, 300), st.integers(0, 3)),
    st.builds(M.SetMassage, masks, st.integers(0, 31), st.integers(0, 5), st.integers(0, 70_000), st.integers(1, 25_000), speeds),
    st.builds(M.SetLamp, st.integers(0, 6)),
    st.builds(M.Clear, st.sampled_from([0, 60, 61, 29, 15])),
    st.builds(M.LogRead, st.integers(0, 700)),
)
steps = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 1), asked),
    st.tuples(st.just("ask"), st.just(0), asked),
    st.tuples(st.just("stop"), st.integers(0, 4), st.integers(0, 255)),
    st.tuples(st.just("bytes"), st.integers(-1, 4), st.binary(max_size=40)),
    st.tuples(st.just("time"), st.integers(1, 12), st.booleans()),
    st.tuples(st.just("time"), st.integers(1, 120), st.just(True)),
    st.tuples(st.just("read"), st.sampled_from(FIELDS), st.integers(-500, 4095)),
    st.tuples(st.just("water"), st.sampled_from([COLD, WARM, HOT]), st.just(0)),
    st.tuples(st.just("feet"), st.integers(0, 15), st.just(0)),
    st.tuples(st.just("switch"), st.sampled_from(["level_ok", "tilt", "stop_button", "arm_button"]), st.integers(0, 1)),
    st.tuples(st.just("calm"), st.just(0), st.just(0)),
    st.tuples(st.just("gone"), st.integers(-1, 4), st.just(0)),
)
# Most of what a random host says is refused; this opening makes the rest of it matter.
OPENING = [
    ("ask", 0, M.Hello(1, 0, 1, 1)),
    ("feet", 12, 0),
    ("time", 8, True),
    ("ask", 0, M.Start(HEATER | MOTOR)),
    ("ask", 0, M.SetBath(3900, 0, 0)),
    ("ask", 0, M.SetMassage(3, 4, 1, 30_000, 10_000, 800)),
    ("time", 4, True),
]


class Story:
    """A device that lives through the steps. Everything it said and commanded is in `trace`."""

    def __init__(self) -> None:
        self.device = Device(Body())
        self.inputs = Inputs()
        self.inputs.level_ok = 1
        for name, value in zip(FIELDS, CALM, strict=True):
            setattr(self.inputs, name, value)
        self.now = 0
        self.seq = 0
        self.turns = 0
        self.cleared = False  # the last call may have let go of a latch
        self.trace: list[Any] = []

    def hear(self, data: bytes, peer: int) -> None:
        before = self.device.cause
        self.trace.append(self.device.receive(self.now, data, peer))
        self.look(before)

    def step(self, kind: str, which: Any, what: Any) -> None:
        device = self.device
        inputs = self.inputs
        self.seq = self.seq % 255 + 1
        match kind:
            case "ask":
                self.cleared = isinstance(what, M.Clear)
                self.hear(frame(what, self.seq), which)
            case "stop":
                self.cleared = False
                self.hear(b"\0" + frame(M.Stop(what), self.seq), which)  # the delimiter ends whatever half frame came before
                if 0 <= which < 4:
                    assert device.state == M.LATCHED
                    assert not any(getattr(device.outputs, name) for name in device.outputs.__slots__[:8])
            case "bytes":
                self.cleared = False
                self.hear(what, which)
            case "time":
                self.time(which, what)
            case "read":
                setattr(inputs, which, what % 256 if which == "carriage_mm" else what)
            case "water":
                inputs.water1_adc = inputs.water2_adc = which
            case "feet":
                inputs.presence = which
            case "switch":
                setattr(inputs, which, what)
            case "calm":
                for name, value in zip(FIELDS, CALM, strict=True):
                    setattr(inputs, name, value)
                inputs.level_ok = 1
                inputs.tilt = inputs.stop_button = inputs.arm_button = 0
            case "gone":
                device.disconnect(which)

    def time(self, ticks: int, beats: bool) -> None:
        device = self.device
        inputs = self.inputs
        for _ in range(ticks):
            self.now += 50
            if beats:
                self.turns += 1
                self.cleared = False
                self.hear(frame(M.Heartbeat(self.turns, self.now - 50), 0), 0)
            inputs.sample = (inputs.sample + 1) & 0xFF
            before = device.cause
            self.cleared = bool(inputs.arm_button)
            out = device.tick(self.now, inputs)
            inputs.heater_contact = out.heater_enable
            inputs.motor_contact = out.motor_enable
            inputs.heater_ma = 2 * out.heater_pm
            if out.carriage_um_s and not inputs.carriage_mm & 1:
                inputs.carriage_mm ^= 2  # moves, and gets nowhere; at an odd place it does not move
            inputs.pump_rpm = 2400 * out.pump
            self.look(before)
            self.trace.append([getattr(out, name) for name in out.__slots__])
            self.trace.append([device.outgoing(self.now, peer) for peer in range(-1, 5)])

    def look(self, cause_before: int) -> None:
        """The laws that hold after every call."""
        device = self.device
        out = device.outputs
        caps = device.caps
        assert all(not limits.loosens(number, cap, limits.ABSOLUTE[number]) for number, cap in enumerate(caps))
        assert 0 <= out.heater_pm <= 1000
        assert abs(out.left_um_s) <= FULL_UM_S
        assert abs(out.right_um_s) <= FULL_UM_S
        assert device.thermostat.setpoint_cdeg <= limits.ABSOLUTE[limits.WATER_SETPOINT_MAX]
        assert device.massage.pressure_pa <= limits.ABSOLUTE[limits.PRESSURE_MAX]
        if out.heater_pm:
            assert out.heater_enable
            assert device.state in (M.ACTIVE, M.PAUSED)
            assert device.thermostat.target_cdeg <= caps[limits.WATER_SETPOINT_MAX]
        if out.left_um_s or out.right_um_s or out.carriage_um_s:
            assert out.motor_enable
            assert device.state == M.ACTIVE
        if device.state in (M.IDLE, M.LATCHED):
            assert (out.heater_enable, out.motor_enable, out.pump, out.bubbles) == (0, 0, 0, 0)
        assert (device.state == M.LATCHED) is (device.cause != 0)
        if cause_before and not self.cleared:
            assert device.cause == cause_before  # only CLEAR and the button held down let go of a latch, and the first cause stays


def lived(rows: list[tuple[str, Any, Any]]) -> Story:
    story = Story()
    for row in rows:
        story.step(*row)
    return story


@settings(max_examples=150)
@given(st.booleans(), st.lists(steps, max_size=40))
def test_laws(opened: bool, rows: list[tuple[str, Any, Any]]) -> None:
    lived((OPENING if opened else []) + rows)


@settings(max_examples=30)
@given(st.lists(steps, max_size=30))
def test_the_same_story_gives_the_same_bytes(rows: list[tuple[str, Any, Any]]) -> None:
    assert lived(OPENING + rows).trace == lived(OPENING + rows).trace


def test_the_opening_heats_and_presses() -> None:
    story = lived([*OPENING, ("time", 40, True)])
    assert story.device.state == M.ACTIVE
    assert story.device.outputs.heater_pm
    assert story.device.massage.busy


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=300)), max_size=20))
def test_no_bytes_raise_or_switch_anything_on(rows: list[tuple[int, bytes]]) -> None:
    story = Story()
    for peer, data in rows:
        story.hear(data, peer)
        story.time(1, False)
        assert not any(getattr(story.device.outputs, name) for name in story.device.outputs.__slots__[:8])
