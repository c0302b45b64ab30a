"""Many healthy sessions, none like the other: does anything stop one that should not?

A `Case` says everything about one session; the same seed gives the same cases. Programs and whoever says yes at the host come from
outside: this module knows worlds, not presets.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from random import Random
from typing import Any, TypeAlias

from footctl.core.events import Event
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.profile import Profile
from footctl.core.view import View
from simulator.describe import DeviceSpec, Scenario, device, scenario
from simulator.world import World, play

PEOPLE = ("adult", "cold-feet", "frail", "numb")  # who comes when the lamp asks, answers, and feels no pain below every cap
TIERS = ("standard", "sensitive")
LITRES = (3.0, 6.0)
WATTS = (300, 800)
WATER_C = (22.0, 34.0)  # from the cold tap, warmed by the room, to wrist-warm
ROOM_C = (18.0, 28.0)
PROBE_C = 0.1  # what two-point calibration leaves
CELL_GAIN = 0.02  # and what it leaves of a load cell [ENG]
CELL_ZERO_PA = 300.0
LOOK_S = 0.2

Yes: TypeAlias = Callable[[View], Event | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One session: who runs what where, and how the sensors are off."""

    seed: int
    program: str
    tier: str
    person: str
    volume_l: float
    heater_w: int
    water_c: float
    room_c: float
    probe_offset_c: tuple[float, float]
    cell_gain: tuple[float, float]
    cell_zero_pa: tuple[float, float]

    def world(self) -> World:
        """The machine in its place."""
        base = device("footbath-5l")
        bath = base.bath.model_copy(
            update={
                "volume_l": self.volume_l,
                "least_l": 0.85 * self.volume_l,
                "vessel_j_k": 500.0 + 200.0 * self.volume_l,  # larger walls [ENG]
                "element_w_k": max(25.0, self.heater_w / 20.0),  # 20 °C above the water at full power [ENG]
            }
        )
        roller = base.roller.model_copy(update={"cell_gain": self.cell_gain, "cell_zero_pa": self.cell_zero_pa})
        spec: DeviceSpec = base.model_copy(update={"heater_w": self.heater_w, "bath": bath, "roller": roller})
        update = {"water_c": self.water_c, "room_c": self.room_c, "probe_offset_c": self.probe_offset_c}
        start: Scenario = scenario("wrist-warm").model_copy(update=update)
        return World(spec, start, self.person, self.seed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it went. `outcome` as in a result; `water_c` and `kpa` are the truth in the basin with a foot in it and under the rollers."""

    case: Case
    outcome: str
    reason: str
    fault: int
    minutes: float
    water_c: float
    kpa: float

    @property
    def stopped(self) -> bool:
        """Something ended or refused a session that was healthy."""
        return self.outcome != "completed"

    def record(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def cases(programs: Sequence[str], number: int, seed: int = 0) -> list[Case]:
    """So many cases: programs, people and tiers in turn, everything else by the dice."""
    dice = Random(seed)

    def off(most: float) -> tuple[float, float]:
        return round(dice.uniform(-most, most), 4), round(dice.uniform(-most, most), 4)

    found = []
    for one in range(number):
        whole = len(programs) * len(PEOPLE)
        found.append(
            Case(
                seed=seed * 100_000 + one,
                program=programs[one % len(programs)],
                tier=TIERS[one // whole % len(TIERS)],
                person=PEOPLE[one // len(programs) % len(PEOPLE)],
                volume_l=round(dice.uniform(*LITRES), 1),
                heater_w=round(dice.uniform(*WATTS) / 10) * 10,
                water_c=round(dice.uniform(*WATER_C), 1),
                room_c=round(dice.uniform(*ROOM_C), 1),
                probe_offset_c=off(PROBE_C),
                cell_gain=(round(1 + dice.uniform(-CELL_GAIN, CELL_GAIN), 4), round(1 + dice.uniform(-CELL_GAIN, CELL_GAIN), 4)),
                cell_zero_pa=off(CELL_ZERO_PA),
            )
        )
    return found


class _Onlooker:
    """Says yes where it may, and looks at the true water and rollers."""

    def __init__(self, world: World, yes: Yes) -> None:
        self.water_c = self.kpa = 0.0
        self._world = world
        self._yes = yes
        self._next = 0.0

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        plant = self._world.plant
        self.kpa = max(self.kpa, plant.massager.left.kpa, plant.massager.right.kpa)
        if plant.presence & 3:
            self.water_c = max(self.water_c, plant.bath.inlet_c)
        if now < self._next or host.question is None:
            return ()
        self._next = now + LOOK_S
        event = self._yes(host.view(now))
        return () if event is None else (event,)


def run(case: Case, load: Callable[[str], Profile], answers: Callable[[], Yes]) -> Verdict:
    """One session to its end."""
    world = case.world()
    onlooker = _Onlooker(world, answers())
    person = Person(case.person, case.tier, screened=True)
    outcome = play(Host(nonce=case.seed & 0xFFFFFFFF, profile=load(case.program), person=person), world, operator=onlooker)
    assert outcome is not None  # without a time limit there is one
    return Verdict(
        case, outcome.kind, outcome.reason, outcome.fault, round(world.now / 60, 1), round(onlooker.water_c, 2), round(onlooker.kpa, 1)
    )


def trials(
    found: Sequence[Case], load: Callable[[str], Profile], answers: Callable[[], Yes], workers: int | None = None
) -> Iterable[Verdict]:
    """Verdicts in the order of the cases, on `workers` processes (None: one a core)."""
    one = partial(run, load=load, answers=answers)
    if workers == 1:
        yield from map(one, found)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(one, found, chunksize=1)


def table(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """A row a program and tier."""
    rows = []
    for key in sorted({(one.case.program, one.case.tier) for one in verdicts}):
        those = [one for one in verdicts if (one.case.program, one.case.tier) == key]
        why = Counter(one.reason for one in those if one.stopped)
        rows.append(
            {
                "program": key[0],
                "tier": key[1],
                "sessions": len(those),
                "completed": sum(not one.stopped for one in those),
                "minutes": f"{min(one.minutes for one in those):.0f} to {max(one.minutes for one in those):.0f}",
                "water_max_c": max(one.water_c for one in those),
                "kpa_max": max(one.kpa for one in those),
                "stopped_by": "; ".join(f"{reason} ({count})" for reason, count in why.items()),
            }
        )
    return rows
