"""Guards of pump, floor, heater current, motors and presence at their times, what is told when one thing brings about another,
and the interlocks that give nothing back by themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware.device.body import Body
from firmware_protocol import faults, limits, messages
from tests.device.rig import HEATER, MOTOR, Rig, counts, refused

M = messages
Wrong = Callable[[Rig], None]


def heating(rig: Rig) -> None:
    rig.heat()
    rig.put(presence=M.BATH_LEFT | M.BATH_RIGHT)
    rig.pass_ms(31_000)


def pressing(rig: Rig) -> None:
    rig.knead()


def kept(**inputs: int) -> Wrong:
    """Readings that the rig does not take back."""

    def wrong(rig: Rig) -> None:
        def tick(advance: bool = True) -> object:
            rig.put(**inputs)
            out = Rig.tick(rig)
            rig.put(**inputs)
            return out

        rig.tick = tick  # type: ignore[assignment, method-assign]

    return wrong


# fault, how long it is borne, when it must be off (both in ms), what runs before, what goes wrong
ROWS = [
    (faults.PUMP_DEAD, 2600, 3000, heating, kept(pump_rpm=0)),
    (faults.PUMP_DEAD, 2600, 3000, heating, kept(pump_rpm=599)),
    (faults.LEAK, 4700, 5000, heating, kept(wet_floor=1)),
    (faults.LEAK, 4700, 5000, pressing, kept(wet_floor=1)),
    (faults.HEATER_DEAD, 1600, 1950, heating, kept(heater_ma=0)),
    (faults.STALLED, 250, 300, pressing, kept(motor_ma=2500)),
    (faults.SECOND_OBJECT, 850, 1000, pressing, kept(presence=M.BATH_LEFT | M.ROLLER_LEFT | M.ROLLER_RIGHT)),
    (faults.SECOND_OBJECT, 850, 1000, heating, kept(presence=M.ROLLER_RIGHT | M.BATH_LEFT | M.BATH_RIGHT)),
]


@pytest.mark.parametrize(("fault", "borne_ms", "off_ms", "before", "wrong"), ROWS)
def test_trips_within_its_time(fault: int, borne_ms: int, off_ms: int, before: Wrong, wrong: Wrong) -> None:
    rig = Rig()
    before(rig)
    wrong(rig)
    rig.pass_ms(borne_ms)
    assert rig.device.cause == 0
    rig.pass_ms(off_ms - borne_ms)
    assert faults.name(rig.device.cause) == faults.name(fault)
    assert rig.off


@pytest.mark.parametrize(("fault", "borne_ms", "off_ms", "before", "wrong"), ROWS)
def test_what_goes_away_in_time_is_borne(fault: int, borne_ms: int, off_ms: int, before: Wrong, wrong: Wrong) -> None:
    rig = Rig()
    before(rig)
    presence = rig.inputs.presence
    for _ in range(3):
        wrong(rig)
        rig.pass_ms(borne_ms)
        del rig.__dict__["tick"]
        rig.put(wet_floor=0, motor_ma=0, presence=presence, pump_rpm=2400, heater_ma=2000)
        rig.pass_ms(400)
    assert rig.device.cause == 0


def test_what_a_body_does_not_have_is_not_missed() -> None:
    body = Body()
    body.pump_rpm = 0
    body.features &= ~M.CURRENT_SENSE
    body.places |= M.PLACE_SHARED
    rig = Rig(body)
    heating(rig)
    kept(pump_rpm=0, heater_ma=0, presence=M.BATH_LEFT | M.ROLLER_LEFT)(rig)
    rig.pass_ms(5000)
    assert rig.device.cause == 0


def test_little_duty_needs_no_current() -> None:
    rig = Rig().heat(3404)
    rig.pass_ms(2000)
    assert 0 < rig.out.heater_pm < 200
    kept(heater_ma=0)(rig)
    rig.pass_ms(10_000)
    assert rig.device.cause == 0


# Root causes


@pytest.mark.parametrize(
    ("first", "then", "fault"),
    [
        ({"wet_floor": 1}, {"level_ok": 0}, faults.LEAK),
        ({"pump_rpm": 0}, {"water1_adc": counts(3500), "water2_adc": counts(3000)}, faults.PUMP_DEAD),
        ({"heater_ma": 0}, {}, faults.HEATER_DEAD),
        ({"level_ok": 0}, {"heater_ma": 0}, faults.LOW_WATER),
    ],
)
def test_the_cause_is_told_and_not_what_it_brings_about(first: dict[str, int], then: dict[str, int], fault: int) -> None:
    rig = Rig()
    heating(rig)
    kept(**first)(rig)
    rig.pass_ms(100)
    del rig.__dict__["tick"]
    kept(**first, **then)(rig)
    rig.pass_ms(4000)
    assert faults.name(rig.device.cause) == faults.name(fault)


def test_a_live_heater_explains_water_that_is_too_warm() -> None:
    rig = Rig()
    rig.host.hello()
    kept(heater_ma=2000, water1_adc=counts(4300), water2_adc=counts(4300))(rig)
    rig.pass_ms(1000)
    assert rig.device.cause == faults.HEATER_STUCK_ON


def test_a_sensor_that_falls_and_goes_on_falling_has_left_the_water() -> None:
    rig = Rig()
    heating(rig)
    cold = 3400.0
    for _ in range(16):
        cold += (2400 - cold) * 0.0247  # 8 s of lag, 200 ms
        rig.water(3400, round(cold))
        rig.pass_ms(200)
    assert rig.device.cause == 0
    for _ in range(15):
        cold += (2400 - cold) * 0.0247
        rig.water(3400, round(cold))
        rig.pass_ms(200)
    assert faults.name(rig.device.cause) == "sensor_detached"


# The offset of the two sensors


def test_sensors_that_differ_at_the_start_do_not_heat() -> None:
    rig = Rig()
    rig.water(3400, 3440)
    rig.host.hello()
    rig.pass_ms(5000)
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_PERMITTED, M.SENSORS_BAD)
    rig.water(3400, 3425)
    rig.pass_ms(5000)
    rig.do(M.Start(HEATER))
    assert abs(rig.device.sensors.start_cdeg + 25) <= 5


def test_what_they_differ_by_at_the_start_is_taken_off_later() -> None:
    gaps = []
    for second in (3400, 3425):
        rig = Rig()
        rig.water(3400, second)
        rig.pass_ms(3000)
        heating(rig)
        rig.water(3400, 3590)
        rig.pass_ms(200)
        gaps.append(rig.device.sensors.water_gap_cdeg)
    assert 15 <= gaps[0] - gaps[1] <= 30


def test_one_sensor_has_no_offset() -> None:
    body = Body()
    body.features &= ~M.SECOND_SENSOR
    rig = Rig(body)
    rig.put(water2_adc=0)
    assert rig.device.sensors.apart_cdeg == 0
    rig.heat()


# Hot water that somebody adds


def test_a_hot_refill_opens_the_heater_asks_for_feet_out_and_waits_until_it_is_stable() -> None:
    rig = Rig()
    heating(rig)
    rig.water(3700)
    rig.pass_ms(9000)
    assert rig.device.cause == 0
    assert not rig.out.heater_enable
    assert rig.host.telemetry[-1].active == faults.HOT_FILL
    assert rig.out.lamp == M.LAMP_FEET_OUT
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_PERMITTED, M.UNSETTLED)
    rig.pass_ms(32_000)
    assert rig.host.telemetry[-1].active == 0
    assert rig.out.lamp == M.LAMP_OFF
    assert not rig.out.heater_enable
    rig.do(M.Start(HEATER))


# Feet that leave the soak


def test_heat_waits_for_feet_that_left_and_comes_back_within_a_minute() -> None:
    rig = Rig()
    heating(rig)
    rig.put(presence=0)
    rig.pass_ms(9_600)
    assert rig.out.heater_pm
    rig.pass_ms(600)
    assert (rig.out.heater_pm, rig.out.heater_enable) == (0, 1)
    assert rig.host.telemetry[-1].active == faults.FOOT_ABSENT
    rig.pass_ms(45_000)
    rig.put(presence=M.BATH_LEFT)
    rig.pass_ms(600)
    assert rig.out.heater_pm


def test_heat_does_not_come_back_to_feet_that_were_away_for_longer() -> None:
    rig = Rig()
    heating(rig)
    rig.put(presence=0)
    rig.pass_ms(61_000)
    rig.put(presence=M.BATH_LEFT)
    rig.pass_ms(1000)
    assert not rig.out.heater_enable
    assert rig.device.cause == 0


def test_water_is_warmed_for_feet_that_have_not_come_or_only_tried_it() -> None:
    rig = Rig().heat()
    rig.pass_ms(20_000)
    rig.put(presence=M.BATH_LEFT)
    rig.pass_ms(14_000)
    rig.put(presence=0)
    rig.pass_ms(20_000)
    assert rig.out.heater_pm


# A foot that is not there


def test_a_massage_of_a_foot_that_is_not_there_is_refused() -> None:
    rig = Rig()
    rig.put(presence=M.ROLLER_LEFT)
    rig.start(MOTOR)
    assert refused(rig.host.ask(M.SetMassage(3, 4, 1, 20000, 10000, 500))) == (M.NOT_PERMITTED, M.FOOT_MISSING)
    rig.do(M.SetMassage(1, 4, 1, 20000, 10000, 500))
    assert rig.limit({limits.PRESSURE_MAX: 20000}) == M.Ack(M.code_of(M.SetLimits(b"")))
