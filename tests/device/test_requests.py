"""What the device answers, and who may ask."""

from __future__ import annotations

from typing import Any

import pytest

from firmware.device import requests
from firmware.device.body import Body
from firmware.device.links import ALIVE_MS
from firmware.device.supervisor import LIFTED_MS
from firmware_protocol import faults, limits, messages, version
from tests.device.rig import HEATER, MOTOR, Rig, counts, refused

M = messages
ASKED = [
    M.GetCaps(), M.SetLimits(b""), M.Start(0), M.Pause(), M.Release(), M.Finish(), M.SetBath(0, 0, 0), M.SetMassage(0, 0, 0, 0, 1, 0),
    M.SetLamp(0), M.Checked(), M.Clear(0), M.GetCause(), M.LogRead(0), M.GetKey(), M.Arm(1),
]  # fmt: skip
READING = (M.GetCaps, M.GetCause, M.LogRead)


def test_every_request_to_the_device_has_an_answer() -> None:
    wanted = {row.make for row in M.TABLE if row.kind == M.REQUEST and row.way & M.TO_DEVICE}
    assert wanted == set(requests._TABLE) | {M.Hello}
    assert wanted == {type(message) for message in ASKED} | {M.Hello, M.Stop, M.Auth}


@pytest.mark.parametrize("message", ASKED, ids=lambda message: type(message).__name__)
def test_nothing_without_hello(message: Any) -> None:
    assert refused(Rig().host.ask(message)) == (M.NOT_CONTROLLER, 0)


@pytest.mark.parametrize("message", ASKED, ids=lambda message: type(message).__name__)
def test_an_observer_may_read(message: Any) -> None:
    rig = Rig()
    rig.host.hello(M.OBSERVER)
    answer = rig.host.ask(message)
    if isinstance(message, READING):
        assert not isinstance(answer, M.Nak)
    elif isinstance(message, M.GetKey):
        assert refused(answer) == (M.UNSUPPORTED, 0)  # it has none
    else:
        assert refused(answer) == (M.NOT_CONTROLLER, 0)


def test_identity_and_caps() -> None:
    rig = Rig()
    identity = rig.host.hello()
    assert (identity.nonce, identity.controller, identity.state, identity.cause) == (7, 1, M.IDLE, 0)
    assert identity.serial.rstrip(b"\0") == b"SIM-0001"
    assert rig.host.ask(M.GetCaps()).values == b"".join(value.to_bytes(4, "little", signed=True) for value in limits.ABSOLUTE)
    assert identity.caps_hash == limits.digest(limits.ABSOLUTE)


def test_a_device_may_be_stricter_than_the_absolute_caps_but_never_looser() -> None:
    body = Body()
    own = list(limits.ABSOLUTE)
    own[limits.WATER_SETPOINT_MAX] = 3900
    own[limits.PRESSURE_MAX] = 99999
    body.caps = tuple(own)
    caps = Rig(body).device.caps
    assert (caps[limits.WATER_SETPOINT_MAX], caps[limits.PRESSURE_MAX]) == (3900, 60000)


def test_another_major_version_is_refused() -> None:
    rig = Rig()
    assert refused(rig.host.ask(M.Hello(version.MAJOR + 1, 0, 1, 7))) == (M.WRONG_VERSION, version.MAJOR)
    assert not rig.device.links.all[0].greeted


def test_one_controller_at_a_time() -> None:
    rig = Rig().start()
    second = rig.peer(1)
    identity = second.hello(nonce=9)
    assert (identity.controller, identity.state) == (0, M.ACTIVE)
    assert refused(second.ask(M.Finish())) == (M.BUSY, 0)
    assert rig.out.heater_enable
    rig.host.say = lambda: None  # type: ignore[method-assign]  # the first falls silent
    rig.pass_ms(ALIVE_MS + 500)
    assert second.hello(nonce=10).controller == 1
    assert rig.off


def test_the_same_hello_again_changes_nothing_and_a_new_one_begins_anew() -> None:
    rig = Rig().heat()
    rig.limit({limits.WATER_SETPOINT_MAX: 3900})
    assert rig.host.hello(nonce=7).state == M.ACTIVE
    rig.pass_ms(200)
    assert rig.out.heater_pm
    assert rig.host.hello(nonce=8).state == M.IDLE
    assert rig.off
    assert rig.device.caps[limits.WATER_SETPOINT_MAX] == limits.ABSOLUTE[limits.WATER_SETPOINT_MAX]


