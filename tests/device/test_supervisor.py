"""What trips, when, and what only holds. A cause that lasts one tick less than its time trips nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware.device.body import Body
from firmware_protocol import faults, limits, messages
from tests.device.rig import HEATER, MOTOR, Rig, counts, refused

M = messages
TICK = 50


def heating(rig: Rig) -> None:
    rig.heat()
    rig.pass_ms(31_000)  # long enough for the pump to have mixed the water


def pressing(rig: Rig) -> None:
    rig.knead()


def paused(rig: Rig) -> None:
    rig.start()
    rig.do(M.Pause())
    rig.pass_ms(2000)


def idle(rig: Rig) -> None:
    rig.host.hello()
    rig.pass_ms(3000)


def live_heater(rig: Rig) -> None:
    """Current that the rig does not take back."""
    rig.tick = lambda advance=True: _tick_with_current(rig)  # type: ignore[method-assign]


def _tick_with_current(rig: Rig) -> object:
    rig.inputs.heater_ma = 2000
    out = Rig.tick(rig)
    rig.inputs.heater_ma = 2000
    return out


def put(**inputs: int) -> Callable[[Rig], None]:
    return lambda rig: rig.put(**inputs)


def stopped_converter(rig: Rig) -> None:
    rig.tick = lambda advance=True: Rig.tick(rig, advance=False)  # type: ignore[method-assign]


# fault, its time in ms, what runs before, what goes wrong
ROWS = [
    (faults.SENSOR_OPEN, 1200, heating, put(water1_adc=4095)),
    (faults.SENSOR_OPEN, 1200, heating, put(water2_adc=4095)),
    (faults.SENSOR_SHORT, 1200, heating, put(water1_adc=0)),
    (faults.SENSOR_SHORT, 1200, pressing, put(water2_adc=0)),
    (faults.SENSOR_STALE, 1450, heating, stopped_converter),
    (faults.OVER_TEMPERATURE, 2000, heating, lambda rig: rig.water(4210)),
    (faults.OVER_TEMPERATURE, 2000, idle, lambda rig: rig.water(4210)),
    (faults.OVER_TEMPERATURE, 600, heating, lambda rig: rig.water(4300, 3400)),
    (faults.HEATER_STUCK_ON, 1700, idle, live_heater),
    (faults.SENSORS_DIFFER, 1800, heating, lambda rig: rig.water(3700, 3450)),
    (faults.LOW_WATER, 1600, heating, put(level_ok=0)),
    (faults.TIPPED, 400, heating, put(tilt=1)),
    (faults.TIPPED, 400, paused, put(tilt=1)),
    (faults.OVER_PRESSURE, 100, pressing, lambda rig: rig.press(65100)),
    (faults.CELL_OPEN, 200, pressing, put(left_a=2000)),  # the drive could not press so hard
    (faults.CELL_OPEN, 200, pressing, put(left_a=-110)),
    (faults.CELL_OPEN, 200, pressing, put(right_b=-200)),
    (faults.CELLS_DIFFER, 200, pressing, put(left_a=300, left_b=190)),
    (faults.CELLS_DIFFER, 200, pressing, put(right_a=150, right_b=100)),
    (faults.CELL_DRIFT, 1000, paused, put(right_b=50)),
]


def names(row: object) -> str:
    return faults.name(row) if isinstance(row, int) and row in faults.BY_CODE else getattr(row, "__name__", str(row))


@pytest.mark.parametrize(("fault", "after_ms", "before", "wrong"), ROWS, ids=names)
def test_trips_at_its_time(fault: int, after_ms: int, before: Callable[[Rig], None], wrong: Callable[[Rig], None]) -> None:
    rig = Rig()
    before(rig)
    wrong(rig)
    # The first tick sees it; from there it must last.
    for _ in range(after_ms // TICK):
        rig.tick()
    late = fault in (faults.CELL_DRIFT, faults.HEATER_STUCK_ON)  # scanned five times a second while nothing presses
    if not late:
        assert rig.device.cause == 0, faults.name(rig.device.cause)
    for _ in range(5 if late else 1):
        rig.tick()
    assert faults.name(rig.device.cause) == faults.name(fault)
    assert rig.device.state == M.LATCHED
    assert rig.off
    rig.pass_ms(400)
    assert rig.host.telemetry[-1].cause == fault


@pytest.mark.parametrize(("fault", "after_ms", "before", "wrong"), ROWS, ids=names)
def test_a_cause_that_goes_away_in_time_trips_nothing_and_starts_anew(
    fault: int, after_ms: int, before: Callable[[Rig], None], wrong: Callable[[Rig], None]
) -> None:
    rig = Rig()
    before(rig)
    readings = ("water1_adc", "water2_adc", "level_ok", "left_a", "left_b", "right_a", "right_b")
    healthy = {name: getattr(rig.inputs, name) for name in readings}
    for _ in range(3):
        wrong(rig)
        for _ in range(after_ms // TICK):
            rig.tick()
        rig.__dict__.pop("tick", None)
        rig.put(tilt=0, heater_ma=0, **healthy)
        for _ in range(8):
            rig.tick()
    assert rig.device.cause == 0 or (fault, after_ms) == (faults.HEATER_STUCK_ON, 1700)


IN_USE = [row for row in ROWS if row[2] is heating and row[0] != faults.OVER_TEMPERATURE]


@pytest.mark.parametrize("wrong", IN_USE, ids=lambda row: names(row[0]))
def test_what_only_matters_in_use_does_not_trip_in_idle(wrong: tuple[int, int, object, Callable[[Rig], None]]) -> None:
    rig = Rig()
    idle(rig)
    wrong[3](rig)
    for _ in range(200):
        rig.tick()
    assert rig.device.cause == 0


CLEARS = [
    (faults.SENSOR_OPEN, put(water1_adc=4095), M.SENSORS_BAD),
    (faults.SENSORS_DIFFER, lambda rig: rig.water(3700, 3450), M.SENSORS_BAD),
    (faults.OVER_TEMPERATURE, lambda rig: rig.water(4300), M.TOO_WARM),
    (faults.LOW_WATER, put(level_ok=0), M.LEVEL_LOW),
    (faults.TIPPED, put(tilt=1), M.TILTED),
]


@pytest.mark.parametrize(("fault", "wrong", "missing"), CLEARS, ids=names)
def test_clear_waits_for_the_cause_to_go(fault: int, wrong: Callable[[Rig], None], missing: int) -> None:
    rig = Rig()
    heating(rig)
    wrong(rig)
    rig.pass_ms(3000)
    assert refused(rig.host.ask(M.Clear(fault))) == (M.NOT_PERMITTED, missing)
    rig.put(tilt=0, level_ok=1)
    rig.water(3400)
    rig.pass_ms(500)
    rig.do(M.Clear(fault))
    rig.pass_ms(5000)
    assert rig.device.state == M.IDLE


def test_clear_of_a_pressure_fault_waits_until_nothing_presses() -> None:
    rig = Rig()
    pressing(rig)
    rig.press(70000)
    rig.pass_ms(500)
    assert refused(rig.host.ask(M.Clear(faults.OVER_PRESSURE))) == (M.NOT_PERMITTED, M.CELLS_BAD)
    rig.press(0)
    rig.pass_ms(500)
    rig.do(M.Clear(faults.OVER_PRESSURE))


def test_clear_of_a_live_heater_waits_for_the_current_and_the_warmth() -> None:
    rig = Rig()
    idle(rig)
    live_heater(rig)
    rig.pass_ms(3000)
    assert rig.out.lamp == M.LAMP_FEET_OUT
    assert refused(rig.host.ask(M.Clear(faults.HEATER_STUCK_ON))) == (M.NOT_PERMITTED, M.HEATER_LIVE)
    rig.__dict__.pop("tick")
    rig.put(heater_ma=0)
    rig.pass_ms(100)
    rig.do(M.Clear(faults.HEATER_STUCK_ON))


def test_without_a_current_sense_there_is_nothing_to_see() -> None:
    body = Body()
    body.features &= ~M.CURRENT_SENSE
    rig = Rig(body)
    idle(rig)
    live_heater(rig)
    rig.pass_ms(10_000)
    assert rig.device.cause == 0


# Interlocks


def test_sensors_that_differ_hold_the_heater_off() -> None:
    rig = Rig().start()
    rig.limit({limits.WATER_DIFFER_OFF: 100})
    rig.do(M.SetBath(3800, 0, 0))
    rig.water(3500, 3380)
    rig.pass_ms(30_000 + 9_000)
    assert rig.out.heater_pm
    rig.pass_ms(1500)
    assert not rig.out.heater_pm
    assert rig.out.heater_enable
    assert rig.host.telemetry[-1].active == faults.SENSORS_DIFFER
    rig.water(3500)
    rig.pass_ms(500)
    assert rig.out.heater_pm
    assert rig.host.telemetry[-1].active == 0


@pytest.mark.parametrize("inputs", [{"level_ok": 0}, {"water1_adc": 4095}, {"water1_adc": counts(3870), "water2_adc": counts(3870)}])
def test_heat_stops_before_anything_trips(inputs: dict[str, int]) -> None:
    rig = Rig().heat()
    assert rig.out.heater_pm
    rig.put(**inputs)
    rig.pass_ms(250)
    assert not rig.out.heater_pm
    assert rig.device.cause == 0


def test_above_the_setpoint_and_its_margin_no_duty_passes() -> None:
    rig = Rig().heat()
    for cdeg, passes in ((3845, True), (3855, False)):
        rig.water(cdeg)
        rig.pass_ms(250)
        rig.out.heater_pm = 500
        rig.device.supervisor.last_word(rig.out, 1)
        assert (rig.out.heater_pm == 500) == passes


def test_before_the_pump_has_mixed_the_water_its_ends_may_differ() -> None:
    rig = Rig().heat()
    rig.water(3700, 3450)
    rig.pass_ms(25_000)
    assert rig.device.cause == 0
    rig.pass_ms(10_000)
    assert rig.device.cause == faults.SENSORS_DIFFER


def test_stale_readings_stop_the_heat_before_they_trip() -> None:
    rig = Rig().heat()
    for _ in range(17):
        rig.tick(advance=False)
    assert not rig.out.heater_pm
    assert rig.device.cause == 0


def test_a_foot_that_leaves_stops_the_roller_until_a_new_order() -> None:
    rig = Rig().knead()
    rig.pass_ms(1000)
    rig.put(presence=M.ROLLER_LEFT)
    rig.tick()
    assert rig.device.massage.feet == 3
    rig.pass_ms(450)
    assert rig.device.massage.feet == 0
    assert rig.host.telemetry[-1].active == faults.FOOT_ABSENT
    rig.put(presence=M.ROLLER_LEFT | M.ROLLER_RIGHT)
    rig.pass_ms(5000)
    assert rig.device.massage.feet == 0
    rig.do(M.SetMassage(3, 4, 1, 20000, 10000, 500))
    rig.pass_ms(400)
    assert rig.host.telemetry[-1].active == 0
    assert rig.device.massage.feet == 3


def test_only_feet_that_are_asked_for_must_be_there() -> None:
    rig = Rig()
    rig.put(presence=M.ROLLER_LEFT)
    rig.start(MOTOR)
    rig.do(M.SetMassage(M.LEFT, 4, 1, 20000, 10000, 500))
    rig.pass_ms(1000)
    assert rig.device.massage.feet == M.LEFT


def test_too_long_on_one_spot_lets_go_for_the_relief_time() -> None:
    rig = Rig().knead(zones=0x04)
    rig.put(carriage_mm=120)
    rig.press(5000)
    rig.pass_ms(14_900)
    assert rig.device.supervisor.held == 0
    rig.pass_ms(400)
    assert rig.host.telemetry[-1].active == faults.DWELL
    assert rig.device.massage._locked[2] == pytest.approx(rig.now + 10_000, abs=500)
    rig.press(0)
    rig.pass_ms(9_000)
    assert rig.host.telemetry[-1].active == faults.DWELL
    rig.pass_ms(1500)
    assert rig.host.telemetry[-1].active == 0


def test_another_spot_or_relief_is_no_dwell() -> None:
    rig = Rig().knead(zones=0x04)
    rig.press(5000)
    for number in range(60):
        rig.put(carriage_mm=110 + number % 2 * 20)
        rig.pass_ms(1000)
        assert rig.device.supervisor.held == 0
    rig.put(carriage_mm=110)
    for _ in range(20):
        rig.press(5000)
        rig.pass_ms(1000)
        rig.press(0)
        rig.pass_ms(1000)
    assert rig.device.supervisor.held == 0


def test_a_short_relief_does_not_start_the_dwell_anew() -> None:
    rig = Rig().knead(zones=0x04)
    rig.put(carriage_mm=120)
    for _ in range(2):
        rig.press(5000)
        rig.pass_ms(9000)
        rig.press(0)
        rig.pass_ms(500)
    assert rig.device.supervisor.held == faults.DWELL


def test_between_two_zones_there_is_nothing_to_lock() -> None:
    rig = Rig().knead(zones=0x04)
    rig.put(carriage_mm=168)
    rig.press(5000)
    rig.pass_ms(16_000)
    assert rig.host.telemetry[-1].active == faults.DWELL
    rig.put(carriage_mm=250)
    assert rig.device.massage.under(250) == M.NO_ZONE


def test_warm_water_and_pressure_do_not_go_together() -> None:
    rig = Rig().knead()
    rig.limit({limits.HEAT_UNDER_PRESSURE: 3600})
    rig.do(M.SetBath(3800, 0, 0))
    rig.press(4100)
    rig.pass_ms(9_500)
    assert rig.out.heater_pm
    rig.pass_ms(1000)
    assert not rig.out.heater_pm
    assert rig.host.telemetry[-1].active == faults.HEAT_UNDER_PRESSURE
    rig.press(0)
    rig.pass_ms(500)
    assert rig.out.heater_pm


# Times and dose


def test_a_soak_that_is_over_ends_the_heat() -> None:
    rig = Rig().heat()
    rig.limit({limits.SOAK_TIME: 10})
    rig.put(presence=3)
    rig.pass_ms(9_500)
    assert rig.out.heater_pm
    rig.pass_ms(1000)
    assert not rig.out.heater_pm
    assert rig.device.cause == 0
    assert refused(rig.host.ask(M.SetBath(3500, 50, 0))) == (M.NOT_PERMITTED, M.TIME_SPENT)


def test_a_preheat_that_takes_too_long_ends_the_heat() -> None:
    rig = Rig().heat()
    rig.limit({limits.PREHEAT_TIME: 20})
    rig.pass_ms(21_000)
    assert rig.device.thermostat.target_cdeg == 0
    assert rig.device.cause == 0


def test_a_massage_that_is_over_is_released() -> None:
    rig = Rig().knead()
    rig.limit({limits.MASSAGE_FOOT: 10})
    rig.pass_ms(10_500)
    assert rig.device.massage.feet == 0
    assert refused(rig.host.ask(M.SetMassage(1, 4, 1, 20000, 10000, 500))) == (M.NOT_PERMITTED, M.TIME_SPENT)


def test_a_session_that_is_over_trips() -> None:
    rig = Rig().heat()
    rig.limit({limits.SESSION_TIME: 30})
    rig.pass_ms(20_000)
    rig.put(presence=1)
    rig.pass_ms(29_500)
    assert rig.device.cause == 0
    rig.pass_ms(1000)
    assert rig.device.cause == faults.SESSION_OVER
    rig.do(M.Clear(faults.SESSION_OVER))
    assert refused(rig.host.ask(M.Start(0))) == (M.NOT_PERMITTED, M.TIME_SPENT)


def test_dose_trips_once_and_then_there_is_no_more_heat() -> None:
    rig = Rig().heat()
    rig.water(3780)
    rig.limit({limits.THERMAL_DOSE: 0})
    rig.put(presence=1)
    rig.pass_ms(500)
    assert rig.device.cause == faults.DOSE_SPENT
    rig.do(M.Clear(faults.DOSE_SPENT))
    rig.do(M.Start(HEATER | MOTOR))
    assert refused(rig.host.ask(M.SetBath(3500, 50, 0))) == (M.NOT_PERMITTED, M.TIME_SPENT)
    rig.pass_ms(5000)
    assert rig.device.state == M.ACTIVE


def test_a_check_in_that_nobody_answers() -> None:
    rig = Rig().heat()
    rig.limit({limits.CHECK_IN: 10, limits.CHECK_ANSWER: 5})
    rig.put(presence=1)
    rig.pass_ms(9_500)
    assert not rig.host.telemetry[-1].flags & M.CHECK_DUE
    rig.pass_ms(1000)
    assert rig.host.telemetry[-1].flags & M.CHECK_DUE
    assert rig.out.lamp == M.LAMP_CHECK_IN
    rig.do(M.Checked())
    rig.pass_ms(400)
    assert not rig.host.telemetry[-1].flags & M.CHECK_DUE
    assert rig.out.lamp == M.LAMP_OFF
    rig.pass_ms(15_500)
    assert rig.device.cause == faults.CHECK_MISSED
    rig.do(M.Clear(faults.CHECK_MISSED))


def test_the_massage_starts_softly() -> None:
    rig = Rig().knead()
    rig.limit({limits.SOFT_START: 20})
    assert rig.device.supervisor.most_pa == 30000
    rig.pass_ms(20_000)
    assert rig.device.supervisor.most_pa == 60000


def test_pressing_farther_stops_at_the_cap_whatever_the_pattern_wants() -> None:
    rig = Rig().knead()
    rig.press(60000)
    rig.pass_ms(250)
    supervisor = rig.device.supervisor
    out = rig.out
    out.left_um_s = out.right_um_s = 5000
    supervisor.last_word(out, 1)
    assert (out.left_um_s, out.right_um_s) == (0, 0)
    rig.press(0)
    rig.device.sensors.read_cells(rig.inputs)
    out.left_um_s = out.right_um_s = 5000
    supervisor.last_word(out, 1)
    assert (out.left_um_s, out.right_um_s) == (5000, 5000)
    supervisor.paused = True
    supervisor.last_word(out, 1)
    assert (out.left_um_s, out.motor_enable) == (0, 0)


def test_a_motor_that_keeps_its_supply_is_driven_up() -> None:
    rig = Rig(presence=12)
    rig.start(MOTOR)
    rig.put(stop_button=1)
    for tick in range(10):
        out = rig.tick()
        rig.put(motor_contact=1)
        assert not out.motor_enable
        assert out.left_um_s == out.right_um_s == (0 if tick < 3 else -15000), tick
    rig.put(motor_contact=0)
    rig.tick()
    assert rig.off
