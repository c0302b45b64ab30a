"""What becomes of a running session when something goes wrong: worlds saved in every phase, bent by one fault or two, and judged.

A saved world is a host, a world and an attendant in mid-phase; copies of it go different ways. The attendant answers prompts and
check-ins as a person does, and does not ask to go on after anything was interrupted: whatever comes back, comes back by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from firmware_protocol import faults, limits, messages
from footctl.core.events import Begin, Event, PauseAsked, Yes
from footctl.core.host import Host
from footctl.core.profile import parse_program
from simulator import mishaps
from simulator.hazards import PHASES, Case
from simulator.mishaps.base import Mishap
from simulator.world import World, play

if TYPE_CHECKING:
    from simulator.board import Board

PROGRAM = """
name = "Every kind of phase"
tier = "{tier}"

[[phase]]
kind = "soak"
water = "{water}"
for = "{soak}"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "{pressure}"
for = "{massage}"

[[phase]]
kind = "massage"
name = "rolling"
technique = "rolling"
zones = ["heel"]
pressure = "{pressure}"
for = "{massage}"

[[phase]]
kind = "prompt"
text = "Take another cushion."
confirm = true

[[phase]]
kind = "stretch"
zones = ["toes"]
pressure = "10 kPa"
for = "3 min"

[[phase]]
kind = "guided"
text = "Draw circles."
for = "1 min"

