"""Devices that lie: a table of things that a far end can do to a host, each over a real device mind in real (simulated) water.

A `Liar` is a transport. What the device says passes through its lie, which may change it, hold it back, or say more; so does what the
host says. `ends`: the outcomes that are right for the host. Nothing here knows how the host works.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from firmware_protocol import faults, framing, limits, messages
from simulator.world import World

Said: TypeAlias = "list[bytes | Any]"  # messages under the frame's own number, or raw bytes
Tell: TypeAlias = Callable[["Liar", float, int, Any], Said]
More: TypeAlias = Callable[["Liar", float], bytes]
Hear: TypeAlias = Callable[["Liar", float, int, Any], "bytes | None"]

NOISE = Random(5).randbytes(1 << 16)


def frame(message: Any, seq: int = 0) -> bytes:
    return framing.encode(messages.code_of(message), seq, messages.pack(message))


def _honest(liar: Liar, now: float, seq: int, message: Any) -> Said:
    return [message]


def _nothing_more(liar: Liar, now: float) -> bytes:
    return b""


def _passes(liar: Liar, now: float, seq: int, message: Any) -> bytes | None:
    return frame(message, seq)


ALWAYS = "always"
SOAKING = "soaking"
PRESSING = "pressing"


@dataclass(frozen=True)
class Lie:
    """`when` it begins. `tell` sees each message of the device and gives what the host gets for it; `more` adds bytes at every look;
    `hear` gives the bytes that the device gets for a message of the host, and may leave an answer in `liar.out`.
    `pain`: the person presses pain once the lie has begun. `bare`: the host must not have started anything.
    `within_s`: from its beginning to the end of the session, where it ends one.
    """

    name: str
    ends: tuple[str, ...]
    when: str = ALWAYS
    tell: Tell = _honest
    more: More = _nothing_more
    hear: Hear = _passes
    pain: bool = False
    bare: bool = False
    within_s: float = 180.0


@dataclass
class Liar:
    """The far end with a lie in it. `heard`: what the host said, with the time."""

    world: World
    lie: Lie
    heard: list[tuple[float, Any]] = field(default_factory=list)
    out: bytes = b""
    began: float | None = None
    numbers: dict[str, Any] = field(default_factory=dict)
    telemetry: Any = None

    def __post_init__(self) -> None:
        self._up = framing.Decoder()
        self._down = framing.Decoder()
        if self.lie.when == ALWAYS:
            self.began = 0.0

    def read(self, now: float) -> bytes:
        """What reaches the host."""
        told = b""
        for code, seq, payload in self._up.feed(self.world.read(now)):
            message = messages.unpack(code, payload)
            if type(message) is messages.Telemetry:
                self.telemetry = message
                if self.began is None and self._time_has_come(message):
                    self.began = now
            said = self.lie.tell(self, now, seq, message) if self.began is not None else [message]
            told += b"".join(one if isinstance(one, bytes) else frame(one, seq) for one in said)
        if self.began is not None:
            told += self.lie.more(self, now)
        out, self.out = self.out, b""
        return told + out

    def write(self, now: float, data: bytes) -> None:
        """What the host says."""
        dropped = self._down.dropped
        frames = self._down.feed(data)
        if self._down.dropped > dropped:
            self.world.write(now, b"\x01\x01\x00")  # what was no frame before is none behind us, either
        for code, seq, payload in frames:
            message = messages.unpack(code, payload)
            self.heard.append((now, message))
            passed = self.lie.hear(self, now, seq, message) if self.began is not None else frame(message, seq)
            if passed:
                self.world.write(now, passed)

    def said(self, kind: Any) -> list[Any]:
        """What the host said of a kind."""
        return [message for _, message in self.heard if type(message) is kind]

    def count(self, name: str, by: int = 1) -> int:
        """A number that a lie keeps."""
        self.numbers[name] = self.numbers.get(name, 0) + by
        return int(self.numbers[name])

    def _time_has_come(self, message: Any) -> bool:
        if self.lie.when == SOAKING:
            return bool(message.setpoint_cdeg and message.presence_lamp & 3 == 3 and message.duty_half_pct)
        return bool(max(message.left_dapa, message.right_dapa) > 400)


LIES: dict[str, Lie] = {}


def lie(*args: Any, **kwargs: Any) -> None:
    """A row of the table."""
    row = Lie(*args, **kwargs)
    assert row.name not in LIES
    LIES[row.name] = row


def instead(kind: Any, **changes: Any) -> Tell:
    """The device's messages of a kind with other fields."""
    return lambda liar, now, seq, message: [message._replace(**changes) if type(message) is kind else message]


