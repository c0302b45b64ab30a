"""A device and its person on paper: answers the program's commands at once, shows what it was told in the next sample. No physics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from firmware_protocol import limits
from footctl.core import commands as c
from footctl.core import events as e
from footctl.core.profile import Profile, parse_program
from footctl.core.program import Program
from footctl.core.translate import MESSAGE_OF

BOTH = frozenset(("left", "right"))
NOBODY: frozenset[str] = frozenset()
CAPS = {row[0]: row[3] for row in limits.CAPS}

SOAK = '[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "5 min"\nramp = "1 C/min"\n'
RISING = 'pressure = { from = "10 kPa", to = "20 kPa" }\n'
KNEAD = f'[[phase]]\nkind = "massage"\ntechnique = "kneading"\nzones = ["arch"]\n{RISING}speed = 40\nfor = "2 min"\n'
STROKE = '[[phase]]\nkind = "massage"\ntechnique = "rolling"\nzones = ["heel"]\npressure = "20 kPa"\nspeed = 40\nfor = "4 min"\n'
PROMPT = '[[phase]]\nkind = "prompt"\ntext = "Sit well."\nconfirm = true\n'
TOLD = '[[phase]]\nkind = "prompt"\ntext = "Breathe."\n'
REST = '[[phase]]\nkind = "rest"\ntext = "Rest."\nfor = "1 min"\n'
STRETCH = '[[phase]]\nkind = "stretch"\ntext = "Stretch your toes."\nfor = "1 min"\n'
GUIDED = '[[phase]]\nkind = "guided"\ntext = "Roll a ball."\nfor = "1 min"\n'


def profile(*phases: str, tier: str = "standard") -> Profile:
    """A program of these phases."""
    return parse_program(f'name = "Test"\nsummary = "For a test."\ntier = "{tier}"\n' + "".join(phases), "test.toml")


def identity(**changes: Any) -> e.Identified:
    """The simulator's reference device."""
    fields: dict[str, Any] = {
        "major": 1, "minor": 0, "serial": "SIM-0001", "model": "footbath-5l", "firmware": "0.1.0", "boot_id": 7, "uptime_ms": 0,
        "simulator": 1, "features": frozenset(("second_sensor", "level_switch", "bubbles")), "places": frozenset(("bath", "roller")),
        "zones": frozenset(("toes", "ball", "arch", "heel", "ankle")),
        "techniques": frozenset(("kneading", "rolling", "circular", "press", "stretch")), "volume_l": 5.0, "heater_w": 500,
        "caps_hash": b"", "state": "idle", "fault": 0, "controller": True,
    }  # fmt: skip
    return e.Identified(**{**fields, **changes})


def sample(**changes: Any) -> e.Sample:
    """An idle device with warm water and nobody at it."""
    fields: dict[str, Any] = {
        "uptime_ms": 0, "water_c": 34.0, "water2_c": 34.0, "setpoint_c": None, "heater_duty": 0.0, "heater_enable": False,
        "motor_enable": False, "pump": False, "level_ok": True, "armed": False, "check_due": False, "state": "idle", "lamp": "off",
        "in_bath": NOBODY, "on_roller": NOBODY, "zone": None, "left_kpa": 0.0, "right_kpa": 0.0, "position_mm": 100, "fault": 0,
        "active": 0, "sample": 0, "dropped": 0,
    }  # fmt: skip
    return e.Sample(**{**fields, **changes})


