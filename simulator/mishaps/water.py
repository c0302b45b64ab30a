"""What goes wrong with the water, its sensors, the heater and the pump."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from simulator.mishaps.base import Mishap
from simulator.plant.sensors import FULL_SCALE, ntc_counts

if TYPE_CHECKING:
    from simulator.board import Board
    from simulator.world import World


class Probe(Mishap):
    """A water sensor's counts stand still: at `counts`, or at what it shows now."""

    def __init__(self, number: int, counts: int | None) -> None:
        self.number = number
        self.counts = counts

    def begin(self, world: World) -> None:
        inputs = world.board.inputs
        now = (inputs.water1_adc, inputs.water2_adc)[self.number]
        world.board.probes[self.number].stuck = now if self.counts is None else self.counts

    def end(self, world: World) -> None:
        world.board.probes[self.number].stuck = None


class Offset(Mishap):
    """Water sensors read wrong by `celsius`."""

    def __init__(self, numbers: tuple[int, ...], celsius: float = -3.0) -> None:
        self.numbers = numbers
        self.celsius = celsius

    def begin(self, world: World) -> None:
        for number in self.numbers:
            world.board.probes[number].offset_c += self.celsius

    def end(self, world: World) -> None:
        for number in self.numbers:
            world.board.probes[number].offset_c -= self.celsius


class Drift(Mishap):
    """A water sensor wanders off by `celsius_min` a minute, at most by `most_c`."""

    def __init__(self, number: int, celsius_min: float = -0.5, most_c: float = 3.0) -> None:
        self.number = number
        self.step_c = celsius_min / 60 * 0.05
        self.most_c = most_c
        self.off_c = 0.0

    def sense(self, board: Board) -> None:
        if abs(self.off_c) < self.most_c:
            self.off_c += self.step_c
            board.probes[self.number].offset_c += self.step_c

    def end(self, world: World) -> None:
        world.board.probes[self.number].offset_c -= self.off_c


class Bead(Mishap):
    """A water sensor whose bead follows with a lag of `lag_s`: the water's temperature, or with `in_air` the room's."""

    def __init__(self, number: int, lag_s: float, in_air: bool) -> None:
        self.number = number
        self.in_air = in_air
        self.part = 1.0 - exp(-0.05 / lag_s)
        self.celsius = 0.0

    def begin(self, world: World) -> None:
        self.celsius = world.board.probes[self.number].celsius

    def sense(self, board: Board) -> None:
        bath = board.plant.bath
        around = bath.room_c if self.in_air else (bath.inlet_c, bath.far_c)[self.number]
        self.celsius += self.part * (around - self.celsius)
        probe = board.probes[self.number]
        counts = max(0, min(FULL_SCALE, round(ntc_counts(self.celsius + probe.offset_c, board.spec.probes.beta_k))))
        if self.number:
            board.inputs.water2_adc = counts
        else:
            board.inputs.water1_adc = counts


class Frozen(Mishap):
    """The converter stands still: every reading stays. With `counts_on` its counter of samples goes on all the same."""

    FIELDS = ("sample", "water1_adc", "water2_adc", "left_a", "left_b", "right_a", "right_b")

    def __init__(self, counts_on: bool = False) -> None:
        self.fields = self.FIELDS[1:3] if counts_on else self.FIELDS
        self.kept: tuple[int, ...] = ()
        self.live: tuple[int, ...] = ()

    def begin(self, world: World) -> None:
        self.kept = self._take(world.board)

    def sense(self, board: Board) -> None:
        self.live = self._take(board)
        self._give(board, self.kept)

    def unbend(self, board: Board) -> None:
        self._give(board, self.live or self._take(board))

    def _take(self, board: Board) -> tuple[int, ...]:
        return tuple(getattr(board.inputs, field) for field in self.fields)

    def _give(self, board: Board, values: tuple[int, ...]) -> None:
        for field, value in zip(self.fields, values, strict=True):
            setattr(board.inputs, field, value)


