"""The massage on tissue in floats: force, ramps, places, dwell. The tissue stiffens, relaxes and is not flat."""

from __future__ import annotations

from itertools import pairwise
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.device.axis import FULL_UM_S, TOUCH_PA, TRAVEL_UM, Axis
from firmware.device.body import Body, Outputs
from firmware.device.massage import HOLD, LIFT, STROKES, TRAVEL, Massage
from firmware_protocol import limits, messages

M = messages
STEP_S = 0.05


class Foot:
    """One press axis on tissue: first touch at 5 to 8 mm along the sole, `firm` kPa/mm there, twice that 3 mm deeper, a fifth relaxes."""

    def __init__(self, firm: float) -> None:
        self.firm = firm
        self.depth_mm = 0.0
        self.kpa = 0.0
        self._elastic = 0.0
        self._slow = 0.0

    def step(self, speed_um_s: int, carriage_mm: float) -> None:
        self.depth_mm = min(max(self.depth_mm + speed_um_s / 1000 * STEP_S, 0.0), 20.0)
        touch = 5.0 + abs((carriage_mm + 60) % 120 - 60) / 20
        deep = max(self.depth_mm - touch, 0.0)
        elastic = self.firm * deep * (1 + deep / 6)
        self._slow = self._slow * exp(-STEP_S / 2) + 0.2 * (elastic - self._elastic)
        self._elastic = elastic
        self.kpa = max(0.8 * elastic + self._slow, 0.0)


class Bench:
    """A massage on two feet; what is commanded moves a tick later, as on a board."""

    def __init__(self, firm: float = 18.0, there: bool = True) -> None:
        self.caps = list(limits.ABSOLUTE)
        self.massage = Massage(Body(), self.caps)
        self.out = Outputs()
        self.feet = (Foot(firm if there else 0.0), Foot(firm if there else 0.0))
        self.mm = 0.0
        self.now = 0
        self.most_pa = 60000
        self.rows: list[tuple[float, float, float, int]] = []  # carriage, left kPa, right kPa, stage
        self.depths: list[float] = []
        self.dragged = 0.0  # the most pressure under a carriage that travels
        self.places: set[int] = set()
        self.slips = False
        self.lost_at: float | None = None  # since the carriage slips, until it was told

    def run(self, seconds: float) -> Bench:
        for _ in range(int(seconds / STEP_S)):
            self.now += 50
            left, right = self.feet
            readings = [round(foot.kpa * 20) * 50 for foot in self.feet]
            lost = self.massage.step(self.now, 50, int(self.mm), readings[0], readings[1], self.most_pa, self.out)
            if lost and self.lost_at is None:
                self.lost_at = self.now / 1000
            if self.out.carriage_um_s and self.massage.stage != HOLD:
                self.dragged = max(self.dragged, left.kpa, right.kpa)
            if not self.slips:
                self.mm = min(max(self.mm + self.out.carriage_um_s / 1000 * STEP_S, 0.0), 250.0)
            left.step(self.out.left_um_s, self.mm)
            right.step(self.out.right_um_s, self.mm)
            self.depths.append(left.depth_mm)
            self.rows.append((self.mm, left.kpa, right.kpa, self.massage.stage))
            if max(left.kpa, right.kpa) > 4.3:
                self.places.add(self.massage.zone)
        return self

    @property
    def peak(self) -> float:
        return max(max(row[1], row[2]) for row in self.rows)

    def steepest(self, span: int = 10) -> float:
        """kPa/s over `span` ticks."""
        rows = self.rows
        return max((later[1] - row[1]) / (span * STEP_S) for row, later in zip(rows, rows[span:], strict=False))


