"""A host of few words at the far end of a device: sends what a check wants, right or wrong, and writes down what comes back.

Everything is a generator of Turns, so that one check runs on a wall clock with a cable and on a virtual clock with a simulator. Time is
the device's, in seconds from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from firmware_protocol import auth, framing, messages, version

BEAT_S = 0.2
ANSWER_S = 1.0  # a device answers at once; a radio, a repeat of its own and a busy host take their time [ENG]
REPEAT_S = 0.3
ARM_S = 15.0  # to see the lamp, and to hold the button for three seconds [ENG]
LET_GO_S = 5.0
TRIES = 3  # for what a check needs and does not test: a cable may lose a frame


@dataclass(frozen=True, slots=True)
class Turn:
    """Send `data` on line `line`, then wait for bytes there until `until` at most. What it gives: the time, and the bytes."""

    line: int
    data: bytes
    until: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole frame, when it came, and the message in it when it is one that goes to hosts."""

    at: float
    code: int
    seq: int
    payload: bytes
    message: Any


UNTAGGED = tuple(messages.BY_MAKE[make].code for make in auth.Lock.untagged)

T = TypeVar("T")
Talk: TypeAlias = Generator[Turn, tuple[float, bytes], T]


class Untested(Exception):
    """This device, or this way to it, has not what the check needs. The text says what."""


class Broken(Exception):
    """The device does not do what its page says. The text says what it should have done and what it did."""


