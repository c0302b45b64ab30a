"""One end of a link: sequence numbers, answers, retries, the duplicate filter. Told the time in ms, does no I/O.

Both ends use the same class. A request waits in line (one in flight at a time), keeps its sequence number when it is
repeated, and ends as an answer or as LOST. A newer request of the same type replaces one that still waits, where that changes
no order that matters: requests are levels, so the older one has lost its meaning. `urgent` is for STOP: it empties the line,
goes out at once and is repeated until it is answered. A HELLO with a new nonce, and its IDENTITY, start the numbering anew.
An end whose lock holds a proven seal tags what it says, and tells its owner which requests came with a tag that is right.
Beyond that, what a message means is the owner's business.
"""

from firmware_protocol import framing, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware_protocol.auth import Lock  # whoever has a key brings it; a board without one need not hold the code

LOST = 4  # kind of item: a request that nobody answered
SEALED = 8  # added to the kind of a request or datagram whose tag was right

RETRY_MS = (200, 300, 450, 700, 1000)  # waits before each repeat; a BLE round trip is 15-50 ms, a cable's 1 ms [ENG]
URGENT_MS = 100  # STOP is repeated this often until it is answered [ENG]
PAUSE_MS = 100  # after a pause as long as this a new frame may begin in the middle of another (F36)
REMEMBERED = 4  # answers kept for repeats; one request is in flight at a time, the rest is margin [ENG]
WINDOW = 128  # a request is newer when it is less than half a turn of the 256 numbers ahead
LINE_MAX = 32  # requests that may wait: two turns of every request type [ENG]
OUT_MAX = 2048  # bytes that may wait for the carrier: a board has 128 KB in all, the largest frame has 242 bytes [ENG]
UNKNOWN_MAX = 8  # numbers of unknown messages that are remembered [ENG]

NAK = messages.BY_MAKE[messages.Nak].code
AUTHENTICATED = messages.AUTHENTICATED
TRAILER = 12  # counter and tag behind the payload of an authenticated frame

# A newer one of these may take the place of an older one across others of these; every other request keeps its place.
LEVELS = (messages.SetBath, messages.SetMassage, messages.SetLamp)


