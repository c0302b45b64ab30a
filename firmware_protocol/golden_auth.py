"""The golden frames of a proven session: keys, proofs, tags, and what a device's end makes of frames that are old, bent or a stranger's.

Entries for vectors/auth.json; `golden` writes them. The key is an example: it opens no device. For a desk only.
"""

from firmware_protocol import auth, exchange, faults, framing, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

KEY = bytes(range(0xA0, 0xB0))
SERIAL = b"SIM-0001".ljust(12, b"\0")
BOOT_ID = 0xB007ED01
HOST_NONCE = bytes(range(0x10, 0x20))
DEVICE_NONCE = bytes(range(0xD0, 0xE0))
NONCE = 0xC0FFEE01
BIT = messages.AUTHENTICATED

# A controller's first words after the proof, each on its own: (name, to the device?, sequence number, message, counter)
SAID = (
    ("hello", True, 1, messages.Hello(1, 1, messages.CONTROLLER, NONCE), 1),
    ("get-caps", True, 3, messages.GetCaps(), 2),
    ("heartbeat", True, 1, messages.Heartbeat(9, 60200), 3),
    ("start-both", True, 4, messages.Start(3), 4),
    ("bath-38", True, 5, messages.SetBath(3800, 100, 1), 5),
    ("ack-of-an-event", True, 9, messages.Ack(0x21), 6),
    ("ack-bath", False, 5, messages.Ack(0x10), 1),
    ("nak-bath-too-warm", False, 6, messages.Nak(0x10, messages.OUT_OF_RANGE, 4100), 2),
    ("event-yes", False, 9, messages.Event(messages.YES, 0, 99999), 300),
)  # fmt: skip


def agreed() -> auth.Agreed:
    """The session of these vectors."""
    return auth.Agreed(KEY, SERIAL, BOOT_ID, HOST_NONCE, DEVICE_NONCE)


def tagged(seal: auth.Seal, seq: int, message: "Any") -> bytes:
    """The wire bytes of a message with the next counter and its tag."""
    code = messages.code_of(message) + BIT
    return framing.encode(code, seq, seal.close(code, seq, messages.pack(message)))


def at_counter(seal: auth.Seal, counter: int) -> auth.Seal:
    """The seal, about to say its frame number `counter`."""
    for _ in range(counter - 1):
        seal.close(0, 0, b"")
    return seal


def plain(message: "Any") -> "dict[str, Any]":
    """A message's fields as JSON has them."""
    row = messages.BY_MAKE[type(message)]
    return {name: value.hex() if type(value) is bytes else value for name, value in zip(row.names, message)}


def sessions() -> "Iterator[dict[str, Any]]":
    """What both ends make of a key: the session of the frames below, and how each part of it matters."""
    cases = (
        ("session", KEY, SERIAL, BOOT_ID, HOST_NONCE, DEVICE_NONCE),
        ("session-other-key", KEY[::-1], SERIAL, BOOT_ID, HOST_NONCE, DEVICE_NONCE),
        ("session-other-device", KEY, b"SIM-0002".ljust(12, b"\0"), BOOT_ID, HOST_NONCE, DEVICE_NONCE),
        ("session-after-restart", KEY, SERIAL, BOOT_ID + 1, HOST_NONCE, DEVICE_NONCE),
        ("session-nonces-swapped", KEY, SERIAL, BOOT_ID, DEVICE_NONCE, HOST_NONCE),
    )
    for name, *parts in cases:
        made = auth.Agreed(*parts)  # type: ignore[arg-type]
        key, serial, boot_id, host_nonce, device_nonce = parts
        yield {
            "name": name, "key": key.hex(), "serial": serial.hex(), "boot_id": boot_id,  # type: ignore[attr-defined]
            "host_nonce": host_nonce.hex(), "device_nonce": device_nonce.hex(),  # type: ignore[attr-defined]
            "to_device": made.to_device.hex(), "to_host": made.to_host.hex(), "proof": made.proof.hex(),
        }  # fmt: skip


def frames() -> "Iterator[dict[str, Any]]":
    """Frames with counter and tag."""
    for name, down, seq, message, counter in SAID:
        seal = at_counter(agreed().for_host() if down else agreed().for_device(), counter)
        wire = tagged(seal, seq, message)
        yield {
            "name": "frame-" + name, "way": "to_device" if down else "to_host", "type": messages.code_of(message) + BIT, "seq": seq,
            "message": type(message).__name__, "fields": plain(message), "counter": counter, "wire": wire.hex(),
        }  # fmt: skip


