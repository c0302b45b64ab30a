"""The program engine: what happened goes in, what the device should be told comes out. Told the time; does nothing by itself.

It holds the state machine, walks the plan's steps and answers for every ending. At most one command is on its way at a time: the
next one is found when that is accepted, from what the device has been told and what should be. STOP alone goes past all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from firmware_protocol import faults, limits
from footctl.core import endings, steps
from footctl.core.comfort import CheckIn, Comfort, extension
from footctl.core.commands import ClearLatch, Command, Greet, PersonChecked, ReadCaps, ReadCause, SetLimits, StartDevice, StopNow
from footctl.core.events import (
    Accepted,
    Begin,
    CapsRead,
    CarrierLost,
    ClearAsked,
    Earlier,
    Event,
    ExtendAsked,
    Firmer,
    FirstCause,
    Identified,
    Pain,
    PauseAsked,
    Pressed,
    ReadBack,
    Refused,
    ResumeAsked,
    Sample,
    Silent,
    SkipAsked,
    Softer,
    StopAsked,
    Suspended,
    Tripped,
    Unanswered,
    Yes,
)
from footctl.core.levels import ACTIVE, IDLE, OFF, PAUSED, Levels, towards
from footctl.core.machine import OPENING, STEPS, Stage
from footctl.core.person import Person, default_person
from footctl.core.plan import Plan
from footctl.core.planner import make_plan
from footctl.core.profile import Profile
from footctl.core.translate import MESSAGE_OF
from footctl.core.view import OUTCOMES, Outcome, PhaseRecord, Question

LOST_S = limits.TELEMETRY_LOST_MS / 1000
LATE_S = 2.0  # a call may be so late; longer, and nobody watched: Suspended (F39)
CONFIRM_S = 3.0  # how long a stop waits for the read-back: three times what a release may take [ENG]
WARM_PAUSE_S = 600.0  # a pause keeps the water warm for so long [ENG]
SETTLE_S = 1.0  # from an accepted command until telemetry must show it: five samples
TRIES = 3  # rounds of repeats for HELLO: a board that restarts when its port is opened needs some seconds
MISSED = 2  # requests in a row that nobody answered, after all their repeats: the link is gone
REFUSALS = 3  # of a pause and another try, until the session ends
WARNINGS = 20  # kept for the view
NEVER = float("inf")
_PAUSING = ("not_permitted", "not_started")
_IGNORABLE = ("Checked", "SetLamp", "GetCause", "Hello")


class Program:
    """One session with one device. `profile` None: connected, watching or stopping only."""

    def __init__(
        self, *, profile: Profile | None, person: Person | None = None, controller: bool = True, start_phase: int | None = None
    ) -> None:
        self.profile = profile
        self.person = person
        self.controller = controller
        self.start_phase = start_phase
        self.identity: Identified | None = None
        self.caps: CapsRead | None = None
        self.plan: Plan | None = None
        self.sample: Sample | None = None
        self.first_cause: FirstCause | None = None
        self.outcome: Outcome | None = None
        self.phases: list[PhaseRecord] = []
        self.warnings: list[str] = []
        self.index: int | None = None
        self.begun_at: float | None = None
        self.ended_at: float | None = None
        self.running: steps.Running | None = None
        self._stage = Stage()
        self._earlier: Earlier | None = None
        self._around: steps.Surroundings | None = None
        self._check = CheckIn(NEVER, NEVER)
        self.next_deadline: float | None = None  # when `step` has something to do although nothing happened
        self._over_at = NEVER  # the longest session is over
        self._cool_at = NEVER  # the pause stops keeping the water warm
        self._clear: Levels | None = None  # what should be at the device, once nothing is left to say about it
        self._now: float | None = None
        self._told = OFF
        self._on_its_way: tuple[str, Levels] | None = None
        self._unanswered = 0
        self._refusals = 0
        self._greeted = 0
        self._asked_caps = False
        self._asked_cause = False
        self._limits_told = False
        self._say_checked = False
        self._answered_check = False
        self._settled_at = 0.0
        self._asked_since = 0.0
        self._paused_why = ""
        self._feet_left: frozenset[str] = frozenset()
        self._end: Outcome | None = None
        self._stop_at = 0.0
        self._read_back: ReadBack | None = None
        self._seen_off = False

    @property
    def state(self) -> str:
        """Name of the machine's state."""
        return self._stage.state

    @property
    def _in_step(self) -> bool:
        return self._stage.state in STEPS

    def step(self, now: float, events: Sequence[Event]) -> list[Command]:
        """What to tell the device, given what happened up to `now`."""
        out: list[Command] = []
        if self._now is None or now < self._now:
            now = now if self._now is None else self._now
        elif now - self._now > LATE_S:
            self._take(now, Suspended(now - self._now), out)
        else:
            while (due := self.next_deadline) is not None and due < now:
                self._now = max(due, self._now)
                self._turn(self._now, out)
                self.next_deadline = self._deadline()
        self._now = now
        if self.running is not None and self._in_step:
            self.running.advance(now)
        for event in events:
            self._take(now, event, out)
        self._turn(now, out)
        self.next_deadline = self._deadline()
        return out

    def _deadline(self) -> float | None:
        state = self._stage.state
        if state == "stopping":
            return self._stop_at + CONFIRM_S
        if self.running is None or state in OUTCOMES:
            return None
        due = self.running.next_deadline if state != "paused" else self._cool_at if self._cool_at > (self._now or 0.0) else None
        check = self._check.next_deadline(self._live)
        if check is not None and (due is None or check < due):
            due = check
        if state != "finish" and self._over_at != NEVER and (due is None or self._over_at < due):
            due = self._over_at
        return due

    # --- what happened

    def _take(self, now: float, event: Event, out: list[Command]) -> None:
        if self.outcome is not None:
            return
        match event:
            case Sample():
                self._see(now, event, out)
            case Accepted():
                self._accepted(now, event.message)
            case Identified():
                self._identified(now, event, out)
            case CapsRead():
                self._caps_read(now, event)
            case Refused():
                self._refused(now, event, out)
            case Unanswered():
                self._missed(now, event, out)
            case ReadBack():
                self._read_back = event
            case FirstCause():
                self.first_cause = event
            case Pressed():
                self._pressed(now, event, out)
            case Silent():
                self._silent(now, event, out)
            case Suspended():
                self._suspended(now, event, out)
            case CarrierLost():
                self._cut(now, Outcome("link_lost", f"the link is gone: {event.why}", "check the cable or the radio, then start anew"))
            case Tripped():
                self._halt(now, Outcome("tripped", event.why, "find the cause before the next session", event.fault), out)
            case Pain():
                self._halt(now, Outcome("pain", "pain was reported", "look at the foot; " + endings.CLEAR_HINT, faults.PAIN), out)
            case StopAsked():
                self._stop(now, event, out)
            case Earlier():
                self._earlier = event
                if self._stage.state == "ready":
                    self._make_plan(now)
            case ClearAsked():
                if self._stage.state == "watching":
                    out.append(ClearLatch(event.fault))
            case Begin() | Yes() | PauseAsked() | ResumeAsked() | Softer() | Firmer() | SkipAsked() | ExtendAsked():
                self._person(now, event)
            case _:
                assert_never(event)

    def _see(self, now: float, sample: Sample, out: list[Command]) -> None:
        earlier = self.sample
        self.sample = sample
        if earlier is not None and sample.uptime_ms < earlier.uptime_ms:
            self._halt(now, Outcome("tripped", "the device restarted", "check its power supply; start anew"), out)
            return
        state = self._stage.state
        if state == "stopping":
            self._seen_off = sample.is_off and now > self._stop_at
            return
        if self._around is not None:
            self._around.see(now, sample)
        if sample.fault:
            self._latched(now, sample.fault, out)
        elif self._told.state != IDLE and self._on_its_way is None and now >= self._settled_at + SETTLE_S:
            self._compare(now, sample, out)

    def _latched(self, now: float, fault: int, out: list[Command]) -> None:
        if self._stage.state == "watching":
            if not self._asked_cause:
                self._asked_cause = True
                out.append(ReadCause())
        elif self._stage.state == "connecting":
            return  # telemetry that was under way before our hello; the device first says who it is, and its latch with it
        elif self._stage.state in OPENING:
            if self._stage.go("refused"):
                self._close(now, endings.found_latched(fault))
        else:
            self._halt(now, endings.latched(fault), out)

    def _compare(self, now: float, sample: Sample, out: list[Command]) -> None:
        """The device let go by itself: an expired lease opens enables and forgets setpoints. They come back only by a person."""
        told = self._told
        if sample.state == IDLE:
            self._halt(now, Outcome("tripped", "the device left the session by itself", "start anew"), out)
        elif (told.heater and not sample.heater_enable) or (told.motor and not sample.motor_enable):
            self._clear = None
            self._told = Levels(sample.state, sample.heater_enable, sample.motor_enable, lamp=told.lamp)
            self._feet_left = frozenset()
            self._pause(now, "the device switched off because it did not hear from us in time")
        elif told.massage is not None and sample.active == faults.FOOT_ABSENT and self.running is not None:
            # The foot was away for less time than telemetry could show; the device forgot the massage.
            self._pause(now, "a foot left the roller", self.running.step.feet)

    def _accepted(self, now: float, message: str) -> None:
        self._unanswered = 0
        if self._on_its_way is None or self._on_its_way[0] != message:
            return
        told = self._on_its_way[1]
        before = self._told
        moves = told.massage is not None and before.massage is None
        if moves or (told.state, told.heater, told.motor) != (before.state, before.heater, before.motor):
            self._settled_at = now
        self._told = told
        self._on_its_way = None
        if message == "SetLimits":
            self._limits_told = True
        elif message == "Start" and self._stage.state == "preflight":
            self._enter(now, 0)
        elif message in ("SetBath", "SetMassage"):
            self._refusals = 0

    def _identified(self, now: float, identity: Identified, out: list[Command]) -> None:
        before = self.identity
        self.identity = identity
        self._unanswered = 0
        if before is not None:
            if (before.serial, before.boot_id) != (identity.serial, identity.boot_id):
                what = "restarted" if before.serial == identity.serial else f"is now another one ({identity.serial})"
                self._halt(now, Outcome("tripped", f"the device {what}", "check its power supply; start anew"), out)
            elif self.controller and not identity.controller:
                self._halt(now, Outcome("tripped", "another host took over the device", "end the other session first"), out)
            return
        if not self._stage.go("identified"):
            return
        if self.profile is None:
            self._stage.go("watch")
        elif not identity.controller:
            self._cut(now, Outcome("link_lost", f"another host controls {identity.serial}", "end its session first"))
        elif identity.fault:
            self._latched(now, identity.fault, out)

    def _caps_read(self, now: float, caps: CapsRead) -> None:
        self._unanswered = 0
        if self._stage.state != "planning" or self.identity is None:
            return
        self.caps = caps
        unfit = endings.unfit(self.identity, caps)
        if unfit:
            self._stage.go("refused")
            self._close(now, Outcome("refused", unfit, "update the device's firmware"))
            return
        self._stage.go("planned")
        self._make_plan(now)

    def _make_plan(self, now: float) -> None:
        if self.profile is None or self.identity is None or self.caps is None:
            return
        person = self.person or default_person(self.identity.simulator > 0)
        self.plan = make_plan(self.profile, person, self.identity, self.caps.values, self._earlier, self.start_phase)
        self._asked_since = now
        if self.plan.refused or not self.plan.steps:
            self._stage.go("refused")
            self._close(now, endings.not_allowed(self.plan))

    def _refused(self, now: float, refused: Refused, out: list[Command]) -> None:
        self._unanswered = 0
        state = self._stage.state
        if state in ("connecting", "planning"):
            self._cut(now, Outcome("link_lost", endings.why(refused), "update the older of the two ends"))
        elif refused.message == "Clear":
            self._warn(endings.why(refused))
        elif self._on_its_way is None or self._on_its_way[0] != refused.message:
            return
        elif refused.message in _IGNORABLE:
            self._told = self._on_its_way[1]
            self._on_its_way = None
        elif state == "preflight":
            self._stage.go("refused")
            self._close(now, Outcome("refused", endings.why(refused), "put it right and start again"))
        elif refused.reason in _PAUSING and self._refusals < REFUSALS and self._pause(now, endings.why(refused)):
            self._refusals += 1
            self._on_its_way = None
        else:
            self._halt(now, Outcome("tripped", endings.why(refused), "start anew"), out)

    def _missed(self, now: float, event: Unanswered, out: list[Command]) -> None:
        self._unanswered += 1
        if self._on_its_way is not None and self._on_its_way[0] == event.message:
            self._on_its_way = None  # asked again: the difference is still there
        if event.message == "GetCaps":
            self._asked_caps = False
        if self._stage.state == "connecting":
            if self._unanswered >= TRIES:
                self._cut(now, Outcome("link_lost", "nobody answered", "is it switched on, and is this the right port?"))
        elif self._unanswered >= MISSED:
            self._halt(now, Outcome("link_lost", "the device does not answer any more", "check the cable or the radio"), out)

    def _pressed(self, now: float, event: Pressed, out: list[Command]) -> None:
        if event.kind == "yes":
            self._check_seen(now)
            self._yes(now)
        elif event.kind == "latch":
            if self._stage.state != "stopping":
                self._latched(now, event.value, out)
        elif event.kind == "cleared":
            self._asked_cause = False
            self.first_cause = None

    def _silent(self, now: float, event: Silent, out: list[Command]) -> None:
        if event.seconds < LOST_S:
            self._warn("no telemetry for a second")
            if self._stage.state not in ("connecting", "stopping"):
                out.append(Greet())
            return
        self._halt(now, Outcome("link_lost", "the device fell silent", "check that it is off; check the cable or the radio"), out)

    def _suspended(self, now: float, event: Suspended, out: list[Command]) -> None:
        if self.begun_at is None:
            self._warn(f"this computer slept for {event.seconds:.0f} s")
        else:
            reason = f"this computer did not run for {event.seconds:.1f} s"
            self._halt(now, Outcome("tripped", reason, "keep it awake during a session; start anew"), out)

    def _stop(self, now: float, event: StopAsked, out: list[Command]) -> None:
        sample = self.sample
        outcome = Outcome("stopped", f"stopped ({event.why})", endings.CLEAR_HINT, faults.STOPPED)
        quiet = sample is not None and sample.is_off and sample.state == IDLE
        if quiet and self.profile is not None and self._stage.state in OPENING:
            # Nothing was started, so there is nothing to stop, and a latch would only stand in the way of the next session.
            self._stage.go("halt")
            self._stage.go("stopped")
            self._close(now, Outcome("stopped", f"stopped before the start ({event.why})"))
            return
        self._halt(now, outcome, out)

    # --- what the person wants

    def _person(self, now: float, event: Event) -> None:
        state = self._stage.state
        if isinstance(event, Begin):
            if state == "ready" and self._stage.go("begin"):
                self._begin(now)
            return
        self._check_seen(now)
        self._say_checked = self._told.state != IDLE
        if isinstance(event, Yes):
            self._yes(now)
        elif isinstance(event, ResumeAsked):
            self._resume(now)
        elif isinstance(event, PauseAsked):
            self._pause(now, "")
        elif self.running is None or not self._in_step:
            return
        elif isinstance(event, SkipAsked):
            if self.running.skippable:
                self._next(now, "skipped")
            else:
                self._warn(f"{self.running.step.name} cannot be skipped")
        elif isinstance(event, ExtendAsked):
            self._extend(self.running, event.seconds)
        elif isinstance(event, Softer | Firmer):
            self._adjust(self.running, 1 if isinstance(event, Firmer) else -1)

    def _yes(self, now: float) -> None:
        if self._answered_check:
            self._answered_check = False
        elif self._stage.state == "paused":
            self._resume(now)
        elif self.running is not None and self._in_step and self.running.answer() and self.running.step.kind == "feet_in":
            self._over_at = min(self._over_at, now + self._limit("session_time"))

    def _check_seen(self, now: float) -> None:
        self._answered_check = self._check.asked_at is not None
        self._check.seen(now)

    def _adjust(self, run: steps.Running, by: int) -> None:
        around = self._around
        if around is None:
            return
        if isinstance(run, steps.Massage):
            moved = around.comfort.press(by, run.step.pressure_to_kpa, run.most_kpa)
        elif run.step.kind in ("preheat", "soak"):
            moved = around.comfort.warm(by, run.step.water_c or 0.0)
        else:
            return
        if moved:
            run.changed()
        else:
            self._warn("no firmer than this: a cap is reached" if by > 0 else "no softer than this")

    def _extend(self, run: steps.Running, seconds: float) -> None:
        if run.duration_s is None or self._around is None or run.left_s is None:
            self._warn(f"{run.step.name} has no time to extend")
            return
        room = min(self._over_at - (self._now or 0.0), self._limit("session_time")) - self._planned_left_s()
        if isinstance(run, steps.Soak):
            room = min(room, self._around.limit("soak_time") - steps.TIMER_MARGIN_S - self._around.soaked_s - run.left_s)
        elif isinstance(run, steps.Massage):
            room = min(room, self._around.limit("massage_foot") - self._massage_s())
        more = extension(seconds, room)
        if more <= 0:
            self._warn("no more time: a cap is reached")
        run.duration_s += more

    def _planned_left_s(self) -> float:
        """What the running step and those after it still need by the plan."""
        if self.plan is None or self.index is None or self.running is None:
            return 0.0
        later = sum((step.duration_s or step.least_s) for step in self.plan.steps[self.index + 1 :])
        return later + (self.running.left_s or 0.0)

    def _massage_s(self) -> float:
        """Massage per foot by the plan, with what has been added to the running step."""
        if self.plan is None or self.running is None:
            return 0.0
        planned = sum(step.duration_s or 0.0 for step in self.plan.steps if step.technique is not None)
        return planned + (self.running.duration_s or 0.0) - (self.running.step.duration_s or 0.0)

    # --- the way through the plan

    def _begin(self, now: float) -> None:
        plan, identity = self.plan, self.identity
        if plan is None or identity is None:
            return
        self.begun_at = now
        caps = plan.limits
        comfort = Comfort(caps.get("pressure_max", 0) / 1000, caps.get("water_setpoint_max", 0) / 100)
        self._around = steps.Surroundings(plan, comfort, "shared" in identity.places)
        if self.sample is not None:
            self._around.see(now, self.sample)
        self._check = CheckIn(float(caps.get("check_in", 0)), float(caps.get("check_answer", 0)))
        self._check.seen(now)

    def _limit(self, name: str) -> int:
        return 0 if self._around is None else self._around.limit(name)

    def _enter(self, now: float, index: int) -> None:
        if self.plan is None or self._around is None:
            return
        step = self.plan.steps[index]
        if not self._stage.go(step.kind):
            return
        self.index = index
        self.running = steps.run(now, self.plan.steps, index, self._around)
        if self.running.live:
            self._over_at = min(self._over_at, now + self._limit("session_time"))
        self._asked_since = now
        self.phases.append(PhaseRecord(step.name, step.kind, now - (self.begun_at or 0.0), None, "running"))
        self.running.look(now)

    def _next(self, now: float, outcome: str) -> None:
        self._record(now, outcome)
        if self.plan is None or self.index is None or self.index + 1 >= len(self.plan.steps):
            if self._stage.go("completed"):
                self._close(now, Outcome("completed", "completed", off_confirmed=True))
            return
        self._enter(now, self.index + 1)

    def _walk(self, now: float) -> None:
        """On to the next step; past those that take no time."""
        while self._in_step and self.running is not None and self.running.done:
            self._next(now, "completed")

    def _record(self, now: float, outcome: str) -> None:
        if self.phases and self.phases[-1].ended_s is None:
            last = self.phases[-1]
            self.phases[-1] = PhaseRecord(last.name, last.kind, last.started_s, now - (self.begun_at or 0.0), outcome)

    def _pause(self, now: float, why: str, feet: frozenset[str] = frozenset()) -> bool:
        if self.running is None or not self._stage.go("pause"):
            return False
        self.running.rest(now)
        self._cool_at = now + WARM_PAUSE_S
        self._asked_since = now
        self._paused_why = why
        self._feet_left = feet
        if why:
            self._warn(why)
        return True

    def _resume(self, now: float) -> None:
        run = self.running
        if run is None or self._stage.state != "paused" or self._resume_not or not self._stage.go(run.step.kind):
            return
        run.wake(now)
        self._asked_since = now
        self._feet_left = frozenset()

    @property
    def _resume_not(self) -> str:
        if not self._feet_left or self._around is None or self.running is None:
            return ""
        heats = self.running.step.water_c is not None
        missing = self._around.missing(self._feet_left, heats)
        return f"not back yet: {' and '.join(sorted(missing))} foot" if missing else ""

    @property
    def _live(self) -> bool:
        """Heat or pressure may act on the person."""
        run = self.running
        if run is None or not run.live:
            return False
        if self._stage.state == "paused":
            return (self._now or 0.0) < self._cool_at and run.levels.water is not None
        return True

    def _turn(self, now: float, out: list[Command]) -> None:
        """What time alone brings about, then the next command."""
        state = self._stage.state
        if state == "stopping":
            self._settle(now)
        elif self.outcome is None:
            if self.running is not None:
                self._watch(now, self.running, out)
            if self.outcome is None and self._stage.state != "stopping":
                self._say(now, out)

    def _watch(self, now: float, run: steps.Running, out: list[Command]) -> None:
        sample = self.sample
        self._check.turn(now, self._live, sample is not None and sample.check_due)
        deadline = self._check.deadline
        if deadline is not None and now >= deadline - steps.NEAR_S:
            reason = "nobody answered the check-in"
            self._halt(now, Outcome("tripped", reason, "is the person well? " + endings.CLEAR_HINT, faults.CHECK_MISSED), out)
        elif now >= self._over_at - steps.NEAR_S and run.step.kind != "finish":
            self._halt(now, endings.latched(faults.SESSION_OVER), out)
        elif self._in_step:
            run.advance(now)
            if not run.done:
                run.look(now)
            if run.failed:
                self._halt(now, Outcome("tripped", run.failed, "start anew when the cause is found"), out)
            elif run.done:
                self._walk(now)
            elif run.gone:
                self._pause(now, f"foot gone: {' and '.join(sorted(run.gone))}", run.gone)

    def _say(self, now: float, out: list[Command]) -> None:
        """The next command, when none is on its way."""
        state = self._stage.state
        if state == "connecting":
            if self._greeted <= self._unanswered:
                self._greeted = self._unanswered + 1
                out.append(Greet())
        elif state == "planning":
            if not self._asked_caps:
                self._asked_caps = True
                out.append(ReadCaps())
        elif self._on_its_way is not None or self.plan is None:
            return
        elif state == "preflight":
            # Every enable that the program will need is closed once, with nothing asked of it: a permissive that is missing shows now.
            if self._limits_told:
                proved = Levels(ACTIVE, self.plan.needs_heater, self.plan.needs_motor)
                self._on_its_way = "Start", proved
                out.append(StartDevice(proved.heater, proved.motor))
            else:
                self._on_its_way = "SetLimits", self._told
                out.append(SetLimits(self.plan.limits))
        elif self._say_checked:
            self._say_checked = False
            self._on_its_way = "Checked", self._told
            out.append(PersonChecked())
        elif self.running is not None and (want := self._want(now, self.running)) is not self._clear:
            way = towards(self._told, want)
            if way is None:
                self._clear = want
            else:
                self._clear = None
                self._on_its_way = MESSAGE_OF[type(way[0])], way[1]
                out.append(way[0])

    def _want(self, now: float, run: steps.Running) -> Levels:
        levels = run.levels
        if self._stage.state == "paused":
            warm = now < self._cool_at - steps.NEAR_S
            if self._feet_left:
                # The enable of the place where the foot belongs stays closed, so that the person sees where; nothing heats or moves.
                levels = Levels(ACTIVE, levels.heater and warm, levels.motor and warm, lamp="feet_in")
            else:
                # A pause closes no enable: what the device opened stays open until somebody resumes.
                heater = self._told.heater
                levels = Levels(PAUSED, heater, False, levels.water if warm and heater else None, lamp="wait")
        if self._check.asked_at is None:
            return levels
        return Levels(levels.state, levels.heater, levels.motor, levels.water, levels.massage, "check_in")

    # --- the ends

    def _halt(self, now: float, outcome: Outcome, out: list[Command]) -> None:
        """STOP before anything else; the session ends when the device has read back that it is off, or after a bounded wait."""
        if self.profile is None and outcome.kind not in ("pain", "stopped"):
            # Who only watches stops nobody's session because of what it sees, or no longer sees.
            self._cut(now, Outcome("link_lost", outcome.reason, outcome.hint, outcome.fault))
            return
        if not self._stage.go("halt"):
            return
        self._record(now, "cut")
        self._end = outcome
        self._stop_at = now
        self._read_back = None
        self._seen_off = False
        self._on_its_way = None
        out[:] = [StopNow(pain=outcome.kind == "pain")]
        if self.identity is None:
            out.append(Greet())  # telemetry, which confirms, comes only after a HELLO

    def _settle(self, now: float) -> None:
        back = self._read_back
        off = self._seen_off and back is not None and not back.heater_enable and not back.motor_enable and back.heater_duty == 0
        if self._end is None or not (off or now >= self._stop_at + CONFIRM_S - steps.NEAR_S):
            return
        end = self._end
        self._stage.go(end.kind)
        hint = end.hint if off else "the device did not confirm that it is off: take the feet out and unplug it"
        self._finish(now, Outcome(end.kind, end.reason, hint, end.fault, off))

    def _cut(self, now: float, outcome: Outcome) -> None:
        """An end without STOP: there is nobody to tell."""
        if self._stage.go("link_lost"):
            self._record(now, "cut")
            end = self._end
            self._finish(now, outcome if end is None else Outcome("link_lost", f"{end.reason}; {outcome.reason}", outcome.hint, end.fault))

    def _close(self, now: float, outcome: Outcome) -> None:
        """An end with nothing switched on by us."""
        self._record(now, "cut")
        off = self.sample is not None and self.sample.is_off
        self._finish(now, Outcome(outcome.kind, outcome.reason, outcome.hint, outcome.fault, off))

    def _finish(self, now: float, outcome: Outcome) -> None:
        self.outcome = outcome
        self.ended_at = now

    def _warn(self, text: str) -> None:
        if text not in self.warnings[-1:]:
            self.warnings.append(text)
            del self.warnings[:-WARNINGS]

    # --- what a person sees

    @property
    def holding(self) -> str:
        """Why the step's clock waits, "" when it runs."""
        if self._stage.state == "paused":
            return self._paused_why or "paused"
        return self.running.holding if self.running is not None and self._in_step else ""

    @property
    def question(self) -> Question | None:
        """What the person is asked now."""
        state = self._stage.state
        run = self.running
        asked: Question | None = None
        if state == "ready" and self.plan is not None:
            asked = Question("start", f"Start {self.plan.title}?", self._asked_since)
        elif run is None or not (self._in_step or state == "paused"):
            asked = None
        elif self._check.asked_at is not None:
            asked = Question("check_in", "Are you all right?", self._check.asked_at, deadline=self._check.deadline)
        elif state == "paused":
            why_not = self._resume_not
            text = f"{self._paused_why}. Go on?" if self._paused_why else "Go on?"
            asked = Question("resume", text[:1].upper() + text[1:], self._asked_since, not why_not, why_not)
        elif run.asks is not None:
            asked = Question(run.asks, run.step.text or run.step.name, self._asked_since, not run.why_not, run.why_not)
        return asked
