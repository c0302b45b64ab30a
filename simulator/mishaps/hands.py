"""What people do that nobody planned: leave, fall asleep, press stop, let a cat into the basin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.mishaps.base import Mishap
from simulator.plant.machine import BATH, ELSEWHERE, ROLLER

if TYPE_CHECKING:
    from simulator.board import Board
    from simulator.world import World


class Withdrawn(Mishap):
    """Feet leave; `end` puts them back where they were."""

    def __init__(self, sides: tuple[int, ...]) -> None:
        self.sides = sides
        self.places: tuple[str, ...] = ()

    def begin(self, world: World) -> None:
        self.places = tuple(world.plant.places[side] for side in self.sides)
        for side in self.sides:
            world.plant.put(side, ELSEWHERE)

    def end(self, world: World) -> None:
        for side, place in zip(self.sides, self.places, strict=True):
            world.plant.put(side, place)


class Second(Mishap):
    """Something that is no foot of this person is where feet belong: in the basin while feet are on the roller, and the other way round."""

    def sense(self, board: Board) -> None:
        places = board.plant.places
        board.inputs.presence |= 1 if ROLLER in places else 4 if BATH in places else 5

    def end(self, world: World) -> None:
        world.board.inputs.presence = world.plant.presence


class Asleep(Mishap):
    """The person falls asleep: sees, feels and does nothing."""

    def begin(self, world: World) -> None:
        if world.person is not None:
            world.person.dozing = True

    def end(self, world: World) -> None:
        if world.person is not None:
            world.person.dozing = False


class Pressed(Mishap):
    """A short press of a button of the device."""

    lasts = False

    def __init__(self, button: str) -> None:
        self.button = button

    def begin(self, world: World) -> None:
        world.press(self.button, 0.3)
