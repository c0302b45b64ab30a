"""Steps one by one, where a whole program does not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_protocol import faults
from footctl.core.comfort import CheckIn, Comfort, extension
from footctl.core.commands import ReleaseRoller, SetMassage
from footctl.core.levels import ACTIVE, Levels, towards
from footctl.core.machine import Stage
from footctl.core.notices import MOST, Notices
from footctl.core.plan import Plan, Step
from footctl.core.steps import run
from footctl.core.surroundings import Surroundings, Water
from footctl.core.walk import Walk
from tests.core.desk import BOTH, identity, sample

PLAN = Plan(
    program="p", title="P", tier="standard", steps=(), lowered=(), refused=(), limits={}, water_max_c=None, pressure_max_kpa=0.0,
    preheat_s=0.0, duration_s=0.0, dose_cem43=0.0, dose_budget_cem43=1.0, pressure_time_part=0.0,
)  # fmt: skip


def _around() -> Surroundings:
    return Surroundings(PLAN, Comfort(50.0, 40.0), identity())


def test_a_cap_that_is_missing_is_zero() -> None:
    assert _around().limit("session_time") == 0


def test_before_the_first_sample_no_foot_is_anywhere() -> None:
    around = _around()
    assert around.missing(BOTH, True) == BOTH
    around.see(0.0, sample(on_roller=BOTH))
    assert around.missing(BOTH, False) == frozenset()
    assert around.missing(BOTH, True) == BOTH


def test_a_prompt_without_a_time_takes_its_least() -> None:
    told = run(0.0, (Step("prompt", "p", least_s=5.0),), 0, _around())
    assert told.duration_s == 5.0
    assert told.next_deadline == 5.0
    told.advance(5.0)
    told.look(5.0)
    assert told.done


def test_a_yes_to_a_prompt_counts_only_after_its_least_time() -> None:
    told = run(0.0, (Step("prompt", "p", least_s=5.0, confirm=True),), 0, _around())
    told.look(0.0)
    assert told.why_not == "wait 5 s more"
    assert told.next_deadline == 5.0
    assert not told.answer()
    told.advance(5.0)
    told.look(5.0)
    assert told.next_deadline is None
    assert told.answer()
    assert told.done


def test_a_massage_without_end_has_no_deadline() -> None:
    step = Step("massage", "m", feet=BOTH, zones=frozenset(("arch",)), technique="rolling", pressure_from_kpa=5.0, pressure_to_kpa=5.0)
    around = _around()
    around.see(0.0, sample(on_roller=BOTH))
    massage = run(0.0, (step,), 0, around)
    massage.look(0.0)
    assert massage.next_deadline is None
    assert massage.left_s is None


def test_water_counts_as_stable_again_half_a_minute_after_its_last_rise() -> None:
    water = Water(5.0, 500.0)
    water.see(0.0, 38.0)
    water.see(29.0, 37.0)
    assert water.unsafe(29.9, 40.5) == "the water is not stable yet"
    assert water.unsafe(30.0, 40.5) == ""
    water.see(40.0, 37.6)
    assert "not stable" in water.unsafe(69.9, 40.5)
    assert water.unsafe(70.0, 40.5) == ""
    water.see(71.0, None)
    assert "unknown" in water.unsafe(200.0, 40.5)


@pytest.mark.parametrize(("asked", "room", "given"), [(60, 100, 60), (60, 20, 20), (60, -1, 0), (9999, 9999, 600)])
def test_an_extension_fits_its_room(asked: float, room: float, given: float) -> None:
    assert extension(asked, room) == given


def test_comfort_never_leaves_its_caps() -> None:
    comfort = Comfort(50.0, 40.0)
    for _ in range(30):
        comfort.press(1, 20.0, 30.0)
        comfort.warm(1, 38.0)
    assert comfort.pressure_kpa(20.0, 30.0) == 30.0
    assert comfort.pressure_kpa(20.0, 99.0) == 30.0
    assert comfort.water_c(39.8) == 40.0


def test_a_wish_beyond_the_cap_does_not_have_to_be_taken_back() -> None:
    comfort = Comfort(50.0, 40.0)
    for _ in range(9):
        comfort.press(1, 20.0, 30.0)
        comfort.warm(1, 39.0)
    assert comfort.press(-1, 20.0, 30.0)
    assert comfort.pressure_kpa(20.0, 30.0) == 25.0
    assert comfort.warm(-1, 39.0)
    assert comfort.water_c(39.0) == 39.5


def test_a_roller_that_should_rest_is_released_although_its_motors_stay_supplied() -> None:
    massage = SetMassage(BOTH, frozenset(("arch",)), "rolling", 10.0, 1.0, 40.0)
    way = towards(Levels(ACTIVE, motor=True, massage=massage), Levels(ACTIVE, motor=True))
    assert way == (ReleaseRoller(), Levels(ACTIVE, motor=True))


def test_the_longest_session_counts_from_the_first_live_step_even_where_no_feet_were_asked_in() -> None:
    step = Step("massage", "m", 900.0, feet=BOTH, zones=frozenset(("arch",)), technique="rolling", pressure_to_kpa=5.0)
    stage = Stage()
    for trigger in ("identified", "planned", "begin"):
        stage.go(trigger)
    plan = replace(PLAN, steps=(step,), limits={"session_time": 60, "check_in": 600})
    walk = Walk(0.0, plan, stage, Notices(), identity())
    walk.see(0.0, sample(on_roller=BOTH))
    walk.start(0.0)
    assert walk.turn(59.0) is None
    ending = walk.turn(60.0)
    assert ending is not None
    assert ending.fault == faults.SESSION_OVER


def test_a_check_in_is_withdrawn_when_nothing_is_on_any_more() -> None:
    check = CheckIn(300.0, 60.0)
    check.turn(300.0, True, False)
    assert check.deadline == 360.0
    check.turn(301.0, True, False)
    assert check.deadline == 360.0
    check.turn(302.0, False, False)
    assert check.deadline is None
    assert check.next_deadline(False) is None
    assert check.next_deadline(True) == 300.0


def test_notices_are_the_last_ones_and_none_twice_in_a_row() -> None:
    notices = Notices()
    notices.add("a")
    notices.add("a")
    assert notices.texts == ["a"]
    for number in range(50):
        notices.add(str(number))
    assert len(notices.texts) == MOST
    assert notices.texts[-1] == "49"


def seen(*readings: tuple[float, float | None]) -> Water:
    water = Water(5.0, 500.0)
    for now, hottest in readings:
        water.see(now, hottest)
    return water


def test_water_that_warms_faster_than_the_heater_can_was_poured() -> None:
    # 3 °C a minute for 10 s and what 500 W bring to 5 L: 0.5 + 0.24 °C
    assert not seen(*((n / 5, 36 + 0.0735 * n / 5) for n in range(100))).poured
    assert seen(*((n / 5, 36 + 0.0750 * n / 5) for n in range(100))).poured
    assert not seen(*((n / 5, 36.0 if n < 20 else 38.0) for n in range(100))).poured, "a sensor that jumps is not water"
    assert not seen(*((n / 5, 36 + 0.2 * n / 5 if n % 7 else None) for n in range(20))).poured


def test_what_was_poured_in_has_to_come_to_rest() -> None:
    water = seen(*((n / 5, min(36 + 0.2 * n / 5, 38.0)) for n in range(150)))
    assert water.poured
    assert water.unsafe(29.8, 41.0) == "the water is not stable yet"
    for n in range(150, 250):
        water.see(n / 5, 38.0)
    assert not water.poured


def test_how_much_cold_water_helps() -> None:
    water = seen((0.0, 44.0))
    # 5 L of 44 °C; 40 °C is wanted, the tap gives 20: 5 * 4 / 24
    assert water.too_warm(40.5).endswith("at most 40.5 °C is safe to step into: take out 0.8 L and put in as much cold water")
    assert water.too_warm(20.4).endswith("safe to step into")
    assert seen((0.0, 40.52)).too_warm(40.5).endswith("take out 0.1 L and put in as much cold water")
    unknown = Water(0.0, 0.0)
    unknown.see(0.0, 44.0)
    assert unknown.too_warm(40.5).endswith("safe to step into")
