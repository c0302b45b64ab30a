"""What a person's comfort teaches: how firm, where, with which technique; how warm. A lesson only ever lowers; a person raises it.

Pain and "softer" become lessons here, and lessons become a layer of the gate. Which day that was, and where it is kept, others know.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from footctl.core.caps import Gate, Layer, wire
from footctl.core.events import FOOT_SIDES, Sample
from footctl.core.plan import Step

REACTION_S = 3.0  # pain, a thought, a hand on the key; the roller moves on meanwhile [ENG]
PAIN_PART = 0.7  # of what hurt; two steps of comfort and a half below it, so that it is plainly felt as less [ENG]
COOLER_C = 1.0  # below the water that hurt: two steps of comfort [ENG]
CLEARLY = 1.3  # times as firm as the other foot: then it was probably this one [ENG]
LEAST_KPA = 3.0  # below this nothing is massaged any more: the zone is left alone [ENG]
SETTLED_S = 20.0  # a pressure that was borne for so long after the last "softer" is the one that is liked [ENG]
TOUCH_KPA = 1.0  # less than this is no contact: drift of a cell [ENG]
ANY = ""  # every technique; every zone
WATER = "water"  # the key of warmth
RULE = "learned"


class Felt(NamedTuple):
    """What was at the feet when it hurt. None: not known, or nothing there. `foot`, `zone`: where, as far as anybody can tell."""

    foot: str | None = None
    zone: str | None = None
    technique: str | None = None
    pressure_kpa: float | None = None
    water_c: float | None = None


class Lesson(NamedTuple):
    """At most `most` from now on: kPa on a zone of a foot with a technique, or °C where `key` is WATER. `why`: a few words."""

    key: str
    most: float
    why: str


def key(foot: str, zone: str, technique: str = ANY) -> str:
    """The name of a ceiling: left.heel.kneading; with a trailing dot for every technique."""
    return f"{foot}.{zone}.{technique}"


class Recent:
    """The last few seconds of readings."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Sample]] = deque()

    def add(self, now: float, sample: Sample) -> None:
        """A reading at `now`."""
        seen = self._seen
        seen.append((now, sample))
        while seen[0][0] < now - REACTION_S:
            seen.popleft()

    def felt(self, step: Step | None, where: str | None = None) -> Felt:
        """What the person felt just now. `where`: what they said of it ("left.heel", "heel", "left"), which counts more than the guess."""
        foot, zone = _said(where)
        press = step is not None and step.technique is not None
        peaks, zones = {"left": 0.0, "right": 0.0}, dict[str, str | None]()
        water = None
        for _, sample in self._seen:
            if sample.in_bath and sample.hottest_c is not None:
                water = sample.hottest_c if water is None else max(water, sample.hottest_c)
            for side, kpa in zip(FOOT_SIDES, (sample.left_kpa, sample.right_kpa), strict=True):
                if press and kpa is not None and kpa > max(peaks[side], TOUCH_KPA) and foot in (None, "both", side):
                    peaks[side], zones[side] = kpa, sample.zone
        firmer, other = sorted(peaks, key=lambda side: -peaks[side])
        peak = peaks[firmer]
        return Felt(
            foot=foot or (firmer if peak > CLEARLY * peaks[other] else None),
            zone=zone or zones.get(firmer),
            technique=step.technique if step is not None and press else None,
            pressure_kpa=peak or None,
            water_c=water,
        )


def _said(where: str | None) -> tuple[str | None, str | None]:
    foot = zone = None
    for word in (where or "").split("."):
        if word in (*FOOT_SIDES, "both"):
            foot = word
        elif word:
            zone = word
    return foot, zone


def from_pain(felt: Felt, step: Step | None) -> list[Lesson]:
    """What pain teaches: less there, whatever the technique; where nobody knows the place, on all that the step pressed; cooler water."""
    if felt.pressure_kpa is not None and step is not None:
        feet = step.feet if felt.foot in (None, "both") else (felt.foot,)
        zones = step.zones if felt.zone is None else (felt.zone,)
        most = round(PAIN_PART * felt.pressure_kpa, 1)
        why = f"pain at {felt.pressure_kpa:.0f} kPa"
        return [Lesson(key(foot, zone), most, why) for foot in sorted(feet) for zone in sorted(zones)]
    if felt.water_c is not None:
        return [Lesson(WATER, round(felt.water_c - COOLER_C, 1), f"pain in water of {felt.water_c:.1f} °C")]
    return []