def without(*kinds: Any) -> Tell:
    """Nothing of these kinds."""
    return lambda liar, now, seq, message: [] if type(message) in kinds else [message]


def dead(liar: Liar, now: float, seq: int, message: Any) -> Said:
    """Nothing at all."""
    return []


def stream(data: bytes, per_look: int) -> More:
    """Bytes without end."""

    def more(liar: Liar, now: float) -> bytes:
        at = liar.count("at", per_look) % len(data)
        return (data + data)[at : at + per_look]

    return more


def caps(change: Callable[[list[int]], list[int]]) -> Tell:
    """Another table of caps, with the digest that belongs to it."""

    def tell(liar: Liar, now: float, seq: int, message: Any) -> Said:
        values = change(list(limits.ABSOLUTE))
        if type(message) is messages.Caps:
            return [messages.Caps(b"".join(struct.pack("<i", value) for value in values))]
        if type(message) is messages.Identity:
            return [message._replace(caps_hash=limits.digest(tuple(values)))]
        return [message]

    return tell


def refusing(*kinds: Any, reason: int = messages.BUSY) -> Hear:
    """NAK to these, which do not reach the device; to everything when none is named."""

    def hear(liar: Liar, now: float, seq: int, message: Any) -> bytes | None:
        if messages.BY_MAKE[type(message)].kind == messages.REQUEST and (not kinds or type(message) in kinds):
            liar.out += frame(messages.Nak(messages.code_of(message), reason, 0), seq)
            return None
        return frame(message, seq)

    return hear


def agreeing(*kinds: Any) -> Hear:
    """ACK to these, which do not reach the device."""

    def hear(liar: Liar, now: float, seq: int, message: Any) -> bytes | None:
        if type(message) in kinds:
            liar.out += frame(messages.Ack(messages.code_of(message)), seq)
            return None
        return frame(message, seq)

    return hear


def deaf(*kinds: Any) -> Hear:
    """These reach nobody."""
    return lambda liar, now, seq, message: None if type(message) in kinds else frame(message, seq)


def repeated(times: int) -> Tell:
    """Everything so many times."""
    return lambda liar, now, seq, message: [message] * times


def shifted(by_ms: Callable[[float], int]) -> Tell:
    """Telemetry dated otherwise; `by_ms` of the seconds since the lie began."""

    def tell(liar: Liar, now: float, seq: int, message: Any) -> Said:
        if type(message) is messages.Telemetry:
            return [message._replace(uptime_ms=max(0, message.uptime_ms + by_ms(now - (liar.began or 0.0))) & 0xFFFFFFFF)]
        return [message]

    return tell


def sometimes(period_s: float, part: float, then: Tell, otherwise: Tell = _honest) -> Tell:
    """`then` during the first part of each period."""

    def tell(liar: Liar, now: float, seq: int, message: Any) -> Said:
        return (then if (now - (liar.began or 0.0)) % period_s < part * period_s else otherwise)(liar, now, seq, message)

    return tell


def changed_after_silence(**changes: Any) -> Tell:
    """Silent for 1.5 s, so that the host asks who is there; then somebody else answers."""

    def tell(liar: Liar, now: float, seq: int, message: Any) -> Said:
        if type(message) is messages.Identity:
            return [message._replace(**changes)]
        return [] if now < (liar.began or 0.0) + 1.5 and type(message) is messages.Telemetry else [message]

    return tell


