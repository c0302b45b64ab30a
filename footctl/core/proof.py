"""Proof before heat: at every start the device shows that its own guards work, before anything may warm or press.

With nothing asked of them, the enables that the program needs are closed. What is beyond the limits in force must be refused and a
broken frame must be counted. Then the heartbeat is withheld: each enable must be read back open when its lease is over, and the
heartbeat comes back before the device would latch. It knows no program and says nothing by itself: it gives the next command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from firmware_protocol import faults, limits, messages
from footctl.core.commands import BreakFrame, ClearLatch, Command, SetLamp, StartDevice, TooHard, TooWarm
from footctl.core.events import Identified, Refused, Sample
from footctl.core.levels import ACTIVE, OFF, Levels

EARLY_S = 0.75  # a lease counts from the last heartbeat that arrived: one went before this, and two may be lost [ENG]
LATE_S = 0.5  # until telemetry shows it: a tick, two ways of a slow radio, a fifth of a second between two samples [ENG]
TOLD_S = 0.25  # and that fifth of a second, for a sample that shows the opposite [ENG]
FEET_OUT_S = 120.0  # how long a start waits for feet to leave [ENG]
ARM_S = 120.0  # and for a hand at the device's button; once armed the device waits as long for the start [ENG]
SHOW_S = 2.0  # until telemetry shows an enable that was closed, or a frame that was dropped [ENG]
AGAIN_S = 0.5  # between two broken frames, and two looks whether the button was let go
LET_GO_TRIES = 20
TRIES = 3  # a lease that ends early, and a frame that is not counted, may be the wire's doing
STAYS_S = 1.0  # a latch must outlast the return of the heartbeat
_BEFORE = ("feet", "arm", "start", "let go", "closed")  # stages without an enable that is seen closed
NEAR_S = 1e-6  # two sums of the same times differ by rounding
MANY = 255  # where the device's counter of broken frames stops


class Proved(NamedTuple):
    """One line of the proof: what must be, what was seen."""

    what: str
    want: str
    got: str
    passed: bool


class Proof:
    """`quiet`: no heartbeat may go out. `failed`: why it cannot go on, with its `hint`. `rows`: what was seen so far, in order.

    `live`: an enable may be closed. `abort`: go on to the last stage, which latches LINK_LOST; the latch is cleared after it.
    """

    def __init__(self, identity: Identified, told: Mapping[str, int], heater: bool, motor: bool, abort: bool = False) -> None:
        self.quiet = False
        self.live = False
        self.failed = ""
        self.hint = "do not use this device before somebody has looked into it; `footctl device selftest` shows more"
        self.done = False
        self.holding = ""
        self.rows: list[Proved] = []
        self._identity = identity
        self._limits = told
        self._heater = heater
        self._motor = motor
        self._abort = abort
        self._stage = "feet"
        self._since: float | None = None
        self._sample: Sample | None = None
        self._seen_at = 0.0
        self._uptime_ms = 0  # the device's, when the heartbeat was withheld
        self._tries = 0
        self._asked: list[str] = []
        self._dropped_before: int | None = None
        self._broke_at: float | None = None
        self._breaks = 0
        self._counted = False
        self._leases: list[tuple[str, bool, float]] = []  # output, is it the heater's, its lease
        self._open: dict[str, float] = {}
        self._lamp = "off"
        self._pressed = 0

    # --- what happened

    def in_force(self, caps: Mapping[str, int]) -> None:
        """The cap table as read back, after the person's limits were told."""
        wrong = [
            row[0]
            for number, row in enumerate(limits.CAPS)
            if row[0] in self._limits and (row[0] not in caps or limits.loosens(number, caps[row[0]], self._limits[row[0]]))
        ]
        want = f"all {len(self._limits)}"
        self._row("limits in force", want, f"not {', '.join(wrong)}" if wrong else want, not wrong)

    def accepted(self, now: float, message: str) -> None:
        """The device took what was on its way."""
        if message == "Start":
            self.live = True
            self._enter("closed", now)
        elif message in ("SetBath", "SetMassage"):
            self._row(self._beyond(message), "refused", "accepted", False)
        elif message == "Clear":
            self._enter("cleared", now)

    def refused(self, no: Refused) -> bool:
        """The device said no. True when that belongs to the proof, whether or not it is what it had to say."""
        if no.message == "Start" and self._stage == "start":
            return self._not_yet(no)
        if self.done or no.message not in ("SetBath", "SetMassage", "Clear"):
            return False
        if no.message == "Clear":
            self._row("clear", "off, idle", f"{no.reason} ({no.limit})", False)
        elif no.reason in ("not_started", "not_permitted"):
            self._again()  # the wire held it back for so long that the enable is open already
        else:
            cap = self._limits["water_setpoint_max" if no.message == "SetBath" else "pressure_max"]
            right = no.reason == "out_of_range" and no.limit == cap
            self._row(self._beyond(no.message), "refused", "refused" if right else f"{no.reason} ({no.limit})", right)
        return True

    def see(self, now: float, sample: Sample) -> None:
        """The newest telemetry."""
        self._sample = sample
        self.live = self.live or sample.heater_enable or sample.motor_enable
        self._seen_at = now
        if self._dropped_before is not None and sample.dropped > self._dropped_before and not self._counted:
            self._counted = True
            self._row("a broken frame", "counted", "counted", True)

    @property
    def latches(self) -> int:
        """The fault that the proof itself makes the device latch now; 0 for none."""
        return faults.LINK_LOST if self._stage in ("latching", "latched", "clearing", "cleared") else 0

    # --- what to do

    def next(self, now: float) -> tuple[Command, Levels | None] | None:
        """The next command and what the device has been told once it takes it. Called while no other is on its way."""
        self.turn(now)
        if self.failed or self.done:
            return None
        stage = self._stage
        lamp = {"feet": "feet_out", "arm": "hold_to_arm"}.get(stage, "off") if self.holding else "off"
        if stage == "start" and self._lamp == "hold_to_arm":
            lamp = "wait"  # who would hold the button again would keep the device from starting
        if lamp not in ("off", self._lamp):
            self._lamp = lamp
            return SetLamp(lamp), Levels(lamp=lamp)
        if stage == "start":
            return StartDevice(self._heater, self._motor), Levels(ACTIVE, self._heater, self._motor)
        if stage == "asking":
            return self._too_much(now)
        if stage == "clearing":
            return ClearLatch(faults.LINK_LOST), OFF
        return None

    def breaks(self, now: float) -> BreakFrame | None:
        """A broken frame, when it is time for one: nobody answers it."""
        if self.failed or self.done or self._counted or self._stage in _BEFORE or self._sample is None:
            return None
        if self._dropped_before is None:
            self._dropped_before = self._sample.dropped
        elif self._broke_at is not None and now < self._broke_at + AGAIN_S:
            return None
        if self._dropped_before >= MANY or self._breaks > TRIES:
            return None
        self._breaks += 1
        self._broke_at = now
        return BreakFrame()

    def turn(self, now: float) -> None:
        """What time and the newest telemetry bring about."""
        sample = self._sample
        if self.failed or self.done or sample is None:
            return
        since = now if self._since is None else self._since
        self._since = since
        late = now - since
        match self._stage:
            case "feet":
                self._feet(now, sample, late)
            case "arm":
                self._arm(now, sample, late)
            case "let go" if late >= AGAIN_S - NEAR_S:
                self.holding = ""
                self._enter("start", now)
            case "closed":
                self._closed(now, sample, late)
            case "silent":
                self._silent(now, sample, late)
            case "latching":
                self._latching(now, sample, late)
            case "latched":
                self._latched(now, sample, late)
            case "cleared":
                if not sample.fault and sample.state == "idle":
                    self._row("clear", "off, idle", "off, idle" if sample.is_off else "not off", sample.is_off)
                    self._enter("counting", now)
                elif late >= SHOW_S:
                    self._row("clear", "off, idle", sample.state, False)
            case "counting":
                self._counting(now, late)

    @property
    def next_deadline(self) -> float | None:
        """When `turn` or `breaks` has something to do although nothing happens. Telemetry, five a second, brings the rest."""
        if self._since is None or self.done or self.failed:
            return None
        if self._stage == "silent":
            return self._since + self._longest_s
        longest = {"feet": FEET_OUT_S, "arm": ARM_S, "let go": AGAIN_S}.get(self._stage)
        return None if longest is None else self._since + longest

    @property
    def _longest_s(self) -> float:
        """How long the heartbeat may be withheld."""
        return max(lease for _, _, lease in self._leases) + LATE_S + TOLD_S

    # --- the stages

    def _feet(self, now: float, sample: Sample, late: float) -> None:
        feet = bool(sample.in_bath or sample.on_roller) and (self._heater or self._motor)
        self.holding = "take your feet out: the device is tested before it warms or presses" if feet else ""
        if not feet:
            by_hand = "arms_by_hand" in self._identity.features and (self._heater or self._motor)
            self._enter("arm" if by_hand and not sample.armed else "start", now)
        elif late >= FEET_OUT_S - NEAR_S:
            self.failed = "the feet stayed at the device, which is tested before it warms or presses"
            self.hint = "take the feet out, then start again"

    def _arm(self, now: float, sample: Sample, late: float) -> None:
        self.holding = "" if sample.armed else "hold the device's button for three seconds: without that nothing warms or presses"
        if sample.armed:
            self._enter("feet", now)
        elif late >= ARM_S - NEAR_S:
            self.failed = "nobody held the device's button, and without that it starts nothing"
            self.hint = "start again, and when its lamp asks for it hold the button at the device for three seconds"

    def _closed(self, now: float, sample: Sample, late: float) -> None:
        """Both enables must read as they were told."""
        if (sample.heater_enable, sample.motor_enable) == (self._heater, self._motor):
            if not self._heater and not self._motor:
                self.done = True
                return
            self._asked = ["water"] * self._heater + ["pressure"] * self._motor
            self._enter("asking", now)
        elif late >= SHOW_S:
            self._row("enables", "closed, read back", "not as told", False)

    def _too_much(self, now: float) -> tuple[Command, Levels | None] | None:
        """One more than the limit in force, as gently as can be should a device take it: it would be switched off at once."""
        if not self._asked:
            self._leases = [("roller", False, self._limits["release_lease"] / 1000)] * self._motor
            self._leases += [("heater", True, self._limits["heat_lease"] / 1000)] * self._heater
            self._open = {}
            self._enter("silent", now)
            self.quiet = True
            self._uptime_ms = 0 if self._sample is None else self._sample.uptime_ms
            return None
        if self._asked.pop(0) == "water":
            return TooWarm((self._limits["water_setpoint_max"] + 1) / 100), None
        zone, technique = min(self._identity.zones), min(self._identity.techniques)
        return TooHard((self._limits["pressure_max"] + 1) / 1000, zone, technique), None

    def _silent(self, now: float, sample: Sample, late: float) -> None:
        """Each enable must open by itself, not long before its lease is over and not after it."""
        early = False
        seen = late - (now - self._seen_at)  # a sample tells about the moment at which it came
        by_device = (sample.uptime_ms - self._uptime_ms) / 1000  # late by one clock alone is a clock's doing: once more
        for output, heats, lease in self._leases:
            closed = sample.heater_enable if heats else sample.motor_enable
            if closed and output not in self._open and min(seen, by_device) > lease + LATE_S:
                self._row(f"{output} off without heartbeat", f"{lease:.1f} s", f"still on after {seen:.1f} s", False)
                return
            if not closed and output not in self._open:
                self._open[output] = seen
                early = early or seen < lease - EARLY_S
        if early or (len(self._open) < len(self._leases) and late >= self._longest_s - NEAR_S):
            self._again()
        elif len(self._open) == len(self._leases):
            for output, _, lease in self._leases:
                self._row(f"{output} off without heartbeat", f"{lease:.1f} s", f"{self._open[output]:.1f} s", True)
            if self._abort:
                self._stage = "latching"  # the silence goes on
            else:
                self._speak("counting", now)

    def _latching(self, now: float, sample: Sample, late: float) -> None:
        lease = self._limits["abort_lease"] / 1000
        if sample.fault:
            right = sample.fault == faults.LINK_LOST and lease - EARLY_S <= late <= lease + LATE_S
            self._row("latched without heartbeat", f"{lease:.1f} s", f"{late:.1f} s" if right else faults.name(sample.fault), right)
            self._speak("latched", now)
        elif late > lease + LATE_S:
            self._row("latched without heartbeat", f"{lease:.1f} s", f"not after {late:.1f} s", False)

    def _latched(self, now: float, sample: Sample, late: float) -> None:
        if late >= STAYS_S:
            kept = sample.fault == faults.LINK_LOST and sample.is_off
            self._row("latch with the heartbeat back", "stays, off", "stays, off" if kept else "let go", kept)
            self._enter("clearing", now)

    def _counting(self, now: float, late: float) -> None:
        """The last thing to wait for: the broken frame that telemetry must have counted."""
        if self._counted:
            self.done = True
        elif late >= SHOW_S:
            full = self._dropped_before is not None and self._dropped_before >= MANY
            self._row("a broken frame", "counted", "the counter is full: switch the device off and on" if full else "not noticed", False)

    # --- inside

    def _enter(self, stage: str, now: float) -> None:
        self._stage = stage
        self._since = now

    def _speak(self, stage: str, now: float) -> None:
        """The heartbeat comes back."""
        self.quiet = False
        self._enter(stage, now)

    def _again(self) -> None:
        """From the closing of the enables on: the wire lost a heartbeat, or was slow."""
        self._tries += 1
        self.quiet = False
        self._since = None
        if self._tries >= TRIES:
            self._row("enables without heartbeat", "open when their leases are over", "not seen to: does the link lose frames?", False)
        else:
            self._stage = "start"

    def _not_yet(self, no: Refused) -> bool:
        """A start that only waits for a hand: the button was not held, or is still held down. True when it will be tried again."""
        if no.reason == "not_armed":
            self._stage = "feet"  # it took too long, and the device waits for its button again
        elif no.reason == "not_permitted" and no.limit == messages.PRESSED and self._pressed < LET_GO_TRIES:
            self._pressed += 1
            self._stage = "let go"
            self.holding = "let go of the device's button"
        else:
            return False
        self._since = None
        return True

    def _beyond(self, message: str) -> str:
        if message == "SetBath":
            return f"water of {(self._limits['water_setpoint_max'] + 1) / 100:.2f} °C"
        return f"pressure of {(self._limits['pressure_max'] + 1) / 1000:.3f} kPa"

    def _row(self, what: str, want: str, got: str, passed: bool) -> None:
        self.rows = [row for row in self.rows if row.what != what]
        self.rows.append(Proved(what, want, got, passed))
        if not passed:
            self.quiet = False
            self.failed = f"the device failed the proof before heat: {what}: {got}, must be {want}"
