"""Every injected row of the safety case, in every phase: seen, answered, latched, named, and in time. See simulator/ordeal.py."""

from __future__ import annotations

import copy
import struct
from collections.abc import Callable
from typing import Any

import pytest

from firmware.device.device import Device
from firmware_protocol import faults, limits, messages
from footctl.core.dose import cem43
from footctl.core.host import Host
from footctl.run.presets import load_program
from simulator import mishaps, ordeal
from simulator.hazards import PHASES, Case, cases
from simulator.world import World, play

Make = Callable[..., Any]
CASES = cases()
TIMED = [case for case in CASES if case.timer_s is not None]
EARLY_S = 0.1  # two ticks before the device would act


def case_of(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.slow
@pytest.mark.parametrize("tier", ordeal.TIERS)
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_fault_is_answered_in_time_whatever_the_phase(case: Case, tier: str) -> None:
    verdicts = {phase: ordeal.run(phase, [case], demand=True, tier=tier) for phase in PHASES}
    assert not {phase: verdict.wrong for phase, verdict in verdicts.items() if verdict.wrong}
    asked = {name for name in ("heat", "release", "abort") if getattr(case, f"{name}_s") is not None}
    reached = {name for verdict in verdicts.values() for times in verdict.times for name in times}
    assert asked <= reached, "a limit that no phase reaches is not measured"


@pytest.mark.slow
@pytest.mark.parametrize("case", TIMED, ids=[case.name for case in TIMED])
def test_what_ends_before_its_time_latches_nothing(case: Case) -> None:
    assert case.timer_s is not None
    for phase in sorted(case.demanded):
        early = ordeal.run(phase, [case], demand=False, mend_after_s=case.timer_s - EARLY_S)
        assert (early.cause, early.outcome in ("", "completed")) == (0, True), (phase, early)


def test_a_drifted_cell_lets_nothing_start(somebody: Make) -> None:
    world = World(scenario="f19-cell-drift")
    host = Host(nonce=1, profile=load_program("quick-break"))
    outcome = play(host, world, operator=somebody(world))
    assert outcome is not None
    assert outcome.kind == "refused", outcome
    assert world.plant.massager.left.travel_mm == 0.0


def test_no_heat_under_static_pressure(scripted: Make) -> None:
    """A host that asks for heat and pressure at once: the limit of a person who may not have both is kept by the device."""
    world = World(person=None, scenario="warm-fill")
    host = scripted(world)
    host.greet()
    host.do(messages.SetLimits(struct.pack("<Bi", limits.HEAT_UNDER_PRESSURE, 3800)))
    host.do(messages.Start(messages.CLOSE_HEATER | messages.CLOSE_MOTOR))
    for side in (0, 1):
        world.plant.put(side, "roller")
    host.do(messages.SetBath(4000, 0, 1), messages.SetMassage(3, 8, 2, 20_000, 10_000, 500))
    begun = None
    for _ in range(600):
        host.live(0.1)
        pressed = max(world.plant.massager.left.kpa, world.plant.massager.right.kpa) > 4.0
        begun = None if not pressed else world.now if begun is None else begun
        if begun is not None and world.now > begun + 10.5:
            assert world.board.heat_w == 0.0
            assert host.telemetry.active in (faults.HEAT_UNDER_PRESSURE, faults.DWELL)
            return
    pytest.fail("it never pressed for so long")


def test_the_heat_dose_ends_the_soak(scripted: Make) -> None:
    """A budget that earlier sessions left small: the device ends the heat when it is spent."""
    world = World(person=None, scenario="warm-fill")
    host = scripted(world)
    host.greet()
    host.do(messages.SetLimits(struct.pack("<Bi", limits.THERMAL_DOSE, 100)), messages.Start(messages.CLOSE_HEATER))
    host.do(messages.SetBath(4000, 0, 1))
    for side in (0, 1):
        world.plant.put(side, "bath")
    readings: list[tuple[float, float]] = []
    while host.telemetry.state != messages.LATCHED:
        host.live(0.2)
        if world.plant.presence & 3:
            readings.append((0.2, max(host.telemetry.water1_cdeg, host.telemetry.water2_cdeg) / 100 + 0.5))
        assert len(readings) < 3000
    host.live(0.6)
    assert (host.telemetry.cause, host.is_off) == (faults.DOSE_SPENT, True)
    assert cem43(readings) == pytest.approx(0.1, rel=0.02), "straight lines between quarters of a degree lie above the curve"


@pytest.mark.parametrize("phase", ["massage", "rolling", "stretch"])
def test_a_motor_that_keeps_its_supply_is_driven_off_the_feet(phase: str) -> None:
    """No spring lifts what is driven: after a stop the device drives the rollers up for as long as it reads the contact closed."""
    one = ordeal.saved()[phase]
    host, world, attendant = copy.deepcopy((one.host, one.world, one.attendant))
    mishaps.happen(world, "motor-welded")
    mishaps.happen(world, "stop-pressed")
    begun = world.now
    play(host, world, operator=attendant, until=begun + 1.0)
    world.advance(begun + 1.0)
    assert max(world.plant.massager.left.kpa, world.plant.massager.right.kpa) < 4.0
    world.advance(begun + 5.0)
    assert world.plant.massager.left.travel_mm == 0.0


def test_a_host_that_wakes_up_does_not_go_on() -> None:
    one = ordeal.saved()["massage"]
    host, world, attendant = copy.deepcopy((one.host, one.world, one.attendant))
    mishaps.happen(world, "host-asleep")
    play(host, world, operator=attendant, until=world.now + 30)
    mishaps.mend(world, "host-asleep")
    outcome = play(host, world, operator=attendant, until=world.now + 30)
    assert outcome is not None
    assert (outcome.kind, outcome.fault) == ("tripped", 0)  # its own sleep, not the latch that the device meanwhile set
    assert "did not run for 30.0 s" in outcome.reason
    assert world.device.first_cause.fault == faults.LINK_LOST


# The judge itself: devices that are wrong in one way each.


def judged(monkeypatch: pytest.MonkeyPatch, name: str, phase: str, method: str, instead: Callable[..., Any]) -> tuple[str, ...]:
    monkeypatch.setattr(Device, method, instead)
    return ordeal.run(phase, [case_of(name)], demand=True).wrong


def test_the_judge_sees_a_latch_that_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    ordeal.saved()
    tick = Device.tick

    def forgetful(self: Device, now_ms: int, inputs: Any) -> Any:
        out = tick(self, now_ms, inputs)
        if self.state == messages.LATCHED and now_ms - self._latched_ms > 3000:
            self.clear()
        return out

    wrong = judged(monkeypatch, "F13-tilt", "massage", "tick", forgetful)
    assert any("became nothing" in what for what in wrong)


def test_the_judge_sees_heat_that_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ordeal.saved()
    tick = Device.tick

    def eager(self: Device, now_ms: int, inputs: Any) -> Any:
        out = tick(self, now_ms, inputs)
        if self.state == messages.LATCHED and now_ms - self._latched_ms > 3000:
            out.heater_enable, out.heater_pm = 1, 500
        return out

    assert "heat or motion came back without a person" in judged(monkeypatch, "F13-tilt", "soak", "tick", eager)


def test_the_judge_sees_a_device_that_trips_late(monkeypatch: pytest.MonkeyPatch) -> None:
    ordeal.saved()
    trip = Device._trip
    first: list[int] = []

    def slow(self: Device, fault: int) -> None:
        first.append(self.now_ms)
        if self.now_ms - first[0] >= 1000:
            trip(self, fault)

    wrong = judged(monkeypatch, "F18-foot-trapped", "massage", "_trip", slow)
    assert any("no abort after 0.15 s" in what for what in wrong)
    assert any("over its trip for" in what for what in wrong)


def test_the_judge_sees_water_that_nobody_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    ordeal.saved()
    for method in ("_trip", "_open_heater"):
        monkeypatch.setattr(Device, method, lambda self, fault=0: None)
    wrong = ordeal.run("soak", [case_of("F05-heater-welded").model_copy(update={"within_s": 900.0})], demand=True).wrong
    assert any("the water reached" in what for what in wrong)


def test_the_judge_sees_a_wrong_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ordeal.saved()
    trip = Device._trip
    wrong = judged(monkeypatch, "F13-tilt", "massage", "_trip", lambda self, fault: trip(self, faults.LOW_WATER))
    assert any("called low_water" in what for what in wrong)
