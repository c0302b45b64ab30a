"""The grip to the millisecond and the pascal, on readings set by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from firmware.device.body import Inputs, Outputs
from firmware.device.grip import Grip
from firmware_protocol import faults, limits, messages


class Bench:
    """A roller at 100 mm on two feet. `locks`: zones that were locked, with the time until when."""

    def __init__(self) -> None:
        self.caps = list(limits.ABSOLUTE)
        self.s = SimpleNamespace(left_pa=0, right_pa=0, cells_ok=True)
        self.locks: list[tuple[int, int]] = []
        self.m = SimpleNamespace(feet=3, busy=True, holds_both=True, zone=4, dropped=0, at=2, held_ms=0)
        self.m.drop = lambda: setattr(self.m, "dropped", self.m.dropped + 1)
        self.m.under = lambda carriage_mm: self.m.at
        self.m.lock = lambda zone, until_ms: self.locks.append((zone, until_ms))
        self.g: Any = Grip(self.caps, self.s, self.m)  # type: ignore[arg-type]  # as far as it looks
        self.i, self.o = Inputs(), Outputs()
        self.i.carriage_mm = 100
        self.now = 5000

    def step(self, dt_ms: int, feet: int = 3, alive: bool = True) -> int:
        self.now += dt_ms
        if alive:
            self.i.left_a += 1
            self.i.right_b += 1
        return int(self.g.step(self.now, dt_ms, self.i, self.o, feet))


@pytest.mark.parametrize(
    ("wanted", "there", "missing"), [(3, 1, True), (3, 2, True), (3, 0, True), (1, 1, False), (2, 1, True), (0, 0, False)]
)
def test_a_foot_is_missed_after_a_tenth_of_a_second(wanted: int, there: int, missing: bool) -> None:
    for span, known in ((99, False), (100, True)):
        bench = Bench()
        bench.m.feet = wanted
        bench.step(1, feet=3)
        bench.step(span, feet=there)
        assert (bench.g.absent, bench.m.dropped) == ((True, 1) if missing and known else (False, 0))
    bench = Bench()
    bench.step(99, feet=0)
    bench.step(1, feet=3)
    bench.step(99, feet=0)
    assert not bench.g.absent
    bench.step(1, feet=0)
    assert bench.g.absent
    bench.g.asked()
    assert not bench.g.absent
    bench.step(99, feet=0)
    assert not bench.g.absent
    bench.step(1, feet=0)
    assert bench.g.absent
    for span in (100, 101, 5000):
        bench = Bench()
        bench.step(span, feet=0)
        assert (bench.g.absent, bench.m.dropped) == (True, 1)


def test_squeezed_after_ten_seconds_above_four_kilopascals() -> None:
    for side in ("left_pa", "right_pa"):
        for pa, span, squeezed in ((4001, 9999, False), (4001, 10_000, True), (4000, 60_000, False)):
            bench = Bench()
            setattr(bench.s, side, pa)
            bench.i.carriage_mm = 0
            bench.step(span)
            assert bench.g.squeezed is squeezed
            bench.m.busy = False
            assert not bench.g.squeezed
            bench.m.busy = True
            setattr(bench.s, side, 4000)
            bench.step(1)
            assert not bench.g.squeezed
    bench = Bench()
    bench.step(1)
    bench.s.left_pa = 9000
    bench.step(9999)
    assert not bench.g.squeezed
    bench.step(1)
    assert bench.g.squeezed
    bench.g.begin()
    assert not bench.g.squeezed


def test_a_spot_is_left_alone_after_its_dwell() -> None:
    for pa, span, locked in ((4301, 14_999, False), (4301, 15_000, True), (4301, 15_001, True), (4300, 90_000, False)):
        bench = Bench()
        bench.caps[limits.DWELL_OFF] = 11_000
        bench.step(1)
        bench.s.right_pa = pa
        bench.step(span)
        assert bench.locks == ([(2, bench.now + 11_000)] if locked else [])
        assert bench.g.locked_ms == (bench.now + 11_000 if locked else 0)
    bench = Bench()
    bench.m.at = messages.NO_ZONE
    bench.s.left_pa = 9000
    bench.step(15_000)
    assert bench.locks == [(4, bench.now + bench.caps[limits.DWELL_OFF])], "between zones it is the massage's own"
    bench.step(799)
    assert len(bench.locks) == 1
    bench.step(1)
    assert len(bench.locks) == 2, "and again while it presses"


def test_a_roller_that_is_lifted_and_presses_for_the_whole_dwell_is_stuck() -> None:
    for held_ms, fault in ((799, 0), (800, faults.STALLED)):
        bench = Bench()
        bench.step(1)
        bench.s.left_pa = 9000
        bench.m.held_ms = held_ms
        assert bench.step(14_999) == 0
        assert bench.step(1) == fault
        assert bool(bench.locks) is (fault == 0)
    bench = Bench()
    bench.step(1)
    bench.s.left_pa = 9000
    bench.step(15_000)
    bench.m.held_ms = 5000
    assert bench.step(799) == 0, "what was locked has this long to let go"
    assert bench.step(1) == faults.STALLED


@pytest.mark.parametrize(("move", "locked"), [(19, True), (-19, True), (20, False), (-20, False), (21, False), (-21, False), (0, True)])
def test_a_rollers_print_on_is_another_spot(move: int, locked: bool) -> None:
    bench = Bench()
    bench.step(1)
    bench.s.left_pa = 9000
    bench.step(14_999)
    bench.i.carriage_mm += move
    bench.step(1)
    assert bool(bench.locks) is locked
    if not locked:
        bench.step(14_998)
        assert not bench.locks
        bench.step(1)
        assert bench.locks


def test_relief_counts_back_as_fast_as_pressure_counts_up() -> None:
    bench = Bench()
    bench.step(1)
    for pa, span in ((9000, 10_000), (0, 4_000), (9000, 8_999)):
        bench.s.left_pa = pa
        bench.step(span)
        assert not bench.locks
    bench.step(1)
    assert bench.locks
    bench = Bench()
    bench.step(1)
    for pa, span in ((9000, 100), (0, 90_000), (9000, 14_999)):
        bench.s.left_pa = pa
        bench.step(span)
    assert not bench.locks, "no more relief than there was pressure"
    bench.step(1)
    assert bench.locks


@pytest.mark.parametrize(
    ("left", "right", "both", "told"),
    [
        (12_000, 3_999, True, True), (12_000, 4_000, True, False), (3_999, 12_000, True, True), (10_000, 0, True, False),
        (10_001, 0, True, True), (10_001, 0, False, False), (12_000, 12_000, True, False), (0, 10_001, True, True),
    ],
)  # fmt: skip
def test_unlike_feet_for_nine_tenths_of_a_second(left: int, right: int, both: bool, told: bool) -> None:
    for span, fault in ((898, 0), (899, faults.SECOND_OBJECT if told else 0), (900, faults.SECOND_OBJECT if told else 0)):
        bench = Bench()
        bench.s.left_pa, bench.s.right_pa, bench.m.holds_both = left, right, both
        assert bench.step(1) == 0
        assert bench.step(span) == fault
    bench = Bench()
    bench.step(1)
    bench.s.left_pa, bench.s.right_pa = 12_000, 0
    bench.step(899)
    bench.s.right_pa = 12_000
    bench.step(1)
    bench.s.right_pa = 0
    assert bench.step(899) == 0
    assert bench.step(1) == faults.SECOND_OBJECT


def test_a_millisecond_alike_counts_for_nothing() -> None:
    bench = Bench()
    bench.step(1)
    bench.s.left_pa = 12_000
    assert bench.step(899) == 0
    assert bench.step(1) == faults.SECOND_OBJECT


def test_feet_alike_do_not_end_the_excuse() -> None:
    bench = Bench()
    bench.s.cells_ok = False
    bench.step(1)
    bench.s.cells_ok = True
    assert bench.step(5000) == 0
    bench.s.left_pa = 12_000
    assert bench.step(5899) == 0
    assert bench.step(1) == faults.SECOND_OBJECT


def test_a_bad_cell_excuses_unlike_feet_for_ten_seconds() -> None:
    bench = Bench()
    bench.s.left_pa = 12_000
    bench.s.cells_ok = False
    assert bench.step(5000) == 0
    bench.s.cells_ok = True
    bench.s.left_pa, bench.s.right_pa = 12_000, 12_000
    assert bench.step(10_000) == 0
    bench.s.right_pa = 0
    assert bench.step(899) == 0
    assert bench.step(1) == faults.SECOND_OBJECT


def test_the_excuse_lasts_exactly_so_long() -> None:
    for span, fault in ((10_899, 0), (10_900, faults.SECOND_OBJECT)):
        bench = Bench()
        bench.s.cells_ok = False
        bench.step(1)
        bench.s.cells_ok = True
        bench.s.left_pa = 12_000
        assert bench.step(span) == fault


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("speed", [1, -1])
def test_cells_that_show_the_same_while_their_motor_moves(side: str, speed: int) -> None:
    for span, fault in ((449, 0), (450, faults.CELL_OPEN), (451, faults.CELL_OPEN)):
        bench = Bench()
        setattr(bench.o, f"{side}_um_s", speed)
        bench.step(1)
        assert bench.step(span, alive=False) == fault
    bench = Bench()
    bench.step(1)
    assert bench.step(60_000, alive=False) == 0, "nothing moves"
    for cell, way in (("a", 1), ("b", 1), ("a", -1), ("b", -1)):
        bench = Bench()
        setattr(bench.o, f"{side}_um_s", speed)
        bench.step(1)
        for turn in range(5):
            setattr(bench.i, f"{side}_{cell}", way * (10 + turn))
            bench.step(1, alive=False)
            assert bench.step(449, alive=False) == 0, "one of the two is enough"
    bench = Bench()
    bench.o.left_um_s = bench.o.right_um_s = 1
    bench.step(1)
    bench.step(449, alive=False)
    bench.g.begin()
    assert bench.step(449, alive=False) == 0
