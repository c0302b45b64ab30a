"""What a run will be: the program's phases as steps, every value already through the gate, and why.

A plan is made once, before the start, from the profile, the person and the device; nothing changes it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("preheat", "feet_in", "soak", "dry", "prompt", "massage", "stretch", "guided", "rest", "finish")


@dataclass(frozen=True, slots=True)
class Limited:
    """One value that the gate lowered, or refused (`given` None). Values are in the unit that `what` names."""

    phase: str
    what: str  # "water °C", "pressure kPa", "time s", "phase kind", "zones", "dose CEM43"
    asked: float | str
    given: float | str | None
    rule: str  # which layer limits: absolute, device, tier sensitive, program, session
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the run. Fields that a kind does not use keep their defaults.

    `duration_s` None: until its condition or the person ends it. `least_s`: a confirmation before this counts when it is over.
    `phase`: position of the program's phase (from 0) that it came from; None for steps that the engine inserts.
    `check`: a look at the skin that the tier asks for; nobody skips it.
    `band_c`: the soak clock runs only while |PV - SP| is at most this. `pressure_from_kpa` rises to `pressure_to_kpa` over the step.
    """

    kind: str
    name: str
    duration_s: float | None = None
    least_s: float = 0.0
    phase: int | None = None
    text: str | None = None
    confirm: bool = False
    check: bool = False
    water_c: float | None = None
    band_c: float = 0.5
    ramp_c_min: float | None = None
    bubbles: bool = False
    feet: frozenset[str] = frozenset(("left", "right"))
    zones: frozenset[str] = frozenset()
    technique: str | None = None
    pressure_from_kpa: float = 0.0
    pressure_to_kpa: float = 0.0
    ramp_kpa_s: float = 1.0
    speed_pct: float = 0.0
    most_kpa: float = 0.0  # what the gate gives at most: firmer never goes above it, nor above `pressure_to_kpa` when that is more
    soft_s: float = 0.0  # soft start: for so long ...
    soft_kpa: float = 0.0  # ... never above this


@dataclass(frozen=True, slots=True)
class Plan:
    """A program ready to run. `refused` is not empty when it must not run; then `steps` may be empty.

    `limits`: what SET_LIMITS tells the device, cap name to value in the wire's integer units, each the tightest of all layers.
    `dose_cem43` is the estimate for hottest planned water + 0.5 °C over the planned soak. Times in seconds, `preheat_s` an estimate.
    """

    program: str  # file stem or preset name
    title: str
    tier: str
    steps: tuple[Step, ...]
    lowered: tuple[Limited, ...]
    refused: tuple[Limited, ...]
    limits: Mapping[str, int]
    water_max_c: float | None
    pressure_max_kpa: float
    preheat_s: float
    duration_s: float  # without preheat and without the person's own time
    dose_cem43: float
    dose_budget_cem43: float
    pressure_time_part: float  # of the pressure x time budget, 0..1
    notes: tuple[str, ...] = ()

    @property
    def needs_heater(self) -> bool:
        """True when some step heats."""
        return any(step.water_c is not None for step in self.steps)

    @property
    def needs_motor(self) -> bool:
        """True when some step moves the roller."""
        return any(step.technique is not None for step in self.steps)
