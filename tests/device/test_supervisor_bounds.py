"""The device's guards and interlocks to the millisecond, the pascal and the centi-degree, on readings that are set by hand.

Nothing is converted here and nothing runs: what a cause is and how long it must last is written in numbers, not in names of the code.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from firmware.device.body import Body, Inputs, Outputs
from firmware.device.sensors import FINE, OPEN, SHORT, Sensors, ntc_cdeg
from firmware.device.supervisor import Supervisor
from firmware_protocol import faults, limits, messages

M = messages


class Still(Sensors):
    """Readings that only a test changes."""

    age = looks = 0
    zero = True

    def count(self, now_ms: int, sample: int) -> int:
        return self.age

    def read_water(self, inputs: Inputs) -> None:
        """Stays."""
        self.looks += 1

    def read_cells(self, inputs: Inputs) -> None:
        """Stays."""

    def smooth(self) -> None:
        """Stays."""

    def zeroed(self, inputs: Inputs) -> bool:
        return self.zero


class Bench:
    """A supervisor with everything around it in good health; `s` sensors, `i` inputs, `o` outputs, `b` budgets."""

    def __init__(self, **body: Any) -> None:
        made = Body()
        for name, value in body.items():
            setattr(made, name, value)
        self.s = sensors = Still(made)
        sensors.water1_bad = sensors.water2_bad = FINE
        sensors.water_ok = sensors.cells_ok = sensors.left_ok = sensors.right_ok = True
        sensors.water1_cdeg = sensors.water2_cdeg = sensors.hottest_cdeg = sensors.mean_cdeg = 3600
        self.caps = list(limits.ABSOLUTE)
        self.b = SimpleNamespace(
            dose_spent=False, session_spent=False, check_missed=False, check_due=False, heat_spent=False, massage_ms=0,
            massage_spent=lambda feet: False,
        )  # fmt: skip
        self.t = SimpleNamespace(target_cdeg=0, setpoint_cdeg=3800, cleared=0)
        self.t.clear = lambda: setattr(self.t, "cleared", 1)
        self.m = SimpleNamespace(busy=False, feet=0, dropped=0, on_spot=False)
        self.m.drop = lambda: setattr(self.m, "dropped", 1)
        self.v: Any = Supervisor(made, sensors, self.caps, self.b, self.t, self.m)  # type: ignore[arg-type]  # as far as it looks
        self.v._slow = self.v._rows  # readings change here without counts: every row is gone through
        self.i = Inputs()
        self.i.water1_adc = self.i.water2_adc = 2000
        self.i.level_ok = 1
        self.i.pump_rpm = 2400
        self.o = Outputs()
        self.o.heater_pm, self.o.heater_enable, self.o.motor_enable = 500, 1, 1
        self.i.heater_ma = 1000
        self.v.heater_closed = self.v.motor_closed = True
        self.now = 1_000_000

    def watch(self, dt: int, running: bool = True, due: bool = True) -> int:
        self.now += dt
        return int(self.v.watch(self.now, dt, self.i, self.o, running, due))

    def slow(self, dt: int, feet: int = 0, silent: bool = False) -> int:
        self.now += dt
        self.v.slow(self.now, dt, silent, feet)
        return int(self.v.held)


Wrong = Callable[[Bench], None]


def has(**values: Any) -> Wrong:
    """Sets by prefix: s_ sensors, i_ inputs, o_ outputs, b_ budgets, v_ the supervisor itself."""

    def wrong(bench: Bench) -> None:
        for name, value in values.items():
            setattr(getattr(bench, name[0]), name[2:], value)

    return wrong


def mixed(gap: int) -> Wrong:
    def wrong(bench: Bench) -> None:
        bench.o.pump = 1
        for _ in range(300):
            bench.watch(100)
        bench.s.water_gap_cdeg = gap

    return wrong


def off(milliamperes: int, **values: Any) -> Wrong:
    return has(o_heater_pm=0, i_heater_ma=milliamperes, **values)


def opened(bench: Bench) -> None:
    bench.v.paused = True
    bench.o.motor_enable = 0
    bench.watch(1500)
    bench.s.zero = False


# fault, how long it lasts, whether it matters while nothing runs, the cause, and what just fails to be one
GUARDS: list[tuple[int, int, bool, Wrong, Wrong]] = [
    (faults.SENSOR_OPEN, 1200, False, has(s_water1_bad=OPEN), has()),
    (faults.SENSOR_OPEN, 1200, False, has(s_water2_bad=OPEN), has()),
    (faults.SENSOR_SHORT, 1200, False, has(s_water1_bad=SHORT), has()),
    (faults.SENSOR_SHORT, 1200, False, has(s_water2_bad=SHORT), has()),
    (faults.SENSOR_STALE, 0, False, has(s_age=1500), has(s_age=1499)),
    (faults.OVER_TEMPERATURE, 2000, True, has(s_hottest_cdeg=4201), has(s_hottest_cdeg=4200)),
    (faults.OVER_TEMPERATURE, 600, True, has(s_hottest_cdeg=4251), has()),
    (faults.HEATER_STUCK_ON, 1700, True, off(101), off(100)),
    (faults.HEATER_STUCK_ON, 1700, True, has(o_heater_enable=0, i_heater_ma=101), has(i_heater_ma=5000)),
    (faults.PUMP_DEAD, 2800, False, has(o_pump=1, i_pump_rpm=599), has(o_pump=1, i_pump_rpm=600)),
    (faults.PUMP_DEAD, 2800, False, has(o_pump=1, i_pump_rpm=0), has(o_pump=0, i_pump_rpm=0)),
    (faults.SENSORS_DIFFER, 1800, False, mixed(201), mixed(200)),
    (faults.TIPPED, 400, False, has(i_tilt=1), has()),
    (faults.LEAK, 4800, False, has(i_wet_floor=1), has()),
    (faults.LOW_WATER, 1600, False, has(i_level_ok=0), has(i_level_ok=0, v_heater_closed=False)),
    (faults.HEATER_DEAD, 1700, False, has(o_heater_pm=200, i_heater_ma=99), has(o_heater_pm=199, i_heater_ma=0)),
    (faults.HEATER_DEAD, 1700, False, has(i_heater_ma=0), has(i_heater_ma=100)),
    (faults.STALLED, 250, False, has(i_motor_ma=2201), has(i_motor_ma=2200)),
    (faults.SECOND_OBJECT, 900, False, has(v_crowded=True), has()),
    (faults.OVER_PRESSURE, 100, False, has(s_left_pa=65_001), has(s_left_pa=65_000)),
    (faults.OVER_PRESSURE, 100, False, has(s_right_pa=65_001), has(s_right_pa=65_001, s_right_ok=False)),
    (faults.CELL_OPEN, 200, False, has(s_cells_ok=False), has()),
    (faults.CELLS_DIFFER, 200, False, has(s_left_gap_pa=5001, s_left_pa=50_000), has(s_left_gap_pa=5000, s_left_pa=50_000)),
    (faults.CELLS_DIFFER, 200, False, has(s_right_gap_pa=3001, s_right_pa=15_000), has(s_right_gap_pa=3000, s_right_pa=15_000)),
    (faults.CELLS_DIFFER, 200, False, has(s_right_gap_pa=2001, s_right_pa=5_000), has(s_right_gap_pa=2000, s_right_pa=5_000)),
    (faults.CELL_DRIFT, 1000, False, opened, has(v_paused=True, s_zero=False)),
    (faults.DOSE_SPENT, 0, False, has(b_dose_spent=True), has()),
    (faults.SESSION_OVER, 0, False, has(b_session_spent=True), has()),
    (faults.CHECK_MISSED, 0, False, has(b_check_missed=True), has()),
]
IDS = [f"{faults.name(row[0])} {number}" for number, row in enumerate(GUARDS)]


@pytest.mark.parametrize(("fault", "hold_ms", "always", "wrong", "almost"), GUARDS, ids=IDS)
def test_a_cause_lasts_its_time_to_the_millisecond(fault: int, hold_ms: int, always: bool, wrong: Wrong, almost: Wrong) -> None:
    def found(second_ms: int, running: bool = True) -> list[int]:
        bench = Bench()
        wrong(bench)
        return [bench.watch(7, running), bench.watch(second_ms, running)]

    if hold_ms:
        assert found(hold_ms - 1) == [0, 0]
        assert found(hold_ms) == [0, fault]
        assert found(100_000) == [0, fault]
        assert found(hold_ms, running=False) == [0, fault if always else 0]
    else:
        assert found(1)[0] == fault
        assert found(1, running=False) == [0, 0]
    bench = Bench()
    almost(bench)
    assert [bench.watch(7), bench.watch(5000)] == [0, 0]


@pytest.mark.parametrize(("fault", "hold_ms", "always", "wrong", "almost"), [row for row in GUARDS if row[1] > 1], ids=[
    name for name, row in zip(IDS, GUARDS, strict=True) if row[1] > 1
])  # fmt: skip
def test_what_went_away_counts_anew(fault: int, hold_ms: int, always: bool, wrong: Wrong, almost: Wrong) -> None:
    bench = Bench()
    wrong(bench)
    bench.watch(7)
    assert bench.watch(hold_ms - 1) == 0
    bench.v.reset()  # the same as a cause that has gone: no time is kept
    if fault == faults.CELL_DRIFT:
        bench.v.paused = True
    assert bench.watch(1) == 0
    assert bench.watch(hold_ms - 1) == 0
    assert bench.watch(1) == fault


ODD: list[tuple[Wrong, Wrong]] = [
    (has(i_motor_ma=2201), has(i_motor_ma=2200)),
    (has(s_age=1001), has(s_age=1000)),
    (has(v_crowded=True), has()),
    (has(s_odd=True), has()),
    (has(i_wet_floor=1), has()),
    (has(i_tilt=1), has()),
    (has(i_level_ok=0), has()),
    (has(i_water1_adc=3157), has(i_water1_adc=3156, i_water2_adc=3156)),
    (has(i_water1_adc=2038), has(i_water1_adc=2037)),
    (has(i_water2_adc=2038), has(i_water2_adc=2037)),
    (has(v__off_ms=1001, o_heater_pm=0, i_heater_ma=101), has(v__off_ms=1001, o_heater_pm=0, i_heater_ma=100)),
    (has(v__off_ms=1001, o_heater_pm=0, i_heater_ma=101), has(v__off_ms=1000, o_heater_pm=0, i_heater_ma=101)),
]


@pytest.mark.parametrize(("odd", "calm"), ODD)
def test_what_looks_odd_is_looked_at_on_every_tick_and_nothing_else_is(odd: Wrong, calm: Wrong) -> None:
    for wrong, looked in ((odd, True), (calm, False)):
        bench = Bench()
        wrong(bench)
        bench.watch(0, due=False)
        assert bool(bench.s.looks) is looked


def test_counts_that_may_be_too_hot_or_too_far_apart() -> None:
    for trip, offset in ((4200, (0, 0)), (3700, (0, 0)), (3700, (50, -20))):
        bench = Bench(water_offset_cdeg=offset)
        bench.caps[limits.WATER_TRIP] = trip
        bench.v.tightened()
        most = trip - sum(abs(one) for one in offset)
        counts = next(number for number in range(816, 3157) if ntc_cdeg(number) <= most)
        assert bench.v._hot_counts == counts
    for trip, off_at, offset, counts in (
        (200, 200, (0, 0), 37), (100, 50, (0, 0), 4), (50, 100, (0, 0), 4), (200, 200, (30, 20), 26), (30, 30, (9, 9), 0),
        (500, 600, (0, 0), 103),
    ):  # fmt: skip
        bench = Bench(water_offset_cdeg=offset)
        bench.caps[limits.WATER_DIFFER_TRIP], bench.caps[limits.WATER_DIFFER_OFF] = trip, off_at
        bench.v.tightened()
        assert bench.v._apart_counts == counts


def test_times_begin_when_an_output_goes_off() -> None:
    bench = Bench()
    bench.watch(50)
    bench.o.heater_pm, bench.i.heater_ma = 0, 500
    assert [bench.watch(1), bench.watch(1699), bench.watch(1)] == [0, 0, faults.HEATER_STUCK_ON]
    for open_ms, told in ((1499, 0), (1500, faults.CELL_DRIFT)):
        bench = Bench()
        bench.watch(50)
        bench.v.paused, bench.o.motor_enable, bench.s.zero = True, 0, False
        assert [bench.watch(open_ms), bench.watch(1000)] == [0, told]
    for mixed_ms, told in ((29_999, 0), (30_000, faults.SENSORS_DIFFER)):
        bench = Bench()
        bench.watch(50)
        bench.o.pump, bench.s.water_gap_cdeg = 1, 300
        assert [bench.watch(mixed_ms), bench.watch(2000)] == [0, told]


def test_what_the_slopes_are_told() -> None:
    bench = Bench()
    told: list[tuple[Any, ...]] = []
    bench.v.warmth = SimpleNamespace(settled=True, step=lambda *seen: told.append(seen) or 0)
    for span, known in ((200, 1000), (200, 200), (999, 999), (1000, 1000), (1001, 1000), (9000, 1000)):
        for presence in (1, 2, 3, 12, 15):
            bench.i.presence = presence
            bench.v._due_ms = bench.now if known != 1000 or span != 200 else 0
            bench.watch(span)
            assert told[-1] == (known, bench.i, 500, True, presence & 3)
    assert not bench.v.let_go
    bench.v.warmth.settled = False
    bench.watch(200, due=False)
    bench.watch(200, running=False)
    bench.v.heater_closed = False
    bench.watch(200)
    assert not bench.v.let_go
    bench.v.heater_closed = True
    bench.watch(200)
    assert bench.v.let_go
    bench.v.warmth.step = lambda *seen: faults.LOW_WATER
    assert bench.watch(200) == faults.LOW_WATER
    bench.s.age = 1500
    assert bench.watch(200) == faults.SENSOR_STALE, "what the table finds comes first"


# --- what is told when one thing brings about another


@pytest.mark.parametrize(
    ("effect", "root", "told"),
    [
        (has(i_level_ok=0), has(i_tilt=1), faults.TIPPED),
        (has(i_level_ok=0), has(i_wet_floor=1), faults.LEAK),
        (has(s_hottest_cdeg=4300), off(500), faults.HEATER_STUCK_ON),
        (mixed(300), has(i_pump_rpm=0), faults.PUMP_DEAD),
        (has(o_heater_pm=300, i_heater_ma=0), has(i_level_ok=0), faults.LOW_WATER),
    ],
)
def test_the_root_is_told_once_it_is_under_way(effect: Wrong, root: Wrong, told: int) -> None:
    bench = Bench()
    effect(bench)
    bench.watch(1)
    for _ in range(30):
        if fault := bench.watch(90):
            break
    assert fault not in (0, told)
    bench = Bench()
    effect(bench)
    bench.watch(1)
    bench.watch(1)
    root(bench)
    found = 0
    for _ in range(40):
        found = found or bench.watch(90)
    assert found == told


@pytest.mark.parametrize(("grew", "fault"), [(39, faults.SENSORS_DIFFER), (40, faults.SENSOR_DETACHED), (90, faults.SENSOR_DETACHED)])
def test_a_gap_that_grows_is_a_sensor_out_of_the_water(grew: int, fault: int) -> None:
    bench = Bench()
    mixed(210)(bench)
    bench.watch(100)
    bench.watch(1100)
    bench.s.water_gap_cdeg = 210 + grew
    bench.watch(800)
    assert bench.watch(100) == fault


def test_how_fast_a_gap_grows_is_judged_every_eight_tenths_of_a_second() -> None:
    for second_look, fault in ((799, faults.SENSOR_DETACHED), (800, faults.SENSORS_DIFFER)):
        bench = Bench()
        mixed(210)(bench)
        found = [bench.watch(100)]
        bench.s.water_gap_cdeg = 260
        found += [bench.watch(second_look), bench.watch(1500 - second_look), bench.watch(500)]
        assert found == [0, 0, 0, fault]


# --- what keeps a latch, and what a start needs

CELLS = (faults.OVER_PRESSURE, faults.CELL_OPEN, faults.CELLS_DIFFER, faults.CELL_DRIFT)
KEEPS: list[tuple[int, Wrong, int]] = [
    (faults.STOPPED, has(i_stop_button=1), M.PRESSED),
    *((fault, has(s_stale=True), M.SENSORS_BAD) for fault in (faults.SENSOR_OPEN, faults.SENSOR_SHORT, faults.SENSOR_STALE)),
    *((fault, has(s_water_ok=False), M.SENSORS_BAD) for fault in (faults.SENSOR_OPEN, faults.SENSOR_SHORT, faults.SENSOR_STALE)),
    (faults.SENSORS_DIFFER, has(s_water_gap_cdeg=201), M.SENSORS_BAD),
    (faults.OVER_TEMPERATURE, has(s_hottest_cdeg=4201), M.TOO_WARM),
    (faults.HEATER_STUCK_ON, has(s_hottest_cdeg=4201), M.TOO_WARM),
    (faults.HEATER_STUCK_ON, off(101), M.HEATER_LIVE),
    (faults.LOW_WATER, has(i_level_ok=0), M.LEVEL_LOW),
    (faults.TIPPED, has(i_tilt=1), M.TILTED),
    *((fault, has(s_cells_ok=False), M.CELLS_BAD) for fault in CELLS),
    *((fault, has(s_zero=False), M.CELLS_BAD) for fault in CELLS),
]  # fmt: skip


def test_a_latch_stays_while_its_own_cause_does() -> None:
    assert Bench().v.standing(faults.STOPPED) == M.SENSORS_BAD  # nothing was ever read
    causes = {id(wrong): wrong for _, wrong, _ in KEEPS}.values()
    for fault in {row[0] for row in KEEPS}:
        for wrong in causes:
            bench = Bench()
            wrong(bench)
            bench.v.inputs = bench.i
            bench.v._off_ms = 1
            expected = {told for one, cause, told in KEEPS if one == fault and cause is wrong}
            told = bench.v.standing(fault)
            if bench.i.stop_button:
                assert told == M.PRESSED
            elif bench.s.hottest_cdeg > 4200 and fault in (faults.OVER_TEMPERATURE, faults.HEATER_STUCK_ON):
                assert told == M.TOO_WARM
            elif not expected and told:
                assert any(one == fault and cause_told == told for one, _, cause_told in KEEPS)
            else:
                assert told == (expected.pop() if expected else 0), (faults.name(fault), told)
    edge = Bench()
    has(s_water_gap_cdeg=200, s_hottest_cdeg=4200, i_heater_ma=100)(edge)
    edge.v.inputs = edge.i
    edge.v._off_ms = 1
    for fault in (faults.SENSORS_DIFFER, faults.OVER_TEMPERATURE, faults.HEATER_STUCK_ON):
        assert edge.v.standing(fault) == 0
    edge.v._off_ms = 0
    edge.i.heater_ma = 5000
    assert edge.v.standing(faults.HEATER_STUCK_ON) == 0


NEEDS: list[tuple[Wrong, int, int, int]] = [  # cause, answer for the heater, for the motor, for neither
    (has(), 0, 0, 0),
    (has(i_tilt=1), M.TILTED, M.TILTED, M.TILTED),
    (has(i_stop_button=1), M.PRESSED, M.PRESSED, M.PRESSED),
    (has(i_arm_button=1), M.PRESSED, M.PRESSED, M.PRESSED),
    (has(b_session_spent=True), M.TIME_SPENT, M.TIME_SPENT, M.TIME_SPENT),
    (has(i_level_ok=0), M.LEVEL_LOW, 0, 0),
    (has(s_stale=True), M.SENSORS_BAD, 0, 0),
    (has(s_water_ok=False), M.SENSORS_BAD, 0, 0),
    (has(s_hottest_cdeg=4201), M.TOO_WARM, 0, 0),
    (has(s_hottest_cdeg=4200), 0, 0, 0),
    (has(s__apart=31 << 3), M.SENSORS_BAD, 0, 0),
    (has(s__apart=-31 << 3), M.SENSORS_BAD, 0, 0),
    (has(s__apart=30 << 3), 0, 0, 0),
    (has(s__apart=-30 << 3), 0, 0, 0),
    (has(v__offset_known=True, s__apart=99 << 3), 0, 0, 0),
    (has(s_cells_ok=False), 0, M.CELLS_BAD, 0),
    (has(s_zero=False), 0, M.CELLS_BAD, 0),
    (has(s_zero=False, v_motor_closed=True), 0, 0, 0),
]


@pytest.mark.parametrize(("wrong", "heater", "motor", "neither"), NEEDS)
def test_what_a_start_needs(wrong: Wrong, heater: int, motor: int, neither: int) -> None:
    bench = Bench()
    assert bench.v.permissive(0) == M.SENSORS_BAD  # nothing was ever read
    bench.v.inputs = bench.i
    bench.v.motor_closed = False
    wrong(bench)
    assert [bench.v.permissive(enables) for enables in (M.CLOSE_HEATER, M.CLOSE_MOTOR, 0)] == [heater, motor, neither]
    assert bench.v.permissive(3) == (heater or motor)
    bench.v.warmth.settled = False
    assert bench.v.permissive(M.CLOSE_HEATER) == (heater or M.UNSETTLED)


# --- interlocks


def heats(bench: Bench, level_ok: int = 1) -> bool:
    bench.o.heater_pm, bench.o.heater_enable = 500, 1
    bench.v.inputs = bench.i
    bench.v.last_word(bench.o, level_ok)
    return bench.o.heater_pm == 500


@pytest.mark.parametrize(
    ("wrong", "held", "heat"),
    [
        (has(), 0, True),
        (has(s_hottest_cdeg=3850), 0, True),
        (has(s_hottest_cdeg=3851), 0, False),
        (has(s_stale=True), 0, False),
        (has(s_water_ok=False), 0, False),
        (has(t_setpoint_cdeg=4300, s_hottest_cdeg=4200), 0, True),
        (has(t_setpoint_cdeg=4300, s_hottest_cdeg=4201), 0, False),
        (has(b_heat_spent=True), 0, True),
        (has(b_heat_spent=True, t_target_cdeg=3800), faults.SESSION_OVER, False),
        (has(m_feet=3, b_massage_spent=lambda feet: True), faults.SESSION_OVER, True),
        (has(b_massage_spent=lambda feet: True), 0, True),
    ],
)
def test_what_holds_the_heat_off(wrong: Wrong, held: int, heat: bool) -> None:
    bench = Bench()
    wrong(bench)
    assert bench.slow(200) == held
    assert heats(bench) is heat
    assert bench.t.cleared == (held == faults.SESSION_OVER and not heat)
    assert bench.m.dropped == (held == faults.SESSION_OVER and heat)


def test_the_last_word() -> None:
    for wrong in (has(v_heater_closed=False), has()):
        bench = Bench()
        wrong(bench)
        bench.slow(200)
        assert heats(bench) is bench.v.heater_closed
    bench = Bench()
    bench.slow(200)
    assert not heats(bench, level_ok=0)
    for left, right, told in ((59_999, 0, (9, 9)), (60_000, 0, (0, 9)), (0, 60_000, (9, 0)), (60_001, 60_001, (0, 0))):
        bench = Bench()
        bench.v.inputs = bench.i
        bench.s.left_pa, bench.s.right_pa = left, right
        bench.o.left_um_s = bench.o.right_um_s = 9
        bench.v.last_word(bench.o, 1)
        assert (bench.o.left_um_s, bench.o.right_um_s) == told
        bench.o.left_um_s = bench.o.right_um_s = -9
        bench.v.last_word(bench.o, 1)
        assert (bench.o.left_um_s, bench.o.right_um_s) == (-9, -9), "away from the foot is always allowed"
    for side in ("left_ok", "right_ok"):
        bench = Bench()
        bench.v.inputs = bench.i
        setattr(bench.s, side, False)
        bench.o.left_um_s = bench.o.right_um_s = 1
        bench.v.last_word(bench.o, 1)
        assert (bench.o.left_um_s, bench.o.right_um_s) == ((0, 1) if side == "left_ok" else (1, 0))


@pytest.mark.parametrize(("open_ms", "contact", "speed"), [(149, 1, 0), (150, 1, -1), (150, 0, 0), (9000, 1, -1)])
def test_motors_that_keep_their_supply_drive_the_rollers_off(open_ms: int, contact: int, speed: int) -> None:
    for wrong in (has(v_motor_closed=False), has(v_paused=True)):
        bench = Bench()
        bench.v.inputs = bench.i
        wrong(bench)
        bench.v._open_ms = open_ms
        bench.i.motor_contact = contact
        bench.o.carriage_um_s = bench.o.left_um_s = bench.o.right_um_s = 9
        bench.v.last_word(bench.o, 1)
        assert (bench.o.motor_enable, bench.o.carriage_um_s) == (0, 0)
        assert bench.o.left_um_s == bench.o.right_um_s
        assert (bench.o.left_um_s < 0) == (speed < 0)
        assert bench.o.left_um_s <= 0


def test_two_sensors_apart_hold_the_heat_off_after_ten_seconds() -> None:
    for gap, dt, held in ((201, 9999, 0), (201, 10_000, faults.SENSORS_DIFFER), (200, 60_000, 0)):
        bench = Bench()
        mixed(0)(bench)
        bench.s.water_gap_cdeg = gap
        assert bench.slow(dt) == held
        assert heats(bench) is not bool(held)
        assert bench.slow(1) == (faults.SENSORS_DIFFER if gap > 200 else 0)
        bench.s.water_gap_cdeg = 200
        bench.slow(200)
        bench.s.water_gap_cdeg = 300
        assert bench.slow(9999) == 0
        assert bench.slow(1) == faults.SENSORS_DIFFER
        bench.v.reset()
        assert bench.slow(9999) == 0
        assert bench.slow(1) == faults.SENSORS_DIFFER
    bench = Bench()
    bench.o.pump = 1
    bench.watch(29_999)
    bench.s.water_gap_cdeg = 500
    assert bench.slow(20_000) == 0
    bench.watch(1)
    assert bench.slow(20_000) == faults.SENSORS_DIFFER


@pytest.mark.parametrize(
    ("soaked", "away", "held", "let_go"),
    [
        (14_999, 99_000, 0, False),
        (15_000, 9_999, 0, False),
        (15_000, 10_000, faults.FOOT_ABSENT, False),
        (15_000, 60_000, faults.FOOT_ABSENT, False),
        (15_000, 60_001, faults.FOOT_ABSENT, True),
    ],
)
def test_heat_waits_for_feet_that_left_the_soak_and_not_for_ever(soaked: int, away: int, held: int, let_go: bool) -> None:
    bench = Bench()
    bench.slow(200, feet=3)  # nothing is to be warm: this soaks nobody
    bench.v.reset()
    bench.t.target_cdeg = 3800
    bench.slow(soaked, feet=3)
    assert bench.slow(away) == held
    assert heats(bench) is not bool(held)
    assert bench.v.let_go is let_go
    assert bench.slow(200, feet=1) == 0
    assert bench.slow(9_999) == 0
    bench.t.target_cdeg = 0
    bench.slow(200)
    bench.t.target_cdeg = 3800
    assert bench.slow(60_000) == 0, "a new soak begins with nobody in it"
    for first, told in ((14_999, 0), (15_000, faults.FOOT_ABSENT)):
        bench.t.target_cdeg = 0
        bench.slow(200)
        bench.t.target_cdeg = 3800
        bench.slow(first, feet=2)
        assert bench.slow(10_000) == told


def test_the_strictest_of_several_reasons_is_told_first_and_calibration_always() -> None:
    bench = Bench()
    assert bench.slow(200, silent=True) == faults.LINK_LOST
    bench.v.warmth.settled = False
    assert bench.slow(200) == faults.HOT_FILL
    assert not heats(bench)
    lost = Bench(calibration=faults.CALIBRATION_LOST)
    assert lost.v.held == lost.slow(200) == faults.CALIBRATION_LOST
    bench = Bench()
    bench.v.grip.locked_ms = bench.now + 201
    assert bench.slow(200) == faults.DWELL
    assert bench.slow(1) == 0
    bench.v.grip.absent = True
    assert bench.slow(1) == faults.FOOT_ABSENT
    assert heats(bench)
    bench = Bench()
    bench.v.grip = SimpleNamespace(absent=False, locked_ms=0, squeezed=True)
    for target, held in ((4100, 0), (4101, faults.HEAT_UNDER_PRESSURE)):
        bench.t.target_cdeg = target
        assert bench.slow(200, feet=3) == held
        assert heats(bench) is not bool(held)


def test_half_of_the_cap_while_the_massage_starts_softly() -> None:
    bench = Bench()
    bench.caps[limits.SOFT_START] = 120
    for massage_ms, most in ((0, 30_000), (119_999, 30_000), (120_000, 60_000)):
        bench.b.massage_ms = massage_ms
        assert bench.v.most_pa == most


def test_a_start_takes_the_offset_of_its_sensors_once() -> None:
    bench = Bench()
    bench.s._apart = 20 << 3
    bench.v.closes_heater()
    assert bench.s.start_cdeg == 20
    bench.s._apart = 30 << 3
    bench.v.closes_heater()
    assert bench.s.start_cdeg == 20
    bench.v.reset()
    bench.v.closes_heater()
    assert bench.s.start_cdeg == 30


def test_the_dose_is_told_once() -> None:
    bench = Bench()
    bench.b.dose_spent = True
    assert [bench.watch(200) for _ in range(3)] == [faults.DOSE_SPENT, 0, 0]
    bench.b.dose_spent = False
    bench.watch(200)
    bench.b.dose_spent = True
    assert bench.watch(200) == faults.DOSE_SPENT


def told(*wrongs: Wrong, spans: tuple[int, ...]) -> list[int]:
    bench = Bench()
    for wrong in wrongs:
        wrong(bench)
    return [bench.watch(span) for span in spans]


def test_a_root_is_told_for_its_own_effect_alone() -> None:
    live = has(o_heater_enable=0, i_heater_ma=500)
    assert told(live, has(s_water1_bad=OPEN), spans=(7, 1200))[-1] == faults.SENSOR_OPEN
    assert told(live, has(i_motor_ma=3000), spans=(7, 250))[-1] == faults.STALLED
    assert told(live, has(s_hottest_cdeg=4300), spans=(7, 600))[-1] == faults.HEATER_STUCK_ON
    assert told(has(v__grew_cdeg=500, s_water1_bad=OPEN), spans=(7, 1200))[-1] == faults.SENSOR_OPEN


def test_a_cause_that_has_long_been_there_is_one_too() -> None:
    assert told(has(s_age=1600), spans=(7,)) == [faults.SENSOR_STALE]


def test_at_its_limit_nothing_is_beyond_it() -> None:
    assert told(has(s_hottest_cdeg=4250), spans=(7, 1990)) == [0, 0]
    assert told(has(s_right_pa=65_000), spans=(7, 5000)) == [0, 0]


def test_what_keeps_one_fault_standing_keeps_no_other() -> None:
    bench = Bench()
    bench.watch(7)
    bench.s.water_gap_cdeg = 300
    assert bench.v.standing(faults.SENSOR_OPEN) == 0
    assert bench.v.standing(faults.SENSORS_DIFFER) == messages.SENSORS_BAD


def test_only_a_calibration_that_cannot_be_keeps_everything_off() -> None:
    for calibration, missing in ((0, 0), (faults.CALIBRATION_LOST, 0), (faults.CALIBRATION_BAD, messages.UNCALIBRATED)):
        bench = Bench()
        bench.watch(7)
        bench.v._calibration = calibration
        assert bench.v.permissive(0) == missing
