"""The program engine: what happened goes in, what the device should be told comes out. Told the time; does nothing by itself.

It opens the session, judges what the device reports, and answers for every ending; the way through the plan's steps is the
Walk's, and what is on its way to the device the Talk's. STOP goes past everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from firmware_protocol import faults, limits, version
from footctl.core import endings, selftest
from footctl.core.commands import ClearLatch, Command, Greet, PersonChecked, ReadCaps, ReadCause, SetLimits, StopNow
from footctl.core.events import (
    Accepted,
    Begin,
    CapsRead,
    CarrierLost,
    ClearAsked,
    Earlier,
    Event,
    FirstCause,
    Garbled,
    Identified,
    Pain,
    PainScored,
    PainTold,
    Pressed,
    ReadBack,
    Refused,
    Sample,
    Silent,
    Softer,
    StopAsked,
    Suspended,
    Tripped,
    Unanswered,
)
from footctl.core.levels import IDLE
from footctl.core.machine import OPENING, PROVING, Stage
from footctl.core.notices import Notices
from footctl.core.pain import PainScores
from footctl.core.person import TIERS, Person, default_person
from footctl.core.plan import Plan
from footctl.core.planner import make_plan
from footctl.core.profile import Profile
from footctl.core.proof import Proof, Proved
from footctl.core.steps import Running
from footctl.core.surroundings import NEAR_S
from footctl.core.talk import Talk
from footctl.core.view import Outcome, PhaseRecord, Question
from footctl.core.walk import Walk

LOST_S = limits.TELEMETRY_LOST_MS / 1000
LATE_S = 2.0  # a call may be so late; longer, and nobody watched: Suspended (F39)
MISSED_MOST = 100  # deadlines that such a gap can hold, ten times over; whatever a deadline says, the loop ends
CONFIRM_S = 3.0  # how long a stop waits for the read-back: three times what a release may take [ENG]
TRIES = 3  # rounds of repeats for HELLO: a board that restarts when its port is opened needs some seconds
NOBODY = Outcome("link_lost", "nobody answered", "is it switched on, and is this the right port?")
NOISE = Outcome("link_lost", "what answers does not speak our protocol", "another device or another speed? `footctl devices` asks around")
MISSED = 2  # requests in a row that nobody answered, after all their repeats: the link is gone
REFUSALS = 3  # of a pause and another try, until the session ends
_PAUSING = ("not_permitted", "not_started")
_HARMLESS = ("Checked", "SetLamp")


class Program:
    """One session with one device. `profile` None: connected, watching or stopping only; with `selftest` the proof and its last stage."""

    def __init__(
        self,
        *,
        profile: Profile | None,
        person: Person | None = None,
        controller: bool = True,
        start_phase: int | None = None,
        selftest: bool = False,
        serial: str = "",
    ) -> None:
        self.profile = profile
        self.serial = serial
        self.selftest = selftest
        self.person = person
        self.controller = controller
        self.start_phase = start_phase
        self.identity: Identified | None = None
        self.caps: CapsRead | None = None
        self.plan: Plan | None = None
        self.sample: Sample | None = None
        self.first_cause: FirstCause | None = None
        self.outcome: Outcome | None = None
        self.ended_at: float | None = None
        self.next_deadline: float | None = None  # when `step` has something to do although nothing happened
        self._stage = Stage()
        self._talk = Talk()
        self._walk: Walk | None = None
        self._proof: Proof | None = None
        self._notices = Notices()
        self._earlier: Earlier | None = None
        self._pain: PainScores | None = None
        self._now: float | None = None
        self._greeted = 0
        self._asked_caps = self._asked_cause = self._limits_told = self._say_checked = False
        self._refusals = 0
        self._asked_since = 0.0
        self._end: Outcome | None = None
        self._slept: Outcome | None = None  # the end that a suspension brings
        self._stop_at = 0.0
        self._read_back: ReadBack | None = None
        self._seen_off = False

    def step(self, now: float, events: Sequence[Event]) -> list[Command]:
        """What to tell the device, given what happened up to `now`."""
        out: list[Command] = []
        if self._now is None or now < self._now:
            now = now if self._now is None else self._now
        elif now - self._now > LATE_S:
            self._take(now, Suspended(now - self._now), out)
        else:
            missed = 0
            while (due := self.next_deadline) is not None and due < now and missed < MISSED_MOST:
                missed += 1
                self._now = max(due, self._now)
                self._turn(self._now, out)
        self._now = now
        if self._walk is not None:
            self._walk.advance(now)
        for event in events:
            self._take(now, event, out)
        self._turn(now, out)
        return out

    def _turn(self, now: float, out: list[Command]) -> None:
        """What time alone brings about, then the next command."""
        if self._proof is not None and self._stage.state == "proving":
            self._prove(now, self._proof, out)
        state = self._stage.state
        if state == "stopping":
            self._settle(now)
        elif self.outcome is None:
            ending = self._walk.turn(now) if self._walk is not None and state not in PROVING else None
            if ending is not None:
                self._halt(now, ending, out)
            elif self._walk is not None and self._walk.finished:
                self._close(now, Outcome("completed", "the program ran to its end"))
            else:
                self._say(now, out)
        self.next_deadline = self._deadline()

    def _deadline(self) -> float | None:
        if self._stage.state == "stopping":
            return self._stop_at + CONFIRM_S
        if self._walk is None or self.outcome is not None or self._stage.state == "preflight":
            return None
        if self._proof is not None and self._stage.state == "proving":
            return self._proof.next_deadline
        return self._walk.next_deadline

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
            case Garbled():
                why = f"{event.frames} broken frames from the device within two seconds"
                self._halt(now, Outcome("link_lost", why, "check the cable or the radio, then start anew", faults.LINK_NOISY), out)
            case CarrierLost():
                self._cut(now, Outcome("link_lost", f"the link is gone: {event.why}", "check the cable or the radio, then start anew"))
            case Tripped():
                self._halt(now, Outcome("tripped", event.why, "find the cause before the next session", event.fault), out)
            case Pain():
                self._halt(now, endings.hurts(), out)
            case PainScored():
                self._scored(now, event.score, out)
            case PainTold():
                return
            case StopAsked():
                self._stop(now, event, out)
            case Earlier():
                self._used(now, event)
            case ClearAsked():
                if self._stage.state == "watching":
                    out.append(ClearLatch(event.fault))
            case Begin():
                self._begin(now)
            case _:
                self._person(now, event)

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
        walk = self._walk
        if walk is not None:
            walk.see(now, sample)
        if self._proof is not None and state == "proving":
            self._proof.see(now, sample)
        if sample.fault:
            self._latched(now, sample.fault, out)
        elif state == "proving":
            return  # its enables open by themselves
        elif walk is not None and self._talk.settled(now):
            self._compare(now, sample, walk, out)

    def _latched(self, now: float, fault: int, out: list[Command]) -> None:
        if self._proof is not None and self._stage.state == "proving" and self._proof.latches == fault:
            return
        if self._stage.state == "watching":
            if not self._asked_cause:
                self._asked_cause = True
                out.append(ReadCause())
        elif self._stage.state == "connecting":
            return  # telemetry that was under way before our hello; the device first says who it is, and its latch with it
        elif self._stage.state in OPENING and (fault not in endings.BY_PERSON or self.identity is None or self.identity.fault):
            self._refuse(now, endings.found_latched(fault))
        else:
            self._halt(now, endings.latched(fault), out)

    def _compare(self, now: float, sample: Sample, walk: Walk, out: list[Command]) -> None:
        """The device let go by itself: an expired lease opens enables and forgets setpoints. They come back only by a person."""
        if sample.state == IDLE:
            self._halt(now, Outcome("tripped", "the device left the session by itself", "start anew"), out)
        elif self._talk.slipped(sample):
            walk.slipped(now, endings.slipped(sample.active))
        elif self._talk.told.massage is not None and sample.active == faults.FOOT_ABSENT:
            # The foot was away for less time than telemetry could show; the device forgot the massage.
            walk.pause(now, "a foot left the roller", walk.running.step.feet)

    def _accepted(self, now: float, message: str) -> None:
        if not self._talk.accepted(now, message):
            return
        if message == "SetLimits":
            self._limits_told = True
        elif self._proof is not None and self._stage.state == "proving":
            self._proof.accepted(now, message)
        elif message in ("SetBath", "SetMassage"):
            self._refusals = 0

    def _identified(self, now: float, identity: Identified, out: list[Command]) -> None:
        before = self.identity
        self.identity = identity
        self._talk.unanswered = 0
        if before is not None:
            if (before.serial, before.boot_id) != (identity.serial, identity.boot_id):
                what = "restarted" if before.serial == identity.serial else f"is now another one ({identity.serial})"
                self._halt(now, Outcome("tripped", f"the device {what}", "check its power supply; start anew"), out)
            elif self.controller and not identity.controller:
                self._halt(now, Outcome("tripped", "another host took over the device", "end the other session first"), out)
            return
        if identity.major != version.MAJOR:  # F45: its numbers may mean anything
            why = f"{identity.serial} speaks version {identity.major} of the protocol, this is version {version.MAJOR}"
            self._cut(now, Outcome("link_lost", why, "update the older of the two ends"))
            return
        if self.serial and identity.serial != self.serial:  # F44
            why = f"this is {identity.serial}, not {self.serial}"
            self._cut(now, Outcome("link_lost", why, "nothing was started; connect the right one, or name this one"))
            return
        self._stage.go("identified")
        if self.profile is None and not self.selftest:
            self._stage.go("watch")
        elif not identity.controller:
            self._cut(now, Outcome("link_lost", f"another host controls {identity.serial}", "end its session first"))
        elif identity.fault:
            self._latched(now, identity.fault, out)

    def _caps_read(self, now: float, caps: CapsRead) -> None:
        self._talk.unanswered = 0
        if self._stage.state == "preflight" and self._proof is not None and self._talk.accepted(now, "GetCaps"):
            self._proof.in_force(caps.values)
            self._stage.go("prove")
        if self._stage.state != "planning" or self.identity is None:
            return
        unfit = endings.unfit(self.identity, caps)
        if unfit:
            self._refuse(now, Outcome("refused", unfit, "update the device's firmware"))
            return
        self.caps = caps
        self._stage.go("planned")
        self._make_plan(now, self.identity, caps)

    def _used(self, now: float, earlier: Earlier) -> None:
        self._earlier = earlier
        if self._stage.state == "ready" and self.identity is not None and self.caps is not None:
            self._make_plan(now, self.identity, self.caps)

    def _make_plan(self, now: float, identity: Identified, caps: CapsRead) -> None:
        if self.profile is None:
            self.plan = selftest.plan(identity, caps.values)
        else:
            person = self.person or default_person(identity.simulator > 0)
            self.plan = make_plan(self.profile, person, identity, caps.values, self._earlier, self.start_phase)
        self._asked_since = now
        if self.plan.refused:
            self._refuse(now, endings.not_allowed(self.plan))

    def _refused(self, now: float, refused: Refused, out: list[Command]) -> None:
        state = self._stage.state
        why = endings.why(refused)
        if state in ("connecting", "planning"):
            self._cut(now, Outcome("link_lost", why, "update the older of the two ends"))
        elif refused.message == "Clear" and state != "proving":
            self._notices.add(why)
        elif refused.message in _HARMLESS:
            self._talk.accepted(now, refused.message)
        elif not self._talk.refused(refused.message) or (self._proof is not None and self._proof.refused(refused)):
            return
        elif refused.reason == "latched" and state not in PROVING:
            self._halt(now, endings.latched(refused.limit), out)  # the answer overtook the telemetry that tells of it
        elif state in PROVING:
            self._give_up(now, Outcome("refused", why, "put it right and start again"), out)
        elif refused.reason in _PAUSING and self._refusals < REFUSALS and self._walk is not None and self._walk.pause(now, why):
            self._refusals += 1
        else:
            self._halt(now, Outcome("tripped", why, "start anew"), out)

    def _missed(self, now: float, event: Unanswered, out: list[Command]) -> None:
        self._talk.missed(event.message)
        if event.message == "GetCaps":
            self._asked_caps = False
        if self._stage.state == "connecting":
            if self._talk.unanswered >= TRIES:
                self._cut(now, NOISE if event.noise else NOBODY)
        elif self._talk.unanswered >= MISSED:
            self._halt(now, Outcome("link_lost", "the device does not answer any more", "check the cable or the radio"), out)

    def _pressed(self, now: float, event: Pressed, out: list[Command]) -> None:
        if event.kind == "yes":
            if self._walk is not None and not self._walk.acted(now):
                self._walk.yes(now)
        elif event.kind == "latch":
            if self._stage.state != "stopping":
                self._latched(now, event.value, out)
        elif event.kind == "cleared":
            self._asked_cause = False
            self.first_cause = None
        elif event.kind == "intrusion":
            self._notices.add(endings.warned(event.value))

    def _silent(self, now: float, event: Silent, out: list[Command]) -> None:
        if event.seconds < LOST_S:
            self._notices.add("no telemetry for a second")
            if self._stage.state not in ("connecting", "stopping"):
                out.append(Greet())
            return
        self._halt(now, Outcome("link_lost", "the device fell silent", "check that it is off; check the cable or the radio"), out)

    def _suspended(self, now: float, event: Suspended, out: list[Command]) -> None:
        if self._walk is None:
            self._notices.add(f"this computer slept for {event.seconds:.0f} s")
        else:
            reason = f"this computer did not run for {event.seconds:.1f} s"
            self._slept = Outcome("tripped", reason, "keep it awake during a session; start anew")
            self._halt(now, self._slept, out)

    def _scored(self, now: float, score: int, out: list[Command]) -> None:
        """Before the start too much pain refuses; later a rise stops, and a smaller one makes it softer."""
        if self.plan is None or self.identity is None:
            return
        if self._pain is None:
            person = self.person or default_person(self.identity.simulator > 0)
            self._pain = PainScores(person.usual_pain, TIERS[self.plan.tier].pain_rise)
        if self._stage.state == "ready":
            why = self._pain.before(score)
            if why:
                self._refuse(now, Outcome("refused", why, "another day, when it is as usual"))
        elif self._pain.stops(score):
            self._halt(now, endings.hurts(f"pain rose to {score}"), out)
        elif self._pain.rose(score):
            self._notices.add(f"pain of {score}: a little softer")
            self._person(now, Softer())

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

    def _begin(self, now: float) -> None:
        if self.plan is None or self.identity is None or not self._stage.go("begin"):
            return
        self._walk = Walk(now, self.plan, self._stage, self._notices, self.identity)
        heater, motor = self.plan.needs_heater, self.plan.needs_motor
        if self.selftest:
            heater, motor = selftest.has_heater(self.identity), selftest.has_motor(self.identity)
        self._proof = Proof(self.identity, self.plan.limits, heater, motor, abort=self.selftest)
        if self.sample is not None:
            self._walk.see(now, self.sample)

    def _person(self, now: float, event: Event) -> None:
        if self._walk is not None:
            self._say_checked = self._talk.told.state != IDLE
            self._walk.want(now, event)

    # --- what to say

    def _say(self, now: float, out: list[Command]) -> None:
        """The next command, when none is on its way."""
        state = self._stage.state
        talk = self._talk
        command: Command | None = None
        if state == "connecting":
            if self._greeted <= talk.unanswered:
                self._greeted = talk.unanswered + 1
                command = Greet()
        elif state == "planning":
            if not self._asked_caps:
                self._asked_caps = True
                command = ReadCaps()
        elif self._walk is None or talk.busy or state == "proving":
            return
        elif state == "preflight":
            command = talk.say(ReadCaps() if self._limits_told else SetLimits(self._walk.plan.limits))
        elif self._say_checked:
            self._say_checked = False
            command = talk.say(PersonChecked())
        else:
            command = talk.towards(self._walk.levels(now, talk.told))
        if command is not None:
            out.append(command)

    def _prove(self, now: float, proof: Proof, out: list[Command]) -> None:
        """The next of what the device must show; the first step when it has, the end when it does not."""
        proof.turn(now)
        broken = proof.breaks(now)
        if broken is not None:
            out.append(broken)
        if not self._talk.busy:
            command = proof.next(now)
            if command is not None:
                out.append(self._talk.say(*command))
        if proof.failed:
            self._give_up(now, Outcome("refused", proof.failed, proof.hint), out)
        elif proof.done and self._walk is not None and self.sample is not None and not self._talk.busy:
            self._talk.slipped(self.sample)
            self._walk.start(now)

    # --- the ends

    def _halt(self, now: float, outcome: Outcome, out: list[Command]) -> None:
        """STOP before anything else; the session ends when the device has read back that it is off, or after a bounded wait."""
        if self.profile is None and not self.selftest and outcome.kind not in ("pain", "stopped"):
            # Who only watches stops nobody's session because of what it sees, or no longer sees.
            self._cut(now, Outcome("link_lost", outcome.reason, outcome.hint, outcome.fault))
            return
        if not self._stage.go("halt"):
            return
        self._end = outcome
        self._stop_at = now
        self._read_back = None
        self._seen_off = False
        if self._walk is not None:
            self._walk.record(now, "cut")
        out[:] = [StopNow(outcome.fault or faults.STOPPED)]
        if self.identity is None:
            out.append(Greet())  # telemetry, which confirms, comes only after a HELLO

    def _settle(self, now: float) -> None:
        back, end = self._read_back, self._end
        off = self._seen_off and back is not None and not back.heater_enable and not back.motor_enable and back.heater_duty == 0
        if end is None or not (off or now >= self._stop_at + CONFIRM_S - NEAR_S):
            return
        self._stage.go(end.kind)
        hint = end.hint if off else "the device did not confirm that it is off: take the feet out and unplug it"
        self._finish(now, Outcome(end.kind, end.reason, hint, end.fault, off))

    def _cut(self, now: float, outcome: Outcome) -> None:
        """An end without STOP: there is nobody to tell. What was being stopped when the link went is still the reason.

        A port or a radio that a sleep took away is no fault of theirs: the suspension stays what ended the session.
        """
        end = self._end
        kind = "link_lost" if end is None or end is not self._slept else end.kind
        self._stage.go(kind)
        self._finish(now, outcome if end is None else Outcome(kind, f"{end.reason}; {outcome.reason}", outcome.hint, end.fault))

    def _refuse(self, now: float, outcome: Outcome) -> None:
        self._stage.go("refused")
        self._close(now, outcome)

    def _close(self, now: float, outcome: Outcome) -> None:
        """An end with nothing left on by us."""
        off = self.sample is not None and self.sample.is_off
        self._finish(now, Outcome(outcome.kind, outcome.reason, outcome.hint, outcome.fault, off))

    def _give_up(self, now: float, outcome: Outcome, out: list[Command]) -> None:
        """An end before the first step. STOP, which latches, only where an enable may be closed."""
        if self._proof is not None and self._proof.live:
            self._halt(now, outcome, out)
        else:
            self._refuse(now, outcome)

    def _finish(self, now: float, outcome: Outcome) -> None:
        if self._walk is not None:
            self._walk.record(now, "cut")
        self.outcome = outcome
        self.ended_at = now

    # --- what there is to see

    @property
    def state(self) -> str:
        """Name of the machine's state."""
        return self._stage.state

    @property
    def quiet(self) -> bool:
        """The heartbeat is withheld, to see what the device does without it."""
        return self._proof is not None and self._proof.quiet and self._stage.state == "proving"

    @property
    def proved(self) -> list[Proved]:
        """What the device has shown before the first step."""
        return [] if self._proof is None else self._proof.rows

    @property
    def warnings(self) -> list[str]:
        """What the person should know, oldest first."""
        return self._notices.texts

    @property
    def begun_at(self) -> float | None:
        """Host time of Begin."""
        return None if self._walk is None else self._walk.begun_at

    @property
    def running(self) -> Running | None:
        """The step that is on, also in a pause; None before the first."""
        return self._walk.running if self._walk is not None and self._walk.phases else None

    @property
    def index(self) -> int | None:
        """Place of the step in the plan."""
        return None if self.running is None or self._walk is None else min(self._walk.index, len(self._walk.plan.steps) - 1)

    @property
    def phases(self) -> list[PhaseRecord]:
        """The steps so far."""
        return [] if self._walk is None else self._walk.phases

    @property
    def holding(self) -> str:
        """Why the step's clock, or the proof before it, waits; "" when it runs."""
        if self._proof is not None and self._stage.state == "proving":
            return self._proof.holding
        return "" if self._walk is None or self.outcome is not None or self._stage.state == "stopping" else self._walk.holding

    @property
    def question(self) -> Question | None:
        """What the person is asked now."""
        if self._stage.state == "ready" and self.plan is not None:
            return Question("start", f"Start {self.plan.title}?", self._asked_since)
        if self._walk is None or self._stage.state in (*PROVING, "stopping") or self.outcome is not None:
            return None
        return self._walk.question
