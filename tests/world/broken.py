"""Devices that do not keep to PROTOCOL.md, each by one small change to the device mind, and the checks that must notice.

A change is a function of the mind. `fails` are the names of exactly those checks that fail; together they are all checks that there are,
so that none is one that nothing can fail.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from firmware.device import requests
from firmware.device.device import Device
from firmware_protocol import auth, framing, limits, messages, version

Mend = Callable[[Any], None]  # monkeypatch.setattr for parts that instances share


@dataclass(frozen=True)
class Broken:
    """`change(mind, patch)`; `fails` by name of check. `air`: on links that want proof, with somebody who holds the button.

    `anywhere`: what breaks at a number of a frame breaks wherever that number comes up, so that further checks may fail.
    """

    change: Callable[[Device, Any], None]
    fails: frozenset[str]
    air: bool = False
    anywhere: bool = False


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


def _feeding(after: Callable[[framing.Decoder, bytes, Any], Any]) -> Callable[[Device, Any], None]:
    """The device makes something else of what its decoder gives."""

    def change(device: Device, patch: Any) -> None:
        feed = framing.Decoder.feed
        mine = {id(link.exchange._decoder) for link in device.links.all}  # not the suite's own

        def feeding(self: framing.Decoder, data: bytes) -> Any:
            found = feed(self, data)
            return after(self, data, found) if id(self) in mine else found

        patch.setattr(framing.Decoder, "feed", feeding)

    return change


def _whole_or_nothing(decoder: framing.Decoder, data: bytes, found: Any) -> Any:
    """Takes a piece of the stream for a frame."""
    decoder._held = b""
    return found


def _first_alone(decoder: framing.Decoder, data: bytes, found: Any) -> Any:
    return found[:1]


def _counts_idle(decoder: framing.Decoder, data: bytes, found: Any) -> Any:
    decoder.dropped += data.count(b"\x00\x00")
    return found


def _faints(device: Device, patch: Any) -> None:
    """Noise latches it."""
    receive = Device.receive

    def receiving(self: Device, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        out = receive(self, now_ms, data, peer)
        if self.links.all[peer].exchange.dropped > 20 and self.state != messages.LATCHED:
            self.stop(34)
        return out

    patch.setattr(Device, "receive", receiving)


def _dazed(device: Device, patch: Any) -> None:
    """Hears nothing for a while after a hundred strangers."""
    receive = Device.receive

    def receiving(self: Device, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        if now_ms < dazed[1]:
            return b""
        out = receive(self, now_ms, data, peer)
        if dazed[0] + 100 <= self.links.all[peer].exchange.strange:
            dazed[:] = [self.links.all[peer].exchange.strange + 1000, now_ms + 1800]
        return out

    dazed = [0, 0]
    patch.setattr(Device, "receive", receiving)


def _acks_another(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    old(device, link, asked, code)
    return messages.Ack(code + 1)


def _zero_is_nothing(device: Device, patch: Any) -> None:
    """A request with number 0 is dropped."""
    from firmware_protocol.exchange import Exchange

    take = Exchange._filter

    def filtering(self: Exchange, code: int, seq: int, payload: bytes, message: Any) -> Any:
        return take(self, code, seq, payload, message) if seq else None

    patch.setattr(Exchange, "_filter", filtering)


def _keeps_old_numbers(device: Device, patch: Any) -> None:
    """A new session's HELLO is taken, and the numbers go on where they were."""
    from firmware_protocol.exchange import Exchange

    take = Exchange._filter

    def filtering(self: Exchange, code: int, seq: int, payload: bytes, message: Any) -> Any:
        last = self._last
        item = take(self, code, seq, payload, message)
        if isinstance(message, messages.Hello) and last >= 0 and (last - seq) & 0xFF < 128:
            self._last = last
        return item

    patch.setattr(Exchange, "_filter", filtering)


def _other_boot(device: Device, patch: Any) -> None:
    """Says at every HELLO that it restarted."""
    identity = requests._identity

    def another(device: Device, link: Any, message: Any) -> Any:
        device.body.boot_id += 2
        return identity(device, link, message)

    patch.setattr(requests, "_identity", another)