def _telemetry_at_1000_hz(liar: Liar, now: float) -> bytes:
    newest = liar.telemetry
    if newest is None:
        return b""
    return b"".join(frame(newest._replace(uptime_ms=newest.uptime_ms + step, sample=step & 0xFF)) for step in range(1, 50))


def _events(kind: int, value: int) -> More:
    def more(liar: Liar, now: float) -> bytes:
        return b"".join(frame(messages.Event(kind, value, 0), liar.count("event") & 0xFF) for _ in range(20))

    return more


def _answers_never_asked(liar: Liar, now: float) -> bytes:
    return b"".join(frame(messages.Ack(code), seq) for seq in range(0, 256, 16) for code in (0x01, 0x05, 0x09, 0x10, 0x11))


def _identities(liar: Liar, now: float) -> bytes:
    return b"".join(frame(STRANGER, seq) for seq in range(0, 256, 8))


def _dripping(liar: Liar, now: float, seq: int, message: Any) -> Said:
    liar.numbers["drip"] = (liar.numbers.get("drip", b"") + frame(message, seq))[:4096]
    return []


def _drop_by_drop(liar: Liar, now: float) -> bytes:
    """One byte every quarter of a second: later than a frame may pause."""
    if now < liar.numbers.get("next", 0.0):
        return b""
    liar.numbers["next"] = now + 0.25
    waiting = liar.numbers.get("drip", b"")
    liar.numbers["drip"] = waiting[1:]
    return bytes(waiting[:1])


def _echo(liar: Liar, now: float, seq: int, message: Any) -> bytes | None:
    liar.out += frame(message, seq)
    return None


