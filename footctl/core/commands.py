"""What can be asked of the device. Each says what should be, never what should change; asking twice is harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from firmware_protocol import faults


@dataclass(frozen=True, slots=True)
class SetWater:
    """Water setpoint in °C, or None for no heat; `ramp_c_min` None moves at once (no feet in the water)."""

    target_c: float | None
    ramp_c_min: float | None = None
    pump: bool = False
    bubbles: bool = False


@dataclass(frozen=True, slots=True)
class SetMassage:
    """Peak contact pressure in kPa on `zones` of `feet`, how fast it may rise (kPa/s) and the stroke's speed (0-100 %)."""

    feet: frozenset[str]
    zones: frozenset[str]
    technique: str
    pressure_kpa: float
    ramp_kpa_s: float
    speed_pct: float


@dataclass(frozen=True, slots=True)
class ReleaseRoller:
    """No contact, now."""


@dataclass(frozen=True, slots=True)
class SetLamp:
    """What the person at the device is asked to do; a name of the protocol's LAMPS."""

    lamp: str


@dataclass(frozen=True, slots=True)
class SetLimits:
    """The session's limits, name of the cap to value in the wire's integer units; tighten only."""

    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StartDevice:
    """State active with just these enables closed."""

    heater: bool
    motor: bool


@dataclass(frozen=True, slots=True)
class PauseDevice:
    """Roller released, motor enable open, water kept."""


@dataclass(frozen=True, slots=True)
class FinishDevice:
    """Orderly end: everything off, nothing latched."""


@dataclass(frozen=True, slots=True)
class PersonChecked:
    """A person answered a check-in at the host."""


@dataclass(frozen=True, slots=True)
class StopNow:
    """Everything off, latched, before anything else. `fault` is what the device will name as its first cause."""

    fault: int = faults.STOPPED


@dataclass(frozen=True, slots=True)
class ClearLatch:
    """Let go of the latch with this first cause."""

    fault: int


@dataclass(frozen=True, slots=True)
class TooWarm:
    """Water of `water_c`, just beyond the limit in force: the device must refuse. At the slowest ramp."""

    water_c: float


@dataclass(frozen=True, slots=True)
class TooHard:
    """Pressure just beyond the limit in force: the device must refuse. At the slowest ramp, standing still."""

    pressure_kpa: float
    zone: str
    technique: str


@dataclass(frozen=True, slots=True)
class BreakFrame:
    """Bytes that are no whole frame: the device must drop and count them."""


@dataclass(frozen=True, slots=True)
class Greet:
    """Say HELLO: who are you, and are you still the one that you were?"""


@dataclass(frozen=True, slots=True)
class ReadCaps:
    """Ask for the cap table in force."""


@dataclass(frozen=True, slots=True)
class ReadCause:
    """Ask for the first cause of the latch."""


Command: TypeAlias = (
    SetWater
    | SetMassage
    | ReleaseRoller
    | SetLamp
    | SetLimits
    | StartDevice
    | PauseDevice
    | FinishDevice
    | PersonChecked
    | StopNow
    | ClearLatch
    | TooWarm
    | TooHard
    | BreakFrame
    | Greet
    | ReadCaps
    | ReadCause
)
