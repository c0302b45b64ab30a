"""The device's mind: bytes and readings in, bytes and outputs out. The same on the board and in the simulator.

It boots to idle with everything off. Four states: idle, active, paused, latched. Nothing but START closes an enable; everything
that lets go of one (lease, pause, trip, stop, a new session) also forgets what was asked, so nothing ever comes back by itself.
"""

from firmware.device import requests
from firmware.device.blackbox import BlackBox
from firmware.device.body import Inputs, Outputs
from firmware.device.budgets import Budgets
from firmware.device.links import PEERS, Links
from firmware.device.massage import Massage
from firmware.device.sensors import Sensors
from firmware.device.supervisor import Supervisor
from firmware.device.thermostat import Thermostat
from firmware_protocol import faults, limits, messages
from firmware_protocol.exchange import SEALED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.device.body import Body
    from firmware.device.links import Link

BEAT_MS = 200  # water, budgets and telemetry: five times a second
LOG_BEATS = 5  # one black-box sample a second
LOG_AFTER_MS = 60000  # after a latch the black box goes on this long, then keeps what led to it
LATE_MS = 1000  # a tick that comes later than this counts as this late
READ_BACK_TICKS = 3  # a relay opens and is scanned within this; then STOP's answer tells what is read
DOUBT_MS = 1000  # heartbeats that do not count, this recently, say what is wrong with the link
SHORT_PRESS_MS = (50, 1500)
LONG_PRESS_MS = 3000
SUSPECTED_MS = 10000  # an intrusion is told this long, and once in this time
ARMED_MS = 120000  # armed and not started: long enough to answer the host's questions [ENG]
BUZZ_MS = 5000
BUZZ_PERSON_MS = 400  # stop and pain: heard, not alarming
NEVER_MS = -1000000
WARM_FAULTS = (faults.OVER_TEMPERATURE, faults.HEATER_STUCK_ON)  # feet out of the water, and loud until it is cleared
NOTHING = messages.Cause(0, 0, 0, 0, 0, 0, 0, 0)


