"""The host mind: exchange, program and supervisor as one object with four verbs. Bytes on the outside, no clock, no I/O.

Deterministic: the same arguments and the same calls give the same bytes, which is what makes a session's record replay.
"""

from __future__ import annotations

from typing import Any

from firmware_protocol import exchange, framing, limits, messages, version
from footctl.core import translate
from footctl.core.commands import BreakFrame, Command, Greet, ReadCause, StopNow
from footctl.core.events import CapsRead, Event, FirstCause, Garbled, Identified, Sample, Silent
from footctl.core.person import Person
from footctl.core.plan import Plan
from footctl.core.profile import Profile
from footctl.core.program import Program
from footctl.core.steps import Massage, Running
from footctl.core.supervisor import Supervisor
from footctl.core.view import Outcome, Question, View

BEAT_S = limits.HEARTBEAT_MS / 1000
STALE_S = limits.TELEMETRY_STALE_MS / 1000
LOST_S = limits.TELEMETRY_LOST_MS / 1000
NOISY_S = limits.NOISY_MS / 1000
OLD_S = limits.FRAME_AGE_MS / 1000
DRIFT = 0.001  # how far two clocks may run apart: a crystal's 0.01 % ten times over [ENG]
SLIP = 0.3  # of a served simulator's faster time: what it cannot catch up with on a busy machine is lost to its device [ENG]
RESTART_MS = 5000  # telemetry this much older than the newest is no straggler: the device restarted [ENG]
_WHOLE = framing.encode(messages.code_of(messages.Heartbeat(0, 0)), 0, messages.pack(messages.Heartbeat(0, 0)))
BROKEN = b"\x00" + _WHOLE[:-2] + bytes((_WHOLE[-2] % 255 + 1,)) + b"\x00"  # the last byte of the CRC is wrong, and no zero
SIGN_OF_LIFE_S = 10.0  # telemetry ends 30 s after a peer's last frame, and an observer has nothing else to say