@pytest.mark.parametrize("technique", range(1, 6), ids=[row[0] for row in STROKES])
@pytest.mark.parametrize("firm", [8.0, 18.0, 40.0])
@pytest.mark.parametrize(("pressure", "ramp", "speed"), [(8000, 5000, 300), (30000, 10000, 500), (50000, 10000, 1000)])
def test_reaches_the_peak_and_passes_it_by_no_more_than_a_tenth(technique: int, firm: float, pressure: int, ramp: int, speed: int) -> None:
    bench = Bench(firm)
    bench.massage.set(3, 0x0C, technique, pressure, ramp, speed)
    bench.run(90)
    assert bench.peak <= pressure / 1000 * 1.1
    assert bench.peak >= pressure / 1000 * (0.9 if technique not in (2, 3) else 0.5)
    assert bench.dragged < 2.0
    assert bench.places <= {2, 3, M.NO_ZONE}


@pytest.mark.parametrize("firm", [8.0, 18.0, 40.0])
@pytest.mark.parametrize("ramp", [2000, 5000, 10000])
@pytest.mark.parametrize("technique", [1, 4, 5])
def test_pressure_rises_no_faster_than_the_ramp(firm: float, ramp: int, technique: int) -> None:
    bench = Bench(firm)
    bench.massage.set(3, 0x1F, technique, 30000, ramp, 700)
    bench.run(120)
    # The first touch may come with up to a quarter second of the ramp at once.
    assert bench.steepest(20) <= ramp / 1000 * 1.25


def test_strokes_visit_every_zone_in_turn() -> None:
    for technique in range(1, 6):
        bench = Bench()
        bench.massage.set(3, 0x15, technique, 15000, 10000, 1000)
        bench.run(240)
        assert bench.places == {0, 2, 4}, STROKES[technique - 1][0]


def test_a_foot_that_is_not_asked_is_not_touched() -> None:
    for feet in (M.LEFT, M.RIGHT):
        for technique in (1, 2):
            bench = Bench()
            bench.massage.set(feet, 0x04, technique, 20000, 10000, 500)
            bench.run(40)
            assert (max(row[1] for row in bench.rows) > 10) == (feet == M.LEFT)
            assert (max(row[2] for row in bench.rows) > 10) == (feet == M.RIGHT)


def test_half_of_the_cap_while_it_starts_softly() -> None:
    bench = Bench()
    bench.most_pa = 10000
    bench.massage.set(3, 0x04, 1, 40000, 10000, 700)
    assert bench.run(60).peak <= 11


def test_no_stroke_stays_longer_than_the_dwell_cap_even_with_a_slow_ramp() -> None:
    for dwell in (3000, 10000):
        bench = Bench()
        bench.caps[limits.DWELL] = dwell
        bench.massage.set(3, 0x04, 4, 50000, 1000, 100)
        bench.run(120)
        longest = run = 0
        for row in bench.rows:
            run = run + 50 if row[1] > 4.3 else 0
            longest = max(longest, run)
        assert dwell * 0.6 <= longest < dwell


def test_one_spot_alone_gets_as_much_relief_as_pressure() -> None:
    bench = Bench()
    bench.massage.set(3, 0x04, 5, 20000, 10000, 300)
    bench.run(120)
    pressed = sum(row[1] > 4.3 for row in bench.rows)
    assert 0.2 < pressed / len(bench.rows) <= 0.5


def test_dropped_it_lifts_at_full_speed_and_then_rests() -> None:
    bench = Bench()
    bench.massage.set(3, 0x04, 4, 50000, 20000, 500)
    bench.run(20)
    while bench.rows[-1][1] < 40:
        bench.run(STEP_S)
    bench.massage.drop()
    bench.run(STEP_S)
    assert bench.out.left_um_s == bench.out.right_um_s == -FULL_UM_S
    bench.run(1.0)
    assert bench.rows[-1][1] == bench.rows[-1][2] == 0.0
    bench.run(1.5)
    assert (bench.out.left_um_s, bench.massage.busy) == (0, False)


