"""Counts into centi-degrees and pascals, with their quality. Knows the converter and the calibration, not what a reading leads to."""

from firmware_protocol import limits, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Body, Inputs

# An NTC of 10 k at 25 C with beta 3950 below 10 k, converted to 12 bits: centi-degrees at counts 768, 832 … 3200.
# Straight lines between them are within 0.03 C of the curve everywhere [CALC].
NTC_FIRST = 768
NTC_SHIFT = 6
# fmt: off
NTC_CDEG = (
    6210, 5929, 5668, 5425, 5195, 4978, 4772, 4575, 4386, 4204, 4029, 3859, 3695, 3535, 3378, 3225, 3075, 2928, 2783, 2640,
    2499, 2359, 2220, 2082, 1944, 1806, 1668, 1530, 1392, 1252, 1111, 968, 824, 677, 526, 373, 215, 53, -116,
)
# fmt: on
HOTTEST_COUNTS = 816  # limits.WATER_PLAUSIBLE_CDEG: fewer counts than at 60 C is a short
COLDEST_COUNTS = 3156  # more counts than at 0 C is an open sensor

SMOOTH = 3  # an eighth of the way at each reading: noise of 4 cdeg becomes one of 1
STALE_MS = 600  # two conversions of 0.3 s missed [ENG]
ZERO_PA = 2000  # an unloaded cell that is farther from zero has drifted (F19)

# Why a reading is implausible
FINE = 0
SHORT = 1
OPEN = 2


def ntc_cdeg(counts: int) -> int:
    """Centi-degrees for counts from HOTTEST_COUNTS to COLDEST_COUNTS."""
    at = (counts - NTC_FIRST) >> NTC_SHIFT
    low = NTC_CDEG[at]
    return low + (((NTC_CDEG[at + 1] - low) * (counts & 63) + 32) >> NTC_SHIFT)