class Device:
    """`outputs` is what the body must do now; it changes in tick, and in receive when something is switched off."""

    __slots__ = (
        "body", "caps", "caps_hash", "state", "cause", "first_cause", "now_ms", "outputs", "links", "sensors", "thermostat", "massage",
        "budgets", "supervisor", "blackbox", "lamp", "heater_closed", "motor_closed", "armed", "bath_feet", "roller_feet",
        "_inputs", "_pump", "_beat_ms", "_last_beat_ms", "_beats", "_valid_ms", "_lapse", "_presence", "_pressed_ms", "_stops",
        "_latched_ms", "_shortest_ms", "_tick_ms", "_doubted", "_doubted_ms", "_armed_ms", "by_hand",
        "_suspected", "_suspected_ms", "_told_ms",
    )  # fmt: skip

    def __init__(self, body: "Body") -> None:
        self.body = body
        self.caps: "list[int]" = list(limits.ABSOLUTE)
        self.outputs = Outputs()
        self.links = Links(body)
        self.sensors = Sensors(body)
        self.thermostat = Thermostat(body)
        self.massage = Massage(body, self.caps)
        self.budgets = Budgets(self.caps)
        self.supervisor = Supervisor(body, self.sensors, self.caps, self.budgets, self.thermostat, self.massage)
        self.blackbox = BlackBox()
        self.state = messages.IDLE
        self.cause = 0
        self.first_cause: "Any" = NOTHING
        self.lamp = messages.LAMP_OFF
        self.now_ms = 0
        self.heater_closed = self.motor_closed = self.armed = False
        self.by_hand = True  # a start over a cable needs it, too, where the body asks for it
        self._armed_ms = 0
        self._suspected = 0
        self.bath_feet = self.roller_feet = 0
        self._inputs = Inputs()
        self._pump = self._beat_ms = self._last_beat_ms = self._beats = self._lapse = self._presence = self._pressed_ms = self._tick_ms = 0
        self._doubted = 0
        self._latched_ms = self._valid_ms = self._doubted_ms = self._suspected_ms = NEVER_MS
        self._told_ms = [NEVER_MS, NEVER_MS]
        self._stops: "list[list[Any]]" = []  # [link, seq, ticks left] of STOPs whose read-back is still to come
        self._own_caps()

    # Bytes

    def receive(self, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        """Bytes from a peer; gives what goes back to it now."""
        if not 0 <= peer < PEERS:
            return b""
        self.now_ms = max(now_ms, self.now_ms)
        link = self.links.all[peer]
        exchange = link.exchange
        for kind, seq, message in exchange.receive(self.now_ms, data):
            what = kind % SEALED
            if what == messages.DATAGRAM:
                if kind == what and link.guarded:
                    self.suspect(faults.INTRUDER)
                else:
                    link.heard_ms = self.now_ms
                    self._heartbeat(link, message)
            elif what == messages.REQUEST:
                if kind != what or not link.proven:
                    link.heard_ms = self.now_ms  # beside a proven session nobody else keeps its place for it
                self._answer(link, seq, message, kind != what)
        if exchange.lock is not None:
            fault = link.suspect(exchange.lock)
            if fault:
                self.suspect(fault)
        return exchange.data_to_send(self.now_ms)

    def _answer(self, link: "Link", seq: int, message: "Any", sealed: bool) -> None:
        answer = requests.answer(self, link, message, sealed)
        if answer is None:
            self._stops.append([link, seq, READ_BACK_TICKS])
            self._read_back(0)
        else:
            link.exchange.answer(seq, answer, sealed)

    def suspect(self, fault: int) -> None:
        """Somebody without the key tries to change something. Told to everybody who listens, and kept; nothing else changes."""
        now_ms = self.now_ms
        told_ms = self._told_ms
        kind = int(fault == faults.REPLAYED)
        self._suspected = fault
        self._suspected_ms = now_ms
        if now_ms - told_ms[kind] >= SUSPECTED_MS:
            told_ms[kind] = now_ms
            if self.state != messages.LATCHED or now_ms - self._latched_ms < LOG_AFTER_MS:
                self._log(fault)  # but not over what led to a latch
            self.links.tell_event(self.now_ms, messages.INTRUSION, fault)

    def outgoing(self, now_ms: int, peer: int = 0) -> bytes:
        """What waits for a peer: telemetry, events, answers not yet taken."""
        if not 0 <= peer < PEERS:
            return b""
        return self.links.all[peer].exchange.data_to_send(now_ms if now_ms > self.now_ms else self.now_ms)

    def disconnect(self, peer: int) -> None:
        """A peer's carrier is gone. What it asked for dies with its leases."""
        if 0 <= peer < PEERS:
            link = self.links.all[peer]
            link.forget()
            if self.links.controller is link:
                self.links.controller = None
            self._stops = [stop for stop in self._stops if stop[0] is not link]

    def _heartbeat(self, link: "Link", message: "Any") -> None:
        """Valid when the controller's loop turned and it has seen fresh telemetry, or could not have seen any."""
        if self.links.controller is not link:
            return
        age = (self.now_ms - message.echo_ms) & 0xFFFFFFFF
        if message.turn == link.turn:
            self._doubt(faults.HOST_HUNG)
        elif link.noisy:
            self._doubt(faults.LINK_NOISY)
        elif age > limits.FRAME_AGE_MS and (message.echo_ms or link.told):
            self._doubt(faults.LINK_LATE)
        else:
            self._valid_ms = self.now_ms
            self._lapse = 0
        link.turn = message.turn

    def _doubt(self, fault: int) -> None:
        """A heartbeat came and does not count."""
        self._doubted = fault
        self._doubted_ms = self.now_ms

    # Ticks

    def tick(self, now_ms: int, inputs: "Inputs") -> "Outputs":
        """One scan of the inputs; gives what the body must do until the next."""
        dt = now_ms - self._tick_ms
        if dt < 0:
            dt = 0
        elif dt > LATE_MS:
            dt = LATE_MS
        self._tick_ms = now_ms
        if now_ms > self.now_ms:
            self.now_ms = now_ms
        else:
            now_ms = self.now_ms
        self._inputs = inputs
        out = self.outputs
        if self._stops:
            self._read_back(1)
        if inputs.presence != self._presence:
            self._feet_moved(inputs.presence)
        supervisor = self.supervisor
        running = self.state == messages.ACTIVE or self.state == messages.PAUSED
        due = now_ms >= self._beat_ms
        massage = self.massage
        sensors = self.sensors
        if massage.busy:
            sensors.read_cells(inputs)
        fault = supervisor.watch(now_ms, dt, inputs, out, running, due)
        if massage.busy:
            fault = fault or supervisor.grip.step(now_ms, dt, inputs, out, self.roller_feet)
        if inputs.stop_button:
            fault = faults.PAIN
        if inputs.arm_button or self._pressed_ms:
            self._button(dt, inputs.arm_button)
        if running and now_ms - self._valid_ms >= self._shortest_ms:
            fault = self._lapsed(now_ms - self._valid_ms) or fault
        if fault:
            self._trip(fault)
        if massage.busy:
            if massage.step(now_ms, dt, inputs.carriage_mm, sensors.left_pa, sensors.right_pa, supervisor.most_pa, out):
                self._trip(faults.STALLED)
        if due:
            self._beat(now_ms, inputs, out)
        supervisor.last_word(out, inputs.level_ok)
        return out

    def _beat(self, now_ms: int, inputs: "Inputs", out: "Outputs") -> None:
        """Water, budgets, black box and telemetry."""
        dt = min(now_ms - self._last_beat_ms, LATE_MS)
        self._last_beat_ms = now_ms
        self._beat_ms = max(self._beat_ms + BEAT_MS, now_ms + BEAT_MS // 2)
        running = self.state == messages.ACTIVE or self.state == messages.PAUSED
        thermostat = self.thermostat
        sensors = self.sensors
        massage = self.massage
        feet = self.bath_feet
        self.budgets.count(dt, running, self._presence, feet, sensors.hottest_cdeg, thermostat.target_cdeg > 0, massage.feet)
        if self.links.controller:
            self.links.controller.listen()
        if out.motor_enable and not massage.busy and (sensors.left_pa > limits.CONTACT_PA or sensors.right_pa > limits.CONTACT_PA):
            massage.pressed()
        if running:
            self.supervisor.slow(now_ms, dt, self._lapse > 0, feet)
            if self.supervisor.let_go:
                # No trip, but nothing that may come back without a person.
                self.supervisor.let_go = False
                self._open_heater()
            out.heater_pm = thermostat.step(dt, sensors.mean_cdeg, (feet & 1) + (feet >> 1)) if thermostat.target_cdeg else 0
            # The pump mixes what the heater warms and what feet cool.
            out.pump = 1 if self._pump & 1 or thermostat.target_cdeg or feet else 0
            out.bubbles = self._pump >> 1
        elif self.armed and now_ms - self._armed_ms >= ARMED_MS:
            self._arm(False)
        elif out.buzzer and not self.warns:
            span = BUZZ_PERSON_MS if self.cause in (faults.STOPPED, faults.PAIN) else BUZZ_MS
            if now_ms - self._latched_ms >= span:
                out.buzzer = 0
        due = self.supervisor.check_due and running
        out.lamp = messages.LAMP_CHECK_IN if due else self.lamp
        if running and not self.supervisor.warmth.settled:
            out.lamp = messages.LAMP_FEET_OUT
        for link in self.links.all:
            if link.greeted and link.listens(now_ms):
                self._tell(now_ms, inputs, out, due, link)
        self._beats += 1
        if self._beats >= LOG_BEATS:
            self._beats = 0
            if self._suspected and now_ms - self._suspected_ms >= SUSPECTED_MS:
                self._suspected = 0
            if running or now_ms - self._latched_ms < LOG_AFTER_MS:
                self._log(0)
            for link in self.links.all:
                if link.greeted:
                    link.exchange.receive(now_ms, b"")  # gives up what nobody acknowledges

    def _tell(self, now_ms: int, inputs: "Inputs", out: "Outputs", due: bool, link: "Link") -> None:
        sensors = self.sensors
        flags = messages.HEATER_ENABLE if inputs.heater_contact else 0
        if inputs.motor_contact:
            flags |= messages.MOTOR_ENABLE
        if out.pump:
            flags |= messages.PUMP
        if out.bubbles:
            flags |= messages.BUBBLES
        if inputs.level_ok:
            flags |= messages.LEVEL_OK
        if due:
            flags |= messages.CHECK_DUE
        if self.armed:
            flags |= messages.ARMED
        link.told = True
        dropped = link.exchange.dropped
        link.exchange.tell(
            messages.Telemetry(
                now_ms & 0xFFFFFFFF,
                sensors.water1_cdeg,
                sensors.water2_cdeg,
                self.thermostat.setpoint_cdeg,
                sensors.quality,
                out.heater_pm // 5,
                self.state,
                flags,
                inputs.presence & 15 | out.lamp << 4,
                self.cause,
                self.supervisor.held or self._suspected,
                self.massage.under(inputs.carriage_mm) if self.motor_closed else messages.NO_ZONE,
                _dapa(sensors.left_pa),
                _dapa(sensors.right_pa),
                inputs.carriage_mm & 0xFF,
                inputs.sample & 0xFF,
                dropped if dropped < 255 else 255,
            )
        )

    def _log(self, fault: int) -> None:
        sensors = self.sensors
        duty = self.outputs.heater_pm // 5
        left = _dapa(sensors.left_pa)
        right = _dapa(sensors.right_pa)
        self.blackbox.write(self.now_ms, fault, sensors.water1_cdeg, sensors.water2_cdeg, duty, self.state, left, right)

    def _feet_moved(self, presence: int) -> None:
        self._presence = presence
        bath = presence & 3
        roller = presence >> 2 & 3
        if self.body.places & messages.PLACE_SHARED:
            bath = roller = bath | roller
        supervisor = self.supervisor
        if bath != self.bath_feet:
            supervisor.warmth.feet_moved()
        # One person has one left foot: it cannot be in the bath and on the roller.
        supervisor.crowded = bath & roller != 0 and not self.body.places & messages.PLACE_SHARED
        self.bath_feet = bath
        self.roller_feet = roller
        self.links.tell_event(self.now_ms, messages.FEET, presence & 15)

    def _button(self, dt: int, down: int) -> None:
        """The arm button: a short press is a yes; held down, it clears a latch, or arms a device that idles."""
        held = self._pressed_ms
        if down:
            self._pressed_ms = held + dt if held < LONG_PRESS_MS else held
            if held < LONG_PRESS_MS <= held + dt:
                if self.state == messages.IDLE:
                    self._armed_ms = self.now_ms
                    self._arm(True)
                elif self.state == messages.LATCHED and not self.supervisor.standing(self.cause):
                    self.clear()
            return
        self._pressed_ms = 0
        if SHORT_PRESS_MS[0] <= held <= SHORT_PRESS_MS[1]:
            self.budgets.checked()
            self.links.tell_event(self.now_ms, messages.YES, 0)

    def _arm(self, armed: bool) -> None:
        """Somebody at the device allows a start, or it is over with that."""
        if armed != self.armed:
            self.armed = armed
            self.links.tell_event(self.now_ms, messages.ARMING, int(armed))

    def _lapsed(self, silent_ms: int) -> int:
        """The stages of a lost heartbeat. None of them is undone by a heartbeat that comes back."""
        caps = self.caps
        self._lapse = 1
        if silent_ms >= caps[limits.RELEASE_LEASE] and self.motor_closed:
            self._open_motor()
        if silent_ms >= caps[limits.SETPOINT_LEASE]:
            self.thermostat.clear()
            self.massage.drop()
        if silent_ms >= caps[limits.HEAT_LEASE] and self.heater_closed:
            self._open_heater()
        if silent_ms < caps[limits.ABORT_LEASE]:
            return 0
        return self._doubted if self.now_ms - self._doubted_ms <= DOUBT_MS else faults.LINK_LOST

    # What requests ask for

    @property
    def lease_alive(self) -> bool:
        """A valid heartbeat came within the heater's lease."""
        return self.now_ms - self._valid_ms < self.caps[limits.HEAT_LEASE]

    @property
    def warns(self) -> bool:
        """Latched by warm water or a live heater: the lamp says feet out, whatever a host would like."""
        return self.state == messages.LATCHED and self.cause in WARM_FAULTS

    def begin_session(self) -> None:
        """A new controller, or a new session of the same one: everything off, its limits gone. A latch stays."""
        self._off()
        self._own_caps()
        self.supervisor.reset()
        if self.state != messages.IDLE:
            self._arm(False)
        self.budgets.renew()
        self._valid_ms = NEVER_MS
        if self.state != messages.LATCHED:
            self.state = messages.IDLE
            self.lamp = messages.LAMP_OFF

    def tighten(self, wanted: "list[tuple[int, int]]") -> None:
        """Put stricter caps in force. What is going on beyond them stops."""
        for number, value in wanted:
            self.caps[number] = value
        self._caps_changed()
        if (
            self.thermostat.target_cdeg > self.caps[limits.WATER_SETPOINT_MAX]
            or self.thermostat.ramp_cdeg_min > self.caps[limits.WATER_RAMP]
        ):
            self.thermostat.clear()
            self.outputs.heater_pm = 0
        if self.massage.pressure_pa > self.caps[limits.PRESSURE_MAX] or self.massage.ramp_pa_s > self.caps[limits.PRESSURE_RAMP]:
            self.massage.drop()

    def start(self, enables: int) -> None:
        """Active with just these enables closed. The permissives have been seen to."""
        self.state = messages.ACTIVE
        self.supervisor.paused = False
        if enables & messages.CLOSE_HEATER:
            self.supervisor.closes_heater()
            self.heater_closed = self.supervisor.heater_closed = True
            self.outputs.heater_enable = 1
        elif self.heater_closed:
            self._open_heater()
        if enables & messages.CLOSE_MOTOR:
            if not self.motor_closed:
                self.sensors.tare(self._inputs)
                self.massage.lifted()
                self.motor_closed = self.supervisor.motor_closed = True
                self.outputs.motor_enable = 1
        elif self.motor_closed:
            self._open_motor()

    def pause(self) -> None:
        """Roller released and without supply; the water is kept."""
        self.state = messages.PAUSED
        self.supervisor.paused = True
        self._open_motor()

    def release(self) -> None:
        """Roller off; the state stays."""
        self.massage.drop()
        self.supervisor.grip.asked()

    def finish(self) -> None:
        """Orderly end."""
        self._off()
        self._arm(False)
        self.state = messages.IDLE
        self.lamp = messages.LAMP_OFF
        self.budgets.finish()
        self.supervisor.reset()
        self._own_caps()

    def set_bath(self, water_cdeg: int, ramp_cdeg_min: int, pump: int) -> None:
        """Setpoint and pump."""
        self.thermostat.set(water_cdeg, ramp_cdeg_min, self.sensors.mean_cdeg)
        if not water_cdeg:
            self.outputs.heater_pm = 0
        self._pump = pump

    def set_massage(self, wanted: "Any") -> None:
        """What the roller does. Feet 0 releases it."""
        self.supervisor.grip.asked()
        if wanted.feet:
            self.massage.set(wanted.feet, wanted.zones, wanted.technique, wanted.pressure_pa, wanted.ramp_pa_s, wanted.speed_pm)
        else:
            self.massage.drop()

    def stop(self, cause: int) -> None:
        """Everything off and latched. `cause`: what whoever stops has found; a number that is no fault's counts as STOPPED."""
        self._trip(cause if 0 < cause <= faults.SESSION_OVER else faults.STOPPED)

    def clear(self) -> None:
        """Let go of the latch. Restarts nothing."""
        self._off()
        cause = self.cause
        self.cause = 0
        self.first_cause = NOTHING
        self.state = messages.IDLE
        self.lamp = messages.LAMP_OFF
        self.outputs.buzzer = 0
        self.supervisor.reset()
        self.budgets.checked()
        self.links.tell_event(self.now_ms, messages.CLEARED, cause)

    def _trip(self, fault: int) -> None:
        """Everything off; latched, unless something else latched before."""
        if self.state != messages.LATCHED:
            sensors = self.sensors
            self.cause = fault
            self.first_cause = messages.Cause(
                fault,
                self.now_ms & 0xFFFFFFFF,
                sensors.water1_cdeg,
                sensors.water2_cdeg,
                self.outputs.heater_pm // 5,
                _dapa(sensors.left_pa),
                _dapa(sensors.right_pa),
                self.state,
            )
            self._log(fault)
            self._arm(False)
            self.state = messages.LATCHED
            self._latched_ms = self.now_ms
            self.lamp = messages.LAMP_FEET_OUT if self.warns else messages.LAMP_FAULT
            self.outputs.lamp = self.lamp
            self.outputs.buzzer = 1
            self.links.tell_event(self.now_ms, messages.LATCH, fault)
        self._off()

    def _off(self) -> None:
        """Every output that heats or moves, now."""
        self._open_heater()
        self._open_motor()
        out = self.outputs
        out.pump = out.bubbles = self._pump = 0
        self._lapse = 0
        self.supervisor.paused = False

    def _open_heater(self) -> None:
        self.thermostat.clear()
        self.heater_closed = self.supervisor.heater_closed = False
        self.outputs.heater_pm = self.outputs.heater_enable = 0

    def _open_motor(self) -> None:
        self.massage.lifted()
        self.motor_closed = self.supervisor.motor_closed = False
        out = self.outputs
        out.motor_enable = out.carriage_um_s = out.left_um_s = out.right_um_s = 0

    def _read_back(self, ticks: int) -> None:
        """Answer the STOPs whose outputs are read as open, or that have waited long enough to tell what is read."""
        inputs = self._inputs
        waiting = []
        for stop in self._stops:
            stop[2] -= ticks
            if stop[2] > 0 and (inputs.heater_contact or inputs.motor_contact):
                waiting.append(stop)
                continue
            flags = messages.HEATER_ENABLE if inputs.heater_contact else 0
            if inputs.motor_contact:
                flags |= messages.MOTOR_ENABLE
            if inputs.level_ok:
                flags |= messages.LEVEL_OK
            self.sensors.read_cells(inputs)
            stop[0].exchange.answer(
                stop[1],
                messages.Stopped(
                    flags, self.outputs.heater_pm // 5, _dapa(self.sensors.left_pa), _dapa(self.sensors.right_pa), self.state, self.cause
                ),
                False,
            )
        self._stops = waiting

    def _own_caps(self) -> None:
        """Back to the device's own caps, never looser than the absolute ones."""
        own = self.body.caps or limits.ABSOLUTE
        for number in range(len(self.caps)):
            self.caps[number] = limits.tighter(number, limits.ABSOLUTE[number], own[number])
        self._caps_changed()

    def _caps_changed(self) -> None:
        caps = self.caps
        self.caps_hash = limits.digest(tuple(caps))
        self._shortest_ms = min(caps[limits.RELEASE_LEASE], caps[limits.HEAT_LEASE], caps[limits.ABORT_LEASE], caps[limits.SETPOINT_LEASE])
        self.sensors.trip_pa = caps[limits.PRESSURE_TRIP]
        self.supervisor.tightened()


def _dapa(pressure_pa: int) -> int:
    """Tens of pascals for the wire, where a drifted cell may read less than nothing."""
    return min(pressure_pa // 10, 0xFFFF) if pressure_pa > 0 else 0