[[phase]]
kind = "rest"
for = "1 min"
"""
TIERS: Mapping[str, Mapping[str, str]] = {
    "standard": {"water": "38 C", "soak": "15 min", "massage": "4 min", "pressure": "25 kPa"},
    "sensitive": {"water": "36 C", "soak": "10 min", "massage": "3 min", "pressure": "18 kPa"},
}
LOOK_S = 0.2
RELEASE_S = 1.0  # from release to less than RELEASED_PA
OVER_TRIP_S = 0.3  # F18: off within 0.15 s; the spring takes the rest of the way in another 0.15 s [CALC]
HALT_S = limits.ABSOLUTE[limits.ABORT_LEASE] / 1000 + 0.2  # what a host cannot say, a lease does
CAP_C = limits.ABSOLUTE[limits.WATER_TRIP] / 100
HELD_S = 2.0 + 0.2  # how long the trip temperature may be held, and a turn of the device
POURED = ("hot-refill", "kept-warm")  # warmer by somebody's hand: there only what the heater adds is the device's doing
BLINDING = (3, 4, 7, 8)
NOISE_C = 0.2  # calibration and noise of what the trip looks at
TICK_S = 0.05
ROUNDING_S = TICK_S / 2
STAYS_S = 2.0  # what is off for so long is off because of the fault, not because the thermostat wants nothing


class Attendant:
    """The person at the host. `keeps` are the kinds of question that stay unanswered."""

    def __init__(self) -> None:
        self.keeps: set[str] = {"resume"}
        self._answered: tuple[str, float] | None = None
        self._next = 0.0

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        """What they say at `now`."""
        if now < self._next:
            return ()
        self._next = now + LOOK_S
        question = host.question
        if question is None or not question.ready or question.kind in self.keeps or host.sample is None:
            return ()
        if self._answered == (question.kind, question.since):
            return ()
        self._answered = question.kind, question.since
        return (Begin() if question.kind == "start" else Yes(by="key"),)


@dataclass(slots=True)
class Saved:
    """A session in mid-phase."""

    phase: str
    host: Host
    world: World
    attendant: Attendant


def _pressed(share: float) -> Callable[[World], bool]:
    """Both rollers press with more than this share of what is asked."""

    def fits(world: World) -> bool:
        massager, asked_kpa = world.plant.massager, world.device.massage.pressure_pa / 1000
        return min(massager.left.kpa, massager.right.kpa) > share * asked_kpa > 0

    return fits


# phase: name of the step's record, how far into it, and what must be the case
SAVES: Mapping[str, tuple[str, float, Callable[[World], bool]]] = {
    "preheat": ("preheat", 45.0, lambda world: world.device.outputs.heater_pm > 900),
    "feet_in": ("feet_in", 0.0, lambda world: world.plant.places == ["bath", "bath"]),
    "soak": ("soak", 200.0, lambda world: True),
    "dry": ("dry", 1.0, lambda world: True),
    "massage": ("massage", 70.0, _pressed(0.6)),
    "rolling": ("rolling", 30.0, _pressed(0.4)),
    "prompt": ("prompt", 1.0, lambda world: True),
    "stretch": ("stretch", 20.0, _pressed(0.5)),
    "guided": ("guided", 2.0, lambda world: True),
    "rest": ("rest", 2.0, lambda world: True),
}


@cache
def saved(tier: str = "standard", seed: int = 1) -> Mapping[str, Saved]:
    """One session in this tier, saved once in every phase."""
    host = Host(nonce=seed, profile=parse_program(PROGRAM.format(tier=tier, **TIERS[tier]), "ordeal"))
    world, attendant = World(seed=seed, person="numb"), Attendant()  # who feels nothing presses nothing
    found: dict[str, Saved] = {}
    attendant.keeps |= {"feet_in", "dry", "prompt"}
    while not host.done and len(found) < len(SAVES):
        play(host, world, operator=attendant, until=world.now + TICK_S)
        view = host.view(world.now)
        if not view.phases:
            continue
        step = view.phases[-1]
        name = step.name if step.name in SAVES else step.kind
        attendant.keeps -= {name} & set(found)
        if name not in SAVES or name in found:
            continue
        _, least_s, fits = SAVES[name]
        if view.elapsed_s - step.started_s >= least_s and fits(world):
            found[name] = Saved(name, *copy.deepcopy((host, world, attendant)))
    if set(found) != set(SAVES):
        raise RuntimeError(f"no world in {', '.join(sorted(set(SAVES) - set(found)))}: {host.outcome}")
    for one in found.values():
        one.attendant.keeps = {"resume"}
    pause = Saved("paused", *copy.deepcopy((found["rolling"].host, found["rolling"].world, found["rolling"].attendant)))
    play(pause.host, pause.world, operator=lambda now, host: (PauseAsked(),), until=pause.world.now)
    play(pause.host, pause.world, operator=pause.attendant, until=pause.world.now + 3.0)
    found["paused"] = pause
    return {phase: found[phase] for phase in PHASES}


def _hot(world: World) -> bool:
    return world.device.sensors.hottest_cdeg > world.device.caps[limits.WATER_TRIP]


def _differ(world: World) -> bool:
    sensors = world.device.sensors
    return sensors.water_ok and sensors.water_gap_cdeg > world.device.caps[limits.WATER_DIFFER_OFF]


def _kpa(world: World) -> float:
    massager = world.plant.massager
    return max(massager.left.kpa, massager.right.kpa)


def _stalled(world: World) -> bool:
    jam = world.board.mishaps.get("roller-jammed")
    return bool(getattr(jam, "pushed", False))


def _slipped(world: World) -> bool:
    belt = world.board.mishaps.get("carriage-slips")
    return bool(getattr(belt, "slipped", False))


# What must hold without a break while a limit's time runs.
ONSETS: Mapping[str, Callable[[World], bool]] = {
    "now": lambda world: True,
    "heating": lambda world: world.device.outputs.heater_pm >= 200,
    "unasked": lambda world: world.board.heat_w > 0 and not world.device.outputs.heater_pm,
    "pumping": lambda world: bool(world.device.outputs.pump),
    "differ": _differ,
    "hot": _hot,
    "stalled": _stalled,
    "overpressed": lambda world: _kpa(world) * 1000 > world.device.caps[limits.PRESSURE_TRIP],
    "pressing": lambda world: world.device.outputs.left_um_s != 0 and world.plant.massager.left.kpa > 5.0,
    "apart": lambda world: world.plant.massager.left.kpa > 12.0,
    "pressed": lambda world: _kpa(world) * 1000 > limits.CONTACT_PA,
    "slipped": _slipped,
}


class Watch(Mishap):
    """Looks at every tick after everything else has happened. `seen` gives seconds of exposure until each reaction."""

    def __init__(self, host: Host, world: World, cases: Iterable[Case]) -> None:
        self.host = host
        self.world = world
        self.cases = tuple(cases)
        self.began = world.now
        self.onsets = [ONSETS[case.onset] for case in self.cases]
        self.exposed = [0.0] * len(self.cases)
        self.seen: list[dict[str, float]] = [{} for _ in self.cases]
        self.since: list[dict[str, tuple[float, float]]] = [{} for _ in self.cases]  # reactions that may only be a moment's
        self.wrong: list[str] = []
        self.hottest_c = 0.0
        self.over_trip_s = self.most_over_trip_s = 0.0
        self.boot = world.device
        self.trip_kpa = world.device.caps[limits.PRESSURE_TRIP] / 1000
        self.cause = world.device.cause
        self.quiet_at: float | None = None  # everything has been off since
        self.halted_at: float | None = None  # the host waits for a person, or is done, since
        self.ended_at: float | None = None
        self.allowed_c = self._allowed()
        self.over_j = 0.0  # what the heater gave while the water was over the hard cap

    def __deepcopy__(self, memo: object) -> Watch:
        raise TypeError("a world is copied before it is watched")

    def _allowed(self) -> float:
        """The hard cap, and what a heater that is cut there still brings: what element and sensor hold back."""
        board = self.world.board
        bath, spec = board.plant.bath, board.spec
        capacity = 4178.0 * bath.volume_l
        late_s = spec.probes.lag_s + HELD_S
        self.allowed_j = spec.heater_w * late_s
        after = spec.heater_w / capacity * late_s + spec.bath.element_j_k * spec.heater_w / spec.bath.element_w_k / capacity
        return max(CAP_C, bath.inlet_c) + after + NOISE_C

    def drive(self, board: Board) -> None:
        world, device = self.world, board.device
        now, out = world.now, device.outputs
        inlet_c = board.plant.bath.inlet_c
        self.hottest_c = max(self.hottest_c, inlet_c)
        if inlet_c > CAP_C:
            self.over_j += board.heat_w * TICK_S
        kpa = _kpa(world)
        self._over(kpa)
        latched = device.state == messages.LATCHED
        heat_off = out.heater_pm == 0
        motor_off = not out.motor_enable
        released = motor_off or (not device.massage.feet and out.left_um_s <= 0 and out.right_um_s <= 0)
        off = heat_off and motor_off and not out.heater_enable
        for number, case in enumerate(self.cases):
            self._expose(number, case, heat_off, released, latched and off)
        self._returns(now, kpa, off, latched)
        self._stays(now, kpa, off)

    def _expose(self, number: int, case: Case, heat_off: bool, released: bool, aborted: bool) -> None:
        seen = self.seen[number]
        # A reaction may itself end what the time counts from: what had been borne until then is its time.
        before = self.exposed[number]
        exposed = self.exposed[number] = before + TICK_S if self.onsets[number](self.world) else 0.0
        reactions = (("heat", heat_off, case.heat_s), ("release", released, case.release_s), ("abort", aborted, case.abort_s))
        for name, there, limit in reactions:
            if limit is None or name in seen:
                continue
            since = self.since[number]
            if not there:
                since.pop(name, None)
                if exposed > limit + ROUNDING_S:
                    seen[name] = exposed
                    self.wrong.append(f"{case.name}: no {name} after {limit:g} s")
            elif name not in since:
                since[name] = exposed or before, self.world.now
            elif aborted or self.world.now >= since[name][1] + STAYS_S:
                seen[name] = since[name][0]

    def _over(self, kpa: float) -> None:
        if kpa > self.trip_kpa:
            self.over_trip_s += TICK_S
            self.most_over_trip_s = max(self.most_over_trip_s, self.over_trip_s)
        else:
            self.over_trip_s = 0.0

    def _returns(self, now: float, kpa: float, off: bool, latched: bool) -> None:
        """Latches stay, first causes stay, and what a stop took away does not come back."""
        device = self.world.device
        if device is not self.boot:
            self.boot = device
            self.cause = 0
            self.quiet_at = now
        if self.cause and device.cause != self.cause:
            self._say(f"the latch {faults.name(self.cause)} became {faults.name(device.cause) if device.cause else 'nothing'}")
        self.cause = device.cause
        if latched and self.quiet_at is None:
            self.quiet_at = now
        if self.quiet_at is not None and not off:
            self._say("heat or motion came back without a person")
        if self.quiet_at is not None and now > self.quiet_at + RELEASE_S and kpa * 1000 >= limits.RELEASED_PA:
            self._say(f"{kpa:.0f} kPa a second after everything was off")

    def _stays(self, now: float, kpa: float, off: bool) -> None:
        """While the host waits for somebody to go on, nothing presses; once it is done, everything is off when the last lease is over."""
        host = self.host
        if self.world.host_is != "awake" or not (host.done or host.state in ("paused", "stopping")):
            self.halted_at = None
            return
        if self.halted_at is None:
            self.halted_at = now
        if now > self.halted_at + HALT_S + RELEASE_S and kpa * 1000 >= limits.RELEASED_PA:
            self._say(f"{kpa:.0f} kPa while the host waits for a person")
        if host.done and now > self.halted_at + HALT_S + RELEASE_S and not off:
            self._say("on, although the session is over")

    def _say(self, what: str) -> None:
        if what not in self.wrong:
            self.wrong.append(what)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one saved world. `times`: for each case its seconds to heat off, release, abort. `wrong`: empty when all is well."""

    tier: str
    phase: str
    cases: tuple[str, ...]
    cause: int
    outcome: str
    host_fault: int
    ended_s: float | None
    hottest_c: float
    over_trip_s: float
    times: tuple[Mapping[str, float], ...] = field(default=())
    wrong: tuple[str, ...] = ()

    @property
    def cause_name(self) -> str:
        """What the device latched, "" when nothing."""
        return faults.name(self.cause) if self.cause else ""

    @property
    def host_name(self) -> str:
        """What the host ended the session with, "" when it has no number."""
        return faults.name(self.host_fault) if self.host_fault else ""


