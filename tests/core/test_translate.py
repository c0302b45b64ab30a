"""Commands become messages and messages become events, with every unit where it belongs."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import limits, messages
from footctl.core import commands as c
from footctl.core import events as e
from footctl.core import translate

BOTH = frozenset(("left", "right"))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (c.SetWater(38.5, 1.0, True, True), messages.SetBath(3850, 100, 3)),
        (c.SetWater(None), messages.SetBath(0, 0, 0)),
        (c.SetMassage(BOTH, frozenset(("toes", "heel")), "press", 12.5, 5.0, 40.0), messages.SetMassage(3, 9, 4, 12500, 5000, 400)),
        (c.SetMassage(frozenset(("right",)), frozenset(("arch",)), "kneading", 0.0, 0.0, 0.0), messages.SetMassage(2, 4, 1, 0, 1, 0)),
        (c.ReleaseRoller(), messages.Release()),
        (c.SetLamp("check_in"), messages.SetLamp(5)),
        (c.StartDevice(True, False), messages.Start(1)),
        (c.StartDevice(False, True), messages.Start(2)),
        (c.PauseDevice(), messages.Pause()),
        (c.FinishDevice(), messages.Finish()),
        (c.PersonChecked(), messages.Checked()),
        (c.ClearLatch(61), messages.Clear(61)),
        (c.ReadCaps(), messages.GetCaps()),
        (c.ReadCause(), messages.GetCause()),
        (
            c.SetLimits({"check_in": 180, "water_setpoint_max": 3600}),
            messages.SetLimits(struct.pack("<BiBi", limits.WATER_SETPOINT_MAX, 3600, limits.CHECK_IN, 180)),
        ),
    ],
)
def test_commands(command: c.Command, message: Any) -> None:
    said = translate.message(command)
    assert said == message
    assert type(said) is type(message)
    assert translate.MESSAGE_OF[type(command)] == type(message).__name__
    messages.pack(said)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1e9])
def test_what_is_no_quantity_is_never_said(value: float) -> None:
    with pytest.raises(translate.Unsayable):
        translate.message(c.SetWater(value))
    with pytest.raises(translate.Unsayable):
        translate.message(c.SetMassage(BOTH, frozenset(("arch",)), "rolling", value, 1.0, 1.0))


@pytest.mark.parametrize("command", [c.StopNow(), c.Greet()])
def test_what_the_host_says_itself(command: c.Command) -> None:
    with pytest.raises(translate.Unsayable):
        translate.message(command)


def _telemetry(**changes: int) -> Any:
    fields: dict[str, int] = {
        "uptime_ms": 1200, "water1_cdeg": 3810, "water2_cdeg": 3790, "setpoint_cdeg": 3800, "quality": 0, "duty_half_pct": 100, "state": 1,
        "flags": 0x7F, "presence_lamp": 0x21, "cause": 0, "active": 24, "zone": 2, "left_dapa": 1234, "right_dapa": 100, "position_mm": 120,
        "sample": 7, "dropped": 3,
    }  # fmt: skip
    return messages.Telemetry(**{**fields, **changes})


def test_a_sample() -> None:
    sample = translate.sample(_telemetry())
    assert (sample.water_c, sample.water2_c, sample.setpoint_c, sample.hottest_c) == (38.1, 37.9, 38.0, 38.1)
    assert (sample.heater_duty, sample.left_kpa, sample.right_kpa, sample.pressure_kpa) == (0.5, 12.34, 1.0, 12.34)
    assert (sample.heater_enable, sample.motor_enable, sample.pump, sample.level_ok, sample.armed, sample.check_due) == (True,) * 6
    assert (sample.state, sample.lamp, sample.zone) == ("active", "feet_in", "arch")
    assert (sample.in_bath, sample.on_roller) == ({"left"}, frozenset())
    assert (sample.uptime_ms, sample.position_mm, sample.fault, sample.active, sample.sample, sample.dropped) == (1200, 120, 0, 24, 7, 3)
    assert not sample.is_off


def test_a_reading_without_good_quality_is_nothing() -> None:
    sample = translate.sample(_telemetry(quality=0b11_01_10_01, setpoint_cdeg=0, zone=255, presence_lamp=0xF8, flags=0))
    assert (sample.water_c, sample.water2_c, sample.left_kpa, sample.right_kpa, sample.setpoint_c, sample.zone) == (None,) * 6
    assert sample.qualities == ("stale", "implausible", "stale", "absent")
    assert sample.lamp == "off"
    assert sample.on_roller == {"right"}
    assert sample.hottest_c is None
    assert sample.pressure_kpa is None
    assert not sample.is_off
    assert translate.sample(_telemetry(quality=1)).hottest_c == 37.9
    assert translate.sample(_telemetry(quality=4)).hottest_c == 38.1
    assert translate.sample(_telemetry(water1_cdeg=3700)).hottest_c == 37.9


def test_off_is_seen_only_when_everything_reads_off() -> None:
    off = {"flags": 0, "duty_half_pct": 0, "left_dapa": 399, "right_dapa": 0}
    assert translate.sample(_telemetry(**off)).is_off
    for change in ({"flags": 1}, {"flags": 2}, {"duty_half_pct": 1}, {"left_dapa": 400}, {"right_dapa": 400}):
        assert not translate.sample(_telemetry(**{**off, **change})).is_off


IDENTITY = messages.Identity(
    1, 0, 9, 77, 5, b"SIM-0001\0\0\0\0", b"footbath-5l\0\0\0\0\0", b"0.1.0", 20, 0x21, 3, 0x15, 0x03, 55, 500, b"12345678", 3, 61, 1
)


def test_an_identity() -> None:
    told = translate.answer(messages.Hello(1, 0, 1, 9), IDENTITY)
    assert told == e.Identified(
        1, 0, "SIM-0001", "footbath-5l", "0.1.0", 77, 5, 20, frozenset(("second_sensor", "bubbles")), frozenset(("bath", "roller")),
        frozenset(("toes", "arch", "ankle")), frozenset(("kneading", "rolling")), 5.5, 500, b"12345678", "latched", 61, True,
    )  # fmt: skip


def test_caps_by_name_whatever_their_number() -> None:
    values = b"".join(struct.pack("<i", value) for value in limits.ABSOLUTE)
    told = translate.answer(messages.GetCaps(), messages.Caps(values + struct.pack("<i", 5)))
    assert told == e.CapsRead({row[0]: row[3] for row in limits.CAPS}, limits.digest((*limits.ABSOLUTE, 5)))
    short = translate.answer(messages.GetCaps(), messages.Caps(values[:8]))
    assert short == e.CapsRead({"water_setpoint_max": 4100, "water_setpoint_min": 2000}, limits.digest((4100, 2000)))


def test_answers() -> None:
    assert translate.answer(messages.Start(1), messages.Ack(9)) == e.Accepted("Start")
    assert translate.answer(messages.Start(1), messages.Nak(9, 10, 4)) == e.Refused("Start", "not_permitted", 4)
    assert translate.answer(messages.Start(1), messages.Nak(9, 99, 4)) == e.Refused("Start", "reason_99", 4)
    stopped = translate.answer(messages.Stop(60), messages.Stopped(3, 100, 500, 0, 3, 61))
    assert stopped == e.ReadBack(True, True, 0.5, 5.0, 0.0, 61)
    cause = translate.answer(messages.GetCause(), messages.Cause(15, 99, 4210, 4190, 200, 0, 100, 1))
    assert cause == e.FirstCause(15, 99, 42.1, 41.9, 1.0, 0.0, 1.0, "active")
    assert translate.answer(messages.GetCaps(), messages.Cause(15, 99, 4210, 4190, 200, 0, 100, 1)) == e.Refused("GetCaps", "malformed", 0)
    assert translate.unanswered(messages.Start(1), True) == e.Unanswered("Start", noise=True)


def test_happenings() -> None:
    assert translate.happening(messages.Event(1, 0, 5)) == e.Pressed("yes", 0)
    assert translate.happening(messages.Event(4, 61, 5)) == e.Pressed("latch", 61)
    assert translate.happening(messages.Event(99, 1, 5)) == e.Pressed("event_99", 1)


@given(target=st.floats(min_value=0, max_value=41), ramp=st.floats(min_value=0, max_value=2))
def test_degrees_survive_the_wire_to_half_a_centidegree(target: float, ramp: float) -> None:
    said = messages.unpack(0x10, messages.pack(translate.message(c.SetWater(target, ramp))))
    assert said.water_cdeg / 100 == pytest.approx(target, abs=0.00501)
    assert said.ramp_cdeg_min / 100 == pytest.approx(ramp, abs=0.00501)


def test_a_device_cannot_write_on_the_terminal() -> None:
    names = {"serial": b"\x1b[2JFAKE", "model": b"a\nb\rc\0\0", "firmware": b"\xff\x9b1m"}
    numbers = dict.fromkeys(messages.Identity._fields, 0)
    identity = translate.answer(messages.Hello(1, 0, 1, 0), messages.Identity(**{**numbers, **names, "caps_hash": b""}))
    assert isinstance(identity, e.Identified)
    assert (identity.serial, identity.model, identity.firmware) == ("\\x1b[2JFAKE", "a\\nb\\rc", "\ufffd\ufffd1m")