def _anew_each_hello(device: Device, patch: Any) -> None:
    hello = requests._hello

    def greeting(device: Device, link: Any, message: Any, sealed: bool) -> Any:
        link.greeted = False
        return hello(device, link, message, sealed)

    patch.setattr(requests, "_hello", greeting)


def _no_ascii(device: Device, patch: Any) -> None:
    device.body.model = "Fußbad".encode()


def _unpacking(changed: Callable[[Any, bytes], bytes]) -> Callable[[Device, Any], None]:
    """Reads another payload than the one that came."""

    def change(device: Device, patch: Any) -> None:
        unpack = messages.unpack

        def unpacking(code: int, payload: bytes) -> Any:
            row = messages.BY_CODE[code]
            return unpack(code, changed(row, payload) if row.way & messages.TO_DEVICE else payload)

        patch.setattr(messages, "unpack", unpacking)

    return change


def _exactly(row: Any, payload: bytes) -> bytes:
    """Refuses what is longer than it knows, as if it were shorter."""
    return b"" if not row.tail and len(payload) > row.size else payload


def _pads(row: Any, payload: bytes) -> bytes:
    """Fills up what is too short."""
    return payload + bytes(max(0, row.size - len(payload))) if row.make is not messages.Stop else payload


def _whole_items(row: Any, payload: bytes) -> bytes:
    """Ignores half an item."""
    return payload[: len(payload) - (len(payload) - row.size) % row.tail] if row.tail else payload


def _answers_echoes(device: Device, patch: Any) -> None:
    from firmware_protocol.exchange import Exchange

    patch.setattr(Exchange, "_wonder", lambda self, code, seq, row: self._refuse(seq, code, messages.UNKNOWN_MESSAGE, 0))


def _hello_is_alive(device: Device, patch: Any) -> None:
    """A session begins with a lease."""
    begin = Device.begin_session

    def beginning(self: Device) -> None:
        begin(self)
        self._valid_ms = self.now_ms

    patch.setattr(Device, "begin_session", beginning)