def test_a_controller_that_turns_observer_gives_up_its_session() -> None:
    rig = Rig().heat()
    assert rig.host.hello(M.OBSERVER, nonce=9).controller == 0
    assert rig.off
    assert rig.device.state == M.IDLE
    assert rig.peer(1).hello(nonce=11).controller == 1


def test_a_new_observer_changes_nothing() -> None:
    rig = Rig().heat()
    rig.peer(2).hello(M.OBSERVER, nonce=99)
    assert rig.out.heater_pm


@pytest.mark.parametrize(
    ("enables", "inputs", "missing"),
    [
        (HEATER, {"level_ok": 0}, M.LEVEL_LOW),
        (HEATER, {"water1_adc": 0}, M.SENSORS_BAD),
        (HEATER, {"water2_adc": 4095}, M.SENSORS_BAD),
        (HEATER, {"water1_adc": counts(4205)}, M.TOO_WARM),
        (MOTOR, {"left_b": 41}, M.CELLS_BAD),
        (MOTOR, {"right_a": 2000}, M.CELLS_BAD),
        (0, {"tilt": 1}, M.TILTED),
        (0, {"arm_button": 1}, M.PRESSED),
    ],
)
def test_permissives(enables: int, inputs: dict[str, int], missing: int) -> None:
    rig = Rig()
    rig.host.hello()
    rig.pass_ms(400)
    rig.put(**inputs)
    rig.pass_ms(250)
    assert refused(rig.host.ask(M.Start(enables))) == (M.NOT_PERMITTED, missing)
    assert rig.off


def test_a_part_that_is_not_used_needs_no_permissive() -> None:
    rig = Rig(level_ok=0, water1_adc=0)
    rig.start(MOTOR)
    assert rig.out.motor_enable
    rig = Rig(left_a=200)
    rig.start(HEATER)
    assert rig.out.heater_enable


def test_start_needs_readings() -> None:
    rig = Rig()
    rig.device = type(rig.device)(Body())
    rig.host.exchange.ask(M.Hello(1, 0, 1, 7))
    rig.host.say()
    assert rig.device.supervisor.permissive(0) == rig.device.supervisor.standing(0) == M.SENSORS_BAD


def test_start_needs_a_heartbeat() -> None:
    rig = Rig()
    rig.beats = False
    rig.host.hello()
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_PERMITTED, M.LEASE_DEAD)


def test_start_closes_just_what_it_names() -> None:
    rig = Rig().start(HEATER | MOTOR)
    for enables in (HEATER, MOTOR, 0, HEATER | MOTOR):
        rig.pass_ms(LIFTED_MS)
        rig.do(M.Start(enables))
        rig.pass_ms(50)
        assert (rig.out.heater_enable, rig.out.motor_enable) == (enables & 1, enables >> 1)
        assert rig.device.state == M.ACTIVE


def test_start_again_keeps_the_water_and_the_stroke() -> None:
    rig = Rig().knead()
    rig.do(M.SetBath(3800, 0, 0))
    rig.do(M.Start(HEATER | MOTOR))
    rig.pass_ms(200)
    assert rig.out.heater_pm
    assert rig.device.massage.feet == 3


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (M.SetBath(4101, 0, 0), (M.OUT_OF_RANGE, 4100)),
        (M.SetBath(1999, 0, 0), (M.OUT_OF_RANGE, 2000)),
        (M.SetBath(3800, 201, 0), (M.OUT_OF_RANGE, 200)),
        (M.SetBath(3800, 0, 2), (M.UNSUPPORTED, 0)),
        (M.SetMassage(3, 0, 1, 20000, 10000, 500), (M.UNSUPPORTED, 31)),
        (M.SetMassage(3, 4, 0, 20000, 10000, 500), (M.UNSUPPORTED, 31)),
        (M.SetMassage(3, 4, 1, 60001, 10000, 500), (M.OUT_OF_RANGE, 60000)),
        (M.SetMassage(3, 4, 1, 20000, 20001, 500), (M.OUT_OF_RANGE, 20000)),
        (M.SetLimits(bytes((99, 0, 0, 0, 0))), (M.UNSUPPORTED, 99)),
    ],
)
def test_what_is_beyond_is_refused_and_nothing_changes(message: Any, answer: tuple[int, int]) -> None:
    rig = Rig().start()
    assert refused(rig.host.ask(message)) == answer
    assert rig.device.thermostat.target_cdeg == rig.device.massage.feet == 0
    assert rig.device.caps == list(limits.ABSOLUTE)


