"""Every preset for every tier on the reference device: fits, lowered, or refused, and why. A preset fits its own tier unchanged."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from firmware_protocol.limits import CAPS
from firmware_protocol.messages import TECHNIQUES, ZONES
from footctl.core.events import Identified
from footctl.core.person import Person
from footctl.core.plan import Plan
from footctl.core.planner import make_plan
from footctl.run.presets import list_programs, load_program

DEVICE = Identified(
    major=1, minor=0, serial="SIM-0001", model="footbath-5l", firmware="0.1.0", boot_id=1, uptime_ms=0, simulator=1, features=frozenset(),
    places=frozenset(("bath", "roller")), zones=frozenset(ZONES), techniques=frozenset(TECHNIQUES), volume_l=5.0, heater_w=500,
    caps_hash=b"", state="idle", fault=0, controller=True,
)  # fmt: skip
CAPS_IN_FORCE = {row[0]: row[3] for row in CAPS}
STATEMENT = "2026-01-01"


def plan(name: str, tier: str, statement: str | None = None) -> Plan:
    return make_plan(load_program(name), Person("someone", tier, screened=True, statement=statement), DEVICE, CAPS_IN_FORCE)


def fit(made: Plan) -> str:
    return "refused" if made.refused else "lowered" if made.lowered else "fits"


TABLE = {  # preset: standard, sensitive, no_soak, no_soak with a clinician's statement
    "circulation-boost": ("fits", "lowered", "refused", "refused"),
    "dry-gentle": ("fits", "fits", "refused", "fits"),
    "evening-unwind": ("fits", "lowered", "refused", "refused"),
    "first-time": ("fits", "fits", "refused", "refused"),
    "neuropathy-gentle": ("fits", "fits", "refused", "refused"),
    "plantar-fasciitis-roller": ("fits", "lowered", "refused", "lowered"),
    "quick-break": ("fits", "lowered", "refused", "lowered"),
    "spa-day": ("fits", "lowered", "refused", "refused"),
    "steady-recovery": ("fits", "fits", "refused", "refused"),
    "wind-down": ("fits", "lowered", "refused", "refused"),
}


def test_the_table_has_every_preset() -> None:
    assert list(TABLE) == [row["name"] for row in list_programs()]


def test_the_page_says_the_same(checkout: Path) -> None:
    page = (checkout / "docs" / "reference" / "presets.md").read_text(encoding="utf-8")
    sections = {re.findall(r"^`([a-z-]+)`:", part, flags=re.MULTILINE)[0]: part for part in page.split("\n## ")[1:]}
    assert list(sections) == list(TABLE)
    for name, part in sections.items():
        assert tuple(re.findall(r"^\| [a-z_', ]+ \| (fits|lowered|refused) \|", part, flags=re.MULTILINE)) == TABLE[name]


@pytest.mark.parametrize("name", TABLE)
def test_preset_by_tier(name: str) -> None:
    made = (plan(name, "standard"), plan(name, "sensitive"), plan(name, "no_soak"), plan(name, "no_soak", STATEMENT))
    assert tuple(fit(one) for one in made) == TABLE[name]
    for one in made:
        for line in (*one.lowered, *one.refused):
            assert line.rule
            assert line.source
    own = plan(name, load_program(name).tier, STATEMENT)
    assert not own.lowered


def test_evening_unwind_takes_36_minutes_after_12_of_warming_up() -> None:
    made = plan("evening-unwind", "standard")
    assert made.duration_s == 36 * 60
    assert made.preheat_s == pytest.approx(12 * 60, rel=0.05)
    assert [step.kind for step in made.steps] == [
        "preheat", "feet_in", "soak", "dry", "feet_in", "massage", "massage", "massage", "massage", "stretch", "guided", "rest", "finish",
    ]  # fmt: skip
    assert round(made.dose_cem43, 2) == 0.02
    assert "lavender, 6-10 drops in 30 ml" in str(made.steps[3].text)


def test_quick_break_is_in_massage_right_after_stepping_on() -> None:
    made = plan("quick-break", "standard")
    assert [step.kind for step in made.steps[:2]] == ["feet_in", "massage"]
    assert (made.duration_s, made.water_max_c, made.needs_heater) == (480, None, False)


def test_neuropathy_gentle_begins_with_the_warning_and_stays_gentle() -> None:
    made = plan("neuropathy-gentle", "standard")
    assert made.tier == "sensitive"
    assert made.steps[0].kind == "prompt"
    assert str(made.steps[0].text).startswith("For tingling or painful feet whose protective sensation was checked in the last 12 months")
    assert made.water_max_c is not None
    assert made.water_max_c <= 35
    assert made.pressure_max_kpa <= 12
    assert sum(step.duration_s or 0 for step in made.steps if step.kind == "soak") <= 600
    assert any("both soles" in str(step.text) for step in made.steps)


def test_first_time_explains_and_presses_least() -> None:
    made = plan("first-time", "sensitive")
    assert made.steps[0].kind == "prompt"
    assert made.pressure_max_kpa == min(plan(name, load_program(name).tier, STATEMENT).pressure_max_kpa for name in TABLE)


def test_dry_gentle_is_for_those_who_must_not_soak() -> None:
    made = plan("dry-gentle", "no_soak", STATEMENT)
    assert (made.tier, made.water_max_c, made.pressure_max_kpa) == ("no_soak", None, 8.0)
    assert sum(step.duration_s or 0 for step in made.steps if step.technique) <= 300
    assert [str(step.text)[:30] for step in made.steps if step.kind == "prompt"] == [
        "Look at both feet, soles and b", "Socks off. Look at both feet a",
    ]  # fmt: skip
    refused = plan("dry-gentle", "no_soak")
    assert {line.source for line in refused.refused} == {"massage needs a clinician's dated statement in this tier"}


def test_plantar_fasciitis_roller_presses_arch_and_heel_alone_and_grows() -> None:
    made = plan("plantar-fasciitis-roller", "standard")
    pressed = [step for step in made.steps if step.technique]
    assert made.water_max_c is None
    assert frozenset().union(*(step.zones for step in pressed)) == {"arch", "heel"}
    arch = [step.pressure_to_kpa for step in pressed if step.zones == {"arch"}]
    heel = [step.pressure_to_kpa for step in pressed if step.zones == {"heel"}]
    assert arch == sorted(arch)
    assert heel == sorted(heel)


def test_wind_down_is_slow_dims_the_light_and_ends_awake() -> None:
    made, profile = plan("wind-down", "standard"), load_program("wind-down")
    assert profile.oil == "lavender"
    assert (profile.scene, profile.phases[4].scene) == ("lights-low", "quiet")
    assert max(step.speed_pct for step in made.steps) <= 20
    assert (made.steps[-2].kind, made.steps[-2].confirm) == ("prompt", True)


def test_steady_recovery_asks_between_its_stages() -> None:
    kinds = [step.kind for step in plan("steady-recovery", "standard").steps]
    assert kinds.count("prompt") == 3
    stages = [index for index, kind in enumerate(kinds) if kind == "massage"]
    assert all("prompt" in kinds[one:other] for one, other in pairwise(stages))


def test_spa_day_is_the_full_tour_in_40_minutes() -> None:
    made = plan("spa-day", "standard")
    assert made.duration_s == 40 * 60
    assert frozenset().union(*(step.zones for step in made.steps)) == set(ZONES)
    assert {step.kind for step in made.steps} >= {"soak", "dry", "massage", "stretch", "guided", "rest"}
    assert "Epsom salt" in str(made.steps[0].text)
    assert "lavender" in " ".join(str(step.text) for step in made.steps)


def test_circulation_boost_strokes_from_the_toes_to_the_ankle() -> None:
    pressed = [step for step in plan("circulation-boost", "standard").steps if step.technique]
    nearest = [min(ZONES.index(zone) for zone in step.zones) for step in pressed]
    assert nearest == sorted(nearest)
    assert (nearest[0], nearest[-1]) == (ZONES.index("toes"), ZONES.index("ankle"))
    assert max(step.pressure_to_kpa for step in pressed) <= 16


@pytest.mark.parametrize("name", TABLE)
def test_each_says_for_whom_not_for_whom_and_on_what_ground(name: str) -> None:
    profile = load_program(name)
    for text in (profile.for_whom, profile.not_for, profile.based_on):
        assert text is not None
        assert len(text) > 30
    assert profile.license == "CC0-1.0"


@pytest.mark.parametrize("name", TABLE)
def test_a_device_with_one_place_for_both_runs_them_too(name: str) -> None:
    made = make_plan(load_program(name), Person("x", "standard", True), replace(DEVICE, places=frozenset(("shared",))), CAPS_IN_FORCE)
    assert not made.refused