class Sensors:
    """The newest readings.

    water1_cdeg, water2_cdeg   last good reading of each; water1_bad, water2_bad say why the newest is not good
    water_ok                   every sensor that the device has is good
    hottest_cdeg, mean_cdeg    over the good ones; water_gap_cdeg how far the two are apart
    left_pa, right_pa          contact pressure: the larger of a foot's two cells
    left_gap_pa, right_gap_pa  how far those two are apart
    cells_ok                   every cell inside its plausible range
    odd                        a cell may be wrong or loaded beyond `trip_pa`: worth a closer look
    offset_cdeg                the largest correction that calibration makes, either way
    apart_cdeg                 how far the first is above the second, smoothed; a start takes it for their offset
    """

    __slots__ = (
        "water1_cdeg", "water2_cdeg", "water1_bad", "water2_bad", "water_ok", "hottest_cdeg", "mean_cdeg", "water_gap_cdeg", "stale", "odd",
        "offset_cdeg", "trip_pa", "start_cdeg", "sample",
        "left_pa", "right_pa", "left_gap_pa", "right_gap_pa", "left_ok", "right_ok", "cells_ok", "two",
        "_offset1", "_offset2", "_calibrated", "_zero", "_scale", "_sample_ms", "_apart",
    )  # fmt: skip

    def __init__(self, body: "Body") -> None:
        self.two = body.features & messages.SECOND_SENSOR != 0
        self.water1_cdeg = self.water2_cdeg = self.hottest_cdeg = self.mean_cdeg = self.water_gap_cdeg = 0
        self.water1_bad = OPEN
        self.water2_bad = OPEN if self.two else FINE
        self.water_ok = self.cells_ok = self.left_ok = self.right_ok = False
        self.stale = self.odd = False
        self.trip_pa = limits.ABSOLUTE[limits.PRESSURE_TRIP]
        self.left_pa = self.right_pa = self.left_gap_pa = self.right_gap_pa = 0
        self._offset1, self._offset2 = body.water_offset_cdeg
        self.offset_cdeg = abs(self._offset1) + abs(self._offset2)
        self._calibrated = body.cell_zero
        self._zero = list(body.cell_zero)
        self._scale = body.cell_pa
        self.sample = -1
        self._sample_ms = 0
        self.start_cdeg = 0
        self._apart: "int | None" = None

    def count(self, now_ms: int, sample: int) -> int:
        """Note the converter's counter; gives how long ago it last advanced, in ms."""
        if sample != self.sample:
            self.sample = sample
            self._sample_ms = now_ms
            self.stale = False
            return 0
        age = now_ms - self._sample_ms
        self.stale = age >= STALE_MS
        return age

    def read_water(self, inputs: "Inputs") -> None:
        """Convert the water sensors."""
        counts = inputs.water1_adc
        if counts < HOTTEST_COUNTS:
            self.water1_bad = SHORT
        elif counts > COLDEST_COUNTS:
            self.water1_bad = OPEN
        else:
            self.water1_bad = FINE
            self.water1_cdeg = ntc_cdeg(counts) + self._offset1
        hottest = mean = self.water1_cdeg
        if self.two:
            counts = inputs.water2_adc
            if counts < HOTTEST_COUNTS:
                self.water2_bad = SHORT
            elif counts > COLDEST_COUNTS:
                self.water2_bad = OPEN
            else:
                self.water2_bad = FINE
                self.water2_cdeg = second = ntc_cdeg(counts) + self._offset2
                if self.water1_bad:
                    hottest = mean = second
                else:
                    mean = (hottest + second) >> 1
                    gap = hottest - second
                    if gap < 0:
                        hottest = second
                    gap -= self.start_cdeg
                    self.water_gap_cdeg = gap if gap >= 0 else -gap
        self.water_ok = not (self.water1_bad or self.water2_bad)
        self.hottest_cdeg = hottest
        self.mean_cdeg = mean

    def smooth(self) -> None:
        """Five times a second: how far the two sensors are apart, without most of the noise."""
        if self.water1_bad or self.water2_bad or not self.two:
            self._apart = None
            return
        apart = self.water1_cdeg - self.water2_cdeg << SMOOTH
        before = self._apart
        self._apart = apart if before is None else before + (apart - before >> SMOOTH)

    @property
    def apart_cdeg(self) -> int:
        """How far the first is above the second, smoothed; 0 where there is no second."""
        return (self._apart or 0) >> SMOOTH

    def read_cells(self, inputs: "Inputs") -> None:
        """Convert the load cells."""
        zero = self._zero
        scale = self._scale
        low, high = limits.PRESSURE_PLAUSIBLE_PA
        a = (inputs.left_a - zero[0]) * scale[0] // 1000
        b = (inputs.left_b - zero[1]) * scale[1] // 1000
        if a < b:
            a, b = b, a
        self.left_pa = a
        self.left_gap_pa = a - b
        self.left_ok = low <= b and a <= high
        a = (inputs.right_a - zero[2]) * scale[2] // 1000
        b = (inputs.right_b - zero[3]) * scale[3] // 1000
        if a < b:
            a, b = b, a
        self.right_pa = a
        self.right_gap_pa = a - b
        self.right_ok = low <= b and a <= high
        self.cells_ok = self.left_ok and self.right_ok
        self.odd = (
            not self.cells_ok
            or self.left_gap_pa > ZERO_PA
            or self.right_gap_pa > ZERO_PA
            or self.left_pa > self.trip_pa
            or a > self.trip_pa
        )

    def tare(self, inputs: "Inputs") -> None:
        """What the unloaded cells read now is zero. Only after `zeroed`."""
        self._zero = [inputs.left_a, inputs.left_b, inputs.right_a, inputs.right_b]

    def zeroed(self, inputs: "Inputs") -> bool:
        """True when all four cells read about their calibrated zero. Only means something while nothing presses."""
        counts = (inputs.left_a, inputs.left_b, inputs.right_a, inputs.right_b)
        for cell in range(4):
            if not -ZERO_PA <= (counts[cell] - self._calibrated[cell]) * self._scale[cell] // 1000 <= ZERO_PA:
                return False
        return True

    @property
    def quality(self) -> int:
        """Two bits each, as TELEMETRY has them: water 1, water 2, left cells, right cells."""
        if self.stale:
            return messages.STALE * 0x55 if self.two else messages.STALE * 0x51 | messages.ABSENT << 2
        bits = 0
        if self.water1_bad:
            bits = messages.IMPLAUSIBLE
        if not self.two:
            bits |= messages.ABSENT << 2
        elif self.water2_bad:
            bits |= messages.IMPLAUSIBLE << 2
        if not self.cells_ok:
            if not self.left_ok:
                bits |= messages.IMPLAUSIBLE << 4
            if not self.right_ok:
                bits |= messages.IMPLAUSIBLE << 6
        return bits
