"""The mind of a session without a machine: it times, tells and asks, and can switch nothing on. The verbs of a Host, with no bytes.

Told the time like every mind. Feet stay in a bowl while a computer sleeps, so its clock never waits for anything but a person's pause.
"""

from __future__ import annotations

from footctl.core.by_hand import HANDS, by_hand
from footctl.core.comfort import extension
from footctl.core.events import (
    Begin,
    Earlier,
    Event,
    ExtendAsked,
    Firmer,
    Pain,
    PainScored,
    PauseAsked,
    ResumeAsked,
    SkipAsked,
    Softer,
    StopAsked,
    Yes,
)
from footctl.core.notices import Notices
from footctl.core.pain import PainScores
from footctl.core.person import TIERS, Person, default_person
from footctl.core.plan import Plan, Step
from footctl.core.profile import Profile
from footctl.core.view import Outcome, PhaseRecord, Question, View

ROUNDING_S = 1e-6  # sums of the same times differ by so much
CAPPED = {"soak": "soak_time", "massage": "massage_foot", "stretch": "massage_foot"}


class Guide:
    """One program with one person and no device. `person` None: nobody was named, so the sensitive tier holds."""

    def __init__(self, profile: Profile, person: Person | None = None, start_phase: int | None = None) -> None:
        self.heard: tuple[Event, ...] = ()
        self.outcome: Outcome | None = None
        self._profile = profile
        self._person = person or default_person(False)
        self._start_phase = start_phase
        self._plan = by_hand(profile, self._person, None, start_phase)
        self._pain = PainScores(self._person.usual_pain, TIERS[self._plan.tier].pain_rise)
        self._notices = Notices()
        self._phases: list[PhaseRecord] = []
        self._index = -1
        self._duration_s: float | None = None
        self._ran_s = 0.0
        self._extended_s: dict[str, float] = {}
        self._paused = False
        self._asked_since = 0.0
        self._begun_at: float | None = None
        self._ended_at = 0.0
        self._now: float | None = None

    # --- the verbs

    def receive(self, now: float, data: bytes) -> None:
        """There is nobody to hear from."""

    def data_to_send(self, now: float) -> bytes:
        """There is nobody to tell."""
        return b""

    def act(self, now: float, *operator: Event) -> None:
        """One turn: let the clock run, then do what the person asks."""
        first = self._now is None
        before = now if self._now is None else self._now
        self._now = now = max(now, before)
        self.heard = operator
        if first:
            self._judge(now)
        if self._running and not self._paused:
            self._pass(before, now)
        for event in operator:
            if self.outcome is None:
                self._take(now, event)

    @property
    def next_deadline(self) -> float | None:
        """When the step that is on is over."""
        if self._now is None:
            return 0.0
        if not self._running or self._paused or self._duration_s is None:
            return None
        return self._now + max(0.0, self._duration_s - self._ran_s)

    @property
    def done(self) -> bool:
        """True when it has ended."""
        return self.outcome is not None

    @property
    def plan(self) -> Plan:
        """What will be told."""
        return self._plan

    def view(self, now: float) -> View:
        """Everything that a screen may show."""
        left = None if self._duration_s is None or not self._running else max(0.0, self._duration_s - self._ran_s)
        until = self._ended_at if self.outcome is not None else now
        return View(
            now=now,
            state=self._state,
            identity=HANDS,
            plan=self._plan,
            step=None if self._index < 0 else min(self._index, len(self._plan.steps) - 1),
            phase_left_s=left,
            holding="paused" if self._paused else "",
            question=self._question,
            sample=None,
            sample_age_s=None,
            phases=tuple(self._phases),
            elapsed_s=0.0 if self._begun_at is None else until - self._begun_at,
            water_max_c=None,
            pressure_max_kpa=0.0,
            dose_cem43=0.0,
            warnings=tuple(self._notices.texts),
            outcome=self.outcome,
            by_hand=True,
        )

    # --- inside

    @property
    def _running(self) -> bool:
        return self._begun_at is not None and self.outcome is None

    @property
    def _step(self) -> Step:
        return self._plan.steps[self._index]

    @property
    def _state(self) -> str:
        if self.outcome is not None:
            return self.outcome.kind
        if self._begun_at is None:
            return "ready"
        return "paused" if self._paused else self._step.kind

    @property
    def _early_s(self) -> float:
        """How long a yes does not count yet."""
        return self._step.least_s - self._ran_s

    @property
    def _question(self) -> Question | None:
        if self.outcome is not None:
            return None
        if self._begun_at is None:
            return Question("start", f"Start {self._plan.title}?", self._asked_since)
        if self._paused:
            return Question("resume", "Go on?", self._asked_since)
        if self._duration_s is not None:
            return None
        early = self._early_s > ROUNDING_S
        why = f"wait {self._early_s:.0f} s more" if early else ""
        return Question("prompt", self._step.text or self._step.name, self._asked_since, not early, why)

    def _judge(self, now: float) -> None:
        if self._plan.refused:
            reasons = "; ".join(f"{one.phase}: {one.what} refused by {one.rule} ({one.source})" for one in self._plan.refused)
            self._end(now, "refused", reasons, "choose another program, or see `footctl plan`")

    def _take(self, now: float, event: Event) -> None:
        match event:
            case Pain():
                self._hurts(now, "pain was reported")
            case PainScored():
                self._scored(now, event.score)
            case StopAsked():
                self._end(now, "stopped", f"stopped ({event.why})", "take your feet out and dry them")
            case Earlier() if self._begun_at is None:
                self._plan = by_hand(self._profile, self._person, event, self._start_phase)
                self._judge(now)
            case Begin() if self._begun_at is None:
                self._begun_at = now
                self._enter(now, 0)
            case _ if self._begun_at is not None:
                self._want(now, event)

    def _want(self, now: float, event: Event) -> None:
        if self._paused:
            if isinstance(event, ResumeAsked | Yes):
                self._paused = False
                self._asked_since = now
            return
        match event:
            case Yes() if self._duration_s is None and self._early_s <= ROUNDING_S:
                self._next(now, "completed")
            case PauseAsked():
                self._paused = True
                self._asked_since = now
            case SkipAsked() if self._step.check:
                self._notices.add(f"{self._step.name} cannot be skipped")
            case SkipAsked():
                self._next(now, "skipped")
            case ExtendAsked():
                self._extend(event.seconds)
            case Softer() | Firmer():
                self._notices.add("your own hands do this: press as it feels good, never so that it hurts")

    def _pass(self, before: float, now: float) -> None:
        """The time from `before` to `now`, through as many steps as end in it."""
        at = before
        while self._running and self._duration_s is not None and self._ran_s + (now - at) >= self._duration_s - ROUNDING_S:
            at += max(0.0, self._duration_s - self._ran_s)
            self._next(at, "completed")
        self._ran_s += now - at

    def _enter(self, now: float, index: int) -> None:
        self._index = index
        step = self._plan.steps[index]
        self._duration_s = None if step.confirm else step.duration_s
        self._ran_s = 0.0
        self._asked_since = now
        self._phases.append(PhaseRecord(step.name, step.kind, now - (self._begun_at or 0.0), None, "running"))

    def _next(self, now: float, outcome: str) -> None:
        self._close(now, outcome)
        if self._index + 1 < len(self._plan.steps):
            self._enter(now, self._index + 1)
        else:
            self._end(now, "completed", "the program ran to its end")

    def _close(self, now: float, outcome: str) -> None:
        if self._phases and self._phases[-1].ended_s is None:
            last = self._phases[-1]
            self._phases[-1] = PhaseRecord(last.name, last.kind, last.started_s, now - (self._begun_at or 0.0), outcome)

    def _extend(self, seconds: float) -> None:
        if self._duration_s is None:
            self._notices.add(f"{self._step.name} has no time to extend")
            return
        more = extension(seconds, self._room_s)
        if more <= 0:
            self._notices.add("no more time: a cap is reached")
        self._duration_s += more
        self._extended_s[self._step.kind] = self._extended_s.get(self._step.kind, 0.0) + more

    @property
    def _room_s(self) -> float:
        """How much longer a step of this kind may last: all that is planned of the kind counts, done or not."""
        kind = self._step.kind
        used = sum(step.duration_s or 0.0 for step in self._plan.steps if step.kind == kind) + self._extended_s.get(kind, 0.0)
        return self._plan.limits.get(CAPPED.get(kind, "session_time"), 0) - used

    def _scored(self, now: float, score: int) -> None:
        if self._begun_at is None:
            why = self._pain.before(score)
            if why:
                self._end(now, "refused", why, "another day, when it is as usual")
        elif self._pain.stops(score):
            self._hurts(now, f"pain rose to {score}")
        elif self._pain.rose(score):
            self._notices.add(f"pain of {score}: press less")

    def _hurts(self, now: float, why: str) -> None:
        self._end(now, "pain", why, "stop, take your feet out, and look at them")

    def _end(self, now: float, kind: str, reason: str, hint: str = "") -> None:
        """Nothing was on, so everything is off."""
        self._close(now, "cut")
        self._paused = False
        self._ended_at = now
        self.outcome = Outcome(kind, reason, hint, off_confirmed=True)