class Welded(Mishap):
    """Welded contacts: `duty` gives full power whenever the second relay is closed, `relay` keeps that one closed.

    `seen` False: the current sensor does not show what it should not show.
    """

    def __init__(self, duty: bool, relay: bool, seen: bool = True) -> None:
        self.duty = duty
        self.relay = relay
        self.seen = seen

    def drive(self, board: Board) -> None:
        inputs = board.inputs
        if self.relay:
            inputs.heater_contact = 1
        if self.duty:
            heat_w = float(board.spec.heater_w) if inputs.heater_contact else 0.0
            board.heat_w = heat_w
            shown_w = heat_w if self.seen else board.asked_w
            inputs.heater_ma = int(1000 * shown_w / board.spec.supply_v)

    def end(self, world: World) -> None:
        world.board.reapply()


class HeaterDead(Mishap):
    """No heat; no current either, unless it flows somewhere else (`current`)."""

    def __init__(self, current: bool = False) -> None:
        self.current = current

    def drive(self, board: Board) -> None:
        board.heat_w = 0.0
        board.inputs.heater_ma = int(1000 * board.asked_w / board.spec.supply_v) if self.current else 0

    def end(self, world: World) -> None:
        world.board.reapply()


class PumpDead(Mishap):
    """The pump stands still."""

    def drive(self, board: Board) -> None:
        bath = board.plant.bath
        board.inputs.pump_rpm = 0
        if bath.pump:
            bath.switch(pump=False, bubbles=bath.bubbles)

    def end(self, world: World) -> None:
        world.board.reapply()


class LowWater(Mishap):
    """Water runs out, down to `litres`; `end` fills it up with water as warm. `seen` False: the level switch hangs."""

    def __init__(self, litres: float, seen: bool = True) -> None:
        self.litres = litres
        self.seen = seen
        self.before_l = 0.0

    def begin(self, world: World) -> None:
        self.before_l = world.plant.bath.volume_l
        self._fill(world, min(self.litres, self.before_l))

    def sense(self, board: Board) -> None:
        if not self.seen:
            board.inputs.level_ok = 1

    def end(self, world: World) -> None:
        self._fill(world, self.before_l)

    @staticmethod
    def _fill(world: World, litres: float) -> None:
        bath = world.plant.bath
        bath.poured_j += 4178.0 * (litres - bath.volume_l) * bath.water_c
        bath.volume_l = litres
        bath.couple()


class Leak(Mishap):
    """Water runs out, so many litres a minute, and makes the floor under the basin wet."""

    def __init__(self, litres_min: float = 0.5) -> None:
        self.step_l = litres_min / 60
        self.tick = 0

    def sense(self, board: Board) -> None:
        board.inputs.wet_floor = 1
        self.tick += 1
        if not self.tick % 20:  # once a second
            board.plant.bath.drain(self.step_l)

    def end(self, world: World) -> None:
        world.board.inputs.wet_floor = 0


class Pour(Mishap):
    """Somebody adds water."""

    lasts = False

    def __init__(self, celsius: float, litres: float = 1.0) -> None:
        self.celsius = celsius
        self.litres = litres

    def begin(self, world: World) -> None:
        world.plant.bath.pour(self.litres, self.celsius)


class KeptWarm(Mishap):
    """Somebody keeps adding hot water: it rises by `celsius_min` a minute to `celsius` and stays there."""

    def __init__(self, celsius: float = 41.3, celsius_min: float = 0.5) -> None:
        self.celsius = celsius
        self.step_c = celsius_min / 60 * 0.05

    def sense(self, board: Board) -> None:
        bath = board.plant.bath
        if bath.water_c < self.celsius:
            step_c = min(self.step_c, self.celsius - bath.water_c)
            bath.water_c += step_c
            bath.poured_j += 4178.0 * bath.volume_l * step_c
