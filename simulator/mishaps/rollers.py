"""What goes wrong with the rollers, their load cells and motors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.mishaps.base import Mishap
from simulator.plant.massager import STALL_MA

if TYPE_CHECKING:
    from simulator.board import Board
    from simulator.world import World

CELLS = ("left_a", "left_b", "right_a", "right_b")
LEFT = CELLS[:2]


class MotorWelded(Mishap):
    """The motor driver keeps its supply."""

    def drive(self, board: Board) -> None:
        board.inputs.motor_contact = 1
        board.plant.massager.driven = True


class Cells(Mishap):
    """Load cells read `part` times as much as they should, plus `counts`."""

    def __init__(self, cells: tuple[str, ...], counts: float = 0, part: float = 1.0) -> None:
        self.cells = cells
        self.counts = counts
        self.part = part
        self.live: tuple[int, ...] = ()

    def sense(self, board: Board) -> None:
        inputs = board.inputs
        self.live = tuple(getattr(inputs, cell) for cell in self.cells)
        for cell, value in zip(self.cells, self.live, strict=True):
            setattr(inputs, cell, round(value * self.part + self.counts))

    def unbend(self, board: Board) -> None:
        for cell, value in zip(self.cells, self.live, strict=False):  # nothing before the first scan
            setattr(board.inputs, cell, value)


class CellsStuck(Mishap):
    """Load cells keep showing what they show now."""

    def __init__(self, cells: tuple[str, ...]) -> None:
        self.cells = cells
        self.kept: tuple[int, ...] = ()
        self.live: tuple[int, ...] = ()

    def begin(self, world: World) -> None:
        self.kept = tuple(getattr(world.board.inputs, cell) for cell in self.cells)

    def sense(self, board: Board) -> None:
        self.live = tuple(getattr(board.inputs, cell) for cell in self.cells)
        for cell, value in zip(self.cells, self.kept, strict=True):
            setattr(board.inputs, cell, value)

    def unbend(self, board: Board) -> None:
        for cell, value in zip(self.cells, self.live, strict=False):  # nothing before the first scan
            setattr(board.inputs, cell, value)


class Trapped(Mishap):
    """With the next press something hard, `thick_mm` thick, gets between roller and foot; pressure climbs `times` as fast from then on."""

    PRESSED_KPA = 8.0

    def __init__(self, thick_mm: float = 3.0, times: float = 3.0) -> None:
        self.thick_mm = thick_mm
        self.times = times
        self.there = False

    def sense(self, board: Board) -> None:
        massager = board.plant.massager
        if not self.there and max(massager.left.kpa, massager.right.kpa) > self.PRESSED_KPA:
            self.there = True
            massager.lump_mm += self.thick_mm
            massager.firmness *= self.times

    def end(self, world: World) -> None:
        if self.there:
            world.plant.massager.lump_mm -= self.thick_mm
            world.plant.massager.firmness /= self.times


class Hanging(Mishap):
    """What should drive the rollers up slips: they go down, and come up only when a spring lifts them, without supply."""

    def drive(self, board: Board) -> None:
        massager = board.plant.massager
        if massager.driven:
            for press in (massager.left, massager.right):
                press.speed_mm_s = max(press.speed_mm_s, 0.0)


class Jammed(Mishap):
    """Axes do not move although they are driven: `presses`, `carriage`. `stalls` False: a belt slips, no current shows it.

    `pushed`: so it is now; `slipped`: so it was, at least once.
    """

    def __init__(self, presses: bool, carriage: bool, stalls: bool) -> None:
        self.presses = presses
        self.carriage = carriage
        self.stalls = stalls
        self.pushed = self.slipped = False

    def sense(self, board: Board) -> None:
        if self.stalls and self.pushed:
            board.inputs.motor_ma = STALL_MA

    def drive(self, board: Board) -> None:
        massager = board.plant.massager
        self.pushed = False
        if not massager.driven:
            return
        if self.carriage:
            self.pushed = massager.carriage_mm_s != 0.0
            massager.carriage_mm_s = 0.0
        if self.presses:
            for press in (massager.left, massager.right):
                # What pulls the roller off still works: a spring does it once the driver has no supply.
                if press.speed_mm_s > 0.0:
                    self.pushed = True
                    press.speed_mm_s = 0.0
        self.slipped = self.slipped or self.pushed

    def end(self, world: World) -> None:
        self.pushed = False
