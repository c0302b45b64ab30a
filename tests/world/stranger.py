"""Somebody in range who has no key: says everything that the wire can say, plays back what the owner said, and races.

Knows no carrier: `say` gives bytes, `hear` takes them. The same stranger sits in the simulated world, at a socket and in the air.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from random import Random
from typing import Any

from firmware_protocol import auth, framing, limits, messages

M = messages
STOPS = (M.Stop,)
HEAT = (M.Start(3), M.SetBath(4100, 0, 1), M.SetMassage(3, 4, 1, 60_000, 20_000, 1000), M.SetLamp(M.LAMP_FEET_IN), M.Checked())


class Stranger:
    """`stops`: whether it says STOP, too, which anybody may. `heard`: everything that the device told it, as messages."""

    def __init__(self, seed: int, *, stops: bool = False, recorded: Sequence[bytes] = (), nonce: int | None = None) -> None:
        self.dice = Random(seed)
        self.stops = stops
        self.recorded = list(recorded)
        self.nonce = self.dice.getrandbits(32) if nonce is None else nonce
        self.heard: list[Any] = []
        self._decoder = framing.Decoder()
        self._seq = 0
        self._turn = 0
        self._uptime_ms = 0
        self._seal: auth.Seal | None = None

    def hear(self, data: bytes) -> None:
        """Bytes from the device. A PROOF is answered as if the key were all zeros."""
        for code, _, payload in self._decoder.feed(data):
            try:
                told = M.unpack(code, payload)
            except M.BadMessage:
                continue
            self.heard.append(told)
            if isinstance(told, M.Telemetry):
                self._uptime_ms = told.uptime_ms
            elif isinstance(told, M.Proof):
                made = auth.Agreed(bytes(16), b"SIM-0001", self.dice.getrandbits(32), self.dice.randbytes(16), told.nonce)
                self._seal = made.for_host()

    def frame(self, message: Any) -> bytes:
        """Without a tag."""
        self._seq = self._seq + 1 & 0xFF
        return framing.encode(M.code_of(message), self._seq, M.pack(message))

    def tagged(self, message: Any) -> bytes:
        """With a tag that looks like one."""
        self._seq = self._seq + 1 & 0xFF
        code = M.code_of(message) + M.AUTHENTICATED
        payload = M.pack(message)
        if self._seal is not None and self.dice.random() < 0.5:
            return framing.encode(code, self._seq, self._seal.close(code, self._seq, payload))
        return framing.encode(code, self._seq, payload + struct.pack("<I", self.dice.getrandbits(32)) + self.dice.randbytes(8))

    def anything(self) -> Any:
        """Any message of the table, with any values."""
        rows = [row for row in M.TABLE if self.stops or row.make not in STOPS]
        row = self.dice.choice(rows)
        values: list[Any] = []
        for low, high, size in row.bounds:
            values.append(self.dice.randbytes(size) if size else self.dice.choice((low, high, self.dice.randint(low, high))))
        if row.tail:
            values.append(self.dice.randbytes(row.tail * self.dice.randrange(4)))
        return row.make(*values)

    def say(self) -> bytes:
        """Some words: a hello now and then, what heats and presses, anything at all, a playback."""
        self._turn += 1
        dice = self.dice
        words = [self.frame(M.Hello(1, 1, dice.choice((M.CONTROLLER, M.CONTROLLER, M.OBSERVER)), self.nonce))] * (self._turn % 20 == 1)
        words.append(self.frame(M.Heartbeat(self._turn, self._uptime_ms)))
        for _ in range(3):
            message = dice.choice((dice.choice(HEAT), self.anything()))
            words.append(dice.choice((self.frame, self.frame, self.tagged))(message))
        if dice.random() < 0.2:
            words.append(self.frame(M.Auth(dice.randbytes(16))))
        if dice.random() < 0.1:
            loose = b"".join(struct.pack("<Bi", cap, 0x7FFFFFFF) for cap in range(len(limits.CAPS)))
            words.append(dice.choice((self.frame, self.tagged))(M.SetLimits(loose)))
        if self.recorded:
            words.append(dice.choice(self.recorded))
        if dice.random() < 0.1:
            bent = bytearray(words[-1])
            bent[dice.randrange(len(bent))] ^= 1 << dice.randrange(8)
            words.append(bytes(bent))
        return b"".join(words)
