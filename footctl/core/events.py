"""What can happen: to the device, to the link, to the person, to time. Facts only, frozen.

Degrees are °C, pressures kPa, times seconds on the host's monotonic axis. A reading without good quality is None, never a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

FOOT_SIDES = ("left", "right")


class Sample(NamedTuple):
    """One telemetry message; a tuple, because five a second are made.

    `water_c`, `water2_c`: None unless GOOD; `qualities`: water 1, water 2, left, right.
    `in_bath`, `on_roller`: the sides ("left", "right") where a foot is. `zone`: name under the roller, or None.
    `fault`, `active`: catalogue numbers, 0 for none. `check_due`: the device itself waits for a yes.
    """

    uptime_ms: int
    water_c: float | None
    water2_c: float | None
    setpoint_c: float | None
    heater_duty: float
    heater_enable: bool
    motor_enable: bool
    pump: bool
    level_ok: bool
    armed: bool
    check_due: bool
    state: str
    lamp: str
    in_bath: frozenset[str]
    on_roller: frozenset[str]
    zone: str | None
    left_kpa: float | None
    right_kpa: float | None
    position_mm: int
    fault: int
    active: int
    sample: int
    dropped: int
    qualities: tuple[str, str, str, str] = ("good", "good", "good", "good")

    @property
    def hottest_c(self) -> float | None:
        """The warmer of the two water readings; None when neither is good."""
        first, second = self.water_c, self.water2_c
        if first is None:
            return second
        return first if second is None or first > second else second

    @property
    def pressure_kpa(self) -> float | None:
        """The larger contact pressure of the two feet; None when either is unknown."""
        left, right = self.left_kpa, self.right_kpa
        if left is None or right is None:
            return None
        return left if left > right else right

    @property
    def is_off(self) -> bool:
        """Read back: both enables open, no duty, less than 4 kPa on each foot (limits.RELEASED_PA)."""
        pressure = self.pressure_kpa
        return not self.heater_enable and not self.motor_enable and self.heater_duty == 0 and pressure is not None and pressure < 4.0


@dataclass(frozen=True, slots=True)
class Identified:
    """The device said who it is. Names as in the protocol's IDENTITY; masks are sets of names."""

    major: int
    minor: int
    serial: str
    model: str
    firmware: str
    boot_id: int
    uptime_ms: int
    simulator: int
    features: frozenset[str]
    places: frozenset[str]
    zones: frozenset[str]
    techniques: frozenset[str]
    volume_l: float
    heater_w: int
    caps_hash: bytes
    state: str
    fault: int
    controller: bool


@dataclass(frozen=True, slots=True)
class CapsRead:
    """The device's cap table in force: name of the cap (firmware_protocol.limits.CAPS) to value, in the wire's integer units.

    `digest` is of the whole table as it came, caps that this version does not know among them.
    """

    values: Mapping[str, int]
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The device acknowledged a message; `message` is its name in the protocol's table."""

    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The device answered no. `reason` is a name of the protocol's REASONS, `limit` the value that limits."""

    message: str
    reason: str
    limit: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody answered, after all repeats. `noise`: something came, and was no frame."""

    message: str
    noise: bool = False


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The answer to STOP: what the outputs read after they were switched off."""

    heater_enable: bool
    motor_enable: bool
    heater_duty: float
    left_kpa: float
    right_kpa: float
    fault: int


@dataclass(frozen=True, slots=True)
class FirstCause:
    """The first fault since the last clear, and the readings at that moment. `fault` 0: nothing is latched."""

    fault: int
    uptime_ms: int
    water_c: float
    water2_c: float
    heater_duty: float
    left_kpa: float
    right_kpa: float
    state: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed yes on the device, or the device reports another happening by name (protocol EVENTS)."""

    kind: str
    value: int = 0


@dataclass(frozen=True, slots=True)
class Silent:
    """No telemetry for `seconds`. Told once at 1.0 s (unknown) and once at 3.0 s (lost)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Garbled:
    """More broken frames came in two seconds than a link may have; `frames` of them."""

    frames: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """Nobody turned the host for `seconds`, more than the 2 s that late calls may be."""

    seconds: float


@dataclass(frozen=True, slots=True)
class CarrierLost:
    """The byte carrier itself is gone: port unplugged, connection closed."""

    why: str


@dataclass(frozen=True, slots=True)
class Tripped:
    """The host's supervisor found a fault (catalogue number, 0 when the catalogue has none); `why` is one sentence."""

    fault: int
    why: str


@dataclass(frozen=True, slots=True)
class Begin:
    """The person confirmed the plan: start the program."""


@dataclass(frozen=True, slots=True)
class Yes:
    """A confirmation: of a prompt, feet in, a check-in. `by` says where from: key, device, phone, terminal."""

    by: str = "key"


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """The person wants a break; the place is kept."""


@dataclass(frozen=True, slots=True)
class ResumeAsked:
    """The person wants to go on."""


@dataclass(frozen=True, slots=True)
class Softer:
    """One step less pressure (massage) or warmth (soak)."""


@dataclass(frozen=True, slots=True)
class Firmer:
    """One step more, never above what the gate gives."""


@dataclass(frozen=True, slots=True)
class SkipAsked:
    """End this phase now and go to the next."""


@dataclass(frozen=True, slots=True)
class ExtendAsked:
    """Add time to this phase, as far as the caps allow."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pain:
    """It hurts. Stops everything, at once, latched."""

    where: str | None = None
    score: int | None = None
    by: str = "key"


@dataclass(frozen=True, slots=True)
class PainScored:
    """How much it hurts, 0 to 10, where somebody asked. Pain stops at once whatever its score; this stops when it rose too far."""

    score: int
    by: str = "key"


@dataclass(frozen=True, slots=True)
class PainTold:
    """Said afterwards about a pain that stopped the session. Changes nothing: it is for the record and the journal.

    `where`: a foot or a zone of it ("left", "left.heel", "both.arch"), None when not said. `score`: 0 to 10, None when not said.
    `mistake`: nothing hurt; nothing must be learned from it.
    """

    where: str | None = None
    score: int | None = None
    mistake: bool = False
    by: str = "key"


@dataclass(frozen=True, slots=True)
class StopAsked:
    """Stop everything. `why` is for the record: stop, Ctrl-C, SIGTERM, SIGHUP."""

    why: str = "stop"
    by: str = "key"


@dataclass(frozen=True, slots=True)
class ClearAsked:
    """Clear the latch whose first cause was shown."""

    fault: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier sessions used up in the last 24 h, how they left the skin, and what they taught. Given once, before Begin.

    `ceilings`: keys of footctl.core.learned to kPa, or °C for water; `reasons`: a few words for each of them.
    `since_soak_s`: how long ago feet were last in the water; None: not in that time.
    """

    soak_s: float = 0.0
    massage_s: float = 0.0
    dose_cem43: float = 0.0
    notes: tuple[str, ...] = field(default=())
    ceilings: Mapping[str, float] = field(default_factory=dict, hash=False)
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)
    since_soak_s: float | None = None


DeviceEvent: TypeAlias = (
    Sample
    | Identified
    | CapsRead
    | Accepted
    | Refused
    | Unanswered
    | ReadBack
    | FirstCause
    | Pressed
    | Silent
    | Garbled
    | Suspended
    | CarrierLost
    | Tripped
)
OperatorEvent: TypeAlias = (
    Begin | Yes | PauseAsked | ResumeAsked | Softer | Firmer | SkipAsked | ExtendAsked
    | Pain | PainScored | PainTold | StopAsked | ClearAsked | Earlier
)
Event: TypeAlias = DeviceEvent | OperatorEvent
