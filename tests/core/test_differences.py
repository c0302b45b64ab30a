"""The differences of a plan: one sentence a cause, in words that people use, and the next step."""

from __future__ import annotations

import pytest

from footctl.core.differences import ANOTHER, lowered, next_step, refused
from footctl.core.plan import Limited

WET = "wet skin has less shear tolerance [ENG]"
TIER = "tier sensitive"
LOWERED = [
    ([Limited("soak", "time s", 720.0, 600.0, TIER, "a trial [S: x]; [ENG]")], "soak: 12 min → 10 min (tier sensitive)"),
    ([Limited("soak", "water °C", 38.0, 36.0, TIER, "")], "soak: water 38 → 36 °C (tier sensitive)"),
    ([Limited("soak", "ramp °C/min", 1.0, 0.5, TIER, "[ENG]")], "soak: ramp 1 → 0.5 °C/min (tier sensitive)"),
    ([Limited("soak", "salt", "on", "off", "tier no_soak", "[ENG]")], "soak: salt on → off (tier no_soak)"),
    ([Limited("heel", "time s", 90.0, 0.0, "24 h", "used up")], "heel: 90 s → left out (used up)"),
    ([Limited("heel", "pressure kPa", 20.0, 12.0, "learned", "it hurt; [S: x]")], "heel: pressure 20 → 12 kPa (it hurt)"),
    ([Limited("heel", "pressure kPa", 20.0, 12.0, "learned", "")], "heel: pressure 20 → 12 kPa (learned)"),
    (
        [Limited(name, "pressure kPa", asked, 15.0, TIER, WET) for name, asked in (("a", 30.0), ("b", 32.0), ("c", 18.0), ("d", 25.0))],
        "a, b and 2 more: pressure 18 to 32 → 15 kPa (tier sensitive)",
    ),
]


@pytest.mark.parametrize(("found", "words"), LOWERED)
def test_what_is_lowered(found: list[Limited], words: str) -> None:
    assert lowered(found) == [words]


def test_what_the_numbers_rest_on_is_told_where_it_is_asked_for() -> None:
    found = [Limited("soak", "water °C", 38.0, 36.0, TIER, "trials [S: x]"), Limited("soak", "ramp °C/min", 1.0, 0.5, TIER, "")]
    assert lowered(found, sources=True) == [
        "soak: water 38 → 36 °C (tier sensitive; trials [S: x])", "soak: ramp 1 → 0.5 °C/min (tier sensitive)",
    ]  # fmt: skip


REFUSED = [
    (
        [Limited(name, "phase kind", "massage", None, "tier no_soak", "ask a doctor") for name in ("a", "b")],
        "no massage: ask a doctor", "ask a clinician",
    ),
    ([Limited("soak", "phase kind", "soak", None, "tier no_soak", "")], "no soak: tier no_soak", "without water, like dry-gentle"),
    ([Limited("soak", "phase kind", "soak", None, "person", "a wound")], "no soak: a wound", "without water:"),
    ([Limited("arch", "phase kind", "massage", None, "person", "a clot")], "no massage: a clot", "without massage"),
    ([Limited("arch", "phase kind", "massage", None, "device", "no roller")], "no massage: no roller", "fits this device"),
    ([Limited("screening", "person", "Ana", None, "person", "a fever: not today")], "a fever: not today", "answer the questions again"),
    ([Limited("heel", "zones", "heel", None, "person", "left alone")], "heel: nothing is left of its zones (heel): left alone", ANOTHER),
    ([Limited("soak", "time s", 720.0, None, "24 h", "used up")], "soak, 12 min: used up", "tomorrow"),
    ([Limited("soak", "dose CEM43", 0.126, None, "absolute", "")], "soak, dose 0.13 CEM43: for everybody", ANOTHER),
]  # fmt: skip


@pytest.mark.parametrize(("found", "words", "step"), REFUSED)
def test_what_is_refused_and_what_to_do(found: list[Limited], words: str, step: str) -> None:
    assert refused(found) == [words]
    assert step in next_step(found)


def test_nothing_left_is_none() -> None:
    assert lowered([Limited("heel", "zones", "heel", None, "person", "hurt")]) == ["heel: zones heel → none (hurt)"]