def test_no_speed_is_no_pressure() -> None:
    bench = Bench()
    bench.massage.set(3, 0x04, 1, 20000, 10000, 500)
    bench.run(20)
    bench.massage.set(3, 0x04, 1, 20000, 10000, 0)
    bench.run(3)
    bench.rows.clear()
    bench.run(20)
    assert bench.peak == 0.0
    bench.massage.set(3, 0x04, 1, 20000, 10000, 500)
    assert bench.run(30).peak > 15


def test_the_same_order_again_goes_on_and_another_begins_anew() -> None:
    bench = Bench()
    bench.massage.set(3, 0x04, 4, 20000, 10000, 300)
    bench.run(15)
    while bench.massage.stage != HOLD:
        bench.run(STEP_S)
    bench.massage.set(3, 0x04, 4, 15000, 10000, 300)
    assert bench.massage.stage == HOLD
    bench.run(1.0)
    assert bench.rows[-1][1] == pytest.approx(15, abs=1.5)
    bench.massage.set(3, 0x08, 4, 15000, 10000, 300)
    assert bench.massage.stage == LIFT


def test_a_locked_zone_is_left_alone_and_all_locked_waits() -> None:
    bench = Bench()
    bench.massage.set(3, 0x0C, 1, 20000, 10000, 800)
    bench.massage.lock(2, 40_000)
    bench.run(39)
    assert bench.places == {3}
    bench.massage.lock(3, 80_000)
    bench.massage.lock(2, 60_000)
    bench.run(5)
    bench.rows.clear()
    bench.run(14)
    assert bench.peak == 0.0
    bench.places.clear()
    bench.run(18)
    assert bench.places == {2}
    idle = Bench()
    idle.massage.lock(1, 1000)
    idle.massage.lock(M.NO_ZONE, 2000)
    assert idle.massage.stage == LIFT
    assert not idle.massage.busy


def test_where_no_foot_is_it_gives_up_and_tries_again() -> None:
    bench = Bench(there=False)
    bench.massage.set(3, 0x04, 2, 20000, 10000, 500)
    bench.run(60)
    assert max(foot.depth_mm for foot in bench.feet) <= TRAVEL_UM / 1000
    assert {row[3] for row in bench.rows} >= {0, 1, 2}


def test_a_carriage_that_finds_a_foot_in_its_way_lifts_before_it_goes_on() -> None:
    massage = Massage(Body(), list(limits.ABSOLUTE))
    out = Outputs()
    massage.set(3, 0x08, 1, 20000, 10000, 500)
    for now in range(50, 300, 50):
        massage.step(now, 50, 0, 0, 0, 60000, out)
    assert out.carriage_um_s > 0
    massage.left.depth_um = massage.left.touch_um = 8000
    massage.step(300, 50, 100, TOUCH_PA, 0, 60000, out)
    assert out.carriage_um_s == 0
    assert out.left_um_s < 0
    massage.left.depth_um = massage.right.depth_um = 0
    massage.step(350, 50, 100, 0, TOUCH_PA, 60000, out)
    assert out.carriage_um_s == 0


def test_a_roller_that_was_reckoned_up_and_still_finds_a_foot_goes_on_up() -> None:
    massage = Massage(Body(), list(limits.ABSOLUTE))
    out = Outputs()
    massage.set(3, 0x08, 1, 20000, 10000, 500)
    for left, right in ((TOUCH_PA, 0), (0, TOUCH_PA)):
        massage.step(0, 50, 100, left, right, 60000, out)
        assert massage.left.depth_um == massage.right.depth_um == 0
        assert (out.left_um_s < 0, out.right_um_s < 0) == (left > 0, right > 0)