class Exchange:
    """`hears` is the direction of the messages that this end accepts: messages.TO_DEVICE or TO_HOST."""

    def __init__(self, hears: int) -> None:
        self.hears = hears
        self.strange = 0  # whole frames that mean nothing to this version
        self.unknown: "list[int]" = []  # numbers of messages that this version does not know, each once
        self.unsent = 0  # frames that the carrier was too slow for
        self.lock: "Lock | None" = None  # with one, AUTH and authenticated frames mean something
        self._decoder = framing.Decoder()
        self._heard_ms = 0
        self._out = bytearray()
        self._line: "list[Any]" = []
        self._flight: "Any" = None  # [seq, message, wire, due_ms, repeats, with a tag]
        self._alarm: "Any" = None  # the same for STOP
        self._seq = 0
        self._datagrams = 0
        self._last = -1  # sequence number of the newest request heard
        self._session: "Any" = None  # the HELLO's nonce, or the IDENTITY's nonce and boot_id
        self._answers: "list[Any]" = []  # [seq, code, payload, wire or None], newest last

    @property
    def dropped(self) -> int:
        """Broken frames so far."""
        return self._decoder.dropped

    def count_anew(self) -> None:
        """Broken frames count from here."""
        self._decoder.dropped = 0

    @property
    def idle(self) -> bool:
        """True when no request of ours waits or is in flight."""
        return self._flight is None and self._alarm is None and not self._line

    @property
    def next_ms(self) -> "int | None":
        """When data_to_send has something to repeat or receive something to give up; None when nothing is in flight."""
        sent = self._alarm or self._flight  # never both: an alarm empties the line and holds it back
        return sent[3] if sent else None

    def forget_peer(self) -> None:
        """The peer starts anew: its sequence numbers mean nothing any more."""
        self._last = -1
        self._answers = []

    def drop_requests(self) -> None:
        """Forget our requests that wait or are in flight; an urgent one stays."""
        self._line = []
        self._flight = None

    def ask(self, message: "Any") -> bool:
        """Put a request in line. False when the line is full and it was not taken."""
        kind = type(message)
        line = self._line
        index = len(line) if kind is not messages.Event else 0  # each event counts
        while index:
            index -= 1
            waiting = type(line[index])
            if waiting is kind:
                line[index] = message
                return True
            if kind not in LEVELS or waiting not in LEVELS:
                break
        if len(line) >= LINE_MAX:
            return False
        line.append(message)
        return True

    def urgent(self, now_ms: int, message: "Any") -> None:
        """Drop what waits and send this request now; it is repeated until it is answered. Asking again while it is changes nothing."""
        self.drop_requests()
        if self._alarm and self._alarm[1] == message:
            return
        self._alarm = self._make(now_ms, message, URGENT_MS)
        # The delimiter in front ends whatever half frame a dropped byte may have left at the far end.
        self._out = bytearray(b"\x00" + self._alarm[2])

    def tell(self, message: "Any") -> None:
        """Send a datagram once."""
        self._datagrams = (self._datagrams + 1) & 0xFF
        self._put(self._frame(self._datagrams, message))

    def answer(self, seq: int, message: "Any", sealed: bool = True) -> None:
        """Answer the request `seq`; kept for its repeats. Not `sealed`: it came without a tag, and so goes its answer."""
        wire = self._frame(seq, message, sealed)
        for kept in self._answers:
            if kept[0] == seq and kept[3] is None:
                kept[3] = wire
        self._put(wire)

    def receive(self, now_ms: int, data: bytes) -> "list[tuple[int, Any, Any]]":
        """Take bytes; give what they complete, and what is given up by now.

        Items: (REQUEST, seq, message), (ANSWER, our request, its answer), (DATAGRAM, seq, message), (LOST, our request, None).
        What came with a tag that is right has SEALED added to REQUEST or DATAGRAM.
        """
        items: "list[tuple[int, Any, Any]]" = []
        decoder = self._decoder
        if data:
            if now_ms - self._heard_ms > PAUSE_MS:
                decoder.pause()
            self._heard_ms = now_ms
            for code, seq, payload in decoder.feed(data):
                item = self._take(code, seq, payload)
                if item:
                    items.append(item)
        flight = self._flight
        if flight and flight[4] >= len(RETRY_MS) and now_ms >= flight[3]:
            self._flight = None
            items.append((LOST, flight[1], None))
        return items

    def data_to_send(self, now_ms: int) -> bytes:
        """The bytes that must go out now. Calling it again in the same instant gives nothing new."""
        alarm = self._alarm
        if alarm and now_ms >= alarm[3]:
            alarm[3] = now_ms + URGENT_MS
            self._put(b"\x00" + alarm[2])
        flight = self._flight
        if flight:
            if now_ms >= flight[3] and flight[4] < len(RETRY_MS):
                flight[3] = now_ms + RETRY_MS[flight[4]]
                flight[4] += 1
                self._put(flight[2])
        elif self._line and not alarm:
            self._flight = flight = self._make(now_ms, self._line.pop(0), RETRY_MS[0])
            self._put(flight[2])
        if not self._out:
            return b""
        out = bytes(self._out)
        self._out = bytearray()
        return out

    def _put(self, wire: bytes) -> None:
        if len(self._out) + len(wire) > OUT_MAX:
            self.unsent += 1  # whole frames only: half a frame would cost the next one, too
        else:
            self._out.extend(wire)

    def _frame(self, seq: int, message: "Any", sealed: bool = True) -> bytes:
        code = messages.code_of(message)
        payload = messages.pack(message)
        if sealed and self.lock is not None and self.lock.tags(type(message)):
            code += AUTHENTICATED
            payload = self.lock.seal.close(code, seq, payload)  # type: ignore[union-attr]
        return framing.encode(code, seq, payload)

    def _tags(self, message: "Any") -> bool:
        return self.lock is not None and self.lock.tags(type(message))

    def _make(self, now_ms: int, message: "Any", wait_ms: int) -> "list[Any]":
        self._seq = (self._seq + 1) & 0xFF
        return [self._seq, message, self._frame(self._seq, message), now_ms + wait_ms, 1, self._tags(message)]

    def _take(self, code: int, seq: int, payload: bytes) -> "tuple[int, Any, Any] | None":
        row = messages.BY_CODE.get(code)
        if row is None or not row.way & self.hears:
            if code >= AUTHENTICATED:
                return self._unseal(code, seq, payload)
            self._wonder(code, seq, row)
            return None
        try:
            message = messages.unpack(code, payload)
        except messages.BadMessage as bad:
            if row.make is messages.Stop:
                return (messages.REQUEST, seq, messages.Stop(0))  # even a mutilated STOP stops
            self.strange += 1
            if row.kind == messages.REQUEST:
                self._refuse(seq, code, bad.reason, bad.limit)
            return None
        if row.kind == messages.REQUEST:
            return self._filter(code, seq, payload, message)
        if row.kind == messages.ANSWER:
            return self._match(seq, message, False)
        return (messages.DATAGRAM, seq, message)

    def _unseal(self, code: int, seq: int, payload: bytes) -> "tuple[int, Any, Any] | None":
        """An authenticated frame. Its counter says whether it is new; sequence numbers only match answers to requests here."""
        lock = self.lock
        plain = code - AUTHENTICATED
        row = messages.BY_CODE.get(plain)
        heard = row is not None and row.way & self.hears
        if row and heard and row.make is messages.Stop:
            return (messages.REQUEST, seq, messages.Stop(payload[0] if payload else 0))  # stops whether the tag is right or not
        if lock is None or row is None or not heard or row.make in lock.untagged:
            self._wonder(code, seq, row if lock else None)
            return None
        proven = lock.seal
        counter = lock.proven(code, seq, payload)
        if not counter or not lock.seal:
            if row.kind == messages.REQUEST:
                self._refuse(seq, plain, messages.NOT_AUTHENTICATED, 0)
            return None
        if lock.seal is not proven:
            self.drop_requests()  # what waits is tagged with keys that are over, or not at all
            self._answers = []
        newer = lock.seal.newer(row.kind, counter)
        if newer <= 0:
            if not self._again(seq, code, payload) and newer:
                lock.replayed += 1
            return None
        try:
            message = messages.unpack(plain, payload[:-TRAILER])
        except messages.BadMessage as bad:
            self.strange += 1
            if row.kind == messages.REQUEST:
                self._put(self._frame(seq, messages.Nak(plain, bad.reason, bad.limit)))
            return None
        if row.kind == messages.ANSWER:
            return self._match(seq, message, True)
        if row.kind == messages.REQUEST:
            self._keep(seq, code, payload)
        return (row.kind + SEALED, seq, message)

    def _again(self, seq: int, code: int, payload: bytes) -> bool:
        """A repeat of what was answered is answered with the same bytes."""
        for kept in self._answers:
            if kept[0] == seq and kept[1] == code and kept[2] == payload:
                if kept[3]:
                    self._put(kept[3])
                return True
        return False

    def _keep(self, seq: int, code: int, payload: bytes) -> None:
        self._answers.append([seq, code, payload, None])
        if len(self._answers) > REMEMBERED:
            self._answers.pop(0)

    def _wonder(self, code: int, seq: int, row: "Any") -> None:
        self.strange += 1
        if row:
            return  # our own words: an echo
        if code not in self.unknown and len(self.unknown) < UNKNOWN_MAX:
            self.unknown.append(code)
        if self.hears == messages.TO_DEVICE:
            self._refuse(seq, code, messages.UNKNOWN_MESSAGE, 0)

    def _refuse(self, seq: int, code: int, reason: int, limit: int) -> None:
        # Not kept for repeats: refusing again is as good, and this number may belong to a request that was understood.
        self._put(framing.encode(NAK, seq, messages.pack(messages.Nak(code, reason, limit))))

    def _match(self, seq: int, message: "Any", sealed: bool) -> "tuple[int, Any, Any] | None":
        alarm = self._alarm
        flight = self._flight
        if alarm and alarm[0] == seq and messages.answers(alarm[1], message):
            self._alarm = None
            return (messages.ANSWER, alarm[1], message)
        if flight and flight[0] == seq and flight[5] == sealed and messages.answers(flight[1], message):
            self._flight = None
            if type(message) is messages.Identity:
                self._enter((message.nonce, message.boot_id))
            return (messages.ANSWER, flight[1], message)
        return None  # to a repeat that was answered already, or to somebody who had this line before

    def _filter(self, code: int, seq: int, payload: bytes, message: "Any") -> "tuple[int, Any, Any] | None":
        kind = type(message)
        if kind is messages.Stop:
            return (messages.REQUEST, seq, message)  # applied at every arrival
        lock = self.lock
        if kind is messages.Auth and lock is None:
            self._wonder(code, seq, None)
            return None
        if lock and lock.seal:
            # Beside a proven session anybody may say what is harmless to repeat; it must not disturb that session's order.
            return (messages.REQUEST, seq, message)
        if self._again(seq, code, payload):
            return None
        if kind is messages.Hello and self._enter(message.nonce):
            self.drop_requests()  # what happened before this session is none of its business
        elif self._last >= 0 and not 0 < (seq - self._last) & 0xFF < WINDOW:
            return None  # reordered, or a repeat from long ago
        self._last = seq
        self._keep(seq, code, payload)
        return (messages.REQUEST, seq, message)

    def _enter(self, session: "Any") -> bool:
        """The session that a HELLO or IDENTITY names; True when it is a new one."""
        if session == self._session:
            return False
        self._session = session
        self.forget_peer()
        return True
