"""What is kept through a power cut, what is believed of it, and what a device does with nothing to believe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firmware.device import calibration
from firmware.device.body import Body
from firmware_protocol import faults, limits, messages
from footctl.core.person import TIERS
from tests.device.rig import HEATER, MOTOR, Rig, refused

M = messages


def calibrated(offset: int = 5) -> Body:
    body = Body()
    body.cell_pa = (50_100, 49_000, 51_000, 50_500)
    body.cell_zero = (2, -1, 0, 3)
    body.water_offset_cdeg = (offset, -4)
    return body


def values(body: Body) -> tuple[object, ...]:
    return body.cell_pa, body.cell_zero, body.water_offset_cdeg


def restored(*copies: bytes) -> Body:
    body = Body()
    calibration.restore(body, copies)
    return body


def test_the_newest_whole_copy_counts() -> None:
    old, new = calibration.pack(calibrated(1), 6), calibration.pack(calibrated(2), 7)
    assert values(restored(old, new)) == values(restored(new, old)) == values(calibrated(2))
    assert restored(old, new).calibration == 0
    assert restored(old, new).caps is None


def damaged(copy: bytes) -> Iterator[bytes]:
    yield from (b"", copy[:-1], copy + b"\0", b"\xff" * len(copy), b"\0" * len(copy))
    for length in range(len(copy)):  # power went away while it was written over the old one
        yield copy[:length] + b"\xff" * (len(copy) - length)
    for bit in range(8 * len(copy)):
        broken = bytearray(copy)
        broken[bit // 8] ^= 1 << bit % 8
        yield bytes(broken)


def test_a_damaged_copy_is_not_believed_and_the_other_one_is() -> None:
    whole = calibration.pack(calibrated(), 3)
    for broken in damaged(calibration.pack(calibrated(9), 4)):
        body = restored(broken, whole)
        assert (values(body), body.calibration) == (values(calibrated()), 0)
        assert restored(broken).calibration == faults.CALIBRATION_LOST


def test_another_version_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    copy = calibration.pack(calibrated(), 3)
    monkeypatch.setattr(calibration, "VERSION", 2)
    assert restored(copy).calibration == faults.CALIBRATION_LOST


def test_without_a_calibration_the_strictest_caps_hold() -> None:
    body = restored()
    assert values(body) == values(Body())
    rig = Rig(body).start()
    sensitive = {**TIERS["sensitive"].caps, **TIERS["sensitive"].after_soak}
    for number, (name, _, sense, absolute, _) in enumerate(limits.CAPS):
        if name in sensitive and not (sense == limits.LEAST or name == "preheat_time"):
            assert not limits.loosens(number, rig.device.caps[number], sensitive[name]), name
        assert not limits.loosens(number, rig.device.caps[number], absolute)
    assert refused(rig.host.ask(M.SetBath(3601, 0, 0))) == (M.OUT_OF_RANGE, 3600)
    assert rig.host.telemetry[-1].active == faults.CALIBRATION_LOST
    rig.host.hello(nonce=9)
    rig.pass_ms(400)
    assert rig.host.telemetry[-1].active == faults.CALIBRATION_LOST


def test_a_device_whose_own_caps_are_stricter_keeps_them() -> None:
    body = Body()
    body.caps = tuple(3000 if number == limits.WATER_SETPOINT_MAX else row[3] for number, row in enumerate(limits.CAPS))
    calibration.restore(body, ())
    assert body.caps[limits.WATER_SETPOINT_MAX] == 3000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cell_pa", (50_000, 50_000, 24_999, 50_000)),
        ("cell_pa", (50_000, 100_001, 50_000, 50_000)),
        ("cell_zero", (0, 0, 0, -201)),
        ("cell_zero", (201, 0, 0, 0)),
        ("water_offset_cdeg", (0, 101)),
        ("water_offset_cdeg", (-101, 0)),
    ],
)
def test_what_cannot_be_true_lets_nothing_start(name: str, value: tuple[int, ...]) -> None:
    body = calibrated()
    setattr(body, name, value)
    body = restored(calibration.pack(body, 1))
    rig = Rig(body)
    rig.host.hello()
    rig.pass_ms(400)
    for enables in (0, HEATER, MOTOR):
        assert refused(rig.host.ask(M.Start(enables))) == (M.NOT_PERMITTED, M.UNCALIBRATED)
    assert rig.host.telemetry[-1].active == faults.CALIBRATION_BAD


@pytest.mark.parametrize("edge", [0, 1])
def test_what_may_be_true(edge: int) -> None:
    body = Body()
    body.cell_pa = (calibration.CELL_PA[edge],) * 4
    body.cell_zero = (calibration.CELL_ZERO[edge],) * 4
    body.water_offset_cdeg = (calibration.WATER_OFFSET_CDEG[edge],) * 2
    assert calibration.plausible(body)


# Arming by hand


def by_hand() -> Rig:
    body = Body()
    body.features |= M.ARMS_BY_HAND
    rig = Rig(body)
    rig.host.hello()
    rig.pass_ms(400)
    return rig


def hold(rig: Rig, span_ms: int) -> None:
    rig.put(arm_button=1)
    rig.pass_ms(span_ms)
    rig.put(arm_button=0)
    rig.pass_ms(400)


def armed(rig: Rig) -> bool:
    rig.pass_ms(400)
    return bool(rig.host.telemetry[-1].flags & M.ARMED)


def test_a_device_that_wants_its_button_held_starts_after_three_seconds_of_it() -> None:
    rig = by_hand()
    rig.do(M.Start(0))  # nothing that heats or moves
    rig.do(M.Finish())
    for start in (HEATER, MOTOR, HEATER | MOTOR):
        assert refused(rig.host.ask(M.Start(start))) == (M.NOT_ARMED, 0)
    hold(rig, 2950)
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_ARMED, 0)
    hold(rig, 3000)
    assert armed(rig)
    assert (M.ARMING, 1) in rig.host.events
    rig.do(M.Start(HEATER | MOTOR))
    assert armed(rig)
    rig.do(M.Finish())
    assert not armed(rig)
    assert rig.host.events[-1] == (M.ARMING, 0)
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_ARMED, 0)


def test_arming_ends_by_itself_by_a_trip_and_by_another_session() -> None:
    rig = by_hand()
    hold(rig, 3000)
    rig.pass_ms(118_000)
    assert armed(rig)
    rig.pass_ms(2_000)
    assert not armed(rig)
    hold(rig, 3000)
    rig.do(M.Start(HEATER))
    rig.pass_ms(130_000)
    assert armed(rig)
    rig.host.hello(nonce=8)
    assert not armed(rig)
    hold(rig, 3000)
    rig.host.hello(nonce=9)  # armed while it idled: for whoever starts next
    assert armed(rig)
    rig.do(M.Start(HEATER))
    rig.put(tilt=1)
    rig.pass_ms(1000)
    assert not armed(rig)
    rig.put(tilt=0)
    hold(rig, 3000)
    assert rig.device.state == M.IDLE
    assert not armed(rig)  # that press cleared the latch
