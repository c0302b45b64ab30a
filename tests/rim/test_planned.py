"""A plan as people and programs read it."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from footctl.core.events import Identified
from footctl.core.plan import Limited, Plan, Step
from footctl.screens.ink import Ink
from footctl.screens.planned import device_text, in_zone_order, minutes, plan_record, plan_text

SIMULATOR = Identified(
    major=1,
    minor=0,
    serial="SIM-0001",
    model="footbath-5l",
    firmware="1.0",
    boot_id=1,
    uptime_ms=0,
    simulator=1,
    features=frozenset(),
    places=frozenset(("bath", "roller")),
    zones=frozenset(("arch", "heel", "toes", "ball", "ankle")),
    techniques=frozenset(("kneading",)),
    volume_l=5.0,
    heater_w=500,
    caps_hash=b"",
    state="idle",
    fault=0,
    controller=True,
)

PLAN = Plan(
    program="evening",
    title="Evening",
    tier="standard",
    steps=(
        Step("preheat", "preheat", water_c=38.0),
        Step("feet_in", "feet_in", water_c=38.0),
        Step("soak", "soak", duration_s=720, water_c=38.0),
        Step("dry", "dry", confirm=True, least_s=300, text="Dry both\nfeet."),
        Step(
            "massage", "arch knead", 240, zones=frozenset(("heel", "arch")), technique="kneading", pressure_from_kpa=15, pressure_to_kpa=30
        ),
        Step(
            "massage",
            "a heel with a very long name",
            90,
            feet=frozenset(("left",)),
            technique="press",
            pressure_from_kpa=20,
            pressure_to_kpa=20,
        ),
        Step("rest", "rest", duration_s=45),
    ),
    lowered=(Limited("soak", "water °C", 41.0, 38.5, "tier standard", "a trial"),),
    refused=(),
    limits={"pressure_max": 30000},
    water_max_c=38.0,
    pressure_max_kpa=30.0,
    preheat_s=720,
    duration_s=2160,
    dose_cem43=0.021,
    dose_budget_cem43=1.0,
    pressure_time_part=0.31,
    notes=("Wash your feet first.",),
)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def text(plan: Plan = PLAN, identity: Identified | None = SIMULATOR, stream: io.StringIO | None = None) -> str:
    return plan_text(plan, identity, Ink(stream or io.StringIO()), "20:44")


def test_it_reads_like_this() -> None:
    assert "\n" + text() + "\n" == """
Evening · 36 min · tier standard · simulator SIM-0001 (5.0 L, 500 W, 5 zones)
  phase                           time  water       pressure     notes
  preheat                      ~12 min  24 → 38 °C  –            ready about 20:44
  feet in                          you  38 °C       –            confirm
  soak                          12 min  38 °C ±0.5  –            clock holds outside the band
  dry                              you  –           –            at least 5 min, confirm: Dry both feet.
  arch knead                     4 min  –           15 → 30 kPa  kneading arch + heel, both feet
  a heel with a very long…  1 min 30 s  –           20 kPa       press, left foot
  rest                            45 s  –           –
  water at most 38 °C · dose 0.02 of 1.00 CEM43 min · pressure at most 30 kPa · pressure-time 31 % of budget
  1 lowered · nothing refused
  lowered: soak: water 41 → 38.5 °C (tier standard; a trial)
  Wash your feet first.
"""


def test_a_narrow_terminal_gets_short_notes_and_whole_words() -> None:
    lines = plan_text(PLAN, SIMULATOR, Ink(io.StringIO()), "20:44", wide=80).splitlines()
    assert max(len(line) for line in lines) <= 80
    assert [line[-1] for line in lines if " dry " in line] == ["…"]
    assert "    pressure-time 31 % of budget" in lines


def test_a_refusal_is_told_even_without_steps() -> None:
    refused = replace(PLAN, steps=(), lowered=(), refused=(Limited("soak", "phase kind", "soak", None, "tier no_soak", ""),))
    told = text(refused, None)
    assert "refused: no soak: tier no_soak\n  next: choose a program without water, like dry-gentle: footctl programs list" in told
    assert "nothing lowered · 1 refused" in told
    assert "phase    " not in told
    assert "simulator" not in told


def test_json_is_plain() -> None:
    record = json.loads(json.dumps(plan_record(PLAN, SIMULATOR), allow_nan=False))
    assert record["simulated"] is True
    assert record["steps"][4]["zones"] == ["arch", "heel"]
    assert record["lowered"][0]["given"] == 38.5
    assert plan_record(PLAN, None)["device"] is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(45, "45 s"), (60, "1 min"), (90, "1 min 30 s"), (240, "4 min"), (2160, "36 min"), (3900, "1 h 05 min"), (622, "10 min")],
)
def test_times(seconds: float, told: str) -> None:
    assert minutes(seconds) == told


def test_devices_and_zones() -> None:
    assert device_text(replace(SIMULATOR, simulator=0, heater_w=0, zones=frozenset(("arch",)))) == "device SIM-0001 (1 zone)"
    assert in_zone_order(("elbow", "heel", "toes")) == ["toes", "heel", "elbow"]


def test_colour_only_where_a_person_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1mEvening" in text(stream=Screen())
    assert "\x1b" not in text()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in text(stream=Screen())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in text(stream=Screen())
