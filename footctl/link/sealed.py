"""A link to a device that may want proof of its key: another link in an envelope. Knows who has the keys, not where they are kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from firmware_protocol import auth, messages
from footctl.core.envelope import Envelope, Trouble
from footctl.errors import DeviceRefused
from footctl.link.transport import Link

# Serial number, IDENTITY's `simulator`, whether the device wants proof -> the keys that may be its own. DeviceRefused: not this one.
KeysOf = Callable[[str, int, bool], Sequence[bytes]]

PAIR_HINT = (
    "read it once over a cable: footctl device pair --port PORT; or type it from the device's label: "
    "footctl device pair --label, with the flags that name this device"
)


class Sealed:
    """`link`, on which the host behind it speaks plainly and the far end hears its tags. STOP goes past the envelope."""

    def __init__(self, link: Link, keys_of: KeysOf) -> None:
        self.name = link.name
        self.link = link
        self.envelope = Envelope()
        self._keys_of = keys_of

    def read(self, now: float) -> bytes:
        """What has arrived and is the device's. Raises LinkLost; DeviceRefused when there is no proof and nothing can begin."""
        data = self.link.read(now)
        if not data:
            return b""
        envelope = self.envelope
        host, device = envelope.inward(now, data)
        wanted = envelope.wanted
        if wanted is not None:
            serial = wanted.serial.rstrip(b"\0").decode("ascii", "replace")
            known = self._keys_of(serial, wanted.simulator, bool(wanted.features & messages.WANTS_PROOF))
            more, question = envelope.give(known, secrets.token_bytes(auth.NONCE_BYTES))
            host += more
            device += question
        if envelope.trouble is not None:
            raise refusal(envelope.trouble)
        if device:
            self.link.write(now, device)
        return host

    def write(self, now: float, data: bytes) -> None:
        """Hand over all of `data`, with its tags."""
        self.link.write(now, self.envelope.outward(data))

    def urgent(self, data: bytes) -> None:
        """STOP: it needs none."""
        self.link.urgent(data)

    def reach(self, now: float, deadline: float | None) -> float:
        """As the link."""
        return self.link.reach(now, deadline)

    def next_event(self) -> float | None:
        """As the link."""
        return self.link.next_event()

    async def readable(self, wait_s: float | None) -> None:
        """As the link."""
        await self.link.readable(wait_s)

    def ring(self) -> None:
        """As the link."""
        self.link.ring()

    def close(self) -> None:
        """Give the carrier back."""
        self.link.close()


def refusal(trouble: Trouble) -> DeviceRefused:
    """What a person is told."""
    serial = trouble.serial
    if trouble.kind == "no_key":
        return DeviceRefused(f"{serial} wants proof that you may control it, and this computer does not know its key", PAIR_HINT)
    if trouble.kind == "unproven":
        return DeviceRefused(
            f"what answers as {serial} cannot prove that it is the device that was paired",
            "somebody may stand between you and it: use a cable, or come closer. If its key was taken out: footctl device unpair",
        )
    if trouble.kind == "too_many":
        return DeviceRefused(
            f"{serial} lets nobody try for now: too many proofs were not its key's",
            f"wait {trouble.wait_ms / 1000:.0f} s; if that was not you, somebody near, or in your network, tries to get in",
        )
    return DeviceRefused(
        f"what answers as {serial} has another key than the one that was paired",
        "if it got a new key, pair it again: footctl device pair; if not, it is not your device, do not put your feet into it",
    )
