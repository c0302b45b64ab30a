"""Between a host that speaks plainly and a link on which it must prove that it knows the device's key. Bytes in, bytes out, no key store.

What the host says goes out with a tag once the proof was given; what comes in reaches it only with a right one, but for telemetry
and the answer to STOP, which have none. So the host mind, its record and its replay never see a key. PROTOCOL.md, section 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from firmware_protocol import auth, exchange, framing, messages

BIT = messages.AUTHENTICATED
BROKEN = b"\x01\0"  # no frame: the host counts it in the place of one that was dropped here
REPEATS = 4  # frames whose repeats go out as the same bytes; one request is in flight at a time, the rest is margin [ENG]

_HELLO = messages.BY_MAKE[messages.Hello].code
_AUTH = messages.BY_MAKE[messages.Auth].code
_OPEN_UPWARDS = tuple(messages.BY_MAKE[make].code for make in (messages.Telemetry, messages.Stopped))

# Nothing is proven yet; the host asked for the device's proof; it gave its own; both hold; nothing will be proven in this session
OPEN, ASKED, GIVEN, PROVEN, PLAIN = "open", "asked", "given", "proven", "plain"


class Trouble(NamedTuple):
    """Why there is no proof. `kind`: no_key (none is known here), unproven (the device has none to show), wrong_key, too_many."""

    kind: str
    serial: str
    wait_ms: int = 0


class Envelope:
    """`outward` and `inward` take what the two ends say. While `wanted` is set, `give` it the keys that may be that device's.

    `trouble`: the session cannot begin. `forged`: frames that were not the device's.
    """

    def __init__(self) -> None:
        self.stage = OPEN
        self.wanted: Any = None  # IDENTITY of the device whose key is wanted
        self.trouble: Trouble | None = None
        self.forged = 0
        self._decoder = framing.Decoder()
        self._heard_at = 0.0
        self._hello: tuple[int, bytes] | None = None  # number and payload of the controller's HELLO
        self._nonce = b""
        self._keys: Sequence[bytes] = ()
        self._identity: Any = None  # of the device with which it is proven; until then of the one that says so
        self._question = b""  # the AUTH, or after it the tagged HELLO, that is under way
        self._seal: auth.Seal | None = None
        self._said: list[tuple[bytes, bytes]] = []  # plain, tagged: for repeats
        self._asked: tuple[int, int] | None = None  # type and number of the tagged request that is under way; there is one at a time
        self._over = False  # it was another power-up that answered, which has no tags: what it says is no stranger's

    # --- from the host

    def outward(self, data: bytes) -> bytes:
        """What goes to the device for `data`, whole frames of the host. What is no frame goes as it is."""
        out = bytearray()
        pieces = data.split(b"\0")
        for stuffed in pieces[:-1]:
            frame = framing.decode(stuffed)
            out += stuffed + b"\0" if frame is None else self._say(stuffed + b"\0", *frame)
        return bytes(out + pieces[-1])

    def _say(self, wire: bytes, code: int, seq: int, payload: bytes) -> bytes:
        row = messages.BY_CODE[code]
        if row.make is messages.Hello:
            if self._hello is None or payload != self._hello[1] or (self.stage in (OPEN, ASKED, GIVEN) and seq != self._hello[0]):
                self._begin(seq, payload)  # or it gave up once and asks again, with another number
                return wire
            if self.stage in (ASKED, GIVEN):
                return self._question  # the host repeats what was not answered yet
        if self.stage != PROVEN or self._seal is None or row.make in auth.Lock.untagged:
            return wire
        for plain, tagged in self._said:
            if plain == wire:
                return tagged
        tagged = _tagged(self._seal, code, seq, payload)
        if row.kind != messages.DATAGRAM:
            self._said = [*self._said[1 - REPEATS :], (wire, tagged)]
        if row.kind == messages.REQUEST:
            self._asked = code, seq
        return tagged

    def _begin(self, seq: int, payload: bytes) -> None:
        """A new session; an observer's needs no proof."""
        controller = messages.unpack(_HELLO, payload).role == messages.CONTROLLER
        self._hello = (seq, payload) if controller else None
        self.stage = OPEN
        self._seal = None
        self._said = []
        self._asked = None
        self._over = False

    # --- from the device

    def inward(self, now: float, data: bytes) -> tuple[bytes, bytes]:
        """What reaches the host for `data`, in any chunks, and what goes back to the device at once."""
        host, device = bytearray(), bytearray()
        decoder = self._decoder
        if now > self._heard_at + exchange.PAUSE_MS / 1000:
            decoder.pause()
        self._heard_at = now
        dropped = decoder.dropped
        for frame in decoder.feed(data):
            up, down = self._hear(*frame)
            host += up
            device += down
        host += BROKEN * (decoder.dropped - dropped)
        return bytes(host), bytes(device)

    def _hear(self, code: int, seq: int, payload: bytes) -> tuple[bytes, bytes]:
        if code in _OPEN_UPWARDS:
            return framing.encode(code, seq, payload), b""
        match self.stage:
            case "proven":
                return self._proven(code, seq, payload)
            case "asked":
                return b"", self._answered(code, seq, payload)
            case "given":
                return self._confirmed(code, seq, payload)
            case "open" if self._hello is not None and self._is_identity(code, seq, payload):
                return b"", b""
        return framing.encode(code, seq, payload), b""

    def _is_identity(self, code: int, seq: int, payload: bytes) -> bool:
        """The answer to the controller's HELLO: hold it back, until it is clear whether there is a key."""
        told = _read(code, payload)
        if not isinstance(told, messages.Identity) or self._hello is None or seq != self._hello[0]:
            return False
        self.wanted = told
        return True

    def give(self, keys: Sequence[bytes], nonce: bytes) -> tuple[bytes, bytes]:
        """Keys that may be those of the device that is `wanted`, and 16 random bytes. What goes to the host and to the device now."""
        told, self.wanted = self.wanted, None
        if told is None or self._hello is None:
            return b"", b""
        if not keys:
            if told.features & messages.WANTS_PROOF:
                self.trouble = Trouble("no_key", _serial(told))
                return b"", b""
            self.stage = PLAIN  # nothing to prove it with, and nobody who wants a proof
            return framing.encode(messages.code_of(told), self._hello[0], messages.pack(told)), b""
        self.stage = ASKED
        self._keys, self._nonce, self._identity = keys, nonce, told
        self._question = framing.encode(_AUTH, self._hello[0] + 1 & 0xFF, nonce)
        return b"", self._question

    def _answered(self, code: int, seq: int, payload: bytes) -> bytes:
        """The device's proof; our own goes back."""
        told = _read(code, payload)
        if self._hello is None or seq != self._hello[0] + 1 & 0xFF:
            return b""
        if isinstance(told, messages.Nak) and told.message == _AUTH:
            too_many = told.reason == messages.TOO_MANY
            self.trouble = Trouble("too_many" if too_many else "unproven", _serial(self._identity), told.limit if too_many else 0)
        if not isinstance(told, messages.Proof):
            return b""
        for key in self._keys:
            agreed = auth.Agreed(key, self._identity.serial, self._identity.boot_id, self._nonce, told.nonce)
            if auth.same(agreed.proof, told.proof):
                self._seal = agreed.for_host()
                self.stage = GIVEN
                self._question = _tagged(self._seal, _HELLO, *self._hello)
                return self._question
        self.trouble = Trouble("wrong_key", _serial(self._identity))
        return b""

    def _confirmed(self, code: int, seq: int, payload: bytes) -> tuple[bytes, bytes]:
        """The tagged IDENTITY."""
        told = _read(code, payload)
        if isinstance(told, messages.Nak) and told.message == _HELLO and told.reason == messages.NOT_AUTHENTICATED:
            self.trouble = Trouble("wrong_key", _serial(self._identity))
            return b"", b""
        if code == messages.BY_MAKE[messages.Identity].code + BIT:
            self.stage = PROVEN
            return self._proven(code, seq, payload)
        return b"", b""  # of the time before the proof

    def _proven(self, code: int, seq: int, payload: bytes) -> tuple[bytes, bytes]:
        row = messages.BY_CODE.get(code - BIT) if code >= BIT else None
        counter = self._seal.open(code, seq, payload) if self._seal is not None and row is not None else 0
        if row is not None and counter and self._seal is not None:
            newer = self._seal.newer(row.kind, counter)
            if newer <= 0:
                self.forged += newer < 0  # the last one again is a repeat
                return b"", b""
            self._over = False
            if row.kind == messages.ANSWER:
                self._asked = None
            payload = payload[: -auth.TRAILER_BYTES]
            if row.make is messages.Identity:
                self._identity = _read(row.code, payload) or self._identity
            return framing.encode(row.code, seq, payload), b""
        told = _read(code, payload)
        if isinstance(told, messages.Nak) and told.reason == messages.NOT_AUTHENTICATED and self._asked == (told.message, seq):
            return self._forgotten(seq, told)
        if isinstance(told, messages.Identity) and self._is_another_power_up(seq, told):
            self._over = True
            # That the session is over is all that is believed without a tag; the rest is as it was proven.
            over = self._identity._replace(boot_id=told.boot_id, controller=0)
            return framing.encode(code, seq, messages.pack(over)), b""
        self.forged += not self._over
        return b"", b""

    def _forgotten(self, seq: int, told: Any) -> tuple[bytes, bytes]:
        """The device knows our tags no more, or somebody says so. That may end the session: it is asked without one who it is now.

        The stage stays: nothing else is said or heard without a tag.
        """
        if told.message == _HELLO and self._hello is not None:
            return b"", framing.encode(_HELLO, seq, self._hello[1])
        return framing.encode(messages.code_of(told), seq, messages.pack(told)), b""

    def _is_another_power_up(self, seq: int, told: Any) -> bool:
        """The answer to the HELLO that is under way, from a device that was switched on at another time."""
        return self._asked == (_HELLO, seq) and told.nonce == self._identity.nonce and told.boot_id != self._identity.boot_id


def _tagged(seal: auth.Seal, code: int, seq: int, payload: bytes) -> bytes:
    return framing.encode(code + BIT, seq, seal.close(code + BIT, seq, payload))


def _read(code: int, payload: bytes) -> Any:
    try:
        return messages.unpack(code, payload)
    except messages.BadMessage:
        return None


def _serial(identity: Any) -> str:
    return str(identity.serial.rstrip(b"\0").decode("ascii", "replace"))
