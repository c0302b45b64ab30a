"""Before the first step: who the device is, what it allows, and every reason not to begin."""

from __future__ import annotations

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import endings
from footctl.core import events as e
from footctl.core.person import Person
from footctl.core.program import Program
from tests.core.desk import CAPS, KNEAD, PROMPT, REST, SOAK, STROKE, Desk, desk, identity, profile


def test_the_limits_go_first_and_every_needed_enable_is_tried_once_before_the_first_step() -> None:
    at = desk(PROMPT, SOAK, KNEAD)
    at.until("prompt")
    started = [command for _, command in at.said]
    assert [type(command) for command in started[:8]] == [
        c.Greet, c.ReadCaps, c.SetLimits, c.ReadCaps, c.StartDevice, c.BreakFrame, c.TooWarm, c.TooHard
    ]  # fmt: skip
    assert started[4] == c.StartDevice(True, True)
    at.turn(*at.answers())
    assert not at.heater
    assert not at.motor


def test_a_permissive_that_is_missing_refuses_before_anything_is_on() -> None:
    at = desk(SOAK, refuse={"Start": e.Refused("Start", "not_permitted", 1)})
    at.until("refused")
    assert at.program.outcome is not None
    assert "not enough water" in at.program.outcome.reason
    assert at.program.outcome.off_confirmed
    assert not at.told(c.StopNow)


def test_limits_that_loosen_are_refused_by_name() -> None:
    at = desk(KNEAD, refuse={"SetLimits": e.Refused("SetLimits", "loosens", 8)})
    at.until("refused")
    assert at.program.outcome is not None
    assert "pressure_max" in at.program.outcome.reason


@pytest.mark.parametrize("fault", [faults.PAIN, 200])
def test_a_device_that_is_latched_already_is_refused_with_how_to_clear(fault: int) -> None:
    at = desk(KNEAD, identity=identity(fault=fault, state="latched"))
    at.until("refused", most_s=2)
    assert at.program.outcome is not None
    assert "footctl clear" in at.program.outcome.hint


def test_a_lamp_that_cannot_be_set_harms_nothing() -> None:
    at = desk(REST, refuse={"SetLamp": e.Refused("SetLamp", "unsupported", 0)})
    at.until("completed")


def test_refusals_that_nobody_asked_for_are_ignored() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    at.turn(e.Refused("Start", "strange", 0), e.Accepted("Start"), e.Pressed("feet", 3))
    assert at.program.state == "massage"


@pytest.mark.parametrize(
    ("refused", "word"),
    [(e.Refused("Hello", "wrong_version", 2), "major"), (e.Refused("GetCaps", "reason_99", 0), "does not know")],
)
def test_a_device_that_does_not_speak_with_us(refused: e.Refused, word: str) -> None:
    at = desk(KNEAD, refuse={refused.message: refused})
    at.until("link_lost", most_s=2)
    assert at.program.outcome is not None
    assert word in at.program.outcome.reason


@pytest.mark.parametrize("major", [0, 2, 255])
def test_another_major_version_is_not_spoken(major: int) -> None:
    at = desk(KNEAD, identity=identity(major=major))
    while at.program.outcome is None:
        assert [type(command) for command in at.turn()] in ([], [c.Greet])
    assert at.program.outcome.kind == "link_lost"
    assert f"speaks version {major}" in at.program.outcome.reason


def test_another_host_is_the_controller() -> None:
    at = desk(KNEAD, identity=identity(controller=False))
    at.until("link_lost", most_s=2)
    assert at.program.outcome is not None
    assert "another host" in at.program.outcome.reason


@pytest.mark.parametrize("caps", [{**CAPS, "pressure_max": 60_001}, {**CAPS, "soft_start": -1}, {"water_trip": 4200}])
def test_a_cap_table_that_is_looser_or_lacks_a_cap_is_refused(caps: dict[str, int]) -> None:
    at = desk(KNEAD, caps=caps)
    at.until("refused", most_s=2)


def test_a_plan_that_must_not_run_is_refused_with_the_reason() -> None:
    at = Desk(Program(profile=profile(SOAK), person=Person("p", "no_soak")))
    at.until("refused", most_s=2)
    assert at.program.plan is not None
    assert at.program.plan.refused
    assert at.program.outcome is not None
    assert "soak" in at.program.outcome.reason


def test_what_earlier_sessions_used_counts_before_and_after_the_plan() -> None:
    used = e.Earlier(soak_s=2400, dose_cem43=2.0)
    at = desk(SOAK, says_yes=False)
    at.until("ready", most_s=2)
    at.turn(used)
    assert at.program.state == "refused"
    at = desk(SOAK)
    at.turn(used)
    at.until("refused", most_s=2)
    at = desk(SOAK)
    at.until("soak")
    at.turn(used)
    assert at.program.state == "soak"


@pytest.mark.parametrize(("noise", "reason"), [(False, "nobody answered"), (True, "what answers does not speak our protocol")])
def test_nobody_answers_the_greeting(noise: bool, reason: str) -> None:
    at = desk(KNEAD)
    at.mute = True
    at.turn()
    for _ in range(3):
        at.turn(e.Unanswered("Hello", noise))
    assert len(at.told(c.Greet)) == 3
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.reason) == ("link_lost", reason)
    assert at.program.outcome.hint


def test_another_device_than_the_one_that_was_named_is_refused() -> None:
    program = Program(profile=profile(SOAK), serial="FB-0007")
    program.step(0.0, [])
    assert not [command for command in program.step(0.1, [identity()]) if not isinstance(command, c.Greet)]
    assert program.outcome is not None
    assert (program.outcome.kind, program.outcome.reason) == ("link_lost", "this is SIM-0001, not FB-0007")
    right = Program(profile=profile(SOAK), serial="SIM-0001")
    right.step(0.0, [])
    right.step(0.1, [identity()])
    assert right.outcome is None


def test_another_cap_table_than_the_one_that_it_greeted_with_is_refused() -> None:
    at = desk(SOAK)
    at.turn()
    assert endings.unfit(identity(), e.CapsRead(CAPS, b"other")) == "SIM-0001 sent another cap table than the one that it greeted with"
    assert endings.unfit(identity(caps_hash=b"same"), e.CapsRead(CAPS, b"same")) == ""


def test_strangers_at_the_device_are_told_and_change_nothing() -> None:
    at = desk(KNEAD)
    at.until("massage")
    at.turn(e.Pressed("intrusion", faults.INTRUDER))
    at.turn(e.Pressed("intrusion", 99))
    assert "somebody without the device's key" in at.program.warnings[-2]
    assert "unknown warning 99" in at.program.warnings[-1]
    assert at.program.state == "massage"
