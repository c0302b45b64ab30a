"""Proof before heat against a device on paper that lacks one guard at a time; against the real device mind, see tests/world."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import events as e
from footctl.core.program import Program
from footctl.core.proof import ARM_S, LET_GO_TRIES, TRIES
from tests.core.desk import BOTH, CAPS, KNEAD, NOBODY, REST, SOAK, Desk, desk, identity


def _refused(at: Desk, why: str, *, most_s: float = 300.0) -> None:
    at.until("refused", most_s=most_s)
    outcome = at.program.outcome
    assert outcome is not None
    assert why in outcome.reason
    assert outcome.hint
    assert outcome.off_confirmed
    assert not at.heater
    assert not at.motor
    assert not at.told(c.SetWater)
    assert not at.told(c.SetMassage)


def _whats(at: Desk) -> list[str]:
    return [row.what for row in at.program.proved]


def test_both_outputs_are_proved_for_a_program_that_uses_both() -> None:
    at = desk(SOAK, KNEAD)
    at.until("preheat")
    assert all(row.passed for row in at.program.proved)
    assert _whats(at) == [
        "limits in force", "water of 40.01 °C", "a broken frame", "pressure of 50.001 kPa", "roller off without heartbeat",
        "heater off without heartbeat",
    ]  # fmt: skip
    assert at.told(c.TooHard)[0].pressure_kpa == pytest.approx(50.001)
    assert at.told(c.StartDevice) == [c.StartDevice(True, True), c.StartDevice(True, False)], "and nothing between them"


def test_only_what_the_program_uses_is_proved() -> None:
    at = desk(KNEAD)
    began = 0.0
    while at.program.state != "feet_in":
        at.turn(*at.answers())
        began = began or (at.now if at.program.state == "proving" else 0.0)
    assert "heater" not in str(at.program.proved)
    assert at.now - began < 3.0
    at = desk(REST)
    at.until("rest")
    assert _whats(at) == ["limits in force"]
    assert not at.told(c.BreakFrame)


def test_the_heartbeat_is_withheld_no_longer_than_it_takes() -> None:
    at = desk(SOAK)
    quiet = []
    while at.program.state != "preheat":
        at.turn(*at.answers())
        quiet.append(at.program.quiet)
    assert 3.0 <= sum(quiet) * 0.2 <= 3.6
    assert not at.program.quiet


def test_a_dead_man_that_is_switched_off_is_found() -> None:
    at = desk(SOAK, KNEAD, leased=False)
    _refused(at, "roller off without heartbeat: still on after 2.")
    assert at.told(c.StopNow)
    assert not at.program.quiet


def test_a_heater_that_outlives_its_lease_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def lapse(self: Desk, silent_s: float) -> None:
        self.motor = self.motor and silent_s < 1.5

    monkeypatch.setattr(Desk, "lapse", lapse)
    _refused(desk(SOAK, KNEAD), "heater off without heartbeat: still on after 3.")


@pytest.mark.parametrize(
    ("message", "why"), [("SetBath", "water of 40.01 °C: accepted"), ("SetMassage", "pressure of 50.001 kPa: accepted")]
)
def test_what_is_beyond_the_limits_must_be_refused(message: str, why: str) -> None:
    at = desk(SOAK, KNEAD)
    at.until("proving")
    at.refuse = {message: e.Accepted(message)}  # type: ignore[dict-item]  # the desk says whatever stands here
    _refused(at, why)


@pytest.mark.parametrize(
    "answer", [e.Refused("SetBath", "unsupported", 0), e.Refused("SetBath", "out_of_range", 4100), e.Refused("SetBath", "out_of_range", 0)]
)
def test_a_refusal_must_name_the_limit_in_force(answer: e.Refused) -> None:
    at = desk(SOAK)
    at.until("proving")
    at.refuse = {"SetBath": answer}
    _refused(at, "water of 40.01 °C")


def test_a_wire_that_held_the_question_back_gets_another_chance() -> None:
    at = desk(SOAK)
    at.until("proving")
    at.refuse = {"SetBath": e.Refused("SetBath", "not_started", 0)}
    while len(at.told(c.TooWarm)) < 2:
        at.turn()
    at.refuse = {}
    at.until("preheat")
    at = desk(SOAK)
    at.until("proving")
    at.refuse = {"SetBath": e.Refused("SetBath", "not_started", 0)}
    _refused(at, "lose frames")


def test_a_broken_frame_that_is_not_counted_is_found() -> None:
    at = desk(KNEAD, forced={"dropped": 7})
    _refused(at, "a broken frame: not noticed")
    assert 2 <= len(at.told(c.BreakFrame)) <= TRIES + 1


def test_a_counter_that_is_full_says_so() -> None:
    at = desk(KNEAD, forced={"dropped": 255})
    _refused(at, "switch the device off and on")
    assert not at.told(c.BreakFrame)


def test_enables_that_do_not_read_back_as_closed_are_found() -> None:
    _refused(desk(SOAK, forced={"heater_enable": False}), "not as told")


@pytest.mark.parametrize("caps", [{**CAPS}, {name: value for name, value in CAPS.items() if name != "dwell"}])
def test_limits_that_are_not_in_force_are_found_before_anything_is_on(caps: dict[str, int]) -> None:
    at = desk(SOAK)
    at.until("preflight")
    while not isinstance(at.said[-1][1], c.SetLimits):
        at.turn()
    at.turn()
    assert isinstance(at.said[-1][1], c.ReadCaps)
    at.waiting = [e.CapsRead(caps)]
    _refused(at, "limits in force: not ")
    assert not at.told(c.StartDevice)
    assert not at.told(c.StopNow)


def test_feet_must_be_out_and_the_start_waits_for_that() -> None:
    at = desk(SOAK, follows_lamp=False, in_bath=BOTH)
    at.until("proving")
    at.idle(5)
    assert at.program.state == "proving"
    assert "take your feet out" in at.program.holding
    assert at.lamp == "feet_out"
    assert not at.told(c.StartDevice)
    at.in_bath = NOBODY
    at.until("preheat")
    assert at.lamp != "feet_out" or at.program.holding == ""


def test_nothing_is_proved_before_the_first_telemetry() -> None:
    at = desk(SOAK)
    while at.program.state != "proving":
        at.turn(*at.answers(), quiet=True)
    at.turn(quiet=True)
    assert at.program.next_deadline is None
    assert not at.told(c.StartDevice)
    at.until("preheat")


def test_feet_that_stay_refuse_the_start() -> None:
    at = desk(SOAK, follows_lamp=False, in_bath=BOTH)
    at.until("proving")
    assert at.program.next_deadline == pytest.approx(at.now + 120, abs=0.5)
    _refused(at, "feet stayed")
    assert not at.told(c.StopNow)


def test_a_lease_that_ends_far_too_early_is_the_wire_three_times_and_then_a_refusal() -> None:
    at = desk(SOAK)
    at.until("proving")
    while len(at.told(c.StartDevice)) < 2:
        if at.program.quiet:
            at.heater = False
        at.turn()
    at.until("preheat")
    assert len(at.told(c.StartDevice)) == 3, "the last one is the first step's own"
    at = desk(SOAK)
    at.until("proving")
    while at.program.outcome is None:
        if at.program.quiet:
            at.heater = False
        at.turn()
    assert len(at.told(c.StartDevice)) == TRIES
    assert "lose frames" in at.program.outcome.reason


def test_the_heartbeat_comes_back_although_telemetry_does_not() -> None:
    at = desk(SOAK)
    while not at.program.quiet:
        at.turn(*at.answers())
    since = at.now
    due = at.program.next_deadline
    assert due == pytest.approx(since + 3.75)
    while at.program.quiet:
        at.turn(quiet=True)
    assert at.now == pytest.approx(since + 3.85, abs=0.21)
    at.until("preheat")


def test_pain_and_a_fault_end_a_proof_as_they_end_everything() -> None:
    at = desk(SOAK)
    while not at.program.quiet:
        at.turn(*at.answers())
    assert at.turn(e.Pain()) == [c.StopNow(faults.PAIN)]
    assert not at.program.quiet
    at = desk(SOAK)
    while not at.program.quiet:
        at.turn(*at.answers())
    at.fault, at.state = 13, "latched"
    at.turn()
    at.until("tripped")


def _selftest(**settings: Any) -> Desk:
    return Desk(Program(profile=None, selftest=True), **settings)


def test_the_self_test_goes_through_the_last_stage_and_clears_it() -> None:
    at = _selftest()
    at.until("ready")
    assert at.program.question is not None
    assert "self-test" in at.program.question.text
    at.until("completed")
    assert _whats(at)[-3:] == ["latched without heartbeat", "latch with the heartbeat back", "clear"]
    assert all(row.passed for row in at.program.proved)
    assert at.told(c.ClearLatch) == [c.ClearLatch(29)]
    assert at.fault == 0
    assert not at.told(c.StopNow)


def test_the_self_test_of_a_device_without_heater_and_one_without_roller() -> None:
    at = _selftest(identity=identity(places=frozenset(("roller",))))
    at.until("completed")
    assert not at.told(c.TooWarm)
    at = _selftest(identity=identity(places=frozenset(("bath",))))
    at.until("completed")
    assert not at.told(c.TooHard)
    at = _selftest(identity=identity(places=frozenset()))
    at.until("completed")


def test_a_device_that_does_not_latch_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def lapse(self: Desk, silent_s: float) -> None:
        self.motor = self.motor and silent_s < 1.5
        self.heater = self.heater and silent_s < 3.0

    monkeypatch.setattr(Desk, "lapse", lapse)
    _refused(_selftest(), "latched without heartbeat: not after 5.")


def test_another_fault_in_the_last_stage_is_not_taken_for_it() -> None:
    at = _selftest()
    while len(at.program.proved) < 6:
        at.turn(*at.answers())
    at.fault, at.state = 13, "latched"
    at.until("tripped")


def test_a_latch_that_lets_go_by_itself_fails_the_self_test() -> None:
    at = _selftest()
    while at.fault != 29:
        at.turn(*at.answers())
    at.turn()
    at.off("idle", 0)
    _refused(at, "latch with the heartbeat back: let go")


def test_a_clear_that_does_not_clear_fails_the_self_test() -> None:
    at = _selftest(refuse={"Clear": e.Refused("Clear", "not_permitted", 8)})
    _refused_later(at, "clear: not_permitted (8)")
    at = _selftest()
    while not at.told(c.ClearLatch):
        at.turn(*at.answers())
    at.forced = {"fault": 29, "state": "latched"}
    _refused_later(at, "clear: latched")
    at = _selftest()
    while not at.told(c.ClearLatch):
        at.turn(*at.answers())
    at.forced = {"heater_enable": True}
    while at.program.outcome is None:
        at.turn()
    assert "clear: not off" in at.program.outcome.reason


def _refused_later(at: Desk, why: str) -> None:
    end = at.now + 60
    while at.program.outcome is None:
        assert at.now < end
        at.turn(*at.answers())
    assert why in at.program.outcome.reason


def test_a_late_or_early_latch_is_told_with_its_time() -> None:
    at = _selftest()
    while len(at.program.proved) < 6:
        at.turn(*at.answers())
    at.off("latched", 29)
    _refused_later(at, "latched without heartbeat: link_lost")


def test_an_enable_that_is_late_by_one_clock_alone_gets_another_chance() -> None:
    """A served simulator on a busy machine lags behind the host; a device that lives on is late by its own clock, too."""
    at = desk(SOAK, leased=False)
    while not at.program.quiet:
        at.turn(*at.answers())
    at.forced = {"uptime_ms": round(at.now * 1000)}
    while at.program.quiet:
        at.turn()
    at.forced = {}
    at.leased = True
    at.until("preheat")
    assert len(at.told(c.StartDevice)) == 3


# --- a hand at the device


def _by_hand(*phases: str, **settings: Any) -> Desk:
    features = identity().features | {"arms_by_hand"}
    return desk(*phases, identity=identity(features=features), **settings)


def test_a_device_that_wants_its_button_held_is_waited_for() -> None:
    at = _by_hand(SOAK, follows_lamp=False)
    at.until("proving")
    while at.lamp != "hold_to_arm":
        at.turn()
    for _ in range(50):
        at.turn()
    assert "hold the device's button for three seconds" in at.program.holding
    assert not at.told(c.StartDevice)
    at.in_bath = BOTH  # whoever holds the button may step in meanwhile
    at.forced = {"armed": True}
    for _ in range(3):
        at.turn()
    assert "take your feet out" in at.program.holding
    at.follows_lamp = True
    at.until("preheat")
    assert all(row.passed for row in at.program.proved)


def test_the_lamp_asks_no_longer_than_it_takes() -> None:
    """Who sees it again would hold the button again, and a device whose button is down does not start."""
    at = _by_hand(SOAK)
    at.until("proving")
    while at.lamp != "hold_to_arm":
        at.turn()
    at.forced = {"armed": True}
    while not at.told(c.StartDevice):
        at.turn()
    assert at.lamp == "wait"
    at.until("preheat")


def test_a_device_that_is_armed_already_is_not_asked_again() -> None:
    at = _by_hand(SOAK, forced={"armed": True})
    at.until("preheat")
    assert "hold_to_arm" not in [lamp.lamp for lamp in at.told(c.SetLamp)]


def test_what_neither_warms_nor_presses_needs_no_hand() -> None:
    at = _by_hand(REST)
    at.until("rest")
    assert "hold_to_arm" not in [lamp.lamp for lamp in at.told(c.SetLamp)]


def test_nobody_at_the_button_is_an_end() -> None:
    at = _by_hand(SOAK)
    at.until("proving")
    began = at.now
    _refused(at, "nobody held the device's button")
    assert ARM_S <= at.now - began <= ARM_S + 2
    assert not at.told(c.StartDevice)
    assert not at.told(c.StopNow)


def test_an_arming_that_ran_out_is_asked_for_again() -> None:
    at = _by_hand(SOAK, forced={"armed": True}, refuse={"Start": e.Refused("Start", "not_armed", 0)})
    at.until("proving")
    while not at.told(c.StartDevice):
        at.turn()
    at.forced = {}
    while at.lamp != "hold_to_arm":
        at.turn()
    at.forced, at.refuse = {"armed": True}, {}
    at.until("preheat")


def test_a_hand_that_stays_on_the_button_is_waited_for_and_not_for_ever() -> None:
    pressed = {"Start": e.Refused("Start", "not_permitted", 5)}
    at = _by_hand(SOAK, forced={"armed": True}, refuse=pressed)
    at.until("proving")
    while "let go" not in at.program.holding:
        at.turn()
    at.refuse = {}
    at.until("preheat")
    at = _by_hand(SOAK, forced={"armed": True}, refuse=pressed)
    _refused(at, "a button on the device is held down")
    assert len(at.told(c.StartDevice)) == LET_GO_TRIES + 1


def test_a_start_that_is_refused_for_anything_else_is_not_tried_again() -> None:
    at = _by_hand(SOAK, forced={"armed": True}, refuse={"Start": e.Refused("Start", "not_permitted", 1)})
    _refused(at, "not enough water")
    assert len(at.told(c.StartDevice)) == 1
