"""What a run looks like now: everything that a screen, a log line or another terminal may show. Read only, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from footctl.core.events import Identified, Sample
from footctl.core.plan import Plan
from footctl.core.proof import Proved

OUTCOMES = ("completed", "stopped", "pain", "tripped", "refused", "link_lost")


@dataclass(frozen=True, slots=True)
class Question:
    """What the person is asked. `kind`: start, feet_in, prompt, dry, check_in, resume. `since` on the host's time axis.

    `ready` False: a yes does not count yet (presence not seen, least time not over), and `why_not` says what is missing.
    `deadline`: when no answer ends the session (check-ins), else None.
    """

    kind: str
    text: str
    since: float
    ready: bool = True
    why_not: str = ""
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """One step as it went. Times in seconds since Begin.

    `outcome`: running, completed, skipped, cut (ended early by an end of the session).
    """

    name: str
    kind: str
    started_s: float
    ended_s: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the session ended. `reason` is one sentence for the person; `fault` a catalogue number or 0; `hint` what to do next.

    `off_confirmed`: the device read back that everything is off.
    """

    kind: str
    reason: str
    hint: str = ""
    fault: int = 0
    off_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot at `now`. `phase_left_s` None when the step waits for a person or a condition.

    `by_hand`: there is no device; what it would do is told.
    `asked_kpa`, `asked_c`: the pressure to which the step under way goes, and its water, after all that was wished softer and firmer;
    None where it has none. Within a step only a wish changes them.
    `state`: name of the machine's state. `holding`: why the step's clock, or the proof before it, waits ("" when it runs).
    """

    now: float
    state: str
    identity: Identified | None
    plan: Plan | None
    step: int | None
    phase_left_s: float | None
    holding: str
    question: Question | None
    sample: Sample | None
    sample_age_s: float | None
    phases: tuple[PhaseRecord, ...]
    elapsed_s: float
    water_max_c: float | None
    pressure_max_kpa: float
    dose_cem43: float
    warnings: tuple[str, ...]
    outcome: Outcome | None
    proof: tuple[Proved, ...] = ()  # what the device has shown before the first step
    by_hand: bool = False
    asked_kpa: float | None = None
    asked_c: float | None = None
