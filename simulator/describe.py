"""Device descriptions and scenarios: the TOML files that say what a machine is made of and how a day with it starts.

Every number of the plant is a field here, none is a constant in code. A file may name a `base` whose values it takes over.
Knows nothing of physics.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from footctl.errors import UsageError

ZONES = ("toes", "ball", "arch", "heel", "ankle")

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-20, le=100, allow_inf_nan=False)]
Part = Annotated[float, Field(ge=0, le=1)]
Row = TypeVar("Row", bound="_Row")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def __deepcopy__(self: Row, memo: dict[int, Any] | None = None) -> Row:
        return self  # never changes, so copies of a world share it


class BathSpec(_Row):
    """Heat stores and what couples them. J/K and W/K unless the name says otherwise; `feet_*` for both feet together."""

    volume_l: Positive
    least_l: Positive  # the level switch opens below it
    element_j_k: Positive
    element_w_k: Positive
    element_covered_l: Positive  # with less water the element stands partly dry
    vessel_j_k: Positive
    vessel_w_k: Positive
    wall_w_k: NotNegative  # vessel to room
    surface_m2: NotNegative
    convection_w_m2k: NotNegative
    evaporation_w_m2kpa: NotNegative
    bubbles_evaporate: Positive  # times as much while air is blown in
    mixing_w_k: Positive  # inlet to far end, pump off
    mixing_pump_w_k: Positive
    feet_j_k: Positive
    feet_w_k: NotNegative  # to the water, pump off
    feet_pump_w_k: NotNegative
    cutout_c: Positive  # the fuse beside the element opens for good
    cutout_element_c: Positive


class ProbeSpec(_Row):
    """Two NTC 10 k in steel pockets, at the inlet and at the far end; the pairs are (inlet, far end)."""

    beta_k: Positive
    lag_s: Positive
    noise_counts: NotNegative
    offset_c: tuple[float, float]


class RollerSpec(_Row):
    """Carriage along the foot, one press axis and two load cells a foot."""

    carriage_mm: Positive
    carriage_mm_s: Positive
    press_mm: Positive
    press_mm_s: Positive
    spring_mm_s: Positive  # lifts the rollers while the motor driver has no supply
    limit_kpa: Positive  # the drive cannot press harder
    cell_pa: Positive  # a count
    cell_gain: tuple[float, float]
    cell_zero_pa: tuple[float, float]
    cell_noise_counts: NotNegative
    crosstalk: Part  # of the other foot's pressure


class TissueSpec(_Row):
    """One zone of a foot under the roller: a spring that stiffens by `stiffens` a millimetre, part of whose force relaxes."""

    from_mm: Annotated[int, Field(ge=0, le=255)]
    to_mm: Annotated[int, Field(ge=0, le=255)]
    contact_mm: NotNegative  # travel of the press axis until it touches
    kpa_mm: Positive
    stiffens: NotNegative
    relaxes: Part
    relax_s: Positive


class DeviceSpec(_Row):
    """One machine."""

    model: Annotated[str, Field(min_length=1, max_length=16)]
    summary: str
    serial: Annotated[str, Field(min_length=1, max_length=12)]
    firmware: Annotated[str, Field(min_length=1, max_length=12)]
    heater_w: Annotated[int, Field(gt=0, le=3000)]
    supply_v: Positive
    pump_rpm: Annotated[int, Field(gt=0, le=20000)]
    bubbler: bool
    bath: BathSpec
    probes: ProbeSpec
    roller: RollerSpec
    tissue: dict[str, TissueSpec]


class Happening(_Row):
    """A mishap of a scenario: `name` in simulator.mishaps.TABLE with its `args`, `at_s` seconds after power-up, or after the first
    moment at which it heats, heats with a foot in the water (`soak`), presses (`massage`). `for_s` later it is mended, if given.
    """

    name: str
    at_s: NotNegative
    after: Literal["power", "heat", "soak", "massage"] = "power"
    for_s: Positive | None = None
    args: dict[str, float] = Field(default_factory=dict)


class Scenario(_Row):
    """How a session finds the machine, and what goes wrong with it. A field that is None leaves what the device, or the person, brings."""

    summary: str
    device: str | None = None
    water_c: Degrees = 34.0
    room_c: Degrees = 24.0
    humidity: Part = 0.5
    volume_l: Positive | None = None
    feet_c: Degrees | None = None
    probe_offset_c: tuple[float, float] | None = None
    calibration: Literal["whole", "torn", "lost", "implausible"] = "whole"  # what the device finds in its memory at power-up
    arms_by_hand: bool = False  # the device wants its button held before anything starts
    nobody_arms: bool = False  # and nobody does
    mishap: tuple[Happening, ...] = ()

    @property
    def trouble(self) -> bool:
        """Something is wrong, or goes wrong."""
        return bool(self.mishap) or self.calibration != "whole" or self.arms_by_hand


def list_devices() -> dict[str, str]:
    """Name and summary of every device description."""
    return {name: device(name).summary for name in _names("devices")}


def list_scenarios() -> dict[str, str]:
    """Name and summary of every scenario in which nothing goes wrong."""
    return {name: scenario(name).summary for name in _names("scenarios") if not scenario(name).trouble}


def list_troubles() -> dict[str, str]:
    """Name and summary of every scenario in which something is wrong or goes wrong."""
    return {name: scenario(name).summary for name in _names("scenarios") if scenario(name).trouble}


@cache
def device(name: str) -> DeviceSpec:
    """The description of one machine. Raises UsageError for a name that does not exist, ValueError for a broken file."""
    spec = _load("devices", name, DeviceSpec)
    if tuple(spec.tissue) != ZONES:
        raise ValueError(f"devices/{name}.toml: tissue has {', '.join(spec.tissue)}; it needs {', '.join(ZONES)}, in this order")
    return spec


@cache
def scenario(name: str) -> Scenario:
    """One starting condition. Raises UsageError for a name that does not exist, ValueError for a broken file."""
    return _load("scenarios", name, Scenario)


def _names(folder: str) -> list[str]:
    return sorted(entry.name[:-5] for entry in (files("simulator") / folder).iterdir() if entry.name.endswith(".toml"))


def _load(folder: str, name: str, row: type[Row]) -> Row:
    if name not in _names(folder):
        raise UsageError(f"no {folder[:-1]} is called {name!r}", f"there are: {', '.join(_names(folder))}")
    try:
        return row.model_validate(_read(folder, name), strict=False)
    except ValidationError as wrong:
        raise ValueError(f"{folder}/{name}.toml: {wrong}") from wrong


def _read(folder: str, name: str) -> dict[str, Any]:
    values = tomllib.loads((files("simulator") / folder / f"{name}.toml").read_text("utf-8"))
    base = values.pop("base", None)
    return _over(_read(folder, base), values) if base else values


def _over(base: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    for key, value in values.items():
        base[key] = _over(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return base