def _flipped(liar: Liar, now: float, seq: int, message: Any) -> Said:
    data = bytearray(frame(message, seq))
    if liar.count("frame") % 4 == 0:
        data[len(data) // 2] ^= 0x10
    return [bytes(data)]


def _longer(kind: Any, by: bytes) -> Tell:
    def tell(liar: Liar, now: float, seq: int, message: Any) -> Said:
        if type(message) is kind:
            return [framing.encode(messages.code_of(message), seq, messages.pack(message) + by)]
        return [message]

    return tell


def _shorter(kind: Any) -> Tell:
    def tell(liar: Liar, now: float, seq: int, message: Any) -> Said:
        if type(message) is kind:
            return [framing.encode(messages.code_of(message), seq, messages.pack(message)[:-3])]
        return [message]

    return tell


def _unknown_state(liar: Liar, now: float, seq: int, message: Any) -> Said:
    if type(message) is messages.Identity:
        packed = bytearray(messages.pack(message))
        packed[-3] = 9
        return [framing.encode(messages.code_of(message), seq, bytes(packed))]
    return [message]


def _strange_frames(liar: Liar, now: float) -> bytes:
    return b"".join(framing.encode(0x60 + at, at, NOISE[at : at + framing.PAYLOAD_MAX]) for at in range(16))


def _still_on(liar: Liar, now: float, seq: int, message: Any) -> Said:
    if type(message) is messages.Stopped:
        return [message._replace(flags=3, duty_half_pct=200, left_dapa=3000)]
    if type(message) is messages.Telemetry and liar.said(messages.Stop):
        return [message._replace(flags=message.flags | 3)]
    return [message]


STRANGER = messages.Identity(
    1, 0, 12345, 99, 5_000_000, b"FAKE-9", b"other", b"9.9", 1, 0x1F, 7, 31, 31, 50, 500, limits.digest(limits.ABSOLUTE), 0, 0, 1
)
MOVING = (messages.Release, messages.SetMassage, messages.Start, messages.Pause, messages.Finish)
EXTREMES = {
    "water1_cdeg": 0x7FFF, "water2_cdeg": 0x7FFF, "setpoint_cdeg": 0x7FFF, "quality": 0, "duty_half_pct": 200, "presence_lamp": 0xFF,
    "zone": 200, "left_dapa": 0xFFFF, "right_dapa": 0xFFFF, "position_mm": 255, "active": 255, "dropped": 255,
}  # fmt: skip

# --- from the first byte on
lie("never answers", ("link_lost",), tell=dead, bare=True)
lie("noise without end", ("link_lost",), tell=dead, more=stream(NOISE, 4096), bare=True)
lie("a frame without end", ("link_lost",), tell=dead, more=stream(b"\x07" * 4096, 512), bare=True)
lie("nothing but delimiters", ("link_lost",), tell=dead, more=stream(bytes(4096), 2048), bare=True)
lie("a byte every quarter of a second", ("link_lost",), tell=_dripping, more=_drop_by_drop, bare=True)
lie("echoes", ("link_lost",), tell=dead, hear=_echo, bare=True)
lie("refuses everything", ("refused", "link_lost"), tell=without(messages.Telemetry), hear=refusing(), bare=True)
lie("refuses the version", ("refused", "link_lost"), hear=refusing(messages.Hello, reason=messages.WRONG_VERSION), bare=True)
lie("acknowledges the greeting", ("link_lost",), hear=agreeing(messages.Hello), bare=True)
lie("speaks the next major version", ("refused", "link_lost"), tell=instead(messages.Identity, major=2), bare=True)
lie("speaks a major version of zero", ("refused", "link_lost"), tell=instead(messages.Identity, major=0), bare=True)
lie("answers somebody else's greeting", ("link_lost",), tell=instead(messages.Identity, nonce=77), bare=True)
lie("a flood of strangers' identities", ("link_lost",), tell=without(messages.Identity), more=_identities, bare=True)
lie("an identity that is too short", ("link_lost",), tell=_shorter(messages.Identity), bare=True)
lie("an identity in no known state", ("link_lost",), tell=_unknown_state, bare=True)
lie("no zones, no techniques, no places", ("refused",), tell=instead(messages.Identity, zones=0, techniques=0, places=0), bare=True)
lie("no water and no heater", ("refused",), tell=instead(messages.Identity, volume_dl=0, heater_w=0), bare=True)
lie("somebody else controls it", ("link_lost",), tell=instead(messages.Identity, controller=0), bare=True)
lie("latched already", ("refused",), tell=instead(messages.Identity, state=messages.LATCHED, cause=faults.PAIN), bare=True)
lie("latched by a fault nobody knows", ("refused",), tell=instead(messages.Identity, state=messages.LATCHED, cause=255), bare=True)
lie("no answer to what its caps are", ("link_lost", "refused"), tell=without(messages.Caps), bare=True)
lie("half of the caps", ("refused",), tell=caps(lambda values: values[:12]), bare=True)
lie("no caps at all", ("refused",), tell=caps(lambda values: []), bare=True)
lie("caps of zero", ("refused",), tell=caps(lambda values: [0] * len(values)), bare=True)
lie("caps below zero", ("refused",), tell=caps(lambda values: [-value - 1 for value in values]), bare=True)
lie("caps of the largest integer", ("refused",), tell=caps(lambda values: [0x7FFFFFFF] * len(values)), bare=True)
lie("one cap a little looser", ("refused",), tell=caps(lambda values: [4200, *values[1:]]), bare=True)
lie("no telemetry", ("link_lost", "refused"), tell=without(messages.Telemetry), bare=True)
lie("a heater that is on before anything began", ("refused", "tripped", "link_lost"), tell=instead(messages.Telemetry, flags=0x13))
lie("a later minor version", ("completed",), tell=_longer(messages.Identity, b"new fields"))
lie("more caps than we know", ("completed", "refused"), tell=caps(lambda values: [*values, 7, 7, 7]))
lie("names that a terminal would obey", ("completed",), tell=instead(messages.Identity, serial=b"\x1b[2J\x07\rX", model=b"\x9b31m\nY"))
lie("answers that nobody asked for", ("completed", "link_lost", "refused", "tripped"), more=_answers_never_asked)
lie("every fourth frame broken", ("completed", "refused", "tripped", "link_lost"), tell=_flipped)

# --- in the middle of a soak. Open enables look like an expired lease: paused until somebody says go on, again and again, until the
# longest preheat is over.
lie("telemetry a thousand times a second", ("completed", "tripped", "link_lost"), SOAKING, more=_telemetry_at_1000_hz)
lie("everything ten times", ("completed",), SOAKING, tell=repeated(10))
lie("time goes backwards", ("tripped", "link_lost"), SOAKING, tell=shifted(lambda since: -round(since * 2000)))
lie("time stands still", ("tripped", "link_lost"), SOAKING, tell=shifted(lambda since: -round(since * 1000)))
lie("uptime starts anew", ("tripped",), SOAKING, tell=shifted(lambda since: -(10**9)))
lie("uptime jumps by a month", ("tripped", "link_lost"), SOAKING, tell=shifted(lambda since: 2_600_000_000))
lie("uptime jumps to and fro", ("tripped", "link_lost"), SOAKING, tell=sometimes(0.8, 0.5, shifted(lambda since: 3_600_000)))
lie("another boot after a silence", ("tripped",), SOAKING, tell=changed_after_silence(boot_id=4711))
lie("another device after a silence", ("tripped", "link_lost"), SOAKING, tell=changed_after_silence(serial=b"OTHER-1"))
lie("silent from now on", ("link_lost", "tripped"), SOAKING, tell=dead)
lie("telemetry now and then", ("tripped", "link_lost"), SOAKING, tell=sometimes(4.5, 0.9, without(messages.Telemetry)))
lie("extremes in every field", ("tripped",), SOAKING, tell=instead(messages.Telemetry, **EXTREMES))
lie("water of 300 degrees", ("tripped",), SOAKING, tell=instead(messages.Telemetry, water1_cdeg=30000, water2_cdeg=30000))
lie("no good reading of anything", ("tripped",), SOAKING, tell=instead(messages.Telemetry, quality=0xFF))
lie("readings that stand still", ("tripped",), SOAKING, tell=instead(messages.Telemetry, sample=7))
lie("latched without a cause", ("tripped", "link_lost"), SOAKING, tell=instead(messages.Telemetry, state=messages.LATCHED, cause=0))
lie("a fault that nobody knows", ("tripped",), SOAKING, tell=instead(messages.Telemetry, state=messages.LATCHED, cause=255))
lie("idle all of a sudden", ("tripped", "link_lost"), SOAKING, tell=instead(messages.Telemetry, state=messages.IDLE, flags=0x10))
lie("open enables while it heats", ("tripped", "link_lost"), SOAKING, tell=instead(messages.Telemetry, flags=0x14), within_s=2700)
lie("a storm of events of no kind", ("completed", "tripped"), SOAKING, more=_events(0, 255))
lie("a storm of unknown messages", ("completed", "tripped"), SOAKING, more=_strange_frames)

# --- under the rollers
lie("a storm of yes", ("completed", "tripped"), PRESSING, more=_events(messages.YES, 0))
lie("refuses to let go", ("tripped", "link_lost"), PRESSING, hear=refusing(*MOVING))
lie("says yes and does nothing", ("tripped", "link_lost", "completed"), PRESSING, hear=agreeing(messages.SetMassage, messages.Release))
lie("hears no heartbeat", ("tripped",), PRESSING, hear=deaf(messages.Heartbeat))
lie("hears nothing", ("tripped", "link_lost"), PRESSING, hear=deaf(*messages.BY_MAKE))
lie("never ends", ("tripped", "link_lost"), PRESSING, hear=agreeing(messages.Finish))

# --- when it hurts
lie("answers STOP with still on", ("pain",), PRESSING, tell=_still_on, pain=True)
lie("never answers STOP", ("pain", "link_lost"), PRESSING, tell=without(messages.Stopped), pain=True)
lie("does not hear STOP", ("pain", "link_lost"), PRESSING, hear=deaf(messages.Stop), pain=True)
lie("refuses STOP", ("pain", "link_lost"), PRESSING, hear=refusing(messages.Stop), pain=True)
lie("acknowledges STOP without a read-back", ("pain", "link_lost"), PRESSING, hear=agreeing(messages.Stop), pain=True)


def rows() -> Iterator[str]:
    """The names of all."""
    return iter(LIES)