def test_a_long_way_is_travelled_higher_than_a_short_one() -> None:
    heights = []
    for zones, technique in ((0x04, 1), (0x12, 5)):  # many spots on one zone; one spot on each of two
        bench = Bench()
        bench.massage.set(3, zones, technique, 15000, 10000, 1000)
        bench.run(40)
        moves = zip(bench.depths[1:], pairwise(bench.rows), strict=True)
        heights.append(max(depth for depth, (row, later) in moves if later[3] == TRAVEL and abs(later[0] - row[0]) > 0.5))
    assert heights[0] > 2.0
    assert heights[1] < 0.5


def test_a_valley_does_not_push_the_roller_into_what_rises_behind_it() -> None:
    bench = Bench(25.0)
    bench.massage.set(3, 0x02, 2, 30000, 20000, 1000)
    bench.run(60)
    assert bench.peak <= 30 * 1.06


def test_zones_under_the_roller() -> None:
    massage = Massage(Body(), list(limits.ABSOLUTE))
    assert [massage.under(mm) for mm in (0, 5, 45, 47, 50, 165, 170, 245, 246)] == [255, 0, 0, 255, 1, 2, 3, 4, 255]


def carried(massage: Massage, out: Outputs, places: list[int], pa: int = 0) -> list[bool]:
    """What each tick says while the carriage reads these places."""
    return [massage.step(number * 50, 50, mm, pa, pa, 60000, out) for number, mm in enumerate(places)]


def kneading(zones: int = 0x08) -> tuple[Massage, Outputs]:
    """On its way from the toes, all lifted."""
    massage, out = Massage(Body(), list(limits.ABSOLUTE)), Outputs()
    massage.set(3, zones, 1, 20000, 10000, 500)
    assert carried(massage, out, [10, 10]) == [False, False]
    assert massage.stage == TRAVEL
    return massage, out


@pytest.mark.parametrize(("way", "at"), [([20], 21), ([20, 21], 21), ([20, 19], 21), ([20, 22], 22), ([20, 18], 22)])
def test_a_carriage_that_is_driven_a_second_and_does_not_move_is_told(way: list[int], at: int) -> None:
    massage, out = kneading()
    told = carried(massage, out, way + way[-1:] * 60)
    assert told.index(True) == at
    assert all(told[at:]), "until somebody acts"
    massage.lifted()
    massage.set(3, 0x08, 1, 20000, 10000, 500)
    assert not any(carried(massage, out, [way[-1]] * 21))


def test_the_way_towards_the_toes_counts_as_well() -> None:
    massage, out = kneading(0x04)
    told = carried(massage, out, [200] * 60)
    assert out.carriage_um_s < 0
    assert told.index(True) == 21


