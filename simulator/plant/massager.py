"""The rollers: a carriage along both feet and a press axis for each, on tissue that stiffens and relaxes.

The motors follow their command within a step. While their driver has no supply a spring lifts the rollers. Positions in mm,
pressures in kPa. Knows nothing of load cells or of who commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

from simulator.describe import RollerSpec, TissueSpec

IDLE_MA = 60  # the driver alone [ENG]
MOVING_MA = 250  # a motor that moves freely [ENG]
KPA_MA = 8  # more for each kPa under a roller [ENG]
STALL_MA = 2500  # against an end stop or the mechanical limit [ENG]


class Tissue:
    """Properties by millimetre along the foot, straight lines between the middles of the zones. Never changes, so copies share it."""

    def __init__(self, zones: Mapping[str, TissueSpec], length_mm: int) -> None:
        rows = list(zones.values())
        self.contact = tuple(_along(rows, mm, "contact_mm") for mm in range(length_mm + 1))
        self.stiffness = tuple(_along(rows, mm, "kpa_mm") for mm in range(length_mm + 1))
        self.stiffens = tuple(_along(rows, mm, "stiffens") for mm in range(length_mm + 1))
        self.relaxes = tuple(_along(rows, mm, "relaxes") for mm in range(length_mm + 1))
        self.relax_s = tuple(_along(rows, mm, "relax_s") for mm in range(length_mm + 1))

    def __deepcopy__(self, memo: object) -> Tissue:
        return self


class _Shared(tuple[tuple[float, float], ...]):
    """Numbers that never change: copies of a world share them."""

    __slots__ = ()

    def __deepcopy__(self, memo: object) -> _Shared:
        return self


def _along(rows: list[TissueSpec], mm: int, name: str) -> float:
    before = value = 0.0
    for number, row in enumerate(rows):
        middle = (row.from_mm + row.to_mm) / 2
        last = value
        value = float(getattr(row, name))
        if mm <= middle:
            return value if number == 0 else last + (value - last) * (mm - before) / (middle - before)
        before = middle
    return value


class Press:
    """One press axis: `travel_mm` from lifted, `kpa` on the foot. `stalled` when it pushes and cannot move."""

    __slots__ = ("travel_mm", "kpa", "speed_mm_s", "stalled", "_elastic", "_slow")

    def __init__(self) -> None:
        self.travel_mm = 0.0
        self.kpa = 0.0
        self.speed_mm_s = 0.0  # commanded, + presses
        self.stalled = False
        self._elastic = 0.0  # what the spring alone gives
        self._slow = 0.0  # the part of it that has not relaxed yet

    def lift(self) -> None:
        """No foot under it: nothing presses, nothing is remembered."""
        self.kpa = self._elastic = self._slow = 0.0


class Massager:
    """`driven` is the motor driver's supply; `on_roller` which feet stand there (left, right)."""

    __slots__ = (
        "spec", "tissue", "step_s", "driven", "carriage_mm", "carriage_mm_s", "left", "right", "on_roller", "firmness", "lump_mm",
        "_at_end", "_fade",
    )  # fmt: skip

    def __init__(self, spec: RollerSpec, tissue: Tissue, *, firmness: float = 1.0, step_s: float = 0.05) -> None:
        self.spec = spec
        self.tissue = tissue
        self.step_s = step_s
        self.firmness = firmness  # of this person's feet against the description's
        self.lump_mm = 0.0  # what lies between roller and foot
        self.driven = False
        self.carriage_mm = 0.0
        self.carriage_mm_s = 0.0
        self.left = Press()
        self.right = Press()
        self.on_roller = [False, False]
        self._at_end = False
        # What is left of a relaxing force after a step and after half of one, by millimetre.
        self._fade = _Shared((exp(-step_s / relax_s), exp(-step_s / relax_s / 2)) for relax_s in tissue.relax_s)

    @property
    def at_rest(self) -> bool:
        """Lifted, unpowered: a step would change nothing."""
        return not (self.driven or self.left.travel_mm or self.right.travel_mm or self.left.kpa or self.right.kpa)

    @property
    def motor_ma(self) -> int:
        """What the driver draws now."""
        if not self.driven:
            return 0
        left, right = self.left, self.right
        if left.stalled or right.stalled or self._at_end:
            return STALL_MA
        current = IDLE_MA + (MOVING_MA if self.carriage_mm_s else 0)
        for press in (left, right):
            if press.speed_mm_s:
                current += MOVING_MA + int(KPA_MA * press.kpa)
        return current

    def put_foot(self, side: int, on_roller: bool) -> None:
        """Side 0 is left, 1 right."""
        self.on_roller[side] = on_roller
        if not on_roller:
            (self.left, self.right)[side].lift()

    def step(self) -> None:
        """Advance by step_s."""
        if self.driven and self.carriage_mm_s:
            spec = self.spec
            speed = self.carriage_mm_s
            if speed > spec.carriage_mm_s:
                speed = spec.carriage_mm_s
            elif speed < -spec.carriage_mm_s:
                speed = -spec.carriage_mm_s
            at = self.carriage_mm + speed * self.step_s
            self._at_end = not 0.0 <= at <= spec.carriage_mm
            self.carriage_mm = at if not self._at_end else 0.0 if at < 0.0 else spec.carriage_mm
        else:
            self._at_end = False
        self._press(self.left, self.on_roller[0])
        self._press(self.right, self.on_roller[1])

    def _press(self, press: Press, foot: bool) -> None:
        spec = self.spec
        before = press.travel_mm
        if self.driven:
            speed = press.speed_mm_s
            if speed > spec.press_mm_s:
                speed = spec.press_mm_s
            elif speed < -spec.press_mm_s:
                speed = -spec.press_mm_s
        else:
            speed = -spec.spring_mm_s
        travel = before + speed * self.step_s
        press.stalled = False
        if travel <= 0.0:
            travel = 0.0
        elif travel >= spec.press_mm:
            press.stalled = speed > 0.0
            travel = spec.press_mm
        if not foot:
            press.travel_mm = travel
            return
        tissue = self.tissue
        at = int(self.carriage_mm)
        deep = travel - tissue.contact[at] + self.lump_mm
        if deep <= 0.0 and press.kpa == 0.0 and press._slow == 0.0:
            press.travel_mm = travel
            press._elastic = 0.0
            return
        elastic = 0.0
        if deep > 0.0:
            elastic = self.firmness * tissue.stiffness[at] * deep * (1.0 + 0.5 * tissue.stiffens[at] * deep)
        part = tissue.relaxes[at]
        fade, half_fade = self._fade[at]
        # Standard linear solid; the change counts from the middle of the step, so the step's size hardly matters.
        slow = press._slow * fade + part * (elastic - press._elastic) * half_fade
        kpa = (1.0 - part) * elastic + slow
        if kpa > spec.limit_kpa and travel > before:
            # The drive slips where it reaches its limit; on tissue that stiffens the chord never overshoots.
            press.stalled = True
            travel = before + (travel - before) * max(0.0, spec.limit_kpa - press.kpa) / (kpa - press.kpa)
            deep = max(0.0, travel - tissue.contact[at] + self.lump_mm)
            elastic = self.firmness * tissue.stiffness[at] * deep * (1.0 + 0.5 * tissue.stiffens[at] * deep)
            slow = press._slow * fade + part * (elastic - press._elastic) * half_fade
            kpa = min(spec.limit_kpa, (1.0 - part) * elastic + slow)
        elif kpa > spec.limit_kpa:
            kpa = spec.limit_kpa  # pushed from the other side: the drive gives way
        press.travel_mm = travel
        press._elastic = elastic
        press._slow = slow if abs(slow) > 1e-6 or elastic else 0.0
        press.kpa = kpa if kpa > 0.0 else 0.0