def run(phase: str, cases: Sequence[Case], *, demand: bool, tier: str = "standard", mend_after_s: float | None = None) -> Verdict:
    """Let `cases` happen at once in a copy of the world saved in `phase` of a session in `tier`. `demand`: hold each of them to its times.

    `mend_after_s`: somebody mends everything after so long.
    """
    one = saved(tier)[phase]
    host, world, attendant = copy.deepcopy((one.host, one.world, one.attendant))
    for case in cases:
        mishaps.happen(world, case.mishap, **case.args)
        if case.mishap == "person-asleep":
            attendant.keeps |= {"start", "prompt", "dry", "feet_in", "check_in"}
    asked = tuple(case for case in cases if demand and phase in case.demanded)
    watch = Watch(host, world, asked)
    world.board.mishaps["~watch"] = watch
    begun = world.now
    last = max(case.longest_s + case.within_s for case in cases)
    if mend_after_s is not None:
        _live(host, world, attendant, begun + mend_after_s, watch)
        for case in cases:
            mishaps.mend(world, case.mishap)
    _live(host, world, attendant, begun + last, watch)
    _judge(watch, host, cases, asked, begun)
    outcome = host.outcome
    return Verdict(
        tier,
        phase,
        tuple(case.name for case in cases),
        world.device.first_cause.fault if world.device.cause else 0,
        "" if outcome is None else outcome.kind,
        0 if outcome is None else outcome.fault,
        None if watch.ended_at is None else watch.ended_at - begun,
        watch.hottest_c,
        watch.most_over_trip_s,
        tuple(watch.seen),
        tuple(watch.wrong),
    )


