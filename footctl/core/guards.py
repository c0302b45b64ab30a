"""The host's simple guards: a cause that a sample shows, and how long it may last. Data, one row a guard.

Each waits a little longer than the device's own guard of the same number: a device in good health has latched by then and names the
first cause. What these find is found because the device's guard does not work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware_protocol import faults, limits
from footctl.core.dose import Pressed
from footctl.core.events import Sample

AFTER_S = 0.6  # three samples after the device's own time [ENG]
MIXED_S = 30.0  # the pump has mixed the water: before it, the two ends differ in good health [ENG]
DRIFT_KPA = 2.0  # an unloaded cell must read less [ENG]
LIFTED_S = 3.0  # without supply for so long, springs have lifted the rollers [ENG]
STILL_S = 60.0  # a reading that does not move by its last digit while it is heated [ENG]
STILL_DUTY = 0.2
SQUEEZED_S = 10.0  # F28
CAPS = ("water_differ_trip", "water_differ_off", "pressure_trip", "dwell", "heat_under_pressure", "pressure_max", "massage_foot")
RELEASED_KPA = limits.RELEASED_PA / 1000


class Guards:
    """Looks at each sample; `look` gives the first fault and a sentence, or None. `pressed`: what each zone has borne so far."""

    __slots__ = (
        "_differ_off_c", "_differ_trip_c", "_dwell_s", "_lifted_at", "_mixed_at", "_most_kpa_s", "_reading", "_rows", "_since",
        "_squeezed_at", "_still_at", "_timing", "_trip_kpa", "_warm_c", "pressed",
    )  # fmt: skip

    def __init__(self, now: float, caps: Mapping[str, int]) -> None:
        # A cap that is missing is zero.
        trip, off, hard, dwell, warm, most, time = (caps.get(name, 0) for name in CAPS)
        self._differ_trip_c, self._differ_off_c, self._warm_c = trip / 100, off / 100, warm / 100
        self._trip_kpa, self._dwell_s, self._most_kpa_s = hard / 1000, dwell / 1000, most / 1000 * time
        self._mixed_at = self._lifted_at = self._still_at = self._squeezed_at = now
        self._reading: tuple[float | None, float | None] = (None, None)
        self.pressed = Pressed()
        # fault, how long its cause may last, the cause, what to say
        self._rows: tuple[tuple[int, float, Callable[[float, Sample], bool], str], ...] = (
            (faults.SENSORS_DIFFER, 2.0, self._far_apart, "the two water sensors disagree"),
            (faults.SENSORS_DIFFER, 10.0, self._apart, "the heater is on although the two water sensors disagree"),
            (faults.LOW_WATER, 2.0, self._dry, "the heater is on with too little water over it"),
            (faults.SENSOR_STALE, 0.0, self._stands_still, "no water reading changes although the heater is on"),
            (faults.OVER_PRESSURE, 0.15, self._hard, "the roller presses harder than its trip limit"),
            (faults.CELL_OPEN, 0.5, self._unknown, "the roller has supply although a pressure is unknown"),
            (faults.CELL_DRIFT, LIFTED_S, self._drifted, "a pressure sensor without load does not read zero"),
            (faults.DWELL, 0.0, self._dwells, "the roller presses one spot for too long"),
            (faults.SESSION_OVER, 0.0, self._enough, "a foot was pressed as much as a session allows"),
            (faults.FOOT_ABSENT, 1.0, self._nobody, "the roller presses although no foot is there"),
            (faults.HEAT_UNDER_PRESSURE, 0.0, self._warm_squeeze, "the heater is on although the roller presses"),
        )
        self._since: list[float | None] = [None] * len(self._rows)
        self._timing = False  # a cause is there

    def look(self, now: float, sample: Sample) -> tuple[int, str] | None:
        """The newest sample."""
        if not sample.pump:
            self._mixed_at = now
        if sample.motor_enable:
            self._lifted_at = now
        self.pressed.add(now, sample.zone, sample.position_mm, sample.left_kpa, sample.right_kpa)
        water, water2 = sample.water_c, sample.water2_c
        if sample.heater_duty <= STILL_DUTY or (water, water2) != self._reading:
            self._reading = water, water2
            self._still_at = now
        pressure = sample.pressure_kpa
        if pressure is None or pressure <= RELEASED_KPA:
            self._squeezed_at = now
        if (
            self._timing
            or pressure is None
            or pressure > DRIFT_KPA
            or pressure > self._trip_kpa
            or not sample.level_ok
            or now - self._still_at >= STILL_S
            or self._worn
            or (water is not None and water2 is not None and abs(water - water2) > min(self._differ_trip_c, self._differ_off_c))
        ):
            return self._go_through(now, sample)
        return None

    def _go_through(self, now: float, sample: Sample) -> tuple[int, str] | None:
        """Every row: something looks odd, or did."""
        since = self._since
        timing = False
        for index, (fault, hold_s, cause, words) in enumerate(self._rows):
            begun = since[index]
            if not cause(now, sample):
                since[index] = None
                continue
            timing = True
            if begun is None:
                since[index] = now
            elif now - begun >= hold_s + AFTER_S:
                return fault, words
        self._timing = timing
        return None

    @property
    def _worn(self) -> bool:
        """A foot has borne the hardest pressure for the longest time that one foot may have."""
        borne = self.pressed.by_side
        return borne["left"] > self._most_kpa_s or borne["right"] > self._most_kpa_s

    # --- causes

    def _gap_c(self, now: float, sample: Sample) -> float:
        if sample.water_c is None or sample.water2_c is None or now - self._mixed_at < MIXED_S:
            return 0.0
        return abs(sample.water_c - sample.water2_c)

    def _far_apart(self, now: float, sample: Sample) -> bool:
        return self._gap_c(now, sample) > self._differ_trip_c

    def _apart(self, now: float, sample: Sample) -> bool:
        return sample.heater_duty > 0 and self._gap_c(now, sample) > self._differ_off_c

    def _dry(self, now: float, sample: Sample) -> bool:
        return sample.heater_enable and not sample.level_ok

    def _stands_still(self, now: float, sample: Sample) -> bool:
        return now - self._still_at >= STILL_S

    def _hard(self, now: float, sample: Sample) -> bool:
        pressure = sample.pressure_kpa
        return pressure is not None and pressure > self._trip_kpa

    def _unknown(self, now: float, sample: Sample) -> bool:
        return sample.motor_enable and sample.pressure_kpa is None

    def _drifted(self, now: float, sample: Sample) -> bool:
        pressure = sample.pressure_kpa
        unloaded = not sample.motor_enable and not sample.on_roller and not sample.in_bath and now - self._lifted_at >= LIFTED_S
        return unloaded and pressure is not None and pressure > DRIFT_KPA

    def _dwells(self, now: float, sample: Sample) -> bool:
        return sample.motor_enable and self.pressed.dwell_s > self._dwell_s

    def _enough(self, now: float, sample: Sample) -> bool:
        return sample.motor_enable and self._worn

    def _nobody(self, now: float, sample: Sample) -> bool:
        pressure = sample.pressure_kpa
        there = sample.on_roller or sample.in_bath
        return sample.motor_enable and not there and pressure is not None and pressure > RELEASED_KPA

    def _warm_squeeze(self, now: float, sample: Sample) -> bool:
        warm = sample.setpoint_c is not None and sample.setpoint_c > self._warm_c
        return warm and sample.heater_duty > 0 and now - self._squeezed_at >= SQUEEZED_S