def byte_streams() -> "Iterator[tuple[str, bytes]]":
    """(name, bytes that a device's end hears after it gave its proof)."""
    host = agreed().for_host()
    hello = tagged(host, 1, SAID[0][3])
    lamp = tagged(host, 2, messages.SetLamp(2))
    beat = tagged(host, 1, messages.Heartbeat(9, 60200))
    other = tagged(host, 3, messages.SetLamp(3))
    untagged = framing.encode(0x12, 7, b"\x02")
    yield "proven", hello + lamp + beat + other
    yield "before-the-proof", lamp
    yield "only-hello-proves", tagged(agreed().for_host(), 1, messages.SetLamp(2)) + hello
    yield "hello-of-a-stranger", tagged(auth.Agreed(KEY[::-1], SERIAL, BOOT_ID, HOST_NONCE, DEVICE_NONCE).for_host(), 1, SAID[0][3]) + hello
    yield "repeat", hello + lamp + lamp
    yield "repeat-after-a-heartbeat", hello + beat + lamp + lamp
    yield "heartbeat-heard-twice", hello + beat + beat
    yield "replay-of-a-heartbeat", hello + beat + tagged(host, 2, messages.Heartbeat(10, 60400)) + beat
    yield "replay-from-long-ago", hello + lamp + b"".join([tagged(host, seq, messages.SetLamp(3)) for seq in range(4, 9)]) + lamp
    yield "overtaken", hello + other + lamp
    yield "sequence-numbers-have-no-order", hello + tagged(host, 200, messages.SetLamp(4)) + tagged(host, 4, messages.SetLamp(5))
    yield "reflected", hello + tagged(agreed().for_device(), 2, messages.SetLamp(2))
    yield "own-direction", hello + tagged(agreed().for_device(), 2, messages.Event(messages.YES, 0, 5))
    stranger = auth.Agreed(KEY[::-1], SERIAL, BOOT_ID, HOST_NONCE, DEVICE_NONCE).for_host()
    yield "another-key", hello + tagged(stranger, 2, messages.SetLamp(2))
    yesterday = auth.Agreed(KEY, SERIAL, BOOT_ID, DEVICE_NONCE, HOST_NONCE).for_host()
    yield "another-session", hello + tagged(yesterday, 2, messages.SetLamp(2))
    code, seq, body = framing.Decoder().feed(lamp)[0]
    yield "payload-changed", hello + framing.encode(code, seq, b"\x03" + body[1:])
    yield "counter-changed", hello + framing.encode(code, seq, body[:1] + b"\x63" + body[2:])
    yield "tag-changed", hello + framing.encode(code, seq, body[:-1] + bytes((body[-1] ^ 1,)))
    yield "tag-cut", hello + framing.encode(code, seq, body[:-1])
    yield "tag-missing", hello + framing.encode(code, seq, body[:1])
    yield "nothing-but-the-type", hello + framing.encode(code, seq, b"")
    yield "number-changed", hello + framing.encode(code, 9, body)
    yield "type-changed", hello + framing.encode(0x13 + BIT, seq, body)
    yield "bit-taken-away", hello + framing.encode(code - BIT, seq, body)
    yield "without-a-tag", hello + untagged + lamp + other
    yield "hello-without-a-tag", hello + framing.encode(0x01, 7, messages.pack(messages.Hello(1, 1, 1, 5))) + lamp
    yield "value-out-of-range", hello + framing.encode(code, seq, host.close(code, seq, b"\x07"))
    yield "payload-short", hello + framing.encode(code, seq, host.close(code, seq, b""))
    yield "heartbeat-short", hello + framing.encode(0x08 + BIT, seq, host.close(0x08 + BIT, seq, bytes(7)))
    yield "unknown-message", hello + framing.encode(0x40 + BIT, 2, host.close(0x40 + BIT, 2, b""))
    yield "auth-is-never-tagged", hello + tagged(host, 2, messages.Auth(HOST_NONCE))
    yield "stop-needs-no-tag", hello + framing.encode(0x14, 9, b"\x3d")
    yield "stop-with-a-wrong-tag", hello + framing.encode(0x14 + BIT, 9, b"\x3d" + bytes(12)) + framing.encode(0x14 + BIT, 9, b"")


def stream_entry(name: str, stream: bytes) -> "dict[str, Any]":
    """One line: what the device's end makes of the bytes, one at a time, when every request is answered at once as in streams.json."""
    end = exchange.Exchange(messages.TO_DEVICE)
    lock = end.lock = auth.Lock()
    lock.offered = agreed().for_device()
    heard = []
    out = b""
    for index in range(len(stream)):
        for kind, seq, message in end.receive(0, stream[index : index + 1]):
            sealed = kind >= exchange.SEALED
            heard.append({"message": type(message).__name__, "seq": seq, "tagged": sealed, "fields": plain(message)})
            if kind - exchange.SEALED * sealed == messages.REQUEST:
                answer = messages.Ack(messages.code_of(message))
                if type(message) is messages.Stop:
                    answer = messages.Stopped(0, 0, 0, 0, messages.LATCHED, faults.STOPPED)
                end.answer(seq, answer, sealed)
        out += end.data_to_send(0)
    return {
        "name": "stream-" + name, "in": stream.hex(), "heard": heard, "out": out.hex(), "dropped": end.dropped, "strange": end.strange,
        "forged": lock.forged, "replayed": lock.replayed,
    }  # fmt: skip


def entries() -> "list[dict[str, Any]]":
    """Every line of auth.json."""
    return [*sessions(), *frames(), *[stream_entry(*case) for case in byte_streams()]]