def _live(host: Host, world: World, attendant: Attendant, until: float, watch: Watch) -> None:
    """As `play`, and on after the host is done: what it left on stays under watch."""
    if host.outcome is None and play(host, world, operator=attendant, until=until) is not None:
        watch.ended_at = world.now
    world.advance(until)


def _judge(watch: Watch, host: Host, cases: Sequence[Case], asked: Sequence[Case], begun: float) -> None:
    # What blinds the device is seen within a time of its own; until then it heats on what it believes.
    blind_s = max((case.longest_s for case in cases if case.number in BLINDING), default=0.0)
    if watch.over_j > watch.allowed_j + watch.world.board.spec.heater_w * blind_s:
        watch.wrong.append(f"the heater gave {watch.over_j / 1000:.1f} kJ to water over its hard cap")
    if watch.hottest_c > watch.allowed_c and not any(case.mishap in POURED for case in cases):
        watch.wrong.append(f"the water reached {watch.hottest_c:.1f} °C, {watch.allowed_c:.1f} °C is what physics may add to the cap")
    most_over_s = max([OVER_TRIP_S, *(case.longest_s + OVER_TRIP_S for case in cases if case.number in (20, 21))])
    if watch.most_over_trip_s > most_over_s + TICK_S / 2:
        watch.wrong.append(f"the pressure was over its trip for {watch.most_over_trip_s:.2f} s")
    for case in asked:
        if case.end_s is not None and (watch.ended_at is None or watch.ended_at - begun > case.end_s):
            watch.wrong.append(f"{case.name}: the host had not ended the session after {case.end_s:g} s")
    for case in cases:
        if case.harmless and len(cases) == 1 and (watch.cause or (host.outcome is not None and host.outcome.kind != "completed")):
            watch.wrong.append(f"{case.name}: ended a session that it should not touch")
    # Whoever asks the device later must learn what it was, whether the device or the host was the first to see it.
    if len(asked) == 1 and len(cases) == 1 and watch.cause and watch.cause not in asked[0].causes:
        watch.wrong.append(f"{asked[0].name}: called {faults.name(watch.cause)}")