class Softened:
    """Follows one massage step: was it made softer, and which pressure was borne from then on?"""

    __slots__ = ("_net", "_peak_kpa", "_since", "_until", "step")

    def __init__(self, step: Step) -> None:
        self.step = step
        self._net = 0
        self._since = self._until = 0.0
        self._peak_kpa = 0.0

    def press(self, now: float, by: int) -> None:
        """Softer (-1) or firmer (+1). What was felt before it does not count any more."""
        self._net += by
        self._since = self._until = now
        self._peak_kpa = 0.0

    def add(self, now: float, sample: Sample) -> None:
        """A reading."""
        self._until = now
        self._peak_kpa = max(self._peak_kpa, sample.left_kpa or 0.0, sample.right_kpa or 0.0)

    def lessons(self) -> list[Lesson]:
        """What it teaches at the end of the step: nothing unless it ended softer than planned, and was borne so for a while."""
        step, peak = self.step, self._peak_kpa
        if self._net >= 0 or step.technique is None or self._until - self._since < SETTLED_S:
            return []
        if not TOUCH_KPA < peak < step.pressure_to_kpa:
            return []
        why = f"softer was asked for; {peak:.0f} kPa was fine"
        most = round(max(peak, LEAST_KPA), 1)
        return [Lesson(key(foot, zone, step.technique), most, why) for foot in sorted(step.feet) for zone in sorted(step.zones)]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The lowest of the lessons that bear on a step."""

    most: float
    place: str
    why: str


class Ceilings:
    """What was learned of a person, for one plan. `told`: a sentence for each ceiling that made a difference, filled by whoever plans."""

    def __init__(self, most: Mapping[str, float], why: Mapping[str, str]) -> None:
        self._most = {name: _sane(value) for name, value in most.items()}
        self._why = why
        self.told: list[str] = []

    def spared(self, feet: Iterable[str], zones: Iterable[str], technique: str) -> frozenset[str]:
        """The zones where so little is allowed that they are left alone."""
        feet = tuple(feet)
        return frozenset(zone for zone in zones if (found := self._lowest(feet, (zone,), technique)) and found.most < LEAST_KPA)

    def pressing(self, gate: Gate, feet: Iterable[str], zones: Iterable[str], technique: str) -> Gate:
        """`gate` for a massage of these zones."""
        found = self._lowest(feet, zones, technique)
        if found is None or found.most >= gate.cap("pressure_max").value:
            return gate
        return gate.tightened(_layer("pressure_max", found))

    def soaking(self, gate: Gate) -> Gate:
        """`gate` for a soak."""
        if WATER not in self._most:
            return gate
        return gate.tightened(_layer("water_setpoint_max", Ceiling(self._most[WATER], WATER, self._why.get(WATER, ""))))

    def tell(self, source: str) -> None:
        """The source of an answer of the gate: when it came from here, the person hears of it once."""
        sentence = f"starting lower {source}"
        if sentence not in self.told:
            self.told.append(sentence)

    def _lowest(self, feet: Iterable[str], zones: Iterable[str], technique: str) -> Ceiling | None:
        zones = tuple(zones)
        places = [(foot, zone) for foot in sorted(feet) for zone in sorted(zones)]
        names = [(f"the {foot} {zone}", key(foot, zone, which)) for foot, zone in places for which in (technique, ANY)]
        found = [(self._most[name], place, name) for place, name in names if name in self._most]
        if not found:
            return None
        most, place, name = min(found)
        return Ceiling(most, place, self._why.get(name, ""))


def _layer(cap: str, ceiling: Ceiling) -> Layer:
    source = f"in {ceiling.place}" + (f" {ceiling.why}" if ceiling.why else "")
    return Layer(RULE, {cap: wire(cap, ceiling.most)}, {cap: source}, complete=False)


def _sane(value: float) -> float:
    """What is no sensible number allows nothing."""
    return max(0.0, float(value)) if isfinite(value) else 0.0
