"""Devices that do not keep to PROTOCOL.md, each by one small change to the device mind, and the checks that must notice.

A change is a function of the mind. `fails` are the names of exactly those checks that fail.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from firmware.device import requests
from firmware.device.device import Device
from firmware_protocol import framing, limits, messages, version

Mend = Callable[[Any], None]  # monkeypatch.setattr for parts that instances share


@dataclass(frozen=True)
class Broken:
    """`change(mind, patch)`; `fails` by name of check."""

    change: Callable[[Device, Any], None]
    fails: frozenset[str]


def answering(message: Any, answer: Callable[..., Any], who: int = requests.CONTROLLER) -> Callable[[Device, Any], None]:
    """The device has another answer to this message."""

    def change(device: Device, patch: Any) -> None:
        old = requests._TABLE[message][0]
        row = (lambda device, link, asked, code: answer(old, device, link, asked, code), who, *requests._TABLE[message][2:])
        patch.setitem(requests._TABLE, message, row)

    return change


def _clamps_water(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    most, least = device.caps[limits.WATER_SETPOINT_MAX], device.caps[limits.WATER_SETPOINT_MIN]
    water = max(least, min(most, asked.water_cdeg)) if asked.water_cdeg else 0
    return old(device, link, messages.SetBath(water, min(asked.ramp_cdeg_min, device.caps[limits.WATER_RAMP]), asked.pump), code)


def _clamps_pressure(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    pressure = min(asked.pressure_pa, device.caps[limits.PRESSURE_MAX])
    ramp = min(asked.ramp_pa_s, device.caps[limits.PRESSURE_RAMP])
    return old(device, link, messages.SetMassage(asked.feet, asked.zones, asked.technique, pressure, ramp, asked.speed_pm), code)


def _heats_without_enable(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    if device.state == messages.LATCHED:
        return old(device, link, asked, code)
    if device.state == messages.IDLE or not device.heater_closed:
        device.set_bath(asked.water_cdeg, asked.ramp_cdeg_min, asked.pump)
        return messages.Ack(code)
    return old(device, link, asked, code)


def _limits_one_by_one(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    """Takes the good ones of a message that it refuses."""
    for at in range(0, len(asked.limits), 5):
        number, value = struct.unpack("<Bi", asked.limits[at : at + 5])
        if number < len(device.caps) and not limits.loosens(number, value, device.caps[number]):
            device.tighten([(number, value)])
    return old(device, link, asked, code)


def _limits_any(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    """Loosens what it is told to."""
    wanted = [struct.unpack("<Bi", asked.limits[at : at + 5]) for at in range(0, len(asked.limits), 5)]
    if any(number >= len(device.caps) for number, _ in wanted):
        return old(device, link, asked, code)
    device.tighten(wanted)
    return messages.Ack(code)


def _start_closes_both(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return old(device, link, messages.Start(3 if asked.enables else 0), code)


def _pause_in_idle(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return messages.Ack(code) if device.state == messages.IDLE else old(device, link, asked, code)


def _clear_any(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    if device.state == messages.LATCHED:
        device.clear()
    return messages.Ack(code)


def _clear_restarts(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    was = device.state
    answer = old(device, link, asked, code)
    if was == messages.LATCHED and device.state == messages.IDLE and device.lease_alive:
        device.start(3)
    return answer


def _stop_not_when_paused(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return messages.Ack(code) if device.state == messages.PAUSED else old(device, link, asked, code)


def _stop_is_finish(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    if device.state != messages.LATCHED:
        device.finish()
    return messages.Stopped(0, 0, 0, 0, device.state, device.cause)


def _lamp_ignored(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return messages.Ack(code)


def _no_log(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return messages.LogData(asked.first, 0, b"")


def _any_version(device: Device, patch: Any) -> None:
    patch.setattr(version, "compatible", lambda major: True)


def _leases_for_ever(device: Device, patch: Any) -> None:
    patch.setattr(Device, "_lapsed", lambda self, silent_ms: 0)


def _reopens(device: Device, patch: Any) -> None:
    """A heartbeat that comes back closes what the lease opened."""
    beat = Device._heartbeat

    def heartbeat(self: Device, link: Any, message: Any) -> None:
        lapsed = self._lapse
        beat(self, link, message)
        if lapsed and not self._lapse and self.state == messages.ACTIVE:
            self.start(3)

    patch.setattr(Device, "_heartbeat", heartbeat)


def _counts_frozen(device: Device, patch: Any) -> None:
    beat = Device._heartbeat

    def heartbeat(self: Device, link: Any, message: Any) -> None:
        link.turn = -1
        beat(self, link, message)

    patch.setattr(Device, "_heartbeat", heartbeat)


def _counts_stale(device: Device, patch: Any) -> None:
    patch.setattr(limits, "FRAME_AGE_MS", 1 << 31)


def _slow_telemetry(device: Device, patch: Any) -> None:
    from firmware.device import device as module

    patch.setattr(module, "BEAT_MS", 500)


def _tells_for_ever(device: Device, patch: Any) -> None:
    from firmware.device import links

    patch.setattr(links, "TOLD_MS", 1 << 40)


def _wrong_digest(device: Device, patch: Any) -> None:
    patch.setattr(limits, "digest", lambda values: b"\x01" * 8)


def _latch_forgotten(device: Device, patch: Any) -> None:
    """A new session lets go of the latch."""
    begin = Device.begin_session

    def begin_session(self: Device) -> None:
        if self.state == messages.LATCHED:
            self.clear()
        begin(self)

    patch.setattr(Device, "begin_session", begin_session)


def _last_cause(device: Device, patch: Any) -> None:
    """A later fault overwrites the first."""
    trip = Device._trip

    def again(self: Device, fault: int) -> None:
        if self.state == messages.LATCHED and self.cause != fault:
            self.cause = fault
            self.first_cause = messages.Cause(fault, self.now_ms, 0, 0, 0, 0, 0, messages.LATCHED)
        trip(self, fault)

    patch.setattr(Device, "_trip", again)


def _limits_outlive(device: Device, patch: Any) -> None:
    patch.setattr(Device, "_own_caps", lambda self: None)


def _anybody_controls(device: Device, patch: Any) -> None:
    """Whoever said HELLO may change things."""
    for message, row in list(requests._TABLE.items()):
        if row[1] == requests.CONTROLLER:
            patch.setitem(requests._TABLE, message, (row[0], requests.GUESTS, *row[2:]))


def _last_comes_first(device: Device, patch: Any) -> None:
    """Every controller takes over from the one before."""
    from firmware.device.links import Links

    patch.setattr(Links, "may_control", lambda self, link, now_ms: True)


def _no_memory(device: Device, patch: Any) -> None:
    from firmware_protocol import exchange

    patch.setattr(exchange, "REMEMBERED", 0)


def _applies_repeats(device: Device, patch: Any) -> None:
    from firmware_protocol import exchange

    patch.setattr(exchange, "REMEMBERED", 0)
    patch.setattr(exchange, "WINDOW", 257)


def _any_order(device: Device, patch: Any) -> None:
    from firmware_protocol import exchange

    patch.setattr(exchange, "WINDOW", 256)


def _no_checksum(device: Device, patch: Any) -> None:
    patch.setattr(framing, "decode", _decode_unchecked)


def _decode_unchecked(stuffed: bytes) -> tuple[int, int, bytes] | None:
    raw = bytearray(stuffed)
    at = 0
    while at < len(raw):
        step = raw[at]
        if not step:
            return None
        raw[at] = 0
        at += step
    return (raw[1], raw[2], bytes(raw[3:-4])) if at == len(raw) and 6 < len(raw) < 242 else None


def _drops_uncounted(device: Device, patch: Any) -> None:
    feed = framing.Decoder.feed

    def feeding(self: framing.Decoder, data: bytes) -> Any:
        before = self.dropped
        found = feed(self, data)
        self.dropped = before
        return found

    patch.setattr(framing.Decoder, "feed", feeding)


def _waits_for_ever(device: Device, patch: Any) -> None:
    """Half a frame waits for its other half however long it takes."""
    patch.setattr(framing.Decoder, "pause", lambda self: None)


def _forgets_at_a_pause(device: Device, patch: Any) -> None:
    """What was held when a pause came is gone."""

    def pause(self: framing.Decoder) -> None:
        self._held = b""

    patch.setattr(framing.Decoder, "pause", pause)


def _silent_about_unknown(device: Device, patch: Any) -> None:
    from firmware_protocol.exchange import Exchange

    patch.setattr(Exchange, "_wonder", lambda self, *rest: None)


def _events_once(device: Device, patch: Any) -> None:
    from firmware_protocol import exchange

    patch.setattr(exchange, "RETRY_MS", (60000,))


def _setpoint_stays(device: Device, patch: Any) -> None:
    def open_heater(self: Device) -> None:
        self.heater_closed = self.supervisor.heater_closed = False
        self.outputs.heater_pm = self.outputs.heater_enable = 0

    patch.setattr(Device, "_open_heater", open_heater)


def _stop_leaves_motor(device: Device, patch: Any) -> None:
    """Latches, and the motor's supply stays."""
    off = Device._off

    def halfway(self: Device) -> None:
        closed = self.motor_closed
        off(self)
        if self.state == messages.LATCHED and closed:
            self.motor_closed = self.supervisor.motor_closed = True
            self.outputs.motor_enable = 1

    patch.setattr(Device, "_off", halfway)