class Peer:
    """One line to the device. `beats`: a heartbeat goes out by itself while something is waited for; `acknowledges` events."""

    def __init__(self, line: int, randbits: Callable[[int], int], key: bytes | None = None) -> None:
        self.line = line
        self.seal: auth.Seal | None = None
        self.now = 0.0
        self.seq = 0
        self.beats = False
        self.frozen = False  # its loop stands still: `turn` does not count
        self.late_ms = 0  # echoes telemetry so much older
        self.acknowledges = True
        self.alone = False  # nobody holds the device's button when the lamp asks for it
        self.telemetry: Any = None
        self.telemetry_at = 0.0
        self.identity: Any = None
        self.nonce = 0
        self.heard: list[Heard] = []
        self.broken_frames = 0
        self._randbits = randbits
        self._key = key
        self._decoder = framing.Decoder()
        self._turn = 0
        self._beat_at = 0.0

    # Frames

    def frame(self, message: Any, seq: int | None = None) -> bytes:
        """A whole frame; without `seq` the next number."""
        return self.wire(messages.code_of(message), self.next_seq() if seq is None else seq, messages.pack(message))

    def wire(self, code: int, seq: int, payload: bytes) -> bytes:
        """A whole frame, with a tag where a proof was given and the message takes one (13.5)."""
        if self.seal is None or code in UNTAGGED:
            return framing.encode(code, seq, payload)
        return framing.encode(code + messages.AUTHENTICATED, seq, self.seal.close(code + messages.AUTHENTICATED, seq, payload))

    def next_seq(self) -> int:
        """The next number."""
        self.seq = (self.seq + 1) & 0xFF
        return self.seq

    # Time

    def listen(self, seconds: float, enough: Callable[[Heard], bool] | None = None) -> Talk[list[Heard]]:
        """What comes within `seconds`, or until a frame is `enough`."""
        return (yield from self.send(b"", seconds, enough))

    def send(self, data: bytes, seconds: float, enough: Callable[[Heard], bool] | None = None) -> Talk[list[Heard]]:
        """Send bytes, then listen."""
        end = self.now + seconds
        found: list[Heard] = []
        while True:
            until = end
            if self.beats:
                if self.now >= self._beat_at:
                    data += self._heartbeat()
                until = min(end, self._beat_at)
            self.now, arrived = yield Turn(self.line, data, until)
            data = b""
            for heard in self._take(arrived):
                found.append(heard)
                if isinstance(heard.message, messages.Event) and self.acknowledges:
                    data += self.wire(messages.code_of(messages.Ack(0)), heard.seq, messages.pack(messages.Ack(heard.code)))
            if (enough is not None and any(enough(heard) for heard in found)) or self.now >= end:
                if data:
                    self.now, arrived = yield Turn(self.line, data, self.now)
                    found += self._take(arrived)
                return found

    def _heartbeat(self) -> bytes:
        self._beat_at = self.now + BEAT_S
        self._turn += not self.frozen
        echo = (self.telemetry.uptime_ms - self.late_ms) & 0xFFFFFFFF if self.telemetry is not None else 0
        return self.frame(messages.Heartbeat(self._turn, echo), 0)

    def _take(self, data: bytes) -> list[Heard]:
        before = self._decoder.dropped
        found = []
        for code, seq, payload in self._decoder.feed(data):
            if code > messages.AUTHENTICATED:
                if self.seal is None or not self.seal.open(code, seq, payload):
                    raise Broken("a tag is made with the key to the host of this session (13.5); one came that is not")
                code, payload = code - messages.AUTHENTICATED, payload[: -auth.TRAILER_BYTES]  # noqa: PLW2901
            row = messages.BY_CODE.get(code)
            message = None
            if row is not None and row.way & messages.TO_HOST:
                try:
                    message = messages.unpack(code, payload)
                except messages.BadMessage as bad:
                    raise Broken(f"every frame holds the message that it names; it sent a broken one: {bad}") from bad
            heard = Heard(self.now, code, seq, payload, message)
            if isinstance(message, messages.Telemetry):
                self.telemetry = message
                self.telemetry_at = self.now
            found.append(heard)
        self.broken_frames += self._decoder.dropped - before
        self.heard += found
        return found

    # Requests

    def ask(self, message: Any, seq: int | None = None, wait_s: float = ANSWER_S) -> Talk[Any]:
        """Send once; the answer, None when there is none."""
        seq = self.next_seq() if seq is None else seq
        return (yield from self.raw(self.wire(messages.code_of(message), seq, messages.pack(message)), seq, wait_s))

    def raw(self, wire: bytes, seq: int, wait_s: float = ANSWER_S) -> Talk[Any]:
        """Send these bytes; the answer that carries `seq`, None when there is none."""

        def answers(heard: Heard) -> bool:
            return heard.seq == seq and heard.message is not None and messages.BY_CODE[heard.code].kind == messages.ANSWER

        for heard in (yield from self.send(wire, wait_s, answers)):
            if answers(heard):
                return heard.message
        return None

    def surely(self, message: Any) -> Talk[Any]:
        """Send until it is answered, as 3.5 says; for what a check needs and does not test."""
        seq = self.next_seq()
        wire = self.wire(messages.code_of(message), seq, messages.pack(message))
        for _ in range(TRIES):
            answer = yield from self.raw(wire, seq, REPEAT_S)
            if answer is not None:
                return answer
        raise Broken(f"a request is answered; {type(message).__name__} was not, although it was sent {TRIES} times")

    def do(self, message: Any) -> Talk[Any]:
        """`surely`, and not refused."""
        answer = yield from self.surely(message)
        if isinstance(answer, messages.Nak):
            raise Broken(f"{type(message).__name__} should be taken here; it was refused: {naked(answer)}")
        return answer

    # Sessions

    def hello(self, role: int = messages.CONTROLLER, nonce: int | None = None) -> Talk[Any]:
        """HELLO with a new nonce, or this one."""
        self.nonce = self._randbits(32) if nonce is None else nonce
        asked = messages.Hello(version.MAJOR, version.MINOR, role, self.nonce)
        self.identity = yield from self.do(asked)
        if self.guarded and self.seal is None and role == messages.CONTROLLER:
            yield from self.prove()
            self.identity = yield from self.do(asked)
        return self.identity

    @property
    def guarded(self) -> bool:
        """This link wants proof."""
        return self.identity is not None and bool(self.identity.features & messages.WANTS_PROOF)

    def prove(self) -> Talk[None]:
        """AUTH and PROOF (13.3); the next HELLO carries our own."""
        if self._key is None:
            raise Untested("needs the device's key: read it once over a cable with `footctl device pair`")
        host_nonce = self._randbits(8 * auth.NONCE_BYTES).to_bytes(auth.NONCE_BYTES, "little")
        proof = yield from self.do(messages.Auth(host_nonce))
        agreed = auth.Agreed(self._key, self.identity.serial, self.identity.boot_id, host_nonce, proof.nonce)
        if proof.proof != agreed.proof:
            raise Broken("the device proves that it knows its key (13.3); its proof is not right for the key that we have")
        self.seal = agreed.for_host()

    def fresh(self) -> Talk[Any]:
        """A new session as controller, nothing latched, no heartbeats."""
        self.beats = self.frozen = False
        self.late_ms = 0
        self.acknowledges = True
        identity = yield from self.hello()
        if identity.cause:
            yield from self.do(messages.Clear(identity.cause))
            identity = yield from self.hello()
        if not identity.controller:
            raise Broken("a HELLO as controller makes its sender the controller when nobody else is; IDENTITY says it is not")
        return identity

    def alive(self) -> Talk[None]:
        """Heartbeats, until the device has had a valid one."""
        self.beats = True
        yield from self.sample()
        yield from self.listen(2 * BEAT_S)

    def last_beat(self) -> Talk[int]:
        """A last heartbeat; the device's uptime when it came. HELLO of the same session in the same piece asks for that (4.2)."""
        beat = self._heartbeat()
        self.beats = False
        seq = self.next_seq()
        hello = self.frame(messages.Hello(version.MAJOR, version.MINOR, messages.CONTROLLER, self.nonce), seq)
        for wire in (beat + hello, *[hello] * (TRIES - 1)):
            answer = yield from self.raw(wire, seq, REPEAT_S)
            if isinstance(answer, messages.Identity):
                uptime_ms: int = answer.uptime_ms
                return uptime_ms
        raise Broken(f"HELLO of the running session is answered with IDENTITY (4.2); {told(answer)} came")

    def sample(self) -> Talk[Any]:
        """The next telemetry."""
        for heard in (yield from self.listen(1.5, lambda heard: isinstance(heard.message, messages.Telemetry))):
            if isinstance(heard.message, messages.Telemetry):
                return heard.message
        raise Broken("TELEMETRY comes five times a second after a HELLO; none came for 1.5 s")

    def running(self, enables: int) -> Talk[Any]:
        """A fresh session, active with these enables closed as read back."""
        identity = yield from self.fresh()
        yield from self.alive()
        yield from self.start(enables)
        return identity

    def start(self, enables: int) -> Talk[None]:
        """START, armed by hand where the link wants that."""
        answer = yield from self.surely(messages.Start(enables))
        if isinstance(answer, messages.Nak) and answer.reason == messages.NOT_ARMED:
            yield from self._armed_by_hand()
            answer = yield from self.surely(messages.Start(enables))
            end = self.now + LET_GO_S
            while isinstance(answer, messages.Nak) and answer.limit == messages.PRESSED and self.now < end:
                yield from self.listen(REPEAT_S)  # the button is still held
                answer = yield from self.surely(messages.Start(enables))
        if isinstance(answer, messages.Nak):
            raise Broken(f"START should be taken here; it was refused: {naked(answer)}")
        yield from self.until(lambda sample: sample.flags & enables == enables, 1.0, f"after START {enables} these enables read as closed")

    def _armed_by_hand(self) -> Talk[None]:
        """Ask for it with the lamp; whoever did not come once is not waited for again."""
        if not self.alone:
            yield from self.do(messages.SetLamp(messages.LAMP_HOLD_TO_ARM))
            heard = yield from self.listen(ARM_S, _armed)
            yield from self.do(messages.SetLamp(messages.LAMP_OFF))
            self.alone = not any(_armed(one) for one in heard)
        if self.alone:
            raise Untested("needs somebody who holds the device's button: nothing may start over this link without (13.10)")

    def until(self, true: Callable[[Any], bool], seconds: float, should: str) -> Talk[float]:
        """Wait for telemetry that is so; how long it took. Broken when none is within `seconds`."""
        begin = self.now
        last: Any = None

        def enough(heard: Heard) -> bool:
            return isinstance(heard.message, messages.Telemetry) and true(heard.message)

        for heard in (yield from self.listen(seconds, enough)):
            if isinstance(heard.message, messages.Telemetry):
                last = heard.message
                if true(last):
                    return heard.at - begin
        raise Broken(f"{should}, within {seconds:.1f} s; " + (f"it shows {shown(last)}" if last is not None else "no telemetry came"))