def test_slowly_or_jerking_it_gets_there() -> None:
    for span in (19, 20):  # ticks for two millimetres
        massage, out = kneading()
        assert not any(carried(massage, out, [20 + step // span * 2 for step in range(span * 60)]))


def test_near_its_goal_it_is_driven_slowly_and_has_as_far_to_go() -> None:
    massage, out = kneading()
    goal = massage._goal_mm
    carried(massage, out, [goal - 2])
    assert out.carriage_um_s == 10000
    told = carried(massage, out, [goal - 2] * 90)
    assert told.index(True) == 80


def test_a_carriage_that_stands_while_it_should_roll_is_told() -> None:
    bench = Bench()
    bench.massage.set(3, 0x04, 2, 20000, 10000, 1000)
    bench.run(20)
    while bench.massage.stage != HOLD or not bench.out.carriage_um_s:
        bench.run(STEP_S)
    assert bench.lost_at is None
    bench.slips = True
    begun = bench.now / 1000
    bench.run(20)
    assert bench.lost_at is not None
    assert 1.3 < bench.lost_at - begun < 5, "40 mm at no more than 30 mm/s"


@pytest.mark.parametrize("technique", range(1, 6), ids=[row[0] for row in STROKES])
@pytest.mark.parametrize("speed", [100, 300, 1000])
def test_a_carriage_that_moves_is_never_lost(technique: int, speed: int) -> None:
    bench = Bench()
    bench.massage.set(3, 0x1F, technique, 20000, 10000, speed)
    assert bench.run(120).lost_at is None


def test_for_how_long_a_lifted_roller_presses() -> None:
    for left, right, held in ((4301, 0, 500), (0, 4301, 500), (4300, 4300, 0)):
        massage, out = kneading()
        massage._lift()
        for _ in range(10):
            massage.step(0, 50, 10, left, right, 60000, out)
        assert massage.held_ms == held
        massage.drop()
        for _ in range(10):
            massage.step(0, 50, 10, left, right, 60000, out)
        assert (massage.held_ms, massage.busy) == (2 * held, bool(held))
        massage.lifted()
        assert massage.held_ms == 0
    massage, out = kneading()
    massage._lift()
    massage.step(0, 50, 10, 5000, 0, 60000, out)
    for _ in range(100):
        massage.step(0, 50, 10, 0, 0, 60000, out)
    assert massage.held_ms == 0, "it let go, and the next stroke was chosen"


def test_a_tick_without_time_moves_nothing() -> None:
    massage = Massage(Body(), list(limits.ABSOLUTE))
    out = Outputs()
    out.left_um_s = 99
    massage.set(3, 0x08, 1, 20000, 10000, 500)
    massage.step(0, 0, 0, 0, 0, 60000, out)
    assert (out.left_um_s, out.right_um_s, out.carriage_um_s) == (0, 0, 0)


def test_what_is_known_of_the_foot_is_used_and_forgotten() -> None:
    axis = Axis()
    axis.begin(100)
    first = 0
    while axis.press(50, 0 if axis.depth_um < 6000 else 1000, 20000, 10000, 100, False) and not axis.touching:
        first += 1
    axis.depth_um = 0
    axis.begin(100)
    second = 0
    while axis.press(50, 0 if axis.depth_um < 6000 else 1000, 20000, 10000, 100, False) and not axis.touching:
        second += 1
    assert second < first / 2
    axis.depth_um = 0
    axis.begin(110)
    assert 0 < axis._safe_um < axis.touch_um
    axis.lifted()
    axis.begin(100)
    assert axis._safe_um == 0


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 50, 250]), st.integers(0, 255), st.integers(-5000, 90000), st.integers(-5000, 90000), st.integers(0, 3),
            st.integers(1, 31), st.integers(1, 5), st.integers(0, 60000), st.integers(1, 20000), st.integers(0, 1000), st.booleans(),
        ),
        max_size=120,
    )
)  # fmt: skip
def test_speeds_stay_in_their_range_whatever_is_read(rows: list[tuple[int, ...]]) -> None:
    massage = Massage(Body(), list(limits.ABSOLUTE))
    out = Outputs()
    now = 0
    for dt, mm, left, right, feet, zones, technique, pressure, ramp, speed, again in rows:
        now += dt
        if again and feet:
            massage.set(feet, zones, technique, pressure, ramp, speed)
        massage.step(now, dt, mm, left, right, 60000, out)
        assert abs(out.left_um_s) <= FULL_UM_S
        assert abs(out.right_um_s) <= FULL_UM_S
        assert abs(out.carriage_um_s) <= 40000
        for axis in (massage.left, massage.right):
            assert 0 <= axis.depth_um <= TRAVEL_UM


def test_small_movements_add_up_to_where_they_lead() -> None:
    axis = Axis()
    axis._move(50, 10_000)
    for _ in range(1000):
        axis._move(50, 13)
        axis._move(50, -13)
    assert abs(axis.depth_um - 500) <= 1


def test_an_axis_is_never_told_more_than_its_full_speed() -> None:
    axis = Axis()
    assert axis._move(50, FULL_UM_S + 1) == FULL_UM_S
    assert axis.depth_um == FULL_UM_S // 20
    assert axis._move(50, -FULL_UM_S - 1) == -FULL_UM_S
    assert axis.depth_um == 0