class Host:
    """One session with one device.

    `nonce`: random, 32 bits; a new one opens a new session. `profile` None: connected, watching or stopping only. `person` None: the
    simulator's healthy adult, or the sensitive tier at a real device. `role`: "controller" or "observer". `start_phase`: from 0.
    `selftest`: no program, the proof before heat alone, with its last stage, in which the device latches and is cleared.
    `serial`: the device that it must be, "" for any.
    """

    def __init__(
        self,
        *,
        nonce: int,
        profile: Profile | None = None,
        person: Person | None = None,
        role: str = "controller",
        start_phase: int | None = None,
        selftest: bool = False,
        serial: str = "",
    ) -> None:
        self.role = role
        self.controller = role == "controller"
        self.heard: tuple[Event, ...] = ()  # what the last turn took in
        self._hello = messages.Hello(
            version.MAJOR, version.MINOR, messages.CONTROLLER if self.controller else messages.OBSERVER, nonce & 0xFFFFFFFF
        )
        self._exchange = exchange.Exchange(messages.TO_HOST)
        if not self.controller:
            profile = None  # an observer looks and may stop, whatever it was given
        self._program = Program(
            profile=profile, person=person, controller=self.controller, start_phase=start_phase, selftest=selftest, serial=serial
        )
        self._supervisor = Supervisor()
        self._events: list[Event] = []
        self._turns = 0
        self._beat_at: float | None = None
        self._broken = b""  # bytes that are no whole frame, for the proof
        self._fresh = False  # telemetry came since the last heartbeat
        self._sample: Sample | None = None
        self._sample_at: float | None = None
        self._told_silent = 0.0
        self._lag: tuple[float, float] | None = None  # host time - device time of the quickest frame, and when it was judged
        self._now = 0.0
        self._water_max_c: float | None = None
        self._pressure_max_kpa = 0.0
        self._reviewed = False
        self._dropped = 0
        self._broken_at: list[float] = []  # when the latest broken frames came

    # --- the four verbs

    def receive(self, now: float, data: bytes) -> None:
        """Take bytes from the carrier, in any chunks. What they mean is acted upon by `act`."""
        for kind, one, other in self._exchange.receive(round(now * 1000), data):
            if kind == messages.DATAGRAM:  # the exchange lets through what a host hears: TELEMETRY
                self._telemetry(now, other)
            elif kind == messages.ANSWER:
                self._events.append(translate.answer(one, other))
            elif kind == messages.REQUEST:  # EVENT
                self._exchange.answer(one, messages.Ack(messages.code_of(other)))
                self._events.append(translate.happening(other))
            else:
                self._events.append(translate.unanswered(one, self._exchange.dropped + self._exchange.strange > 0))
        dropped = self._exchange.dropped
        if dropped != self._dropped:
            self._garbled(now, dropped - self._dropped)
            self._dropped = dropped

    def act(self, now: float, *operator: Event) -> None:
        """One turn of the control loop: judge what happened, find what to say. The only place that lets the heartbeat advance."""
        self._now = now
        program = self._program
        events = self._events
        self._events = []
        self._silence(now, events)
        events.extend(operator)
        self.heard = tuple(events)
        commands = program.step(now, events)
        if program.begun_at is not None:
            commands = self._review(now, events, commands)
        for command in commands:
            self._say(now, command)
        self._turns += 1
        self._beat(now)

    def data_to_send(self, now: float) -> bytes:
        """The bytes that must go out now; asked twice in one instant, nothing new."""
        broken, self._broken = self._broken, b""
        return self._exchange.data_to_send(round(now * 1000)) + broken

    @property
    def next_deadline(self) -> float | None:
        """When the next turn is due although nothing arrives; None when the session is over."""
        if self._program.outcome is not None:
            return None
        if not self._turns:
            return self._now  # at once: nothing comes before HELLO
        due = self._program.next_deadline
        repeat = self._exchange.next_ms
        if repeat is not None and (due is None or repeat / 1000 < due):
            due = repeat / 1000
        if self._beat_at is not None and (due is None or self._beat_at < due):
            due = self._beat_at
        if self._sample_at is not None:
            silent = self._sample_at + (LOST_S if self._told_silent else STALE_S)
            if self._told_silent < LOST_S and (due is None or silent < due):
                due = silent
        return due

    # --- what there is to see

    @property
    def identity(self) -> Identified | None:
        """Who the device is, once it has said so."""
        return self._program.identity

    @property
    def caps(self) -> CapsRead | None:
        """The device's cap table, once it was read and found fit."""
        return self._program.caps

    @property
    def sample(self) -> Sample | None:
        """The newest telemetry that was not too old when it came."""
        return self._sample

    @property
    def plan(self) -> Plan | None:
        """What will run, or why it must not."""
        return self._program.plan

    @property
    def question(self) -> Question | None:
        """What the person is asked now."""
        return self._program.question

    @property
    def first_cause(self) -> FirstCause | None:
        """What latched the device, once it was read."""
        return self._program.first_cause

    @property
    def outcome(self) -> Outcome | None:
        """How the session ended; None while it is on."""
        return self._program.outcome

    @property
    def state(self) -> str:
        """Name of the machine's state."""
        return self._program.state

    @property
    def done(self) -> bool:
        """True when the session has ended and nothing more will be said."""
        return self._program.outcome is not None

    def view(self, now: float) -> View:
        """Everything that a screen may show."""
        program = self._program
        running = program.running
        begun = program.begun_at
        until = now if program.ended_at is None else program.ended_at
        return View(
            now=now,
            state=program.state,
            identity=program.identity,
            plan=program.plan,
            step=program.index,
            phase_left_s=running.left_s if running is not None else None,
            holding=program.holding,
            question=program.question,
            sample=self._sample,
            sample_age_s=None if self._sample_at is None else now - self._sample_at,
            phases=tuple(program.phases),
            elapsed_s=0.0 if begun is None else until - begun,
            water_max_c=self._water_max_c,
            pressure_max_kpa=self._pressure_max_kpa,
            dose_cem43=self._supervisor.dose_cem43,
            warnings=tuple(program.warnings),
            outcome=program.outcome,
            proof=tuple(program.proved),
            asked_kpa=None if running is None else _asked_kpa(running),
            asked_c=None if running is None or running.step.water_c is None else running.around.comfort.water_c(running.step.water_c),
        )

    # --- inside

    def _telemetry(self, now: float, told: Any) -> None:
        """Keep telemetry that is new and fresh. A frame that a full buffer held back counts as missing (F31)."""
        uptime = told.uptime_ms
        newest = self._sample
        if newest is not None and newest.uptime_ms - RESTART_MS < uptime <= newest.uptime_ms:
            return  # repeated, or overtaken by a later one
        behind = now - uptime / 1000
        lag = self._lag
        if lag is None or behind < lag[0] or (newest is not None and uptime < newest.uptime_ms):
            self._lag = behind, now
        else:
            identity = self._program.identity
            drift = SLIP if identity is not None and identity.simulator > 1 else DRIFT
            floor = lag[0] + (now - lag[1]) * drift
            self._lag = (behind if behind < floor else floor), now
            if behind - floor > OLD_S:
                return
        sample = translate.sample(told)
        self._sample = sample
        self._sample_at = now
        self._told_silent = 0.0
        self._fresh = True
        self._events.append(sample)
        if self._program.begun_at is not None:
            hottest = sample.hottest_c
            if hottest is not None and (self._water_max_c is None or hottest > self._water_max_c):
                self._water_max_c = hottest
            pressure = sample.pressure_kpa
            if pressure is not None and pressure > self._pressure_max_kpa:
                self._pressure_max_kpa = pressure

    def _garbled(self, now: float, frames: int) -> None:
        """Count broken frames; too many of them in a short time are no link (F34). A carrier that was just opened may stutter."""
        if self._program.identity is None:
            return
        self._broken_at = [at for at in self._broken_at if now - at <= NOISY_S] + [now] * frames
        if len(self._broken_at) > limits.NOISY_FRAMES:
            self._events.append(Garbled(len(self._broken_at)))
            self._broken_at = []

    def _silence(self, now: float, events: list[Event]) -> None:
        """Tell once that telemetry is unknown, once that it is lost. It is expected from the IDENTITY on."""
        if self._sample_at is None:
            if any(type(event) is Identified for event in events):
                self._sample_at = now
            return
        if now < self._sample_at + STALE_S:
            return
        for limit in (STALE_S, LOST_S):  # the same sums as in `next_deadline`: a difference would round otherwise and be late for ever
            if now >= self._sample_at + limit and self._told_silent < limit:
                self._told_silent = limit
                events.append(Silent(limit))

    def _review(self, now: float, events: list[Event], commands: list[Command]) -> list[Command]:
        """The supervisor's word on what the program says; what it finds wrong ends the session in this very turn."""
        supervisor = self._supervisor
        plan, identity = self._program.plan, self._program.identity
        if not self._reviewed and plan is not None and identity is not None:
            self._reviewed = True
            supervisor.begin(now, plan, identity)
        before = supervisor.fault
        commands = supervisor.review(now, events, commands)
        if supervisor.fault is not before and supervisor.fault is not None:
            commands = commands + self._program.step(now, [supervisor.fault])
        return commands

    def _say(self, now: float, command: Command) -> None:
        if isinstance(command, StopNow):
            self._exchange.urgent(round(now * 1000), messages.Stop(command.fault))
        elif isinstance(command, Greet):
            self._exchange.ask(self._hello)
        elif isinstance(command, BreakFrame):
            self._broken = BROKEN
        else:
            self._exchange.ask(translate.message(command))

    def _beat(self, now: float) -> None:
        """The heartbeat of a turn that stepped: with every telemetry, and at the latest after a quarter of a second."""
        program = self._program
        if program.identity is None or program.outcome is not None:
            self._beat_at = None
            return
        if not self.controller:
            if self._beat_at is None or now >= self._beat_at:
                self._beat_at = now + SIGN_OF_LIFE_S
                self._say(now, ReadCause())
            return
        if program.quiet:
            self._beat_at = None
        elif self._fresh or self._beat_at is None or now >= self._beat_at:
            self._fresh = False
            self._beat_at = now + BEAT_S
            newest = self._sample
            self._exchange.tell(messages.Heartbeat(self._turns & 0xFFFFFFFF, 0 if newest is None else newest.uptime_ms))


def _asked_kpa(running: Running) -> float | None:
    """The pressure to which a massage goes, as the person wants it. Asks no step for its levels: a look must not make them."""
    if not isinstance(running, Massage):
        return None
    return running.around.comfort.pressure_kpa(running.step.pressure_to_kpa, running.most_kpa)
