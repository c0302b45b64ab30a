"""Every way out of a session: pain, stops, latches, lost links, a host that slept; and that it is seen to be off."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import endings
from footctl.core import events as e
from tests.core.desk import CAPS, GUIDED, KNEAD, PROMPT, REST, SOAK, STRETCH, STROKE, desk, identity, sample


@pytest.mark.parametrize("state", ["preheat", "feet_in", "soak", "dry", "prompt", "massage", "stretch", "guided", "rest"])
@pytest.mark.parametrize("pain", [True, False])
def test_pain_and_stop_end_every_phase_with_the_outputs_read_back_off(state: str, pain: bool) -> None:
    at = desk(SOAK, PROMPT + "", KNEAD, STRETCH, GUIDED, PROMPT, REST)
    at.until(state)
    out = at.turn(e.Pain() if pain else e.StopAsked("Ctrl-C"))
    assert out == [c.StopNow(faults.PAIN if pain else faults.STOPPED)]
    assert at.program.state == "stopping"
    at.idle(0.6)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == ("pain" if pain else "stopped")
    assert at.program.outcome.off_confirmed
    assert at.program.phases[-1].outcome == "cut"


def test_a_stop_goes_past_everything_else_that_was_to_be_said() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    assert at.turn(e.Silent(1.0), e.Pain()) == [c.StopNow(faults.PAIN)]


def test_pain_and_stop_in_a_pause_before_the_first_step_and_at_the_end() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.turn(e.PauseAsked())
    assert at.turn(e.Pain()) == [c.StopNow(faults.PAIN)]
    at = desk(STROKE, mute=False)
    at.until("ready")
    assert at.turn(e.Begin(), e.StopAsked()) == [c.StopNow()]
    at = desk(REST)
    at.until("rest")
    at.forced = {"state": "active"}
    at.until("finish")
    assert at.turn(e.StopAsked()) == [c.StopNow()]


def test_a_stop_before_the_start_needs_no_latch_but_pain_does() -> None:
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    assert at.turn(e.StopAsked()) == []
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "stopped"
    assert at.program.outcome.off_confirmed
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    assert at.turn(e.Pain()) == [c.StopNow(faults.PAIN)]


def test_a_stop_before_anybody_answered_asks_for_telemetry_to_confirm_it() -> None:
    at = desk(KNEAD)
    at.mute = True
    at.turn()
    assert at.turn(e.StopAsked()) == [c.StopNow(), c.Greet()]
    at.idle(4)
    assert at.program.outcome is not None
    assert not at.program.outcome.off_confirmed
    assert "unplug" in at.program.outcome.hint


def test_a_stop_that_is_not_confirmed_says_so_after_three_seconds() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.forced = {"left_kpa": 6.0}
    at.turn(e.StopAsked())
    at.idle(2.8)
    assert at.program.outcome is None
    at.idle(0.6)
    assert at.program.outcome is not None
    assert not at.program.outcome.off_confirmed


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.PAIN, "pain"),
        (faults.STOPPED, "stopped"),
        (faults.LINK_LOST, "link_lost"),
        (faults.OVER_TEMPERATURE, "tripped"),
        (200, "tripped"),
    ],
)
def test_a_latch_of_the_device_ends_the_session_by_its_cause(fault: int, kind: str) -> None:
    at = desk(STROKE)
    at.until("massage")
    at.off("latched", fault)
    assert at.turn() == [c.StopNow(fault)]
    at.idle(1)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == (kind, fault)
    assert at.program.outcome.off_confirmed


def test_a_latch_told_by_an_event_counts_as_one_in_telemetry() -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(e.Pressed("latch", faults.TIPPED), quiet=True) == [c.StopNow(faults.TIPPED)]
    at.turn(e.Pressed("latch", faults.STOPPED), quiet=True)
    at.idle(1)
    assert at.program.outcome is not None
    assert at.program.outcome.fault == faults.TIPPED


@pytest.mark.parametrize(("fault", "kind"), [(faults.PAIN, "pain"), (faults.STOPPED, "stopped"), (faults.TIPPED, "refused")])
def test_a_latch_before_the_start_is_a_persons_end_or_a_reason_not_to_start(fault: int, kind: str) -> None:
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    at.off("latched", fault)
    at.until(kind, most_s=2)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == (kind, fault)


def test_a_device_that_lets_go_by_itself_pauses_until_a_person_goes_on() -> None:
    at = desk(SOAK, KNEAD)
    at.until("soak")
    at.idle(5)
    at.heater = False
    at.water = None
    at.idle(0.4)
    assert at.program.state == "paused"
    assert "did not hear" in at.program.holding
    at.idle(10)
    assert at.water is None
    at.turn(e.Yes())
    at.idle(1)
    assert at.heater
    assert at.water is not None
    at.until("massage")
    at.idle(3)
    at.motor = False
    at.idle(0.4)
    assert at.program.state == "paused"


def test_a_device_that_leaves_the_session_ends_it() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    at.off("idle", 0)
    at.idle(0.4)
    assert at.program.outcome is not None
    assert "left the session" in at.program.outcome.reason


def test_a_refusal_under_way_pauses_three_times_and_then_ends() -> None:
    at = desk(STROKE, says_yes=True)
    at.until("feet_in")
    at.refuse = {"SetMassage": e.Refused("SetMassage", "not_permitted", 3)}
    at.until("tripped", most_s=60)
    assert at.program.outcome is not None
    assert "load cell" in at.program.outcome.reason
    assert len(at.told(c.SetMassage)) == 4


def test_a_refusal_that_no_person_can_mend_ends_at_once() -> None:
    at = desk(STROKE)
    at.until("feet_in")
    at.refuse = {"SetMassage": e.Refused("SetMassage", "out_of_range", 1000)}
    at.until("tripped", most_s=60)
    assert len(at.told(c.SetMassage)) == 1


def test_an_unanswered_request_is_asked_again_and_the_second_ends_the_session() -> None:
    at = desk(KNEAD)
    at.turn()
    at.mute = True
    at.turn()
    assert at.told(c.ReadCaps) == [c.ReadCaps()]
    at.turn(e.Unanswered("GetCaps"))
    assert len(at.told(c.ReadCaps)) == 2
    at.mute = False
    at.turn(e.CapsRead(CAPS))
    at.until("ready")
    at.turn(e.CapsRead(CAPS))
    at.turn(e.Begin())
    at.mute = True
    at.waiting = []
    at.turn(e.Unanswered("SetLimits"))
    assert len(at.told(c.SetLimits)) == 2
    at.turn(e.Unanswered("SetLimits"))
    assert at.program.state == "stopping"
    at.idle(4)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"
    assert not at.program.outcome.off_confirmed


def test_silence_warns_and_asks_then_stops() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    at.mute = True
    assert at.turn(e.Silent(1.0), quiet=True) == [c.Greet()]
    assert at.program.warnings == ["no telemetry for a second"]
    assert at.turn(e.Silent(1.0), quiet=True) == [c.Greet()]
    assert len(at.program.warnings) == 1
    assert at.turn(e.Silent(3.0), quiet=True) == [c.StopNow()]
    assert at.turn(e.Silent(1.0), quiet=True) == []
    for _ in range(20):
        at.turn(quiet=True)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"


def test_a_carrier_that_is_gone_ends_at_once_without_a_word() -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(e.CarrierLost("unplugged")) == []
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"
    at = desk(STROKE)
    at.until("massage")
    at.mute = True
    at.turn(e.Pain())
    at.turn(e.CarrierLost("unplugged"))
    assert at.program.outcome is not None
    assert "pain" in at.program.outcome.reason
    assert at.turn(e.CarrierLost("unplugged")) == []


@pytest.mark.parametrize(
    ("changed", "word"), [({"boot_id": 8}, "restarted"), ({"serial": "SIM-0002"}, "another"), ({"controller": False}, "took over")]
)
def test_a_device_that_is_not_the_same_any_more_ends_the_session(changed: dict[str, Any], word: str) -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(identity(**changed)) == [c.StopNow()]
    at.idle(1)
    assert at.program.outcome is not None
    assert word in at.program.outcome.reason
    same = desk(STROKE)
    same.until("massage")
    same.turn(identity())
    assert same.program.state == "massage"


def test_a_latch_seen_before_the_device_said_who_it_is_waits_for_that() -> None:
    at = desk(KNEAD)
    at.mute = True
    at.turn()
    at.turn(sample(fault=faults.PAIN, state="latched"))
    assert at.program.state == "connecting"


def test_uptime_that_goes_back_is_a_restart() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.forced = {"uptime_ms": 5}
    assert at.turn() == [c.StopNow()]


@pytest.mark.parametrize("together", [True, False])
def test_a_sleep_that_takes_the_carrier_away_is_still_a_sleep(together: bool) -> None:
    at = desk(STROKE)
    at.until("massage")
    at.now += 30.0
    at.mute = True
    if not together:
        at.turn(quiet=True)
    at.turn(e.CarrierLost("unplugged"), quiet=True)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.off_confirmed) == ("tripped", False)
    assert at.program.state == "tripped"
    assert "did not run for 30" in at.program.outcome.reason
    assert "unplugged" in at.program.outcome.reason


def test_a_sleep_in_the_middle_of_a_stop_does_not_change_what_is_lost() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.mute = True
    at.turn(e.Pain())
    at.now += 30.0
    at.turn(e.CarrierLost("unplugged"), quiet=True)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"
    assert "pain" in at.program.outcome.reason


def test_a_host_that_slept_ends_a_session_but_not_a_question() -> None:
    at = desk(STROKE, says_yes=False)
    at.until("ready", most_s=2)
    at.turn(dt=60)
    assert at.program.state == "ready"
    assert "slept" in at.program.warnings[-1]
    at.says_yes = True
    at.until("massage")
    assert at.turn(dt=2.1) == [c.StopNow()]
    at.idle(1)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "tripped"


def test_what_the_supervisor_found_ends_the_session() -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(e.Tripped(faults.SENSOR_STALE, "stale")) == [c.StopNow(faults.SENSOR_STALE)]
    at.idle(1)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == ("tripped", faults.SENSOR_STALE)


def test_a_finish_that_is_not_seen_off_becomes_a_stop() -> None:
    at = desk(REST)
    at.until("rest")
    at.idle(58)
    at.forced = {"left_kpa": 5.0}
    at.until("finish")
    at.idle(9)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "tripped"
    assert not at.program.outcome.off_confirmed


def test_a_device_that_switches_off_by_itself_says_why() -> None:
    assert "hear from us" in endings.slipped(0)
    assert "hear from us" in endings.slipped(faults.LINK_LATE)
    assert endings.slipped(faults.HOT_FILL) == (
        "the device switched off: the water gets warmer than the heater can make it: somebody added hot water"
    )


def test_a_refusal_that_tells_of_a_latch_ends_as_the_latch_does() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.program._talk._on_its_way = "SetBath", at.program._talk.told
    at.turn(e.Refused("SetBath", "latched", faults.PAIN))
    at.idle(5)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == ("pain", faults.PAIN)