def test_a_zone_or_technique_that_the_device_has_not_is_unsupported() -> None:
    body = Body()
    body.zones = 0x0C
    body.techniques = 0x01
    rig = Rig(body).start()
    assert refused(rig.host.ask(M.SetMassage(3, 0x02, 1, 20000, 10000, 500))) == (M.UNSUPPORTED, 0x0C)
    assert refused(rig.host.ask(M.SetMassage(3, 0x04, 2, 20000, 10000, 500))) == (M.UNSUPPORTED, 0x01)


def test_bubbles_where_there_are_any() -> None:
    body = Body()
    body.features |= M.BUBBLER
    rig = Rig(body).start()
    rig.do(M.SetBath(3800, 0, 2))
    rig.pass_ms(250)
    assert rig.out.bubbles
    assert rig.host.telemetry[-1].flags & M.BUBBLES


def test_before_start_nothing_is_set() -> None:
    rig = Rig()
    rig.host.hello()
    for message in (M.SetBath(3800, 0, 0), M.SetMassage(3, 4, 1, 20000, 10000, 500), M.Pause()):
        assert refused(rig.host.ask(message))[0] == M.NOT_STARTED
    rig.do(M.Release())
    rig.do(M.Finish())
    rig.pass_ms(400)
    rig.do(M.Start(0))
    for message in (M.SetBath(3800, 0, 0), M.SetMassage(3, 4, 1, 20000, 10000, 500)):
        assert refused(rig.host.ask(message))[0] == M.NOT_STARTED


def test_feet_in_the_water_want_a_ramp() -> None:
    rig = Rig().start()
    rig.put(presence=M.BATH_LEFT)
    rig.pass_ms(100)
    assert refused(rig.host.ask(M.SetBath(3800, 0, 0))) == (M.OUT_OF_RANGE, 200)
    rig.do(M.SetBath(3800, 200, 0))
    rig.pass_ms(600)
    assert 3395 <= rig.device.thermostat.setpoint_cdeg <= 3405
    rig.do(M.SetBath(2500, 0, 0))
    assert rig.device.thermostat.setpoint_cdeg == 2500


def test_limits_tighten_all_or_none() -> None:
    rig = Rig().start()
    assert rig.limit({limits.WATER_SETPOINT_MAX: 4000, limits.DWELL_OFF: 12000}) == M.Ack(M.code_of(M.SetLimits(b"")))
    answer = rig.limit({limits.PRESSURE_MAX: 50000, limits.WATER_SETPOINT_MAX: 4001})
    assert refused(answer) == (M.LOOSENS, limits.WATER_SETPOINT_MAX)
    assert refused(rig.limit({limits.DWELL_OFF: 11000})) == (M.LOOSENS, limits.DWELL_OFF)
    assert rig.device.caps[limits.PRESSURE_MAX] == 60000
    assert refused(rig.host.ask(M.SetBath(4001, 0, 0))) == (M.OUT_OF_RANGE, 4000)
    rig.limit({limits.PRESSURE_MAX: 20000, limits.PRESSURE_RAMP: 5000, limits.WATER_RAMP: 100, limits.WATER_SETPOINT_MIN: 3000})
    assert refused(rig.host.ask(M.SetMassage(3, 4, 1, 20001, 5000, 500))) == (M.OUT_OF_RANGE, 20000)
    assert refused(rig.host.ask(M.SetMassage(3, 4, 1, 20000, 5001, 500))) == (M.OUT_OF_RANGE, 5000)
    assert refused(rig.host.ask(M.SetBath(3500, 101, 0))) == (M.OUT_OF_RANGE, 100)
    assert refused(rig.host.ask(M.SetBath(2999, 0, 0))) == (M.OUT_OF_RANGE, 3000)
    assert rig.device.caps_hash != limits.digest(limits.ABSOLUTE)


