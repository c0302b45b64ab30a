"""The roller on the foot, tick by tick while its motors have supply: is the foot there, is it the right one, do the cells live, how long
has one spot been pressed. Drops or locks the massage, or names a fault; how hard it presses at most is judged elsewhere.
"""

from firmware.device.massage import SPOT_MM
from firmware_protocol import faults, limits, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Inputs, Outputs
    from firmware.device.massage import Massage
    from firmware.device.sensors import Sensors

ABSENT_MS = 100  # two samples: a foot that shifts its weight is still there [ENG]; F26 wants 0.5 s
SQUEEZE_MS = 10000  # heat under pressure (F28)
STILL_MS = 450  # F20 allows 0.5 s. Two live cells show the same numbers for nine scans once in ten thousand hours [CALC]
UNEVEN_MS = 900  # F27 allows 1 s
UNEVEN_PA = 10000
RECOVERS_MS = 10000  # a roller that backed off from a cell's bad reading comes back as slowly as it searches
LET_GO_MS = 800  # a roller that is driven up has let go by then: 8 mm at its slower speed, twice what any tissue yields [ENG]
UNEVEN = 3  # times: both feet are pressed alike, and what gives so little is no foot [ENG]


class Grip:
    """`absent`: a foot was missing; `locked_ms`: until when a spot is left alone; `squeezed`: pressed for too long for much heat."""

    __slots__ = (
        "absent", "locked_ms", "_caps", "_sensors", "_massage", "_absent_ms", "_squeeze_ms", "_spot_ms", "_spot_mm", "_uneven_ms",
        "_left_a", "_left_b", "_right_a", "_right_b", "_left_ms", "_right_ms",
    )  # fmt: skip

    def __init__(self, caps: "list[int]", sensors: "Sensors", massage: "Massage") -> None:
        self._caps = caps
        self._sensors = sensors
        self._massage = massage
        self.locked_ms = self._spot_mm = self._left_a = self._left_b = self._right_a = self._right_b = 0
        self.begin()

    def begin(self) -> None:
        """A new session, or a cleared latch."""
        self._squeeze_ms = self._spot_ms = self._uneven_ms = self._left_ms = self._right_ms = 0
        self.asked()

    def asked(self) -> None:
        """The host asked for a massage anew: a foot that was missing is forgotten."""
        self.absent = False
        self._absent_ms = 0

    @property
    def squeezed(self) -> bool:
        """A foot has been under pressure for so long that no warmth may come with it."""
        return self._squeeze_ms >= SQUEEZE_MS and self._massage.busy

    def step(self, now_ms: int, dt_ms: int, inputs: "Inputs", out: "Outputs", feet_on_roller: int) -> int:
        """One tick; gives a fault or 0. `out` is what was commanded until now."""
        massage = self._massage
        sensors = self._sensors
        if massage.feet & ~feet_on_roller:
            self._absent_ms += dt_ms
            if self._absent_ms >= ABSENT_MS:
                massage.drop()
                self.absent = True
        else:
            self._absent_ms = 0
        left = sensors.left_pa
        right = sensors.right_pa
        most = left if left > right else right
        if most > limits.RELEASED_PA:
            self._squeeze_ms += dt_ms
        else:
            self._squeeze_ms = 0
        away = inputs.carriage_mm - self._spot_mm
        if away >= SPOT_MM or away <= -SPOT_MM:
            self._spot_mm = inputs.carriage_mm
            self._spot_ms = 0
        if most > limits.CONTACT_PA:
            self._spot_ms += dt_ms
            dwelt = self._spot_ms >= self._caps[limits.DWELL]
            if massage.held_ms >= LET_GO_MS and (dwelt or not massage.feet):
                return faults.STALLED  # lifted, and it presses: what lifts it without supply is the spring
            if dwelt:
                self._lock(now_ms, inputs.carriage_mm)
        elif self._spot_ms:
            # Relief counts back as fast as pressure counts up: short pulses on one spot add up.
            self._spot_ms = max(self._spot_ms - dt_ms, 0)
        uneven = self._uneven_ms + dt_ms
        if not sensors.cells_ok:
            uneven = -RECOVERS_MS
        elif uneven > 0 and not (most > UNEVEN_PA and UNEVEN * (left if left < right else right) < most and massage.holds_both):
            uneven = 0
        self._uneven_ms = uneven
        if uneven >= UNEVEN_MS:
            return faults.SECOND_OBJECT
        return faults.CELL_OPEN if self._still(dt_ms, inputs, out) else 0

    def _lock(self, now_ms: int, carriage_mm: int) -> None:
        massage = self._massage
        self.locked_ms = now_ms + self._caps[limits.DWELL_OFF]
        zone = massage.under(carriage_mm)
        massage.lock(massage.zone if zone == messages.NO_ZONE else zone, self.locked_ms)
        self._spot_ms = self._caps[limits.DWELL] - LET_GO_MS

    def _still(self, dt_ms: int, inputs: "Inputs", out: "Outputs") -> bool:
        """Both cells of a foot show the very same while its motor moves."""
        if inputs.left_a != self._left_a or inputs.left_b != self._left_b:
            self._left_a = inputs.left_a
            self._left_b = inputs.left_b
            self._left_ms = 0
        elif out.left_um_s:
            self._left_ms += dt_ms
        if inputs.right_a != self._right_a or inputs.right_b != self._right_b:
            self._right_a = inputs.right_a
            self._right_b = inputs.right_b
            self._right_ms = 0
        elif out.right_um_s:
            self._right_ms += dt_ms
        return self._left_ms >= STILL_MS or self._right_ms >= STILL_MS
