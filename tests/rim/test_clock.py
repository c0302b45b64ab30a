"""Host time goes N times as fast as the wall, never back, and counts the machine's sleep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.run.clock import Clock


class Wall:
    """Two clocks: `awake` stands still in the machine's sleep."""

    def __init__(self) -> None:
        self.awake_s = 100.0
        self.slept_s = 7.0

    def awake(self) -> float:
        return self.awake_s

    def always(self) -> float:
        return self.awake_s + self.slept_s


def test_starts_at_zero_and_goes_n_times_as_fast() -> None:
    wall = Wall()
    clock = Clock(20, awake=wall.awake, always=wall.always)
    assert clock.now() == 0.0
    wall.awake_s += 1.5
    assert clock.now() == pytest.approx(30.0)
    assert clock.until(40.0) == pytest.approx(0.5)


def test_counts_the_sleep_of_the_machine() -> None:
    wall = Wall()
    clock = Clock(1, awake=wall.awake, always=wall.always)
    wall.awake_s += 1.0
    wall.slept_s += 3600.0
    assert clock.now() == pytest.approx(3601.0)
    assert clock.slept_s == pytest.approx(3600.0)


def test_a_world_that_waited_makes_it_slip() -> None:
    wall = Wall()
    clock = Clock(60, awake=wall.awake, always=wall.always)
    wall.awake_s += 10.0
    clock.slip(12.0)
    assert clock.now() == pytest.approx(12.0)
    wall.awake_s += 1.0
    assert clock.now() == pytest.approx(72.0)


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_refuses_a_speed_that_does_not_go_forward(speed: float) -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock(speed)


@given(st.lists(st.floats(0, 100), max_size=20), st.floats(0.1, 100))
def test_never_goes_back(steps: list[float], speed: float) -> None:
    wall = Wall()
    clock = Clock(speed, awake=wall.awake, always=wall.always)
    seen = [clock.now()]
    for step in steps:
        wall.awake_s += step
        seen.append(clock.now())
    assert seen == sorted(seen)


def test_the_machines_own_clocks_agree() -> None:
    clock = Clock()
    assert 0.0 <= clock.now() < 5.0
    assert clock.slept_s < 0.1