@pytest.mark.parametrize("caps", [{limits.WATER_SETPOINT_MAX: 3700}, {limits.WATER_RAMP: 50}])
def test_water_beyond_a_new_limit_is_dropped(caps: dict[int, int]) -> None:
    rig = Rig().start()
    rig.do(M.SetBath(3800, 100, 0))
    rig.limit({limits.WATER_SETPOINT_MAX: 3900})
    assert rig.device.thermostat.target_cdeg == 3800
    rig.limit(caps)
    assert rig.device.thermostat.target_cdeg == rig.out.heater_pm == 0


@pytest.mark.parametrize("caps", [{limits.PRESSURE_MAX: 19000}, {limits.PRESSURE_RAMP: 9000}])
def test_massage_beyond_a_new_limit_is_dropped(caps: dict[int, int]) -> None:
    rig = Rig().knead()
    rig.limit({limits.PRESSURE_MAX: 30000})
    assert rig.device.massage.feet == 3
    rig.limit(caps)
    assert rig.device.massage.feet == 0


def test_pause_keeps_the_water_only() -> None:
    rig = Rig().knead()
    rig.do(M.SetBath(3800, 0, 0))
    rig.do(M.Pause())
    rig.pass_ms(400)
    assert rig.host.telemetry[-1].state == M.PAUSED
    assert (rig.out.motor_enable, rig.out.heater_enable) == (0, 1)
    assert rig.out.heater_pm
    assert refused(rig.host.ask(M.SetMassage(3, 4, 1, 20000, 10000, 500)))[0] == M.NOT_STARTED
    rig.do(M.SetBath(0, 0, 0))
    rig.pass_ms(200)
    assert not rig.out.heater_pm
    rig.do(M.Start(HEATER | MOTOR))
    assert rig.device.massage.feet == 0


def test_release_lets_go_and_stays_active() -> None:
    rig = Rig().knead()
    rig.do(M.Release())
    assert rig.device.state == M.ACTIVE
    assert rig.device.massage.feet == 0
    assert rig.out.motor_enable


def test_feet_0_releases() -> None:
    rig = Rig().knead()
    rig.do(M.SetMassage(0, 0, 0, 0, 1, 0))
    assert rig.device.massage.feet == 0


def test_finish_ends_without_a_latch() -> None:
    rig = Rig().heat()
    rig.limit({limits.PRESSURE_MAX: 1000})
    rig.do(M.Finish())
    assert rig.off
    assert rig.device.state == M.IDLE
    assert rig.device.caps == list(limits.ABSOLUTE)
    rig.pass_ms(10_000)
    assert rig.device.cause == 0


@pytest.mark.parametrize(
    "message",
    [M.Start(0), M.Pause(), M.Finish(), M.SetBath(0, 0, 0), M.SetMassage(0, 0, 0, 0, 1, 0)],
    ids=lambda message: type(message).__name__,
)
def test_nothing_starts_while_latched(message: Any) -> None:
    rig = Rig().start()
    rig.host.ask(M.Stop(60))
    assert refused(rig.host.ask(message)) == (M.IS_LATCHED, faults.STOPPED)
    assert rig.device.state == M.LATCHED


def test_lamp() -> None:
    rig = Rig()
    rig.host.hello()
    rig.do(M.SetLamp(M.LAMP_FEET_IN))
    rig.pass_ms(400)
    assert rig.out.lamp == M.LAMP_FEET_IN == rig.host.telemetry[-1].presence_lamp >> 4
    rig.host.ask(M.Stop(61))
    assert rig.out.lamp == M.LAMP_FAULT
    rig.do(M.SetLamp(M.LAMP_FEET_OUT))
    rig.pass_ms(400)
    assert rig.out.lamp == M.LAMP_FEET_OUT


def test_nobody_but_the_person_counts_as_a_check() -> None:
    rig = Rig().start()
    rig.device.budgets.unasked_ms = 5000
    rig.do(M.Checked())
    assert rig.device.budgets.unasked_ms == 0