def _armed(heard: Heard) -> bool:
    return isinstance(heard.message, messages.Telemetry) and bool(heard.message.flags & messages.ARMED)


def naked(answer: Any) -> str:
    """A NAK in words."""
    return f"{messages.REASONS[answer.reason][0] if answer.reason < len(messages.REASONS) else answer.reason}, limit {answer.limit}"


def told(answer: Any) -> str:
    """An answer in words."""
    if answer is None:
        return "nothing"
    return f"NAK {naked(answer)}" if isinstance(answer, messages.Nak) else type(answer).__name__.upper()


def shown(sample: Any) -> str:
    """What matters of a sample."""
    flags = [name for bit, name in enumerate(messages.FLAGS) if sample.flags >> bit & 1]
    return (
        f"state {messages.STATES[sample.state]}, cause {sample.cause}, setpoint {sample.setpoint_cdeg}, flags {', '.join(flags) or 'none'}"
    )


def refused(answer: Any, reason: int, limit: int | None = None) -> None:
    """Broken unless it is a NAK with this reason and limit."""
    want = f"NAK {messages.REASONS[reason][0]}" + ("" if limit is None else f", limit {limit}")
    if not isinstance(answer, messages.Nak) or answer.reason != reason or (limit is not None and answer.limit != limit):
        raise Broken(f"the answer should be {want}; it was {told(answer)}")


def want(true: bool, text: str) -> None:
    """Broken with `text` unless it is so."""
    if not true:
        raise Broken(text)
