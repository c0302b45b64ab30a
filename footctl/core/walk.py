"""The way through a plan's steps, once begun: which step is on, what holds it, what the person wants of it, what should be at the device.

Says nothing to the device and decides no ending: where the session cannot go on, it gives the Outcome that it must end with.
"""

from __future__ import annotations

from firmware_protocol import faults
from footctl.core import endings, steps
from footctl.core.comfort import CheckIn, Comfort, extension
from footctl.core.events import Event, ExtendAsked, Firmer, Identified, PauseAsked, ResumeAsked, Sample, SkipAsked, Softer, Yes
from footctl.core.levels import ACTIVE, PAUSED, Levels
from footctl.core.machine import STEPS, Stage
from footctl.core.notices import Notices
from footctl.core.plan import Plan
from footctl.core.surroundings import NEAR_S, TIMER_MARGIN_S, Surroundings
from footctl.core.view import Outcome, PhaseRecord, Question

WARM_PAUSE_S = 600.0  # a pause keeps the water warm for so long [ENG]
NEVER = float("inf")


class Walk:
    """`running`: the step that is on, also in a pause. `index`: its place in the plan. `begun_at`: host time."""

    def __init__(self, now: float, plan: Plan, stage: Stage, notices: Notices, identity: Identified) -> None:
        comfort = Comfort(plan.limits.get("pressure_max", 0) / 1000, plan.limits.get("water_setpoint_max", 0) / 100)
        self.plan = plan
        self.begun_at = now
        self.phases: list[PhaseRecord] = []
        self.index = -1
        self._around = Surroundings(plan, comfort, identity)
        self.running = steps.run(now, plan.steps, 0, self._around)
        self._stage = stage
        self._notices = notices
        self._extended: list[tuple[frozenset[str], float]] = []  # massage beyond the plan: feet, seconds
        self._check = CheckIn(float(self._around.limit("check_in")), float(self._around.limit("check_answer")))
        self._check.seen(now)
        self._heard = True  # the device knows of the last answer: what it asks from here on is a new question
        self._over_at = NEVER  # the longest session is over
        self._cool_at = NEVER  # the pause stops keeping the water warm
        self._now = self._asked_since = now
        self._paused_why = ""
        self._feet_left: frozenset[str] = frozenset()

    @property
    def _in_step(self) -> bool:
        return self._stage.state in STEPS

    def start(self, now: float) -> None:
        """Enter the first step."""
        self._enter(now, 0)

    def see(self, now: float, sample: Sample) -> None:
        """Take a sample."""
        water = self._around.water
        before = water.poured
        self._around.see(now, sample)
        if water.poured and not before and self.running.step.kind != "preheat":  # there it is how a basin is filled
            self._notices.add(steps.POURED)
        self._heard = self._heard or not sample.check_due

    # --- time

    def advance(self, now: float) -> None:
        """Let the step's clock run to `now` by what was true before."""
        self._now = now
        if self._in_step:
            self.running.advance(now)

    def turn(self, now: float) -> Outcome | None:
        """What time and the newest sample bring about; the Outcome that the session must end with, or None."""
        self._now = now
        run = self.running
        sample = self._around.sample
        check = self._check
        check.turn(now, self._live, self._heard and sample is not None and sample.check_due)
        if check.deadline is not None and now >= check.deadline - NEAR_S:
            hint = "is the person well? " + endings.CLEAR_HINT
            return Outcome("tripped", "nobody answered the check-in", hint, faults.CHECK_MISSED)
        if now >= self._over_at - NEAR_S and run.step.kind != "finish":
            return endings.latched(faults.SESSION_OVER)
        if not self._in_step:
            return None
        run.advance(now)
        if not run.done:
            run.look(now)
        if run.failed:
            return Outcome("tripped", run.failed, "start anew when the cause is found")
        while run.done and self._in_step:
            self._next(now, "completed")
            run = self.running
        if run.unsettled:
            self.pause(now, run.unsettled)
        elif run.gone:
            self.pause(now, f"foot gone: {' and '.join(sorted(run.gone))}", run.gone)
        return None

    @property
    def next_deadline(self) -> float | None:
        """When `turn` has something to do although nothing happened."""
        if self._stage.state == "paused":
            due = self._cool_at if self._cool_at > self._now else None
        else:
            due = self.running.next_deadline
        check = self._check.next_deadline(self._live)
        if check is not None and (due is None or check < due):
            due = check
        if self._over_at != NEVER and self._stage.state != "finish" and (due is None or self._over_at < due):
            due = self._over_at
        return due

    # --- from step to step

    @property
    def finished(self) -> bool:
        """The last step is done."""
        return self.index >= len(self.plan.steps)

    def record(self, now: float, outcome: str) -> None:
        """Close the record of the step that is on."""
        if self.phases and self.phases[-1].ended_s is None:
            last = self.phases[-1]
            self.phases[-1] = PhaseRecord(last.name, last.kind, last.started_s, now - self.begun_at, outcome)

    def _next(self, now: float, outcome: str) -> None:
        self.record(now, outcome)
        if self.index + 1 < len(self.plan.steps):
            self._enter(now, self.index + 1)
        else:
            self.index += 1
            self._stage.go("completed")

    def _enter(self, now: float, index: int) -> None:
        step = self.plan.steps[index]
        self._stage.go(step.kind)
        self.index = index
        self.running = steps.run(now, self.plan.steps, index, self._around)
        self._asked_since = now
        self.phases.append(PhaseRecord(step.name, step.kind, now - self.begun_at, None, "running"))
        if self.running.live:
            self._session_runs(now)
        self.running.look(now)

    def _session_runs(self, now: float) -> None:
        """The longest session counts from the first feet in."""
        self._over_at = min(self._over_at, now + self._around.limit("session_time"))

    # --- pause

    def pause(self, now: float, why: str, feet: frozenset[str] = frozenset()) -> bool:
        """Wait for a person to go on; `feet` must be back before. False where there is nothing to pause."""
        if not self._stage.go("pause"):
            return False
        self.running.rest(now)
        self._cool_at = now + WARM_PAUSE_S
        self._asked_since = now
        self._paused_why = why
        self._feet_left = feet
        if why:
            self._notices.add(why)
        return True

    def slipped(self, now: float, why: str) -> None:
        """The device switched off by itself."""
        self._feet_left = frozenset()
        self.pause(now, why)

    def _resume(self, now: float) -> None:
        if self._stage.state != "paused" or self._resume_not or not self._stage.go(self.running.step.kind):
            return
        self.running.wake(now)
        self._asked_since = now
        self._feet_left = frozenset()

    @property
    def _resume_not(self) -> str:
        heats = self.running.step.water_c is not None
        missing = self._around.missing(self._feet_left, heats)
        if missing:
            return f"not back yet: {' and '.join(sorted(missing))} foot"
        if not heats:
            return ""
        water, most_c = self._around.water, self._around.limit("feet_in_max") / 100
        return water.unsafe(self._now, most_c) if water.poured else ""

    # --- what the person wants

    def acted(self, now: float) -> bool:
        """The person did something, and so is awake. True when that answered a check-in."""
        asked = self._check.asked_at is not None
        self._heard = False
        self._check.seen(now)
        return asked

    def want(self, now: float, event: Event) -> None:
        """Do what the person asks for, as far as it may be."""
        answered = self.acted(now)
        run = self.running
        match event:
            case Yes():
                if not answered:
                    self.yes(now)
            case ResumeAsked():
                self._resume(now)
            case PauseAsked():
                self.pause(now, "")
            case SkipAsked() if self._in_step:
                if run.skippable and not run.step.check:
                    self._next(now, "skipped")
                else:
                    self._notices.add(f"{run.step.name} cannot be skipped")
            case ExtendAsked() if self._in_step:
                self._extend(run, event.seconds)
            case Softer() if self._in_step:
                self._adjust(run, -1)
            case Firmer() if self._in_step:
                self._adjust(run, 1)

    def yes(self, now: float) -> None:
        """A yes that no check-in took: go on after a pause, or what the step asks."""
        if self._stage.state == "paused":
            self._resume(now)
        elif self._in_step and self.running.answer() and self.running.step.kind == "feet_in":
            self._session_runs(now)

    def _adjust(self, run: steps.Running, by: int) -> None:
        comfort = self._around.comfort
        if isinstance(run, steps.Massage):
            moved = comfort.press(by, run.step.pressure_to_kpa, run.most_kpa)
        elif run.step.water_c is not None:
            moved = comfort.warm(by, run.step.water_c)
        else:
            return
        if moved:
            run.changed()
        else:
            self._notices.add("no firmer than this: a cap is reached" if by > 0 else "no softer than this")

    def _extend(self, run: steps.Running, seconds: float) -> None:
        if run.left_s is None or run.duration_s is None:
            self._notices.add(f"{run.step.name} has no time to extend")
            return
        later = sum((step.duration_s or step.least_s) for step in self.plan.steps[self.index + 1 :])
        room = min(self._over_at - self._now, self._around.limit("session_time")) - run.left_s - later
        if isinstance(run, steps.Soak):
            room = min(room, self._around.limit("soak_time") - TIMER_MARGIN_S - self._around.soaked_s - run.left_s)
        elif isinstance(run, steps.Massage):
            room = min(room, self._massage_room(run.step.feet))
        more = extension(seconds, room)
        if more <= 0:
            self._notices.add("no more time: a cap is reached")
        elif isinstance(run, steps.Massage):
            self._extended.append((run.step.feet, more))
        run.duration_s += more

    def _massage_room(self, feet: frozenset[str]) -> float:
        """How much longer these feet may be massaged: planned and extended so far, skipped or not, is taken off both caps."""
        spans = [(step.feet, step.duration_s or 0.0) for step in self.plan.steps if step.technique is not None] + self._extended
        total = self._around.limit("massage_total") - sum(seconds * len(sides) for sides, seconds in spans)
        each = [self._around.limit("massage_foot") - sum(seconds for sides, seconds in spans if side in sides) for side in feet]
        return min(*each, total / len(feet))

    # --- what should be, and what is shown

    @property
    def _live(self) -> bool:
        """Heat or pressure may act on the person."""
        if self._stage.state == "paused":
            return self.running.live and self._now < self._cool_at and self.running.levels.water is not None
        return self.running.live

    def levels(self, now: float, told: Levels) -> Levels:
        """What should be at the device, which has been told `told`."""
        levels = self.running.levels
        if self._stage.state == "paused":
            warm = now < self._cool_at - NEAR_S
            if self._feet_left:
                # The enable of the place where the foot belongs stays closed, so that the person sees where; nothing heats or moves.
                levels = Levels(ACTIVE, levels.heater and warm, levels.motor and warm, lamp="feet_in")
            else:
                # A pause closes no enable: what the device opened stays open until somebody resumes.
                levels = Levels(PAUSED, told.heater, False, levels.water if warm and told.heater else None, lamp="wait")
        if self._check.asked_at is None:
            return levels
        return Levels(levels.state, levels.heater, levels.motor, levels.water, levels.massage, "check_in")

    @property
    def holding(self) -> str:
        """Why the step's clock waits, "" when it runs."""
        return (self._paused_why or "paused") if self._stage.state == "paused" else self.running.holding

    @property
    def question(self) -> Question | None:
        """What the person is asked now."""
        run = self.running
        check = self._check
        if check.asked_at is not None:
            return Question("check_in", "Are you all right?", check.asked_at, deadline=check.deadline)
        if self._stage.state == "paused":
            text = f"{self._paused_why}. Go on?" if self._paused_why else "Go on?"
            return Question("resume", text[:1].upper() + text[1:], self._asked_since, not self._resume_not, self._resume_not)
        if run.asks is not None:
            return Question(run.asks, run.step.text or run.step.name, self._asked_since, not run.why_not, run.why_not)
        return None