@dataclass
class Desk:
    """`turn` is one turn of the control loop with one sample. `forced` overrides fields of every sample; `mute` answers nothing."""

    program: Program
    identity: e.Identified = field(default_factory=identity)
    caps: dict[str, int] = field(default_factory=lambda: dict(CAPS))
    now: float = 0.0
    water_c: float = 34.0
    follows_lamp: bool = True
    says_yes: bool = True
    mute: bool = False
    forced: dict[str, Any] = field(default_factory=dict)
    refuse: dict[str, e.Refused] = field(default_factory=dict)
    said: list[tuple[float, c.Command]] = field(default_factory=list)
    waiting: list[e.Event] = field(default_factory=list)
    state: str = "idle"
    heater: bool = False
    motor: bool = False
    water: c.SetWater | None = None
    massage: c.SetMassage | None = None
    lamp: str = "off"
    fault: int = 0
    in_bath: frozenset[str] = NOBODY
    on_roller: frozenset[str] = NOBODY
    beats: int = 0
    dropped: int = 0
    quiet_since: float | None = None
    leased: bool = True  # enables open by themselves when the heartbeat is withheld

    def turn(self, *events: e.Event, dt: float = 0.2, quiet: bool = False) -> list[c.Command]:
        """Advance by dt; give what waits, one sample (unless `quiet`) and `events`; act upon the answer."""
        self.now = round(self.now + dt, 6)
        self.beats += 1
        given: list[e.Event] = self.waiting
        self.waiting = []
        if not quiet and self.program.identity is not None:
            given = [*given, self.sample()]
        out = self.program.step(self.now, [*given, *events])
        if not self.program.quiet:
            self.quiet_since = None
        elif self.quiet_since is None:
            self.quiet_since = self.now
        for command in out:
            self.said.append((self.now, command))
            self.obey(command)
        return out

    def sample(self) -> e.Sample:
        """What telemetry says now."""
        if self.leased and self.quiet_since is not None:
            self.lapse(self.now - self.quiet_since)
        if self.follows_lamp and self.lamp == "feet_in" and (self.heater or self.motor):
            self.in_bath, self.on_roller = (NOBODY, BOTH) if self.motor else (BOTH, NOBODY)
        if self.follows_lamp and self.lamp == "feet_out":
            self.in_bath = self.on_roller = NOBODY
        if self.heater and self.water is not None and self.water.target_c is not None:
            self.water_c = min(self.water_c + 0.05, self.water.target_c)
        pressed = self.massage.pressure_kpa if self.massage is not None else 0.0
        fields: dict[str, Any] = {
            "uptime_ms": round(self.now * 1000), "water_c": self.water_c, "water2_c": self.water_c, "state": self.state, "lamp": self.lamp,
            "setpoint_c": self.water.target_c if self.water else None, "heater_enable": self.heater, "motor_enable": self.motor,
            "in_bath": self.in_bath, "on_roller": self.on_roller, "left_kpa": pressed, "right_kpa": pressed, "fault": self.fault,
            "sample": self.beats & 255, "dropped": self.dropped,
        }  # fmt: skip
        return sample(**{**fields, **self.forced})

    def lapse(self, silent_s: float) -> None:
        """What a healthy device does without a heartbeat."""
        limits = self.told(c.SetLimits)[-1].limits
        if silent_s >= limits["release_lease"] / 1000:
            self.motor, self.massage = False, None
        if silent_s >= limits["heat_lease"] / 1000:
            self.heater, self.water = False, None
        if silent_s >= limits["abort_lease"] / 1000 and self.state != "latched":
            self.off("latched", 29)

    def obey(self, command: c.Command) -> None:  # one case a command
        """Do what a healthy device does; its answer waits for the next turn."""
        name = MESSAGE_OF.get(type(command), "")
        if self.mute:
            return
        if name in self.refuse:
            self.waiting.append(self.refuse[name])
            return
        answer: e.Event = e.Accepted(name)
        match command:
            case c.BreakFrame():
                self.dropped += 1
                return
            case c.TooWarm():
                answer = e.Refused(name, "out_of_range", self.told(c.SetLimits)[-1].limits["water_setpoint_max"])
            case c.TooHard():
                answer = e.Refused(name, "out_of_range", self.told(c.SetLimits)[-1].limits["pressure_max"])
            case c.Greet():
                answer = self.identity
            case c.ReadCaps():
                told = self.told(c.SetLimits)
                answer = e.CapsRead(dict(told[-1].limits) if told else self.caps)
            case c.ReadCause():
                answer = e.FirstCause(self.fault, 0, 34.0, 34.0, 0.0, 0.0, 0.0, "active")
            case c.StopNow():
                self.off("latched", self.fault or command.fault)
                answer = e.ReadBack(False, False, 0.0, 0.0, 0.0, self.fault)
            case c.FinishDevice():
                self.off("idle", 0)
            case c.StartDevice():
                self.state, self.heater, self.motor = "active", command.heater, command.motor
                self.water = self.water if command.heater else None
                self.massage = self.massage if command.motor else None
            case c.PauseDevice():
                self.state, self.motor, self.massage = "paused", False, None
            case c.SetWater():
                self.water = command if command.target_c is not None else None
            case c.SetMassage():
                self.massage = command
            case c.ReleaseRoller():
                self.massage = None
            case c.SetLamp():
                self.lamp = command.lamp
            case c.ClearLatch():
                self.off("idle", 0)
            case c.SetLimits() | c.PersonChecked():
                pass
        self.waiting.append(answer)

    def off(self, state: str, fault: int) -> None:
        """Nothing on."""
        self.state, self.fault = state, fault
        self.heater = self.motor = False
        self.water = self.massage = None
        self.lamp = "off"

    @property
    def quiet(self) -> bool:
        """Nothing is on, as far as it was told."""
        return not self.heater and not self.motor and self.water is None and self.massage is None

    def answers(self) -> list[e.Event]:
        """What the person at the host says now."""
        question = self.program.question
        if question is None or not question.ready or not self.says_yes:
            return []
        return [e.Begin()] if question.kind == "start" else [e.Yes()]

    def until(self, state: str, *, most_s: float = 4000.0) -> None:
        """Turn, answering, until the program is in `state`."""
        end = self.now + most_s
        while self.program.state != state:
            assert self.now < end, f"still {self.program.state} after {most_s} s: {self.program.holding} {self.program.question}"
            assert self.program.outcome is None or self.program.state == state, self.program.outcome
            self.turn(*self.answers())

    def idle(self, seconds: float) -> None:
        """Let time pass without a person acting."""
        for _ in range(round(seconds / 0.2)):
            self.turn()

    def kinds(self) -> list[str]:
        """The steps so far."""
        return [record.kind for record in self.program.phases]

    def told(self, kind: type[c.Command]) -> list[Any]:
        """Every command of one kind."""
        return [command for _, command in self.said if isinstance(command, kind)]


def desk(*phases: str, tier: str = "standard", **settings: Any) -> Desk:
    """A desk with a program of these phases."""
    return Desk(Program(profile=profile(*phases, tier=tier)), **settings)
