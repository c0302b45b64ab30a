"""One direction of a byte carrier, good or bad: it can delay, split, lose, flip, repeat and overtake. Seeded, told the time.

Knows nothing of frames. Mischief happens to pieces: what one push brought, cut into at most `chunk` bytes. The same seed and the
same pushes give the same arrivals; copy.deepcopy gives an independent wire with the same future.
"""

from __future__ import annotations

from collections import deque
from random import Random

BYTE_S = 10 / 115200  # a byte at 115200 baud, start and stop bit included


class Wire:
    """`delay_s` for every piece, plus up to `jitter_s`; a stream keeps its order, so jitter alone never lets a piece overtake.

    `drop`, `flip`, `repeat`, `overtake` are chances from 0 to 1 for each piece: lost, one bit flipped, delivered twice, held back until
    the next piece has passed. `chunk` None leaves pushes whole and instant; else pieces follow each other at the pace of a serial line,
    so that a reader who comes at every `next_arrival` sees them one by one.
    """

    __slots__ = ("_dice", "_held", "_last", "_pieces", "_plain", "chunk", "delay_s", "drop", "flip", "jitter_s", "overtake", "repeat")

    def __init__(
        self,
        seed: int,
        delay_s: float = 0,
        jitter_s: float = 0,
        chunk: int | None = None,
        drop: float = 0,
        flip: float = 0,
        repeat: float = 0,
        overtake: float = 0,
    ) -> None:
        for name, chance in (("drop", drop), ("flip", flip), ("repeat", repeat), ("overtake", overtake)):
            if not 0 <= chance <= 1:
                raise ValueError(f"{name}={chance}: a chance is between 0 and 1")
        if not 0 <= delay_s < float("inf") or not 0 <= jitter_s < float("inf"):
            raise ValueError(f"delay_s={delay_s}, jitter_s={jitter_s}: times are finite and not negative")
        if chunk is not None and chunk < 1:
            raise ValueError(f"chunk={chunk}: a piece has at least one byte")
        self.delay_s = delay_s
        self.jitter_s = jitter_s
        self.chunk = chunk
        self.drop = drop
        self.flip = flip
        self.repeat = repeat
        self.overtake = overtake
        self._plain = not (delay_s or jitter_s or chunk or drop or flip or repeat or overtake)
        self._dice = Random(seed)
        self._pieces: deque[tuple[float, bytes]] = deque()  # (arrival, bytes), in order of arrival
        self._held = b""  # a piece that the next one overtakes
        self._last = 0.0  # arrival of the newest piece: nothing arrives before it

    @property
    def next_arrival(self) -> float | None:
        """When `pull` will next have something; None when nothing travels."""
        return self._pieces[0][0] if self._pieces else None

    def push(self, now: float, data: bytes) -> None:
        """Send bytes at `now`."""
        if not data:
            return
        if self._plain:
            self._pieces.append((now, data))
            return
        size = self.chunk or len(data)
        for start in range(0, len(data), size):
            self._send(now, data[start : start + size])

    def pull(self, now: float) -> bytes:
        """All bytes that have arrived by `now`."""
        pieces = self._pieces
        if not pieces or pieces[0][0] > now:
            return b""
        if len(pieces) == 1:
            return pieces.popleft()[1]
        arrived = []
        while pieces and pieces[0][0] <= now:
            arrived.append(pieces.popleft()[1])
        return b"".join(arrived)

    def _send(self, now: float, piece: bytes) -> None:
        dice = self._dice.random
        if dice() < self.drop:
            return
        if dice() < self.flip:
            at = int(dice() * len(piece) * 8)
            piece = piece[: at // 8] + bytes((piece[at // 8] ^ 1 << at % 8,)) + piece[at // 8 + 1 :]
        if dice() < self.overtake and not self._held:
            self._held = piece
            return
        pace = len(piece) * BYTE_S if self.chunk else 0.0
        arrival = max(self._last, now + self.delay_s + self.jitter_s * dice()) + pace
        self._last = arrival
        self._pieces.append((arrival, piece))
        if dice() < self.repeat:
            self._pieces.append((arrival, piece))
        if self._held:
            self._pieces.append((arrival, self._held))
            self._held = b""