def _claims_simulation(device: Device, patch: Any) -> None:
    device.body.simulator = 7


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


EVERY_LATCH = _of(
    "stop-any-number", "observer-stops", "second-controller", "latch-outlives", "stop-in-idle", "stop-in-active", "stop-in-paused",
    "stop-in-latched", "mutilated-stop", "first-cause", "refused-while-latched", "wrong-cause", "events", "black-box-fault",
)  # fmt: skip

DEVICES: Mapping[str, Broken] = {
    "clamps the water": Broken(answering(messages.SetBath, _clamps_water), _of("bath-range", "tightened")),
    "clamps the pressure": Broken(answering(messages.SetMassage, _clamps_pressure), _of("massage-range")),
    "heats without an enable": Broken(answering(messages.SetBath, _heats_without_enable), _of("bath-before-start")),
    "takes limits one by one": Broken(answering(messages.SetLimits, _limits_one_by_one), _of("refusal-changes-nothing")),
    "loosens": Broken(answering(messages.SetLimits, _limits_any), _of("refusal-changes-nothing", "loosening", "no-way-back")),
    "closes both": Broken(answering(messages.Start, _start_closes_both), _of("exactly-these", "massage-before-start")),
    "pauses in idle": Broken(answering(messages.Pause, _pause_in_idle), _of("pause-in-idle")),
    "clears anything": Broken(answering(messages.Clear, _clear_any), _of("wrong-cause")),
    "restarts at CLEAR": Broken(answering(messages.Clear, _clear_restarts), _of("clear")),
    "does not stop while paused": Broken(answering(messages.Stop, _stop_not_when_paused, requests.ANYBODY), _of("stop-in-paused")),
    "does not latch at STOP": Broken(answering(messages.Stop, _stop_is_finish, requests.ANYBODY), EVERY_LATCH),
    "ignores the lamp": Broken(answering(messages.SetLamp, _lamp_ignored), _of("lamp")),
    "has an empty black box": Broken(answering(messages.LogRead, _no_log, requests.GUESTS), _of("black-box", "black-box-fault")),
    "takes any version": Broken(_any_version, _of("other-major")),
    "trusts for ever": Broken(_leases_for_ever, _of("lease-stages", "lease-of-a-hung-host", "shorter-leases", "heartbeat-back")),
    "closes again by itself": Broken(_reopens, _of("heartbeat-back")),
    "believes a hung host": Broken(_counts_frozen, _of("frozen-turn", "lease-of-a-hung-host")),
    "believes old echoes": Broken(_counts_stale, _of("stale-echo", "zero-echo")),
    "tells twice a second": Broken(_slow_telemetry, _of("five-a-second", "black-box")),
    "tells for ever": Broken(_tells_for_ever, _of("telemetry-ends")),
    "has another digest": Broken(_wrong_digest, _of("caps-hash")),
    "forgets its latch": Broken(_latch_forgotten, _of("latch-outlives")),
    "names the last cause": Broken(_last_cause, _of("first-cause", "stop-in-latched")),
    "keeps the limits": Broken(_limits_outlive, _of("session-begins-off", "finish", "heartbeat-back", "bath-range", "massage-range")),
    "obeys observers": Broken(_anybody_controls, _of("observer", "second-controller")),
    "obeys whoever came last": Broken(_last_comes_first, _of("second-controller")),
    "remembers no answer": Broken(_no_memory, _of("repeat-same-bytes")),
    "applies repeats": Broken(_applies_repeats, _of("repeat-applied-once", "overtaken")),
    "takes any order": Broken(_any_order, _of("overtaken")),
    "checks no checksum": Broken(_no_checksum, _of("bad-checksum")),
    "counts no broken frame": Broken(_drops_uncounted, _of("bad-checksum", "bad-distance", "too-short", "too-long")),
    "forgets at a pause": Broken(_forgets_at_a_pause, _of("pauses")),
    "waits for the rest of a frame": Broken(_waits_for_ever, _of("half-a-frame")),
    "ignores what it does not know": Broken(_silent_about_unknown, _of("unknown-type")),
    "tells an event once": Broken(_events_once, _of("events")),
    "keeps a setpoint": Broken(_setpoint_stays, _of("setpoint-forgotten", "bath-range")),
    "stops the heat alone": Broken(_stop_leaves_motor, _of("stop-in-active", "read-back", "clear")),
    "claims to be simulated": Broken(_claims_simulation, _of("no-simulator")),
}
