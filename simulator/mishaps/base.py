"""What a mishap is: it bends what the board reads, what the plant gets, or the plant itself. It never touches the device mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.board import Board
    from simulator.world import World


class Mishap:
    """Something that goes wrong. `lasts` False: it happens in an instant and has no end."""

    lasts = True

    def begin(self, world: World) -> None:
        """It happens."""

    def end(self, world: World) -> None:
        """Somebody mended it."""

    def sense(self, board: Board) -> None:
        """Bend board.inputs before the mind sees them; every tick."""

    def unbend(self, board: Board) -> None:
        """Put back into board.inputs what `sense` bent and not every scan writes anew; before each scan, and at the end."""

    def drive(self, board: Board) -> None:
        """Bend what the plant gets, after the mind's outputs were applied; every tick."""


class Reading(Mishap):
    """One reading of the board has a `value` of its own."""

    def __init__(self, field: str, value: int) -> None:
        self.field = field
        self.value = value
        self.before = 0

    def begin(self, world: World) -> None:
        self.before = getattr(world.board.inputs, self.field)

    def end(self, world: World) -> None:
        setattr(world.board.inputs, self.field, self.before)

    def sense(self, board: Board) -> None:
        setattr(board.inputs, self.field, self.value)
