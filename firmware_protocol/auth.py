"""Proof that the far end knows this device's key, without sending it: HMAC-SHA256, the keys of a session, tagged frames.

Both ends use the same code. Knows no link and no time and makes no random numbers: nonces are handed in. Every session has keys of its
own, one a direction, so that nothing from yesterday, from another device or from the other direction fits.
"""

import struct
from hashlib import sha256

from firmware_protocol import messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEY_BYTES = 16  # 128 bits
NONCE_BYTES = 16
PROOF_BYTES = 16
TAG_BYTES = 8  # a forger who sends 500 frames a second all year has one chance in 10^9 [CALC]
COUNTER_BYTES = 4
TRAILER_BYTES = COUNTER_BYTES + TAG_BYTES  # behind the payload of an authenticated frame; exchange.TRAILER
BLOCK = 64  # of SHA-256

# What each use of the key begins with; none is the beginning of another.
TO_DEVICE = b"footbath 1 key to device"
TO_HOST = b"footbath 1 key to host"
DEVICE_PROOF = b"footbath 1 device proof"


def pads(key: bytes) -> "tuple[bytes, bytes]":
    """The inner and the outer pad of a key: what HMAC hashes first, made once (RFC 2104)."""
    if len(key) > BLOCK:
        key = sha256(key).digest()
    key = key + bytes(BLOCK - len(key))
    return bytes([byte ^ 0x36 for byte in key]), bytes([byte ^ 0x5C for byte in key])


def mac(padded: "tuple[bytes, bytes]", data: bytes) -> bytes:
    """HMAC-SHA256 with a key that went through `pads`: 32 bytes."""
    return sha256(padded[1] + sha256(padded[0] + data).digest()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Are they equal? Takes as long whether they differ in the first byte or in the last."""
    if len(one) != len(other):
        return False
    differs = 0
    for index in range(len(one)):
        differs |= one[index] ^ other[index]
    return differs == 0


class Agreed:
    """What both ends make of the key, who they are and their nonces: a key a direction, and the device's proof."""

    def __init__(self, key: bytes, serial: bytes, boot_id: int, host_nonce: bytes, device_nonce: bytes) -> None:
        about = struct.pack("<12sI", serial, boot_id) + host_nonce + device_nonce
        padded = pads(key)
        self.to_device = mac(padded, TO_DEVICE + about)
        self.to_host = mac(padded, TO_HOST + about)
        self.proof = mac(padded, DEVICE_PROOF + about)[:PROOF_BYTES]

    def for_device(self) -> "Seal":
        """The device's end."""
        return Seal(self.to_host, self.to_device)

    def for_host(self) -> "Seal":
        """The host's end."""
        return Seal(self.to_device, self.to_host)


class Seal:
    """One end of a proven session. `close` tags what it says, `open` proves what it hears, `newer` tells new from old."""

    __slots__ = ("_ours", "_theirs", "_sent", "_heard")

    def __init__(self, ours: bytes, theirs: bytes) -> None:
        self._ours = pads(ours)
        self._theirs = pads(theirs)
        self._sent = 0
        self._heard = [0, 0, 0, 0]  # by kind: a repeated request may come after a later heartbeat

    def close(self, code: int, seq: int, payload: bytes) -> bytes:
        """Payload, counter and tag of the authenticated frame `code` (with its bit) that carries `payload`."""
        # The counter ends after 2^32 frames, longer than any uptime; one that began anew would be taken for a replay, and the link dies.
        self._sent = (self._sent + 1) & 0xFFFFFFFF
        body = payload + struct.pack("<I", self._sent)
        return body + mac(self._ours, bytes((code, seq)) + body)[:TAG_BYTES]

    def open(self, code: int, seq: int, sealed: bytes) -> int:
        """The counter of an authenticated frame, at least 1; 0 when the tag is not ours or there is none."""
        if len(sealed) < TRAILER_BYTES:
            return 0
        body = sealed[:-TAG_BYTES]
        if not same(mac(self._theirs, bytes((code, seq)) + body)[:TAG_BYTES], sealed[-TAG_BYTES:]):
            return 0
        counter: int = struct.unpack("<I", body[-COUNTER_BYTES:])[0]
        return counter

    def newer(self, kind: int, counter: int) -> int:
        """Above 0 for a counter above all that were heard with messages of this kind, and heard from now on; 0 for the last one again."""
        newer = counter - self._heard[kind]
        if newer > 0:
            self._heard[kind] = counter
        return newer


class Lock:
    """What is proven on one link, at one end. Only a HELLO turns what is `offered` into the `seal` that counts.

    `forged` counts frames whose tag was not right, `replayed` those that were said long before.
    """

    __slots__ = ("seal", "offered", "forged", "replayed")

    # STOP needs no proof. AUTH and PROOF make it. TELEMETRY is for everybody, and its frame has no room for a tag.
    untagged = (messages.Stop, messages.Stopped, messages.Auth, messages.Proof, messages.Telemetry)

    def __init__(self) -> None:
        self.seal: "Seal | None" = None
        self.offered: "Seal | None" = None
        self.forged = 0
        self.replayed = 0

    def tags(self, kind: "Any") -> bool:
        """Does a message of this type go out with a tag?"""
        return self.seal is not None and kind not in self.untagged

    def proven(self, code: int, seq: int, sealed: bytes) -> int:
        """The counter of an authenticated frame, or 0 when its tag is not right; counted where there is anything to prove it with."""
        counter = self.seal.open(code, seq, sealed) if self.seal else 0
        if not counter and self.offered and code == HELLO:
            counter = self.offered.open(code, seq, sealed)
            if counter:
                self.seal = self.offered
                self.offered = None
        if not counter and (self.seal or self.offered):
            self.forged += 1
        return counter


HELLO = messages.BY_MAKE[messages.Hello].code + messages.AUTHENTICATED
