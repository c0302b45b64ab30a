"""From program, person and device to a plan: order of steps, every value through the gate, every difference told, refusals total."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.limits import ABSOLUTE, CAPS, LEAST, loosens
from firmware_protocol.messages import TECHNIQUES, ZONES
from footctl.core import preheat
from footctl.core.caps import Gate, Layer, natural
from footctl.core.dose import cem43
from footctl.core.events import Earlier, Identified
from footctl.core.fit import fit, session_s
from footctl.core.person import TIERS, Person, stricter
from footctl.core.plan import KINDS, Plan, Step
from footctl.core.planner import make_plan
from footctl.core.profile import parse_program

DEVICE = Identified(
    major=1, minor=0, serial="SIM-0001", model="footbath-5l", firmware="0.1.0", boot_id=1, uptime_ms=0, simulator=1,
    features=frozenset(("bubbles",)),
    places=frozenset(("bath", "roller")), zones=frozenset(ZONES), techniques=frozenset(TECHNIQUES), volume_l=5.0, heater_w=500,
    caps_hash=b"", state="idle", fault=0, controller=True,
)  # fmt: skip
DEVICE_CAPS = {row[0]: row[3] for row in CAPS}
ADULT = Person("adult", "standard", screened=True)
SENSITIVE = Person("old", "sensitive", screened=True)
NUMB = Person("numb", "no_soak", screened=True)
NUMB_BUT_SEEN = replace(NUMB, statement="2026-01-01")

SOAK = '[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "12 min"\n'
PROMPT = '[[phase]]\nkind = "prompt"\ntext = "Look."\n'
MASSAGE = (
    '[[phase]]\nkind = "massage"\ntechnique = "kneading"\nzones = ["arch"]\npressure = { from = "15 kPa", to = "30 kPa" }\nfor = "4 min"\n'
)
PRESS = '[[phase]]\nkind = "massage"\ntechnique = "press"\nzones = ["heel", "toes"]\npressure = "10 kPa"\nfor = "2 min"\nramp = "2 kPa/s"\n'
LOOK = '[[phase]]\nkind = "prompt"\nname = "Skin check, once more"\ntext = "Look."\n'
STRETCH = '[[phase]]\nkind = "stretch"\nfor = "1 min"\n'
GUIDED = '[[phase]]\nkind = "guided"\ntext = "Roll a ball."\nfor = "3 min"\n'
REST = '[[phase]]\nkind = "rest"\nfor = "5 min"\n'


def plan(*phases: str, person: Person = ADULT, device: Identified = DEVICE, top: str = "", tier: str = "standard", **more: Any) -> Plan:
    text = f'name = "Test"\ntier = "{tier}"\n{top}' + "".join(phases)
    caps = more.pop("caps", DEVICE_CAPS)
    return make_plan(parse_program(text, "test.toml"), person, device, caps, **more)


def kinds(made: Plan) -> list[str]:
    return [step.kind for step in made.steps]


def step(made: Plan, kind: str, nth: int = 0) -> Step:
    return [one for one in made.steps if one.kind == kind][nth]


def told(made: Plan) -> list[tuple[str, Any, Any, str]]:
    return [(one.what, one.asked, one.given, one.rule) for one in made.lowered]


def refusal(made: Plan) -> tuple[str, Any, str]:
    assert made.steps == ()
    one = made.refused[0]
    assert one.given is None
    return one.what, one.asked, one.rule


# --------------------------------------------------------------------------------------------------- the order of steps


def test_a_whole_program_in_order() -> None:
    made = plan(PROMPT, SOAK, MASSAGE, STRETCH, GUIDED, REST)
    assert kinds(made) == ["prompt", "preheat", "feet_in", "soak", "dry", "feet_in", "massage", "stretch", "guided", "rest", "finish"]
    assert [one.phase for one in made.steps] == [0, None, None, 1, None, None, 2, 3, 4, 5, None]
    assert (made.program, made.title, made.tier, made.lowered, made.refused) == ("test", "Test", "standard", (), ())
    assert (made.water_max_c, made.pressure_max_kpa, made.duration_s) == (38.0, 30.0, 720 + 240 + 60 + 180 + 300)
    assert made.dose_cem43 == pytest.approx(0.0234, abs=1e-4)
    assert made.dose_budget_cem43 == 1.0
    assert made.needs_heater
    assert made.needs_motor
    assert made.pressure_time_part == pytest.approx((240 * 22.5 + 60 * 8) / (50 * 900))


def test_bath_and_roller_are_different_places() -> None:
    made = plan(SOAK, MASSAGE)
    assert step(made, "preheat").feet == frozenset()
    into_bath, onto_roller = step(made, "feet_in", 0), step(made, "feet_in", 1)
    assert (into_bath.water_c, onto_roller.water_c) == (38.0, None)
    assert "in the water" in str(into_bath.text)
    assert "on the roller" in str(onto_roller.text)


def test_feet_stay_on_the_roller_until_hands_need_them() -> None:
    assert kinds(plan(MASSAGE, PROMPT, PRESS, GUIDED, MASSAGE)).count("feet_in") == 2
    assert kinds(plan(MASSAGE, REST, PRESS)).count("feet_in") == 1
    assert kinds(plan(MASSAGE, PRESS + 'feet = ["left"]\n')).count("feet_in") == 2


def test_a_confirmed_prompt_behind_a_soak_becomes_part_of_drying() -> None:
    made = plan(SOAK, PROMPT, MASSAGE)
    assert kinds(made) == ["preheat", "feet_in", "soak", "dry", "feet_in", "massage", "finish"]
    dry = step(made, "dry")
    assert dry.phase == 1
    assert str(dry.text).endswith("Look.")
    unconfirmed = PROMPT + 'confirm = false\nfor = "20 s"\n'
    assert kinds(plan(SOAK, unconfirmed))[-3:] == ["dry", "prompt", "finish"]


def test_between_two_soaks_feet_stay_in() -> None:
    short = SOAK.replace("12 min", "5 min")
    assert kinds(plan(short, PROMPT, short)) == ["preheat", "feet_in", "soak", "prompt", "soak", "dry", "finish"]
    assert kinds(plan(short, MASSAGE, short)) == [
        "preheat", "feet_in", "soak", "dry", "feet_in", "massage", "preheat", "feet_in", "soak", "dry", "finish",
    ]  # fmt: skip


def test_oil_comes_after_the_last_heat() -> None:
    short = SOAK.replace("12 min", "5 min")
    made = plan(short, MASSAGE, short, top='oil = "peppermint"\n')
    assert [step(made, "dry", nth).name for nth in (0, 1)] == ["dry", "dry + oil"]
    assert "peppermint, 6-10 drops in 30 ml" in str(step(made, "dry", 1).text)
    assert any("mask heat" in note for note in made.notes)
    assert not any("not warmed" in note for note in made.notes)
    made = plan(SOAK, top='oil = "lavender"\n', person=SENSITIVE)
    assert any("not warmed" in note for note in made.notes)


def test_the_soft_start_is_counted_over_steps_and_again_after_each_stepping_on() -> None:
    first = MASSAGE.replace("4 min", "40 s")
    made = plan(first, PRESS, PRESS, GUIDED, first)
    assert [one.soft_s for one in made.steps if one.kind == "massage"] == [40, 20, 0, 40]
    assert step(made, "massage").soft_kpa == 25.0


def test_stretching_by_the_device_or_by_hand() -> None:
    made = step(plan(STRETCH), "stretch")
    assert (made.technique, made.pressure_to_kpa, made.zones) == ("stretch", 8.0, {"toes"})
    assert "hold ten seconds" in str(made.text)
    device = replace(DEVICE, techniques=frozenset(("rolling",)))
    made = step(plan(STRETCH, device=device), "stretch")
    assert (made.technique, made.pressure_to_kpa) == (None, 0.0)
    assert str(made.text).startswith("By hand: ")
    one_foot = replace(ADULT, excluded_feet=frozenset(("right",)))
    assert step(plan(STRETCH, device=device, person=one_foot), "stretch").feet == {"left"}
    no_feet = replace(ADULT, excluded_feet=frozenset(("left", "right")))
    assert refusal(plan(STRETCH, device=device, person=no_feet))[0] == "feet"
    assert step(plan(STRETCH + 'pressure = "12 kPa"\n'), "stretch").pressure_to_kpa == 12.0


# --------------------------------------------------------------------------------------------------- people


def test_the_sensitive_tier_gets_its_own_numbers_and_hears_why() -> None:
    made = plan(SOAK, MASSAGE, REST, person=SENSITIVE)
    assert made.tier == "sensitive"
    assert told(made) == [
        ("water °C", 38.0, 36.0, "tier sensitive"),
        ("time s", 720.0, 600.0, "tier sensitive"),
        ("pressure kPa", 30.0, 15.0, "tier sensitive after a soak"),
    ]
    assert all(one.source for one in made.lowered)
    assert step(made, "dry").least_s == 300
    assert "both soles" in str(step(made, "dry").text)
    assert step(made, "soak").ramp_c_min == 0.5
    massage = step(made, "massage")
    assert (massage.pressure_from_kpa, massage.pressure_to_kpa, massage.ramp_kpa_s) == (15.0, 15.0, 5.0)
    assert (massage.soft_s, massage.soft_kpa) == (120.0, 7.5)
    assert "stand up slowly" in str(step(made, "finish").text)
    assert made.duration_s == 600 + 300 + 240 + 300


def test_no_drying_time_where_nothing_presses() -> None:
    assert step(plan(SOAK, REST, person=SENSITIVE), "dry").least_s == 0


def test_wet_skin_gets_the_lower_cap_and_the_device_hears_it_when_nothing_presses_before() -> None:
    after, before = plan(SOAK, MASSAGE, person=SENSITIVE), plan(MASSAGE, SOAK, MASSAGE, person=SENSITIVE)
    assert (after.limits["pressure_max"], after.limits["pressure_trip"]) == (15_000, 18_000)
    assert (before.limits["pressure_max"], before.limits["pressure_trip"]) == (20_000, 24_000)
    assert [one.pressure_to_kpa for one in before.steps if one.kind == "massage"] == [20.0, 15.0]
    assert plan(MASSAGE, person=SENSITIVE).limits["pressure_max"] == 20_000


def test_a_strict_program_holds_for_everyone() -> None:
    made = plan(MASSAGE.replace("30", "18"), tier="sensitive")
    assert made.tier == "sensitive"
    assert made.limits["check_in"] == 180
    assert made.limits["pressure_max"] == 20_000
    assert not made.lowered


def test_no_soak_refuses_water_and_wants_a_statement_for_massage() -> None:
    assert refusal(plan(SOAK, REST, person=NUMB_BUT_SEEN)) == ("phase kind", "soak", "tier no_soak")
    assert refusal(plan(MASSAGE, person=NUMB)) == ("phase kind", "massage", "tier no_soak")
    made = plan(MASSAGE, MASSAGE, person=NUMB_BUT_SEEN)
    assert told(made) == [
        ("pressure kPa", 30.0, 8.0, "tier no_soak"),
        ("pressure kPa", 30.0, 8.0, "tier no_soak"),
        ("time s", 240.0, 60.0, "tier no_soak"),
    ]


def checks(made: Plan) -> list[str]:
    """The plan in short: which steps press, and which must be looked at first."""
    return [one.name if one.check else one.kind for one in made.steps if one.check or one.kind in ("feet_in", "massage", "stretch")]


def test_no_soak_has_a_skin_check_before_the_first_massage_and_after_the_last() -> None:
    made = plan(MASSAGE, REST, MASSAGE, GUIDED, person=NUMB_BUT_SEEN)
    assert kinds(made) == ["prompt", "feet_in", "massage", "rest", "massage", "prompt", "guided", "finish"]
    before, after = step(made, "prompt"), step(made, "prompt", 1)
    assert (before.name, before.confirm, before.check, before.phase) == ("skin check", True, True, None)
    assert (after.name, after.confirm, after.check, after.phase) == ("skin check after", True, True, None)
    assert "both soles" in str(before.text)
    assert "half an hour" in str(after.text)


def test_a_programs_own_skin_checks_are_enough_where_they_are_run() -> None:
    made = plan(LOOK, MASSAGE, GUIDED, LOOK, person=NUMB_BUT_SEEN)
    assert kinds(made) == ["prompt", "feet_in", "massage", "guided", "prompt", "finish"]
    assert [one.check for one in made.steps if one.kind == "prompt"] == [True, True]
    own = "Skin check, once more"
    assert checks(plan(LOOK, MASSAGE, person=NUMB_BUT_SEEN)) == [own, "feet_in", "massage", "skin check after"]
    assert checks(plan(MASSAGE, LOOK, person=NUMB_BUT_SEEN)) == ["skin check", "feet_in", "massage", own]
    assert checks(plan(MASSAGE, LOOK, MASSAGE, person=NUMB_BUT_SEEN)) == [
        "skin check", "feet_in", "massage", own, "massage", "skin check after",
    ]  # fmt: skip
    assert checks(plan(LOOK, MASSAGE, LOOK, person=NUMB_BUT_SEEN, start_phase=1)) == ["skin check", "feet_in", "massage", own]


def test_what_nobody_confirms_or_what_has_another_name_is_no_skin_check() -> None:
    added = ["skin check", "feet_in", "massage", "skin check after"]
    unconfirmed = LOOK + 'confirm = false\nfor = "30 s"\n'
    assert checks(plan(unconfirmed, MASSAGE, unconfirmed, person=NUMB_BUT_SEEN)) == added
    assert checks(plan(PROMPT, MASSAGE, PROMPT, person=NUMB_BUT_SEEN)) == added


def test_skin_checks_are_for_the_tier_that_needs_them_and_for_what_presses() -> None:
    assert checks(plan(LOOK, MASSAGE, person=SENSITIVE)) == ["feet_in", "massage"]
    assert checks(plan(MASSAGE.replace("15 kPa", "4 kPa").replace("30 kPa", "8 kPa"), tier="no_soak"))[0] == "skin check"
    by_hand = replace(DEVICE, techniques=DEVICE.techniques - {"stretch"})
    assert checks(plan(STRETCH, GUIDED, person=NUMB_BUT_SEEN, device=by_hand)) == ["stretch"]
    assert checks(plan(STRETCH, GUIDED, person=NUMB_BUT_SEEN)) == ["skin check", "feet_in", "stretch", "skin check after"]


def wet(since_s: float | None, *phases: str, person: Person = SENSITIVE) -> Plan:
    return plan(*phases, person=person, earlier=Earlier(since_soak_s=since_s))


def test_skin_that_an_earlier_session_left_wet_dries_first_and_keeps_the_lower_cap() -> None:
    made = wet(30.0, MASSAGE, MASSAGE)
    assert kinds(made) == ["dry", "feet_in", "massage", "massage", "finish"]
    dry = made.steps[0]
    assert (dry.least_s, dry.confirm, dry.phase) == (270.0, True, None)
    assert "were in the water" in str(dry.text)
    assert "both soles" in str(dry.text)
    assert [one.pressure_to_kpa for one in made.steps if one.kind == "massage"] == [15.0, 15.0]
    assert made.limits["pressure_max"] == 15_000
    assert ("pressure kPa", 30.0, 15.0, "tier sensitive after a soak") in told(made)


@pytest.mark.parametrize("since_s", [None, 300.0, 4000.0, math.inf])
def test_skin_that_had_its_time_to_dry_is_dry(since_s: float | None) -> None:
    assert wet(since_s, MASSAGE) == plan(MASSAGE, person=SENSITIVE)


@pytest.mark.parametrize("since_s", [math.nan, -1.0, 0.0])
def test_a_time_since_the_soak_that_is_no_number_counts_as_just_now(since_s: float) -> None:
    assert step(wet(since_s, MASSAGE), "dry").least_s == 300.0


def test_wet_feet_that_go_into_the_water_or_under_no_roller_dry_later_or_by_themselves() -> None:
    assert kinds(wet(30.0, PROMPT, SOAK, MASSAGE)) == ["prompt", "preheat", "feet_in", "soak", "dry", "feet_in", "massage", "finish"]
    assert step(wet(30.0, SOAK, MASSAGE), "dry").least_s == 300.0
    assert kinds(wet(30.0, GUIDED, REST)) == ["guided", "rest", "finish"]
    assert kinds(wet(30.0, PROMPT, MASSAGE)) == ["dry", "feet_in", "massage", "finish"]
    again = wet(30.0, MASSAGE, SOAK, MASSAGE)
    assert [one.least_s for one in again.steps if one.kind == "dry"] == [270.0, 300.0]
    assert "Take your feet out" in str(step(again, "dry", 1).text)
    later = plan(SOAK, MASSAGE, person=SENSITIVE, earlier=Earlier(since_soak_s=30.0), start_phase=1)
    assert "Take your feet out" in str(later.steps[0].text)


def test_wet_skin_matters_where_it_has_a_rule() -> None:
    assert kinds(wet(30.0, MASSAGE, person=ADULT)) == ["feet_in", "massage", "finish"]
    gentle = replace(ADULT, after_soak={"pressure_max": 15_000})
    made = wet(30.0, MASSAGE, person=gentle)
    assert (kinds(made), step(made, "massage").pressure_to_kpa) == (["dry", "feet_in", "massage", "finish"], 15.0)
    made = wet(30.0, MASSAGE, person=NUMB_BUT_SEEN)
    assert kinds(made) == ["dry", "feet_in", "massage", "prompt", "finish"]
    assert checks(made) == ["dry", "feet_in", "massage", "skin check after"]


def test_a_tier_that_does_not_exist_counts_as_the_strictest() -> None:
    made = plan(SOAK, person=Person("x", "gold"))
    assert made.tier == "no_soak"
    assert refusal(made)[2] == "tier no_soak"


def test_answers_of_the_person_refuse_or_narrow() -> None:
    assert refusal(plan(SOAK, person=replace(ADULT, no_water="an open wound"))) == ("phase kind", "soak", "person")
    assert refusal(plan(MASSAGE, person=replace(ADULT, no_massage="pregnancy"))) == ("phase kind", "massage", "person")
    made = plan(PRESS, person=replace(ADULT, excluded_zones=frozenset(("toes",)), excluded_feet=frozenset(("left",))))
    assert told(made) == [("feet", "left, right", "right", "person"), ("zones", "toes, heel", "heel", "person")]
    assert step(made, "massage").feet == {"right"}
    assert "your right foot" in str(step(made, "feet_in").text)
    assert refusal(plan(PRESS, person=replace(ADULT, excluded_zones=frozenset(("toes", "heel"))))) == ("zones", "toes, heel", "person")
    assert refusal(plan(SOAK, person=replace(ADULT, excluded_feet=frozenset(("left", "right")))))[0] == "feet"
    made = plan(SOAK, person=replace(ADULT, limits={"soak_time": 300}))
    assert told(made) == [("time s", 720.0, 300.0, "person")]
    assert made.limits["soak_time"] == 300


def test_a_person_whom_the_answers_refuse_gets_nothing_at_all() -> None:
    ill = replace(ADULT, refused="a fever")
    for phase in (SOAK, MASSAGE, REST, GUIDED):
        assert refusal(plan(phase, person=ill)) == ("person", "adult", "person")


def test_a_technique_can_be_left_out_for_a_person() -> None:
    careful = replace(ADULT, without=frozenset(("press",)), reasons={"press": "pregnancy: no standing pressure"})
    made = plan(PRESS, person=careful)
    assert [(one.what, one.given, one.rule, one.source) for one in made.lowered] == [
        ("technique", "rolling", "person", "pregnancy: no standing pressure")
    ]
    assert step(made, "massage").technique == "rolling"
    only_press = replace(DEVICE, techniques=frozenset(("press",)))
    assert refusal(plan(PRESS, person=careful, device=only_press)) == ("technique", "press", "person")


def test_limits_of_a_person_say_why_and_those_for_wet_skin_wait_for_it() -> None:
    thin = replace(ADULT, limits={"pressure_max": 12_000}, after_soak={"pressure_max": 9_000}, reasons={"pressure_max": "thin skin"})
    made = plan(MASSAGE, person=thin)
    assert [(one.given, one.rule, one.source) for one in made.lowered] == [(12.0, "person", "thin skin")]
    made = plan(SOAK, MASSAGE, person=thin)
    assert [(one.given, one.rule, one.source) for one in made.lowered] == [(9.0, "person after a soak", "thin skin")]
    assert made.limits["pressure_max"] == 9_000


def test_notes_of_the_day_and_of_the_person_come_first() -> None:
    made = plan(REST, person=replace(ADULT, notes=("answer again by May",), nuts=True), earlier=Earlier(notes=("12 min soaked today",)))
    assert made.notes[:2] == ("12 min soaked today", "answer again by May")
    assert not any("nut" in note for note in made.notes)
    assert any("nut" in note for note in plan(SOAK, person=replace(ADULT, nuts=True), top='oil = "lavender"\n').notes)


def test_what_is_left_of_the_day_goes_to_the_device() -> None:
    made = plan(MASSAGE, earlier=Earlier(soak_s=2000.5, massage_s=4500.0, dose_cem43=1.8))
    assert {name: made.limits[name] for name in ("soak_time", "massage_foot", "massage_total", "thermal_dose")} == {
        "soak_time": 399,
        "massage_foot": 300,
        "massage_total": 300,
        "thermal_dose": 199,
    }
    made = plan(MASSAGE, earlier=Earlier(soak_s=9e9, dose_cem43=9e9))
    assert (made.limits["soak_time"], made.limits["thermal_dose"]) == (0, 1)


def test_someone_unscreened_hears_it() -> None:
    assert any("health questions" in note for note in plan(REST, person=Person("x")).notes)
    assert not any("health questions" in note for note in plan(REST).notes)


# --------------------------------------------------------------------------------------------------- budgets


def test_the_day_counts() -> None:
    made = plan(SOAK, earlier=Earlier(soak_s=2000.0))
    assert told(made) == [("time s", 720.0, 400.0, "24 h")]
    assert refusal(plan(SOAK, earlier=Earlier(soak_s=2400.0))) == ("time s", 720.0, "24 h")
    assert told(plan(MASSAGE, PRESS, earlier=Earlier(massage_s=4500.0))) == [
        ("time s", 240.0, 150.0, "24 h"),
        ("time s", 120.0, 0.0, "24 h"),
    ]
    assert refusal(plan(MASSAGE, earlier=Earlier(massage_s=4790.0)))[2] == "24 h"


@pytest.mark.parametrize("used", [math.nan, math.inf, -1.0])
def test_earlier_use_that_is_no_number_counts_as_everything(used: float) -> None:
    assert refusal(plan(SOAK, earlier=Earlier(soak_s=used)))[2] == "24 h"
    assert refusal(plan(SOAK, earlier=Earlier(dose_cem43=used)))[2] == "24 h"
    assert refusal(plan(MASSAGE, earlier=Earlier(massage_s=used)))[2] == "24 h"


def test_the_dose_shortens_the_soak() -> None:
    hot = SOAK.replace("38 C", "40 C")
    made = plan(hot, earlier=Earlier(dose_cem43=1.8))
    assert [one[0] for one in told(made)] == ["dose CEM43"]
    assert made.dose_cem43 == pytest.approx(0.2)
    assert made.dose_budget_cem43 == pytest.approx(0.2)
    assert step(made, "soak").duration_s == pytest.approx(384)
    assert refusal(plan(hot, earlier=Earlier(dose_cem43=1.999)))[0] == "dose CEM43"


def test_the_second_soak_gets_what_the_first_left() -> None:
    made = plan(SOAK, SOAK.replace("12 min", "8 min"), person=SENSITIVE)
    assert [one.duration_s for one in made.steps if one.kind == "soak"] == [600]
    assert told(made)[-1] == ("time s", 480.0, 0.0, "tier sensitive")


def test_massage_counts_by_foot_and_for_both() -> None:
    one = MASSAGE.replace("4 min", "10 min") + 'feet = ["left"]\n'
    other = one.replace("left", "right")
    made = plan(one, other, person=NUMB_BUT_SEEN)
    assert [what.duration_s for what in made.steps if what.kind == "massage"] == [300, 300]
    assert {what for what, *_ in told(made)} == {"time s", "pressure kPa"}


def test_a_program_that_is_too_long_gives_up_rest_first_then_hands_then_pressure() -> None:
    made = plan(SOAK, MASSAGE, GUIDED.replace("3 min", "14 min"), REST.replace("5 min", "9 min"), person=SENSITIVE)
    assert [(one.phase, one.asked, one.given) for one in made.lowered if one.what == "time s"] == [
        ("soak", 720.0, 600.0), ("rest", 540.0, 300.0),
    ]  # fmt: skip
    assert session_s(made.steps) == 2400


def test_fitting_cuts_in_order_and_leaves_no_idle_roller() -> None:
    press = Step("massage", "a", 100, technique="rolling")
    steps = [
        Step("feet_in", "on"),
        press,
        Step("guided", "g", 100),
        Step("feet_in", "on"),
        press,
        Step("rest", "r", 100),
        Step("finish", "f"),
    ]
    assert fit(steps, 520)[1] == []
    kept, cuts, enough = fit(steps, 500)
    assert (cuts, enough) == ([("r", 100, 80)], True)
    assert len(kept) == 7
    kept, cuts, enough = fit(steps, 300)
    assert (cuts, enough) == ([("r", 100, 0.0), ("g", 100, 0.0), ("a", 100, 80)], True)
    kept, cuts, enough = fit(steps, 215)
    assert [one.kind for one in kept] == ["feet_in", "massage", "finish"]
    assert enough
    assert not fit(steps, 30)[2]


def test_a_program_that_never_fits_is_refused() -> None:
    assert refusal(plan(MASSAGE, *[PROMPT] * 63))[0] == "time s"


# --------------------------------------------------------------------------------------------------- devices


def test_a_device_lacks_things() -> None:
    assert told(plan(PRESS, device=replace(DEVICE, zones=frozenset(("heel",))))) == [("zones", "toes, heel", "heel", "device")]
    assert refusal(plan(PRESS, device=replace(DEVICE, zones=frozenset()))) == ("zones", "toes, heel", "device")
    assert told(plan(PRESS, device=replace(DEVICE, techniques=frozenset(("circular", "kneading"))))) == [
        ("technique", "press", "kneading", "device")
    ]
    assert refusal(plan(MASSAGE, device=replace(DEVICE, techniques=frozenset(("press",))))) == ("technique", "kneading", "device")
    assert refusal(plan(MASSAGE, device=replace(DEVICE, places=frozenset(("bath",))))) == ("phase kind", "massage", "device")
    assert refusal(plan(SOAK, device=replace(DEVICE, places=frozenset(("roller",))))) == ("phase kind", "soak", "device")
    assert refusal(plan(SOAK, device=replace(DEVICE, heater_w=0))) == ("phase kind", "soak", "device")
    assert refusal(plan(SOAK, device=replace(DEVICE, volume_l=2.5))) == ("volume L", 2.5, "tier standard")
    assert kinds(plan(SOAK, MASSAGE, device=replace(DEVICE, places=frozenset(("shared",)))))[-3:] == ["feet_in", "massage", "finish"]


def test_bubbles_only_where_there_are_some() -> None:
    assert step(plan(SOAK + "bubbles = true\n"), "soak").bubbles
    made = plan(SOAK + "bubbles = true\n", device=replace(DEVICE, features=frozenset()))
    assert told(made) == [("bubbles", "on", "off", "device")]
    assert not step(made, "soak").bubbles


def test_a_heater_that_is_too_weak_is_refused_before_it_starts() -> None:
    assert refusal(plan(SOAK, device=replace(DEVICE, heater_w=50))) == ("preheat s", "never", "absolute")
    what, asked, _ = refusal(plan(SOAK, device=replace(DEVICE, heater_w=85, volume_l=6.0)))
    assert what == "preheat s"
    assert asked > 2400


def test_a_device_with_caps_looser_than_absolute_is_refused() -> None:
    assert refusal(plan(REST, caps=DEVICE_CAPS | {"water_trip": 4300})) == ("cap water_trip", 4300, "absolute")


def test_a_device_that_gives_fewer_caps_gets_less() -> None:
    caps = {name: value for name, value in DEVICE_CAPS.items() if name != "pressure_max"}
    assert refusal(plan(MASSAGE, caps=caps))[0] == "phases"
    caps = {name: value for name, value in DEVICE_CAPS.items() if name != "water_setpoint_min"}
    assert refusal(plan(SOAK, caps=caps)) == ("water °C", 38.0, "device")
    assert "water_setpoint_min" not in plan(REST, caps=caps).limits
    assert refusal(plan(SOAK, caps=DEVICE_CAPS | {"water_setpoint_max": 2900}))[0] == "water °C"


def test_limits_are_the_strictest_of_all() -> None:
    limits = plan(REST, person=SENSITIVE, caps=DEVICE_CAPS | {"water_setpoint_max": 3500, "dwell_off": 12_000}).limits
    assert (limits["water_setpoint_max"], limits["water_trip"], limits["dwell_off"], limits["soft_start"]) == (3500, 3700, 12_000, 120)
    assert set(limits) == set(DEVICE_CAPS)


# --------------------------------------------------------------------------------------------------- starting later


def test_starting_later_keeps_what_a_soak_means() -> None:
    made = plan(SOAK, MASSAGE, REST, person=SENSITIVE, start_phase=1)
    assert kinds(made) == ["dry", "feet_in", "massage", "rest", "finish"]
    assert step(made, "massage").pressure_to_kpa == 15.0
    assert kinds(plan(MASSAGE, SOAK, REST, start_phase=1)) == ["preheat", "feet_in", "soak", "dry", "rest", "finish"]
    assert kinds(plan(SOAK, SOAK.replace("12 min", "5 min"), start_phase=1))[:3] == ["preheat", "feet_in", "soak"]
    assert kinds(plan(SOAK, REST, start_phase=None))[0] == "preheat"


@pytest.mark.parametrize("start", [-1, 2, 99])
def test_starting_where_nothing_is_refused(start: int) -> None:
    assert refusal(plan(REST, REST, start_phase=start))[0] == "start phase"


def test_nothing_left_is_refused_but_a_rest_alone_is_a_program() -> None:
    assert kinds(plan(REST)) == ["rest", "finish"]
    assert refusal(plan(MASSAGE, REST, caps=DEVICE_CAPS | {"massage_foot": 5})) == ("phases", "all", "program")


# --------------------------------------------------------------------------------------------------- warming up


@pytest.mark.parametrize(("litres", "minutes"), [(3, 7.6), (5, 12.0), (6, 14.2)])
def test_warming_up_takes_as_long_as_the_plants_figures(litres: float, minutes: float) -> None:
    assert preheat.seconds(litres, 500, 24, 38) / 60 == pytest.approx(minutes, rel=0.05)


def test_wrist_warm_water_is_ready_soon_and_warm_water_at_once() -> None:
    assert 180 <= preheat.seconds(5, 500, 34, 38) <= 255
    assert preheat.seconds(5, 500, 38, 38) == 0
    assert preheat.seconds(5, 0, 24, 38) == math.inf
    made = plan(SOAK)
    assert made.preheat_s == pytest.approx(12 * 60, rel=0.02)
    assert any("wrist-warm" in note and "about 4 min" in note for note in made.notes)
    assert plan(MASSAGE).preheat_s == 0


# --------------------------------------------------------------------------------------------------- laws

PEOPLE = st.builds(
    Person,
    st.just("p"),
    st.sampled_from(["standard", "sensitive", "no_soak", "gold"]),
    st.booleans(),
    st.frozensets(st.sampled_from(ZONES), max_size=2),
    st.frozensets(st.sampled_from(["left", "right"]), max_size=2),
    st.sampled_from(["", "wound"]),
    st.sampled_from(["", "pregnancy"]),
    st.none() | st.just("2026-01-01"),
    st.dictionaries(st.sampled_from(list(DEVICE_CAPS)), st.integers(-1, 5000), max_size=2),
)
DEVICES = st.builds(
    lambda zones, techniques, places, volume, watts: replace(
        DEVICE, zones=zones, techniques=techniques, places=places, volume_l=volume, heater_w=watts
    ),
    st.frozensets(st.sampled_from(ZONES)),
    st.frozensets(st.sampled_from(TECHNIQUES)),
    st.frozensets(st.sampled_from(["bath", "roller", "shared"])),
    st.floats(0, 8),
    st.integers(0, 900),
)
CAP_TABLES = st.just(DEVICE_CAPS) | st.dictionaries(st.sampled_from(list(DEVICE_CAPS)), st.integers(-1, 60_000), max_size=40).map(
    lambda some: DEVICE_CAPS | some
)
PROGRAMS = st.lists(st.sampled_from([SOAK, PROMPT, MASSAGE, PRESS, STRETCH, GUIDED, REST]), min_size=1, max_size=6).filter(
    lambda phases: phases.count(SOAK) <= 1 and phases.count(MASSAGE) <= 2 and phases.count(PRESS) <= 2
)
EARLIER = st.none() | st.builds(Earlier, st.floats(), st.floats(), st.floats(), since_soak_s=st.none() | st.floats())


@settings(max_examples=200)
@given(PROGRAMS, PEOPLE, DEVICES | st.just(DEVICE), CAP_TABLES, EARLIER, st.none() | st.integers(-1, 6))
def test_no_plan_passes_any_cap_and_every_plan_is_total(
    phases: list[str], person: Person, device: Identified, caps: dict[str, int], earlier: Earlier | None, start: int | None
) -> None:
    made = plan(*phases, person=person, device=device, caps=caps, earlier=earlier, start_phase=start)
    if made.refused:
        assert made.steps == ()
        return
    tier = TIERS.get(stricter(person.tier, "standard"), TIERS["no_soak"])
    gate = Gate((Layer("device", caps), Layer("tier", tier.caps), Layer("person", person.limits, complete=False)))

    def most(name: str) -> float:
        return gate.cap(name).value

    for index, row in enumerate(CAPS):
        if row[0] in made.limits:
            assert not loosens(index, made.limits[row[0]], ABSOLUTE[index])
            assert not loosens(index, made.limits[row[0]], tier.caps[row[0]])
            assert not loosens(index, made.limits[row[0]], caps[row[0]])
    since_s = None if earlier is None else earlier.since_soak_s
    soaked, dry = since_s is not None and not since_s >= 300 and tier.dry_s > 0, False
    soak_s, sides, pairs = 0.0, {"left": 0.0, "right": 0.0}, []
    for at, one in enumerate(made.steps):
        assert one.kind in KINDS
        assert one.duration_s is None or one.duration_s > 0
        if one.water_c is not None:
            assert natural("water_setpoint_min", tier.caps["water_setpoint_min"]) <= one.water_c <= most("water_setpoint_max")
        if one.kind == "soak":
            assert one.duration_s is not None
            assert one.ramp_c_min is not None
            assert one.ramp_c_min <= most("water_ramp")
            soaked, dry = True, False
            soak_s += one.duration_s
            pairs.append((one.duration_s, (one.water_c or 0.0) + 0.5))
        dry = dry or one.kind == "dry"
        if one.technique is not None:
            assert one.duration_s is not None
            assert one.technique in device.techniques
            assert one.zones
            assert one.zones <= device.zones - person.excluded_zones
            assert one.feet
            assert not one.feet & person.excluded_feet
            assert max(one.pressure_from_kpa, one.pressure_to_kpa) <= most("pressure_max")
            assert one.ramp_kpa_s <= most("pressure_ramp")
            assert one.soft_kpa <= most("pressure_max") / 2
            assert any(before.kind == "feet_in" and before.feet == one.feet for before in made.steps[:at])
            if soaked:
                assert dry
                assert max(one.pressure_from_kpa, one.pressure_to_kpa) <= tier.after_soak.get("pressure_max", 60_000) / 1000
            if tier.skin_checks:
                assert any(before.check and before.confirm for before in made.steps[:at])
                assert any(after.check and after.confirm for after in made.steps[at:])
            for side in one.feet:
                sides[side] += one.duration_s
    assert soak_s <= most("soak_time") + 1e-6
    assert max(sides.values()) <= most("massage_foot") + 1e-6
    assert sum(sides.values()) <= most("massage_total") + 1e-6
    assert session_s(made.steps) <= most("session_time") + 1e-6
    assert cem43(pairs) == pytest.approx(made.dose_cem43)
    assert made.dose_cem43 <= most("thermal_dose") + 1e-9
    assert made.steps[-1].kind == "finish"


@given(PROGRAMS, PEOPLE)
def test_the_same_question_gives_the_same_plan(phases: list[str], person: Person) -> None:
    assert plan(*phases, person=person) == plan(*phases, person=person)


def test_every_lower_bound_of_the_table_is_one_the_planner_knows() -> None:
    assert [row[0] for row in CAPS if row[2] == LEAST] == ["water_setpoint_min", "dwell_off", "soft_start", "volume_min"]
