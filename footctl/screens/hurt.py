"""After a pain press: where, how strong, or was it a mistake? One key an answer, no text to write. Everything is off by then.

Keys go in, one PainTold comes out. It knows no terminal and no session; a line a question is all that it needs of a screen.
"""

from __future__ import annotations

from footctl.core.events import PainTold
from footctl.core.pain import WORST
from footctl.core.view import View

WHERE, ZONE, SCORE = "where", "zone", "score"
SIDES = {b"l": "left", b"r": "right", b"b": "both"}
ZONE_KEYS = {b"t": "toes", b"b": "ball", b"a": "arch", b"h": "heel", b"k": "ankle"}
LEAVE_OUT = b"\r\n"
MISTAKE = b"m"
ALL = b"\x1bqs"  # say nothing at all


class Hurt:
    """The questions after a pain press. `told` None until it is over; then what was said, None of it included."""

    def __init__(self, guess: tuple[str | None, str | None] = (None, None), by: str = "key") -> None:
        self.told: PainTold | None = None
        self._guess = guess
        self._by = by
        self._step = WHERE
        self._side: str | None = None
        self._zone: str | None = None
        self._score: int | None = None

    @property
    def question(self) -> str:
        """What is asked now, with the keys that answer."""
        side, zone = self._guess
        if self._step == WHERE:
            usual = f"Enter {side}" if side else "Enter leaves it out"
            return f"Where did it hurt?  L left · R right · B both · {usual} · M a mistake"
        if self._step == ZONE:
            usual = f"Enter {zone}" if zone else "Enter leaves it out"
            return f"Which part of it?  T toes · B ball · A arch · H heel · K ankle · {usual} · M a mistake"
        shown = "–" if self._score is None else str(self._score)
        return f"How strong, 0 none to 10 worst?  [{shown}]  digits or + and - · Enter says it · M a mistake"

    def key(self, key: bytes) -> bool:
        """Take a key. False when it means nothing here."""
        key = key.lower()
        if self.told is not None:
            return False
        if key == MISTAKE:
            self.told = PainTold(mistake=True, by=self._by)
        elif key and key in ALL:
            self._finish()
        elif self._step == WHERE:
            return self._where(key)
        elif self._step == ZONE:
            return self._which(key)
        else:
            return self._how(key)
        return True

    def leave(self) -> None:
        """Nobody answers any more: what was said so far is all."""
        if self.told is None:
            self._finish()

    def _where(self, key: bytes) -> bool:
        if key not in SIDES and key not in (b"\r", b"\n"):
            return False
        self._side = SIDES.get(key, self._guess[0])
        self._step = ZONE
        return True

    def _which(self, key: bytes) -> bool:
        if key not in ZONE_KEYS and key not in (b"\r", b"\n"):
            return False
        self._zone = ZONE_KEYS.get(key, self._guess[1])
        self._step = SCORE
        return True

    def _how(self, key: bytes) -> bool:
        if key in (b"\r", b"\n"):
            self._finish()
        elif key.isdigit():
            ten = self._score == 1 and key == b"0"
            self._score = WORST if ten else int(key)
        elif key in (b"+", b"="):
            self._score = min(WORST, (self._score or 0) + 1)
        elif key in (b"-", b"_"):
            self._score = max(0, (self._score or 0) - 1)
        else:
            return False
        return True

    def _finish(self) -> None:
        where = ".".join(word for word in (self._side, self._zone) if word)
        self.told = PainTold(where or None, self._score, by=self._by)


def asks(view: View) -> bool:
    """The session stops, or has stopped, because something hurt."""
    return view.outcome is not None and view.outcome.kind == "pain"


def guess(before: View | None) -> tuple[str | None, str | None]:
    """Where it was most likely, from the view before the press: the foot with more pressure, the zone under the roller."""
    sample = before.sample if before is not None else None
    if sample is None or sample.zone is None or not sample.motor_enable:
        return None, None
    left, right = sample.left_kpa or 0.0, sample.right_kpa or 0.0
    if max(left, right) <= 0:
        return None, sample.zone
    side = "both" if min(left, right) > 0.7 * max(left, right) else "left" if left > right else "right"
    return side, sample.zone


def said(told: PainTold) -> str:
    """What was said, in one line."""
    if told.mistake:
        return "noted: it was a mistake, and nothing is learned from it"
    parts = [part for part in (told.where and told.where.replace(".", " "), None if told.score is None else f"{told.score} of 10") if part]
    return f"noted: {', '.join(parts)}" if parts else "noted: pain, nothing more was said"
