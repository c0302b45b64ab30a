"""The gate: every temperature, pressure, ramp, time and dose passes here. The strictest of all layers wins, and says its name.

Layers give caps by the names of the wire's table (firmware_protocol.limits.CAPS) in the wire's whole units; questions and answers are
in °C, kPa, s, °C/min, kPa/s, CEM43, litres. Absolute caps are always a layer. It knows no person and no program: they come as layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, inf, isfinite

from firmware_protocol.limits import CAPS, LEAST

# whole units of the wire in one unit of the house
_SCALES = {"cdeg": 100, "cdeg/min": 100, "Pa": 1000, "Pa/s": 1000, "mCEM43": 1000, "ms": 1000, "permille": 1000, "s": 1, "dl": 10}
SCALE = {row[0]: _SCALES[row[1]] for row in CAPS}
_IS_LEAST = {row[0]: row[2] == LEAST for row in CAPS}


def natural(name: str, wire: int) -> float:
    """A cap's wire value in °C, kPa, s, °C/min, kPa/s, CEM43 or litres."""
    return wire / SCALE[name]


def wire(name: str, value: float) -> int:
    """A value in the wire's whole units, rounded to the safe side: down under an upper bound, up over a lower one."""
    scaled = round(value * SCALE[name], 6)  # 36.6 °C is 3660 cdeg, not 3659
    return ceil(scaled) if _IS_LEAST[name] else floor(scaled)


@dataclass(frozen=True, slots=True)
class Layer:
    """One set of caps. `complete` layers must name every cap: what they leave out is zero. Others are silent where they say nothing."""

    rule: str
    caps: Mapping[str, int]
    sources: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Cap:
    """The strictest value of one cap and whose it is. An upper bound nobody gives is 0, a lower bound nobody gives is infinite."""

    value: float
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what is given. `given` None: refused, the question is no number that anything may be set to.

    `rule` and `source` name what limited it; both are empty when nothing did.
    """

    asked: object
    given: float | None
    rule: str = ""
    source: str = ""

    @property
    def lowered(self) -> bool:
        """True unless what was asked is given in full."""
        return bool(self.rule)


ABSOLUTE = Layer("absolute", {row[0]: row[3] for row in CAPS}, {row[0]: row[4] for row in CAPS})


class Gate:
    """The layers of one session. Total: no question raises."""

    __slots__ = ("_caps", "layers")

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = (ABSOLUTE, *layers)
        self._caps = {name: self._strictest(name) for name in SCALE}

    def tightened(self, layer: Layer) -> Gate:
        """This gate with one more layer."""
        return Gate((*self.layers[1:], layer))

    def cap(self, name: str) -> Cap:
        """The strictest value of a cap; zero for a name that is no cap."""
        return self._caps.get(name) or Cap(0.0, "missing", f"there is no cap {name!r}, and a missing cap is zero")

    def most(self, name: str, asked: object) -> Answer:
        """At most the cap: the smaller of it and what is asked."""
        if _IS_LEAST.get(name, False):
            return Answer(asked, None, "missing", f"{name!r} is a lower bound, not an upper one")
        number = _number(asked)
        if number is None:
            return _not_a_number(asked)
        cap = self.cap(name)
        if number > cap.value:
            return Answer(asked, cap.value, cap.rule, cap.source)
        return Answer(asked, number)

    def least(self, name: str, asked: object) -> Answer:
        """At least the cap: the larger of it and what is asked. A missing lower bound refuses."""
        number = _number(asked)
        if number is None:
            return _not_a_number(asked)
        if not _IS_LEAST.get(name, False):
            return Answer(asked, None, "missing", f"{name!r} is not a lower bound")
        cap = self.cap(name)
        if cap.value == inf:
            return Answer(asked, None, cap.rule, cap.source)
        if number < cap.value:
            return Answer(asked, cap.value, cap.rule, cap.source)
        return Answer(asked, number)

    def limits(self) -> dict[str, int]:
        """Every cap at its strictest, in the wire's units, for SET_LIMITS. A lower bound that is missing is left out."""
        return {name: wire(name, cap.value) for name, cap in self._caps.items() if cap.value != inf}

    def _strictest(self, name: str) -> Cap:
        is_least = _IS_LEAST[name]
        best: Cap | None = None
        for layer in self.layers:
            value = layer.caps.get(name)
            if type(value) is int and value >= 0:  # bool, float and None are no caps
                cap = Cap(natural(name, value), layer.rule, layer.sources.get(name, ""))
            elif name in layer.caps or layer.complete:
                cap = Cap(inf if is_least else 0.0, layer.rule, "the cap is missing, and a missing cap is zero")
            else:
                continue
            if best is None or (cap.value > best.value if is_least else cap.value < best.value):
                best = cap
        assert best is not None  # the absolute layer has every name
        return best


def _number(asked: object) -> float | None:
    """A finite number from zero up, or None. NaN is refused before any comparison: every comparison with it is False."""
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return None
    try:
        number = float(asked)
    except OverflowError:
        return None
    return number if isfinite(number) and number >= 0 else None


def _not_a_number(asked: object) -> Answer:
    return Answer(asked, None, "not a number", "only finite numbers from zero up can be set")
