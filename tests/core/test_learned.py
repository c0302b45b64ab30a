"""What pain and "softer" teach: only less, at the right place, and the plan says so."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footctl.core import learned
from footctl.core.caps import Gate
from footctl.core.events import Earlier
from footctl.core.learned import WATER, Ceilings, Felt, Lesson, Recent, Softened, from_pain, key
from footctl.core.plan import Step
from tests.core.desk import BOTH, NOBODY, sample
from tests.core.test_planner import GUIDED, MASSAGE, PRESS, SOAK, plan, refusal, step, told

LEFT = frozenset(("left",))
KNEAD = Step("massage", "knead", 240.0, zones=frozenset(("arch", "heel")), technique="kneading", pressure_from_kpa=15, pressure_to_kpa=30)
KEYS = [key(foot, zone, how) for foot in ("left", "right") for zone in ("arch", "heel", "toes") for how in ("", "kneading")]
WARM = Step("soak", "soak", 600.0, water_c=38.0)


def pressed(zone: str | None, left: float | None, right: float | None) -> Any:
    return sample(zone=zone, left_kpa=left, right_kpa=right, in_bath=NOBODY, on_roller=BOTH)


def recent(*moments: tuple[float, Any]) -> Recent:
    seen = Recent()
    for now, one in moments:
        seen.add(now, one)
    return seen


# ------------------------------------------------------------------------------------------------------------- what was felt


def test_the_firmest_of_the_last_seconds_is_the_place() -> None:
    seen = recent((0, pressed("toes", 50, 50)), (8, pressed("heel", 22, 10)), (9, pressed("arch", 12, 13)), (10, pressed("arch", 0.4, 0.2)))
    assert seen.felt(KNEAD) == Felt("left", "heel", "kneading", 22, None)


def test_two_feet_pressed_alike_are_both_meant() -> None:
    assert recent((10, pressed("heel", 20, 22))).felt(KNEAD) == Felt(None, "heel", "kneading", 22, None)
    assert recent((10, pressed("heel", 0.5, 0.5))).felt(KNEAD) == Felt(None, None, "kneading", None, None)


def test_what_the_person_says_counts_more_than_the_guess() -> None:
    seen = recent((9, pressed("heel", 22, 10)), (10, pressed("arch", 12, 13)))
    assert seen.felt(KNEAD, "right") == Felt("right", "arch", "kneading", 13, None)
    assert seen.felt(KNEAD, "both.arch") == Felt("both", "arch", "kneading", 22, None)
    assert seen.felt(KNEAD, "toes") == Felt("left", "toes", "kneading", 22, None)
    assert seen.felt(None, "left.heel") == Felt("left", "heel", None, None, None)


def test_in_the_water_there_is_warmth_and_no_place() -> None:
    warm = sample(in_bath=BOTH, water_c=38.0, water2_c=38.4, left_kpa=None, right_kpa=9.0)
    blind = sample(in_bath=BOTH, water_c=None, water2_c=None)
    seen = recent((9, warm), (9.5, blind), (10, sample(in_bath=BOTH, water_c=38.1, water2_c=38.1)))
    assert seen.felt(WARM) == Felt(None, None, None, None, 38.4)


# ------------------------------------------------------------------------------------------------------------- what it teaches


def test_pain_lowers_the_place_for_every_technique() -> None:
    assert from_pain(Felt("left", "heel", "kneading", 20.0), KNEAD) == [Lesson("left.heel.", 14.0, "pain at 20 kPa")]
    where_unknown = from_pain(Felt(None, None, "kneading", 20.0), KNEAD)
    assert {one.key for one in where_unknown} == {"left.arch.", "left.heel.", "right.arch.", "right.heel."}
    assert {one.key for one in from_pain(Felt("both", "toes", "kneading", 20.0), KNEAD)} == {"left.toes.", "right.toes."}


def test_pain_in_the_water_makes_it_cooler_and_pain_at_nothing_teaches_nothing() -> None:
    assert from_pain(Felt(water_c=38.44), WARM) == [Lesson(WATER, 37.4, "pain in water of 38.4 °C")]
    assert from_pain(Felt("left", "heel"), None) == []


def softened(*acts: tuple[float, Any]) -> list[Lesson]:
    one = Softened(KNEAD)
    for now, act in acts:
        if isinstance(act, int):
            one.press(now, act)
        else:
            one.add(now, act)
    return one.lessons()


def test_softer_teaches_what_was_borne_after_it() -> None:
    assert softened((0, pressed("arch", 28, 27)), (5, -1), (6, pressed("arch", 24, 23)), (30, pressed("heel", 24.2, 25))) == [
        Lesson(f"{foot}.{zone}.kneading", 25.0, "softer was asked for; 25 kPa was fine")
        for foot in ("left", "right")
        for zone in ("arch", "heel")
    ]


@pytest.mark.parametrize(
    "acts",
    [
        (),
        ((0, -1), (1, +1), (40, pressed("arch", 25, 25))),  # taken back
        ((0, -1), (10, pressed("arch", 25, 25))),  # over too soon to tell
        ((0, -1), (40, pressed("arch", None, None))),  # nothing is known
        ((0, -1), (40, pressed("arch", 30, 30))),  # as firm as planned
    ],
)
def test_softer_that_teaches_nothing(acts: tuple[tuple[float, Any], ...]) -> None:
    assert softened(*acts) == []


def test_softer_in_a_step_that_does_not_press_teaches_nothing() -> None:
    one = Softened(WARM)
    one.press(0, -1)
    one.add(60, pressed("arch", 20, 20))
    assert one.lessons() == []


# ------------------------------------------------------------------------------------------------------------- the next session


def lessons(**most: float) -> Earlier:
    names = {name.replace("_", "."): value for name, value in most.items()}
    return Earlier(ceilings=names, reasons=dict.fromkeys(names, "since Tuesday: pain at 22 kPa"))


def test_the_next_plan_is_lower_there_and_says_since_when() -> None:
    made = plan(MASSAGE, PRESS, earlier=lessons(left_heel_=8.0, right_arch_rolling=1.0))
    knead, press = step(made, "massage"), step(made, "massage", 1)
    assert (knead.pressure_from_kpa, knead.pressure_to_kpa, knead.most_kpa) == (15, 30, 50)
    assert (press.pressure_to_kpa, press.most_kpa, press.soft_kpa) == (8, 8, 4)
    assert told(made) == [("pressure kPa", 10.0, 8.0, "learned")]
    assert made.notes[0] == "starting lower in the left heel since Tuesday: pain at 22 kPa"


def test_firmer_never_passes_what_was_learned() -> None:
    assert step(plan(PRESS, earlier=lessons(right_toes_press=12.0)), "massage").most_kpa == 12


def test_of_several_lessons_the_lowest_holds_and_none_raises() -> None:
    made = plan(MASSAGE, earlier=lessons(left_arch_=14.0, right_arch_kneading=9.0, left_arch_kneading=90.0))
    assert step(made, "massage").pressure_to_kpa == 9
    assert "the right arch" in made.notes[0]
    assert step(plan(MASSAGE, earlier=lessons(left_arch_=70.0)), "massage").most_kpa == 50


def test_a_zone_with_hardly_anything_left_is_left_alone() -> None:
    made = plan(PRESS, earlier=lessons(left_heel_=2.9))
    assert step(made, "massage").zones == frozenset(("toes",))
    assert told(made) == [("zones", "toes, heel", "toes", "learned")]
    nothing = plan(MASSAGE, earlier=lessons(left_arch_=0.0))
    assert refusal(nothing) == ("phases", "all", "program")
    assert [one.kind for one in plan(MASSAGE, PRESS, earlier=lessons(left_arch_=math.nan)).steps].count("massage") == 1


def test_water_that_hurt_is_cooler_and_stays_so() -> None:
    made = plan(SOAK, GUIDED, earlier=lessons(water=36.5))
    assert step(made, "soak").water_c == 36.5
    assert made.limits["water_setpoint_max"] == 3650
    assert "starting lower in water since Tuesday" in " ".join(made.notes)
    assert plan(PRESS, earlier=lessons(water=36.5)).limits["water_setpoint_max"] == 4000
    assert refusal(plan(SOAK, earlier=lessons(water=25.0)))[0] == "water °C"


def test_without_a_reason_the_place_is_told_all_the_same() -> None:
    made = plan(MASSAGE, earlier=Earlier(ceilings={"left.arch.": 10.0}))
    assert "starting lower in the left arch" in made.notes


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(KEYS), st.floats(allow_nan=True) | st.floats(0, 60)))
def test_nothing_learned_ever_raises_anything(most: dict[str, float]) -> None:
    free, bound = plan(MASSAGE, PRESS), plan(MASSAGE, PRESS, earlier=Earlier(ceilings=most))
    firmest = {one.name: one.most_kpa for one in free.steps}
    for one in bound.steps:
        assert one.most_kpa <= firmest[one.name]
        assert one.pressure_to_kpa <= one.most_kpa or one.technique is None


def test_a_sentence_is_told_once() -> None:
    ceilings = Ceilings({WATER: 37.0}, {})
    for _ in range(2):
        ceilings.tell("in water")
    assert ceilings.told == ["starting lower in water"]
    gate = Gate(())
    assert Ceilings({}, {}).soaking(gate) is gate
    assert learned.key("left", "heel") == "left.heel."
