"""Who talks to the device: up to four peers, each with its own exchange, and which of them is the controller.

A peer that is no cable can be anybody in range. What it must prove, and how often it may try, is here; what a proof is worth is the
requests' business.
"""

import struct

from firmware_protocol import auth, faults, limits, messages
from firmware_protocol.exchange import Exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.device.body import Body

PEERS = 4
TOLD_MS = limits.TELEMETRY_ENDS_MS
ALIVE_MS = limits.CONTROLLER_ALIVE_MS
NOISY_BEATS = limits.NOISY_MS // limits.TELEMETRY_MS

TRIES = 3  # proofs that may be begun without giving one; a host that is in the right needs one [ENG]
WAIT_MS = 1000  # then this long until the next one, twice as long each time [ENG]
DOUBLED = 4  # times at most
FORGET_MS = 60000  # without another try
LEAST_SEED = 16


class Link:
    """One peer. `greeted` after its HELLO; `told`: telemetry was sent since then; `noisy`: too much arrives broken.

    `guarded`: no cable, so what changes something needs a proof.
    """

    __slots__ = (
        "exchange", "guarded", "greeted", "role", "nonce", "heard_ms", "told", "turn", "noisy", "_dropped", "_at", "_keyed", "_asked",
        "_proof", "_tries", "_tried_ms", "_forged", "_replayed",
    )  # fmt: skip

    def __init__(self, guarded: bool, keyed: bool) -> None:
        self.guarded = guarded
        self._keyed = keyed
        self.role = self.nonce = self.heard_ms = 0
        self._tries = self._tried_ms = 0
        self.forget()

    def forget(self) -> None:
        """The carrier is gone. How often somebody tried to prove the key is not forgotten: connecting anew costs nothing."""
        self.exchange = Exchange(messages.TO_DEVICE)
        if self._keyed:
            self.exchange.lock = auth.Lock()
        self.greeted = self.told = False
        self.turn = -1
        self._asked = b""
        self._proof: "Any" = None
        self._forged = self._replayed = 0
        self.hush()

    def hush(self) -> None:
        """Broken frames count from here."""
        self.noisy = False
        self._dropped = [0] * NOISY_BEATS
        self._at = 0

    def listens(self, now_ms: int) -> bool:
        """Whether it said anything lately, so that telemetry and events are worth sending."""
        return now_ms - self.heard_ms <= TOLD_MS

    def listen(self) -> None:
        """Five times a second: how much arrived broken in the last two seconds."""
        dropped = self.exchange.dropped
        at = self._at
        self.noisy = dropped - self._dropped[at] > limits.NOISY_FRAMES
        self._dropped[at] = dropped
        self._at = at + 1 if at + 1 < NOISY_BEATS else 0

    # Proof

    @property
    def proven(self) -> bool:
        """True while the far end's tags count."""
        lock = self.exchange.lock
        return lock is not None and lock.seal is not None

    def wait_ms(self, now_ms: int) -> int:
        """How long until another proof may be begun."""
        if now_ms - self._tried_ms >= FORGET_MS:
            self._tries = 0
        if self._tries < TRIES:
            return 0
        return max(0, self._tried_ms + (WAIT_MS << min(self._tries - TRIES, DOUBLED)) - now_ms)

    def prove(self, now_ms: int, body: "Body", host_nonce: bytes, device_nonce: bytes) -> "Any":
        """The device's proof for the host that sent `host_nonce`; a HELLO tagged with the same keys will be that host's."""
        self._tries += 1
        self._tried_ms = now_ms
        agreed = auth.Agreed(body.key, body.serial, body.boot_id, host_nonce, device_nonce)
        self.exchange.lock.offered = agreed.for_device()  # type: ignore[union-attr]
        self._asked = host_nonce
        self._proof = messages.Proof(device_nonce, agreed.proof)
        return self._proof

    def proof_again(self, host_nonce: bytes) -> "Any":
        """The proof that was given to this nonce, while its host may still not have heard it; else None."""
        lock = self.exchange.lock
        return self._proof if lock and lock.offered and host_nonce == self._asked else None

    def welcome(self) -> None:
        """The far end gave its proof."""
        self._tries = 0

    def unseal(self) -> None:
        """A host at a cable begins without a proof: tags of an earlier one mean nothing any more."""
        lock = self.exchange.lock
        if lock and lock.seal:
            lock.seal = None
            self.exchange.forget_peer()
            self.exchange.drop_requests()

    def suspect(self, lock: "auth.Lock") -> int:
        """The fault that newly forged or replayed frames are; 0 without any."""
        fault = 0
        if lock.forged != self._forged:
            fault = faults.INTRUDER
        if lock.replayed != self._replayed:
            fault = faults.REPLAYED
        self._forged = lock.forged
        self._replayed = lock.replayed
        return fault


class Links:
    """All peers. `controller` is the one that may change things."""

    __slots__ = ("all", "controller", "_body", "_nonces")

    def __init__(self, body: "Body") -> None:
        keyed = len(body.key) == auth.KEY_BYTES and len(body.seed) >= LEAST_SEED
        self.all = tuple([Link(not body.cables >> number & 1, keyed) for number in range(PEERS)])
        self.controller: "Link | None" = None
        self._body = body
        self._nonces = 0

    def prove(self, link: "Link", now_ms: int, host_nonce: bytes) -> "Any":
        """The answer to AUTH: PROOF, or None when too many were begun and none was given."""
        again = link.proof_again(host_nonce)
        if again or link.wait_ms(now_ms):
            return again
        self._nonces += 1
        nonce = auth.mac(auth.pads(self._body.seed), struct.pack("<I", self._nonces))[: auth.NONCE_BYTES]
        return link.prove(now_ms, self._body, host_nonce, nonce)

    def greet(self, link: "Link", role: int, nonce: int) -> None:
        """A peer said HELLO."""
        if not link.greeted or link.nonce != nonce:
            link.exchange.drop_requests()
            link.hush()
            link.exchange.count_anew()  # TELEMETRY's counter stops at 255, and each session wants to see it move
            link.told = False
            link.turn = -1
        link.greeted = True
        link.role = role
        link.nonce = nonce

    def may_control(self, link: "Link", now_ms: int) -> bool:
        """True when nobody else is the controller, or the one who is has fallen silent."""
        controller = self.controller
        return controller is None or controller is link or now_ms - controller.heard_ms > ALIVE_MS

    def listening(self, now_ms: int) -> "list[Link]":
        """The peers that get telemetry and events now."""
        return [link for link in self.all if link.greeted and link.listens(now_ms)]

    def tell_event(self, now_ms: int, kind: int, value: int) -> None:
        """Let every listening peer know that something happened."""
        event: "Any" = messages.Event(kind, value, now_ms & 0xFFFFFFFF)
        for link in self.listening(now_ms):
            link.exchange.ask(event)
