"""Cells that do not live, feet that are not alike: found within their times, at the roller's own pace."""

from __future__ import annotations

import pytest

from firmware.device import massage
from firmware.device.massage import HOLD, LIFT
from firmware_protocol import faults, limits, messages
from tests.device.rig import CALM_PA, Rig

M = messages
CELLS = ("left_a", "left_b", "right_a", "right_b")
FIRST_MM = 105  # where kneading of the arch begins


def live(rig: Rig, *cells: str) -> Rig:
    """These cells show a noise of a count from now on."""
    before = rig.tick

    def tick(advance: bool = True) -> object:
        for number, cell in enumerate(cells):
            setattr(rig.inputs, cell, getattr(rig.inputs, cell) + (1 if (rig.now // 50 + number) & 1 else -1))
        return before(advance)

    rig.tick = tick  # type: ignore[assignment, method-assign]
    return rig


def searching(*cells: str) -> Rig:
    """Both rollers on their way down, with these cells alive."""
    rig = live(Rig().knead(), *cells)
    rig.put(carriage_mm=FIRST_MM)
    for _ in range(3):
        rig.tick()
    assert rig.out.left_um_s > 0
    assert rig.out.right_um_s > 0
    return rig


@pytest.mark.parametrize(("alive", "fault"), [(CELLS, 0), (CELLS[1:3], 0), (CELLS[2:], 20), (CELLS[:2], 20), ((), 20)])
def test_cells_that_show_the_same_while_their_motor_moves(alive: tuple[str, ...], fault: int) -> None:
    rig = searching(*alive)
    for _ in range(6):
        rig.tick()
    assert rig.device.cause == 0
    for _ in range(3):
        rig.tick()
    assert rig.device.cause == fault
    assert rig.off == bool(fault)


def test_cells_may_stand_still_while_nothing_moves() -> None:
    rig = Rig().knead()
    rig.put(carriage_mm=60)  # on its way to the arch, and never there
    rig.pass_ms(5000)
    assert rig.out.left_um_s == 0
    assert rig.device.cause == 0


def test_a_carriage_that_is_driven_and_stays_latches_a_stall() -> None:
    rig = Rig().knead()
    rig.jams = True
    rig.put(carriage_mm=60)
    rig.pass_ms(1000)
    assert rig.device.cause == 0
    assert rig.out.carriage_um_s == 40000
    rig.pass_ms(100)
    assert (rig.device.cause, rig.device.first_cause.fault) == (faults.STALLED, faults.STALLED)
    assert rig.off
    rig.put(carriage_mm=90)
    rig.pass_ms(5000)
    assert rig.device.cause == faults.STALLED


def test_a_roller_that_is_driven_up_and_stays_latches_with_the_dwell() -> None:
    rig = holding(12000, 12000)
    rig.jams = True
    rig.limit({limits.DWELL: 5000})
    rig.device.massage._lift()
    grip = rig.device.supervisor.grip
    for _ in range((4950 - grip._spot_ms) // 50):
        rig.tick()
    assert grip._spot_ms == 4950
    assert rig.device.cause == 0
    assert rig.device.massage.busy
    rig.tick()
    assert (rig.device.cause, rig.off) == (faults.STALLED, True)


def test_a_roller_that_nobody_asks_for_and_that_stays_latches_at_once() -> None:
    rig = holding(12000, 12000)
    rig.jams = True
    rig.do(M.Release())
    rig.device.massage.held_ms = 0
    for _ in range(16):
        rig.tick()
    assert rig.device.cause == 0
    rig.tick()
    assert (rig.device.cause, rig.off) == (faults.STALLED, True)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_foot_that_comes_back_under_a_roller_that_hangs_is_seen(side: str) -> None:
    rig = holding(12000, 12000)
    rig.jams = True
    rig.do(M.Release())
    rig.put(left_a=0, left_b=0, right_a=0, right_b=0)
    rig.pass_ms(1000)
    assert not rig.device.massage.busy
    rig.put(**{side + "_a": 12000 // CALM_PA, side + "_b": 12000 // CALM_PA})
    rig.pass_ms(800)
    assert rig.device.cause == 0
    rig.pass_ms(300)
    assert (rig.device.cause, rig.off) == (faults.STALLED, True)


def test_a_stroke_that_does_not_end_is_ended_and_its_zone_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(massage, "DWELL_PART_PM", 1_000_000)
    rig = holding(20000, 20000)
    rig.limit({limits.DWELL: 5000})
    grip = rig.device.supervisor.grip
    for _ in range((4950 - grip._spot_ms) // 50):
        rig.tick()
    assert grip._spot_ms == 4950
    assert rig.device.massage.stage == HOLD
    rig.pass_ms(250)
    assert rig.device.massage.stage == LIFT
    assert rig.device.supervisor.held == faults.DWELL
    rig.press(0)
    rig.pass_ms(9500)
    assert rig.device.massage.stage == LIFT
    assert rig.device.cause == 0


def test_a_cell_out_of_its_range_stops_the_press_at_once() -> None:
    rig = searching(*CELLS)
    rig.put(left_a=-120, left_b=-120, right_a=-120, right_b=-120)
    rig.tick()
    assert (rig.out.left_um_s, rig.out.right_um_s) == (0, 0)
    for _ in range(3):
        rig.tick()
    assert rig.device.cause == 0
    rig.tick()
    assert rig.device.cause == faults.CELL_OPEN


def holding(left_pa: int, right_pa: int) -> Rig:
    """In the hold of a stroke, with so much under each roller."""
    rig = searching(*CELLS)
    rig.device.massage.stage = HOLD
    rig.device.massage._wait_ms = 1_000_000
    rig.put(left_a=left_pa // CALM_PA, left_b=left_pa // CALM_PA, right_a=right_pa // CALM_PA, right_b=right_pa // CALM_PA)
    return rig


@pytest.mark.parametrize(
    ("left_pa", "right_pa", "fault"),
    [(12000, 2000, 27), (2000, 12000, 27), (12000, 6000, 0), (9000, 500, 0)],
)
def test_two_feet_that_give_very_unlike_forces(left_pa: int, right_pa: int, fault: int) -> None:
    rig = holding(left_pa, right_pa)
    for _ in range(16):
        rig.tick()
    assert rig.device.cause == 0
    for _ in range(3):
        rig.tick()
    assert rig.device.cause == fault


def test_a_roller_that_backed_off_from_a_bad_reading_may_come_back() -> None:
    rig = holding(12000, 12000)
    rig.put(left_a=2000)
    rig.pass_ms(100)
    rig.put(left_a=0, left_b=0)
    rig.device.massage.stage = HOLD
    rig.pass_ms(5000)
    assert rig.device.cause == 0


def test_one_foot_alone_is_like_no_other() -> None:
    rig = holding(12000, 0)
    rig.device.massage.feet = M.LEFT
    rig.pass_ms(2000)
    assert rig.device.cause == 0


def test_pressure_that_has_ended_lets_the_heat_come_back() -> None:
    rig = Rig().heat(4100)
    rig.put(presence=M.ROLLER_LEFT | M.ROLLER_RIGHT)
    grip = rig.device.supervisor.grip
    rig.pass_ms(100)
    rig.do(M.SetMassage(3, 4, 1, 20000, 10000, 500))
    rig.press(5000)
    rig.pass_ms(10_400)
    assert grip.squeezed
    rig.do(M.Release())
    rig.press(0)
    rig.pass_ms(1000)
    assert not rig.device.massage.busy
    assert not grip.squeezed
