"""Who sits there: a tier, the feet and zones to leave alone, and the caps that follow. Data with a source a row.

It asks nobody anything: screening answers become a Person elsewhere. All numbers need review by a podiatrist and a safety engineer
before use on people. Markings: [S] seen in the source named, [GK] general knowledge, [CALC] computed, [ENG] engineering choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# name of the cap, standard, sensitive, no_soak (wire units), source
_ROWS = (
    ("water_setpoint_max", 4000, 3600, 0, "trials 40 C x 20 min [S: Liao et al.]; diabetic feet 32-35 C [S: NIDDK text at webmd.com]"),
    ("water_setpoint_min", 3000, 3200, 3200, "cooler is no warm bath [ENG]; 90-95 F [S: NIDDK text at webmd.com]"),
    ("heat_cut_above", 50, 30, 30, "heater off above the setpoint by this [ENG]"),
    ("water_trip", 4150, 3700, 3700, "skin pain just above 43 C, burns from 44 C [S: Martin & Falder 2017]; 37 C [S: yourbestselves.com]"),
    ("water_trip_now", 4200, 3800, 3800, "[ENG]"),
    ("feet_in_max", 4050, 3650, 3650, "[ENG]"),
    ("soak_time", 1200, 600, 0, "trial 20 min [S: Liao et al.]; diabetic foot: a few minutes [S: en.skin.erasmusnursing.net 8.5.1]"),
    ("thermal_dose", 1000, 50, 50, "half of 2 CEM43, van Rhoon 2013 [S]; compromised thermoregulation at most 39 C [S]"),
    ("pressure_max", 50_000, 20_000, 8_000, "rigid roller 51.8 kPa [S: Curran 2008]; a tenth of the 200 kPa off-loading goal [GK]; [ENG]"),
    ("pressure_trip", 57_000, 24_000, 10_000, "a fifth above the sensitive cap; no_soak 2 kPa above, the drift allowed to a cell [ENG]"),
    ("dwell", 10_000, 5_000, 3_000, "foot pumps press 3 s of 20 [S: Labropoulos]; 32 mmHg closes capillaries [S: Landis 1930 quoted]"),
    ("dwell_off", 10_000, 10_000, 10_000, "relief after a full dwell [ENG]"),
    ("pressure_ramp", 10_000, 5_000, 5_000, "faster indentation is noticed later [S: Xiong 2011]"),
    ("soft_start", 60, 120, 120, "first seconds at no more than half the cap [ENG]"),
    ("water_ramp", 100, 50, 50, "[ENG]"),
    ("massage_foot", 900, 600, 300, "15 min a foot [S: he01.tci-thaijo.org ams/210674]; sensitive and no_soak [ENG]"),
    ("massage_total", 1800, 1200, 600, "two feet [CALC]"),
    ("session_time", 3600, 2400, 2400, "[ENG]"),
    ("preheat_time", 2400, 2400, 2400, "500 W needs 15 min for 6 L [CALC]"),
    ("check_in", 300, 180, 180, "2 CEM43 at 42 C take 8 min [CALC]"),
    ("check_answer", 60, 30, 30, "[ENG]"),
    ("release_lease", 1500, 1000, 1000, "PX4 offboard loss 0.5 s [S], one late frame must not release [ENG]"),
    ("heat_lease", 3000, 2000, 2000, "Klipper MAX_HEAT_TIME 3.0 s [R: klippy/extras/heaters.py]"),
    ("abort_lease", 5000, 3000, 3000, "ArduPilot FS_GCS_TIMEOUT 5 s [S]"),
    ("setpoint_lease", 3000, 2000, 2000, "Klipper MAX_HEAT_TIME 3.0 s [R: klippy/extras/heaters.py]"),
    ("water_differ_off", 100, 50, 50, "tighter than Opentrons 4 C for 30 s and Marlin 10 C [R]"),
    ("water_differ_trip", 200, 100, 100, "tighter than Opentrons 4 C for 30 s and Marlin 10 C [R]"),
    ("force_differ", 5_000, 3_000, 3_000, "[ENG]"),
    ("force_differ_part", 200, 150, 150, "[ENG]"),
    ("volume_min", 30, 30, 30, "3 L: a stuck 500 W heater gains 2.4 C/min [CALC]"),
    ("heat_under_pressure", 3800, 0, 0, "heat and pressure together lower burn tolerance: no blood flow [GK]"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tier:
    """The caps of a tier (name -> value in the wire's units, with sources) and what only the host can hold.

    `after_soak`: tighter caps once the skin is wet and soft. `dry_s`: least time between soak and pressure. `*_day_s`, `dose_day`: the
    rolling 24 h. `pain_rise`: a rise of the pain score by this ends the session. `water`: may soak at all.
    `needs_statement`: massage only with a dated clinician's statement. `skin_checks`: and with a look at the skin before and after it.
    """

    name: str
    caps: Mapping[str, int]
    sources: Mapping[str, str]
    after_soak: Mapping[str, int]
    dry_s: float
    soak_day_s: float
    massage_day_s: float
    dose_day: float
    water_default_c: float
    pressure_default_kpa: float
    pain_rise: int
    bladder_kpa: float
    water: bool = True
    needs_statement: bool = False
    skin_checks: bool = False


_SOURCES = {row[0]: row[4] for row in _ROWS}

# Host-only limits. 24 h: [ENG], almost no data on repeated exposures [S: pubmed 21591897]; massage counts each foot, as massage_total does.
# After a soak: wet skin has less shear tolerance; dry 5 min and press at most 15 kPa [ENG]. Skin checks: who feels nothing must look
# [ENG]. Pain: 2 points are a change that matters [S: Farrar 2001], 1 in the sensitive tier [ENG]. Bladders: 150 and 60 mmHg
# [S: foot-pump practice].
DRY_S = 300.0
TIERS: Mapping[str, Tier] = {
    "standard": Tier(
        "standard", {row[0]: row[1] for row in _ROWS}, _SOURCES, after_soak={}, dry_s=0.0,
        soak_day_s=2400, massage_day_s=4800, dose_day=2.0, water_default_c=38.0, pressure_default_kpa=30.0, pain_rise=2, bladder_kpa=20.0,
    ),
    "sensitive": Tier(
        "sensitive", {row[0]: row[2] for row in _ROWS}, _SOURCES, after_soak={"pressure_max": 15_000, "pressure_trip": 18_000}, dry_s=DRY_S,
        soak_day_s=600, massage_day_s=1200, dose_day=0.05, water_default_c=35.0, pressure_default_kpa=12.0, pain_rise=1, bladder_kpa=8.0,
    ),
    "no_soak": Tier(
        "no_soak", {row[0]: row[3] for row in _ROWS}, _SOURCES, after_soak={}, dry_s=DRY_S, soak_day_s=0, massage_day_s=600, dose_day=0.05,
        water_default_c=0.0, pressure_default_kpa=8.0, pain_rise=1, bladder_kpa=0.0, water=False, needs_statement=True, skin_checks=True,
    ),
}  # fmt: skip

STRICTEST_FIRST = ("no_soak", "sensitive", "standard")


def stricter(one: str, other: str) -> str:
    """The stricter of two tiers; a name that is no tier counts as the strictest."""
    return min(one, other, key=lambda name: STRICTEST_FIRST.index(name) if name in STRICTEST_FIRST else -1)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person as far as a session needs it. Nothing known means the sensitive tier.

    `refused`: why nothing may run; `no_water`, `no_massage`: why that part may not, whatever the tier says. All empty when it may.
    `statement`: date of the clinician's statement that allows massage in the tier no_soak. `limits`: caps of this person alone, names
    and units as in a tier, `after_soak` those once the skin is wet; they tighten only. `reasons`: a sentence for each of their names.
    `without`: techniques to leave out. `usual_pain`: 0-10 on an ordinary day; unknown counts as 0. `nuts`: allergic to nuts, or unknown.
    `notes`: what the person should read before each session.
    """

    name: str
    tier: str = "sensitive"
    screened: bool = False
    excluded_zones: frozenset[str] = frozenset()
    excluded_feet: frozenset[str] = frozenset()
    no_water: str = ""
    no_massage: str = ""
    statement: str | None = None
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)
    after_soak: Mapping[str, int] = field(default_factory=dict, hash=False)
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)
    refused: str = ""
    without: frozenset[str] = frozenset()
    usual_pain: int | None = None
    nuts: bool = False
    notes: tuple[str, ...] = ()


def default_person(simulated: bool) -> Person:
    """Whom a session is for when nobody says: a healthy adult at a simulator, an unscreened person, hence sensitive, at a real device."""
    if simulated:
        return Person("simulated adult", "standard", screened=True)
    return Person("unscreened")
