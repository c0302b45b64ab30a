"""The thermostat on a basin of four heat stores, in floats: how well it holds, not how it is built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.device.body import Body
from firmware.device.thermostat import FULL_PM, Thermostat


class Basin:
    """Element 300 J/K at 25 W/K, water and vessel, 4.1 W/K to a room of 24 C, a sensor 8 s late, two feet of 3.5 kJ/K each."""

    def __init__(self, body: Body, celsius: float) -> None:
        self.watts = body.heater_w
        self.capacity = body.volume_dl * 418 + 1500
        self.water = self.element = self.sensor = celsius
        self.foot = 28.0
        self.feet = 0

    def second(self, duty_pm: int) -> int:
        for _ in range(5):
            gives = 25 * (self.element - self.water)
            takes = 20 * self.feet * (self.water - self.foot)
            self.element += 0.2 * (self.watts * duty_pm / 1000 - gives) / 300
            self.water += 0.2 * (gives - takes - 4.1 * (self.water - 24)) / self.capacity
            if self.feet:
                self.foot += 0.2 * (takes + 6 * (36.5 - self.foot)) / (3500 * self.feet)
            self.sensor += 0.2 * (self.water - self.sensor) / 8
        return round(self.sensor * 100)


def made(volume_dl: int = 50, heater_w: int = 500) -> Body:
    body = Body()
    body.volume_dl = volume_dl
    body.heater_w = heater_w
    return body


def settled(body: Body, start: float, cdeg: int) -> tuple[Basin, Thermostat, float]:
    basin = Basin(body, start)
    thermostat = Thermostat(body)
    thermostat.set(cdeg, 0, round(start * 100))
    peak = 0.0
    reading = round(start * 100)
    for _ in range(1800):
        duty = 0
        for _ in range(5):
            duty = thermostat.step(200, reading, basin.feet)
        reading = basin.second(duty)
        peak = max(peak, basin.water)
    return basin, thermostat, peak


@pytest.mark.parametrize(("volume_dl", "heater_w"), [(50, 500), (30, 500), (60, 500), (50, 300), (50, 800)])
@pytest.mark.parametrize(("start", "cdeg"), [(24.0, 3800), (34.0, 4000), (36.0, 3600)])
def test_overshoot_is_below_a_fifth_of_a_degree(volume_dl: int, heater_w: int, start: float, cdeg: int) -> None:
    basin, _, peak = settled(made(volume_dl, heater_w), start, cdeg)
    assert peak <= cdeg / 100 + 0.2
    assert basin.water == pytest.approx(cdeg / 100, abs=0.1)


@pytest.mark.parametrize("cdeg", [3600, 3800, 4000])
def test_back_in_band_within_90_s_after_feet_of_28_c(cdeg: int) -> None:
    body = made()
    basin, thermostat, _ = settled(body, 34.0, cdeg)
    basin.feet = 2
    reading = round(basin.sensor * 100)
    outside = 0
    peak = 0.0
    for second in range(600):
        duty = 0
        for _ in range(5):
            duty = thermostat.step(200, reading, 2)
        reading = basin.second(duty)
        if abs(basin.water - cdeg / 100) > 0.5:
            outside = second
        peak = max(peak, basin.water)
    assert outside <= 90
    assert peak <= cdeg / 100 + 0.2


@pytest.mark.parametrize(("first", "then", "ramp"), [(3600, 3800, 100), (3800, 3600, 50), (3600, 3650, 1)])
def test_the_setpoint_moves_at_its_rate(first: int, then: int, ramp: int) -> None:
    thermostat = Thermostat(made())
    thermostat.set(first, 0, 3600)
    thermostat.set(then, ramp, 3600)
    seconds = 0
    while thermostat.setpoint_cdeg != then:
        for _ in range(5):
            thermostat.step(200, thermostat.setpoint_cdeg, 0)
        seconds += 1
        assert abs(thermostat.setpoint_cdeg - first) <= ramp * seconds / 60
    assert seconds == pytest.approx(abs(then - first) * 60 / ramp, abs=1)


def test_from_no_heat_a_ramp_starts_at_the_water() -> None:
    thermostat = Thermostat(made())
    thermostat.set(3800, 100, 3500)
    assert thermostat.setpoint_cdeg == 3500
    thermostat.clear()
    thermostat.set(3800, 100, 3900)
    assert thermostat.setpoint_cdeg == 3800


def test_no_setpoint_no_heat() -> None:
    thermostat = Thermostat(made())
    assert thermostat.step(200, 1000, 2) == 0
    thermostat.set(3800, 0, 3000)
    assert thermostat.step(200, 3000, 0) == FULL_PM
    thermostat.set(0, 0, 3000)
    assert thermostat.step(200, 3000, 0) == thermostat.setpoint_cdeg == 0


def test_ramps_hold_the_water_close() -> None:
    body = made()
    basin, thermostat, _ = settled(body, 34.0, 3600)
    thermostat.set(3800, 100, 3600)
    reading = round(basin.sensor * 100)
    peak = off = 0.0
    for _ in range(400):
        duty = 0
        for _ in range(5):
            duty = thermostat.step(200, reading, 0)
        reading = basin.second(duty)
        peak = max(peak, basin.water)
        off = max(off, abs(basin.water - thermostat.setpoint_cdeg / 100))
    assert peak <= 38.2
    assert off <= 0.5


STEPS = st.tuples(st.integers(0, 4100), st.integers(0, 200), st.integers(-200, 7000), st.integers(0, 2), st.integers(0, 1000))


@given(st.lists(STEPS, max_size=50))
def test_duty_is_a_duty_whatever_happens(rows: list[tuple[int, int, int, int, int]]) -> None:
    thermostat = Thermostat(made())
    for target, ramp, water, feet, dt in rows:
        thermostat.set(target, ramp, water)
        assert 0 <= thermostat.step(dt, water, feet) <= FULL_PM
        assert thermostat.setpoint_cdeg <= 4100