def _lets_go_late(device: Device, patch: Any) -> None:
    """Every stage comes a quarter late."""
    lapsed = Device._lapsed
    patch.setattr(Device, "_lapsed", lambda self, silent_ms: lapsed(self, silent_ms * 4 // 5))


def _setpoint_outlives(device: Device, patch: Any) -> None:
    """Its lease takes no setpoint away; the enable that opens does."""
    lapsed = Device._lapsed

    def lapsing(self: Device, silent_ms: int) -> int:
        kept, self.caps[limits.SETPOINT_LEASE] = self.caps[limits.SETPOINT_LEASE], 1 << 30
        fault = lapsed(self, silent_ms)
        self.caps[limits.SETPOINT_LEASE] = kept
        return fault

    patch.setattr(Device, "_lapsed", lapsing)


def _pauses_all(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    answer = old(device, link, asked, code)
    if device.state == messages.PAUSED:
        device._open_heater()
    return answer


def _release_ends(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    device.finish()
    return messages.Ack(code)


def _clears_a_latch_alone(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return old(device, link, asked, code) if device.cause else messages.Nak(code, messages.WRONG_CAUSE, 0)


def _rounds_water(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    """To half degrees."""
    within = device.caps[limits.WATER_SETPOINT_MIN] <= asked.water_cdeg <= device.caps[limits.WATER_SETPOINT_MAX]
    water = asked.water_cdeg // 50 * 50 if within else asked.water_cdeg
    return old(device, link, messages.SetBath(water, asked.ramp_cdeg_min, asked.pump), code)


def _any_part(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    """Takes another zone or technique for one that it has not."""
    body = device.body
    zones = asked.zones & body.zones or body.zones
    technique = asked.technique or (body.techniques & -body.techniques).bit_length()
    return old(device, link, asked._replace(zones=zones, technique=technique), code)


def _presses_anything(device: Device, patch: Any) -> None:
    """Lets the roller down where no foot stands, onto whatever lies there."""

    def pressing(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
        answer = old(device, link, asked, code)
        if isinstance(answer, messages.Nak) and answer.limit == messages.FOOT_MISSING:
            pressed.append(asked.pressure_pa)
            return messages.Ack(code)
        return answer

    def telling(self: Device, *rest: Any) -> None:
        if pressed and self.motor_closed:
            self.sensors.left_pa = pressed[-1]
        tell(self, *rest)

    pressed: list[int] = []
    tell = Device._tell
    answering(messages.SetMassage, pressing)(device, patch)
    patch.setattr(Device, "_tell", telling)


def _counts_no_sample(device: Device, patch: Any) -> None:
    tell = Device._tell

    def telling(self: Device, now_ms: int, inputs: Any, *rest: Any) -> None:
        sample, inputs.sample = inputs.sample, 7
        tell(self, now_ms, inputs, *rest)
        inputs.sample = sample

    patch.setattr(Device, "_tell", telling)


def _hotter(device: Device, patch: Any) -> None:
    """Its own caps are in force, however loose."""
    own = Device._own_caps

    def loose(self: Device) -> None:
        own(self)
        self.caps[limits.WATER_TRIP] = 4500
        self._caps_changed()

    patch.setattr(Device, "_own_caps", loose)
    device._own_caps()


def _skips_unknown_caps(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    known = b"".join(asked.limits[at : at + 5] for at in range(0, len(asked.limits), 5) if asked.limits[at] < len(device.caps))
    return old(device, link, messages.SetLimits(known), code)


def _reads_without_session(device: Device, patch: Any) -> None:
    for message in (messages.GetCaps, messages.GetCause, messages.LogRead):
        patch.setitem(requests._TABLE, message, (requests._TABLE[message][0], requests.ANYBODY))


# On links that want proof


def _without_tag(take: Callable[[Any, Device, Any, Any], Any]) -> Callable[[Device, Any], None]:
    """A request without a tag has another answer there; `take` gives None where it has not."""

    def change(device: Device, patch: Any) -> None:
        answer = requests.answer

        def answers(device: Device, link: Any, message: Any, sealed: bool) -> Any:
            other = None if sealed or not link.guarded else take(answer, device, link, message)
            return answer(device, link, message, sealed) if other is None else other

        patch.setattr(requests, "answer", answers)

    return change


def _secretive(old: Any, device: Device, link: Any, message: Any) -> Any:
    """What everybody may read wants a proof."""
    if isinstance(message, messages.GetCaps | messages.GetCause | messages.LogRead):
        return messages.Nak(messages.code_of(message), messages.NOT_AUTHENTICATED, 0)
    return None


def _trusting(old: Any, device: Device, link: Any, message: Any) -> Any:
    """Where a proof was given, everybody is believed."""
    return None if isinstance(message, messages.Hello) or not link.proven else old(device, link, message, True)


def _displaced(old: Any, device: Device, link: Any, message: Any) -> Any:
    """Whoever says HELLO ends the proven host's session."""
    if isinstance(message, messages.Hello) and device.links.controller is link:
        device.links.controller = None
        device.begin_session()


def _hears_all_beats(device: Device, patch: Any) -> None:
    from firmware_protocol.exchange import SEALED, Exchange

    receive = Exchange.receive

    def receiving(self: Exchange, now_ms: int, data: bytes) -> Any:
        return [
            (kind + SEALED if kind == messages.DATAGRAM else kind, seq, message) for kind, seq, message in receive(self, now_ms, data)
        ]

    patch.setattr(Exchange, "receive", receiving)


def _hears_anybody(device: Device, patch: Any) -> None:
    """Whoever says anything on its line keeps it telling."""
    receive = Device.receive

    def receiving(self: Device, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        out = receive(self, now_ms, data, peer)
        self.links.all[peer].heard_ms = self.now_ms
        return out

    patch.setattr(Device, "receive", receiving)


def _any_tag(device: Device, patch: Any) -> None:
    patch.setattr(auth, "same", lambda one, other: len(one) == len(other))


def _takes_replays(device: Device, patch: Any) -> None:
    """What is long past is new again."""
    newer = auth.Seal.newer

    def again(self: auth.Seal, kind: int, counter: int) -> int:
        found = newer(self, kind, counter)
        return found if found > -6 else 1

    patch.setattr(auth.Seal, "newer", again)


def _any_number_of_tries(device: Device, patch: Any) -> None:
    from firmware.device.links import Link

    patch.setattr(Link, "wait_ms", lambda self, now_ms: 0)


def _tells_key(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    return messages.Key(device.body.key)


def _starts_unarmed(old: Any, device: Device, link: Any, asked: Any, code: int) -> Any:
    device.armed = True
    return old(device, link, asked, code)


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
    "takes pieces for frames": Broken(_feeding(_whole_or_nothing), _of("pieces", "pauses")),
    "takes one frame of a piece": Broken(_feeding(_first_alone), _of("together")),
    "counts an idle line": Broken(_feeding(_counts_idle), _of("idle-line")),
    "faints in noise": Broken(_faints, _of("garbage")),
    "is dazed by strangers": Broken(_dazed, _of("strangers")),
    "acknowledges something else": Broken(answering(messages.SetLamp, _acks_another), _of("answer-fits")),
    "has no number 0": Broken(_zero_is_nothing, _of("wrapping"), anywhere=True),
    "goes on with old numbers": Broken(_keeps_old_numbers, _of("new-session-any-number"), anywhere=True),
    "boots at every HELLO": Broken(_other_boot, _of("identity")),
    "begins anew at every HELLO": Broken(_anew_each_hello, _of("renewed", "lease-stages", "shorter-leases", "lease-of-a-hung-host")),
    "has another script": Broken(_no_ascii, _of("texts")),
    "takes exact payloads alone": Broken(_unpacking(_exactly), _of("longer-payload")),
    "fills up what is too short": Broken(_unpacking(_pads), _of("shorter-payload")),
    "ignores half an item": Broken(_unpacking(_whole_items), _of("half-an-item")),
    "answers its echo": Broken(_answers_echoes, _of("echo")),
    "lives before a heartbeat": Broken(_hello_is_alive, _of("start-without-heartbeat", "stale-echo")),
    "lets go a quarter late": Broken(_lets_go_late, _of("lease-stages", "lease-of-a-hung-host", "shorter-leases", "heartbeat-back")),
    "leases no setpoint": Broken(_setpoint_outlives, _of("shorter-leases")),
    "pauses the heat": Broken(answering(messages.Pause, _pauses_all), _of("pause")),
    "ends at RELEASE": Broken(answering(messages.Release, _release_ends), _of("release")),
    "clears nothing but a latch": Broken(answering(messages.Clear, _clears_a_latch_alone), _of("clear-nothing")),
    "rounds the water": Broken(answering(messages.SetBath, _rounds_water), _of("bath-taken")),
    "has a part for everything": Broken(answering(messages.SetMassage, _any_part), _of("massage-parts")),
    "presses without a foot": Broken(_presses_anything, _of("no-foot")),
    "counts no sample": Broken(_counts_no_sample, _of("samples-count")),
    "is hotter than the absolute cap": Broken(_hotter, _of("caps-absolute")),
    "skips unknown caps": Broken(answering(messages.SetLimits, _skips_unknown_caps), _of("unknown-cap")),
    "tells without a session": Broken(_reads_without_session, _of("no-session")),
    "keeps its caps to itself": Broken(_without_tag(_secretive), _of("open-to-read", "no-session"), air=True),
    "obeys beside a proof": Broken(_without_tag(_trusting), _of("closed-to-change"), air=True),
    "leaves its host for any HELLO": Broken(_without_tag(_displaced), _of("hello-without-tag"), air=True),
    "lives by any heartbeat": Broken(_hears_all_beats, _of("heartbeat-without-tag", "telemetry-ends"), air=True),
    "tells whoever is there": Broken(_hears_anybody, _of("telemetry-ends"), air=True),
    "takes any tag": Broken(_any_tag, _of("forged"), air=True),
    "takes what is long past": Broken(_takes_replays, _of("replayed"), air=True),
    "may be tried for ever": Broken(_any_number_of_tries, _of("too-many"), air=True),
    "tells its key": Broken(answering(messages.GetKey, _tells_key, requests.GUESTS), _of("key-by-cable"), air=True),
    "starts unarmed": Broken(answering(messages.Start, _starts_unarmed), _of("not-armed"), air=True),
}
