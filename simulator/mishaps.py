"""Faults as data: what can go wrong with a running world, by name. `happen` lets it happen now, `mend` ends it.

A mishap bends what the board reads, what the plant gets, or the plant itself. It never touches the device mind: what the mind
makes of it is what is to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from simulator.plant.machine import ELSEWHERE
from simulator.plant.sensors import OPEN_COUNTS, SHORT_COUNTS

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

    def drive(self, board: Board) -> None:
        """Bend what the plant gets, after the mind's outputs were applied; every tick."""


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


class Drift(Mishap):
    """A water sensor reads wrong by `celsius`."""

    def __init__(self, number: int, celsius: float) -> None:
        self.number = number
        self.celsius = celsius

    def begin(self, world: World) -> None:
        world.board.probes[self.number].offset_c += self.celsius

    def end(self, world: World) -> None:
        world.board.probes[self.number].offset_c -= self.celsius


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


class Frozen(Mishap):
    """The converter stands still: every reading stays, and the counter of samples too."""

    FIELDS = ("sample", "water1_adc", "water2_adc", "left_a", "left_b", "right_a", "right_b")

    def __init__(self) -> None:
        self.kept: tuple[int, ...] = ()
        self.live: tuple[int, ...] = ()

    def begin(self, world: World) -> None:
        self.kept = self._take(world.board)

    def sense(self, board: Board) -> None:
        self.live = self._take(board)
        self._give(board, self.kept)

    def drive(self, board: Board) -> None:
        self._give(board, self.live)

    def _take(self, board: Board) -> tuple[int, ...]:
        return tuple(getattr(board.inputs, field) for field in self.FIELDS)

    def _give(self, board: Board, values: tuple[int, ...]) -> None:
        for field, value in zip(self.FIELDS, values, strict=True):
            setattr(board.inputs, field, value)


class Heater(Mishap):
    """Welded contacts: `duty_welded` gives full power whenever the second relay is closed, `relay_welded` keeps that one closed."""

    def __init__(self, duty_welded: bool, relay_welded: bool) -> None:
        self.duty_welded = duty_welded
        self.relay_welded = relay_welded

    def drive(self, board: Board) -> None:
        inputs = board.inputs
        if self.relay_welded:
            inputs.heater_contact = 1
        if self.duty_welded:
            heat_w = float(board.spec.heater_w) if inputs.heater_contact else 0.0
            board.heat_w = heat_w
            inputs.heater_ma = int(1000 * heat_w / board.spec.supply_v)

    def end(self, world: World) -> None:
        world.board.reapply()


class HeaterDead(Mishap):
    """No current, no heat."""

    def drive(self, board: Board) -> None:
        board.heat_w = 0.0
        board.inputs.heater_ma = 0

    def end(self, world: World) -> None:
        world.board.reapply()


class MotorWelded(Mishap):
    """The motor driver keeps its supply."""

    def drive(self, board: Board) -> None:
        board.inputs.motor_contact = 1
        board.plant.massager.driven = True


class PumpDead(Mishap):
    """The pump stands still."""

    def drive(self, board: Board) -> None:
        bath = board.plant.bath
        board.inputs.pump_rpm = 0
        if bath.pump:
            bath.switch(pump=False, bubbles=bath.bubbles)

    def end(self, world: World) -> None:
        world.board.reapply()


class CellDrift(Mishap):
    """Both load cells of the left foot read too much by `counts`."""

    def __init__(self, counts: int) -> None:
        self.counts = counts

    def sense(self, board: Board) -> None:
        board.inputs.left_a += self.counts
        board.inputs.left_b += self.counts

    def drive(self, board: Board) -> None:
        board.inputs.left_a -= self.counts
        board.inputs.left_b -= self.counts


class LowWater(Mishap):
    """Water runs out, down to half of what the level switch wants; `end` fills it up with water as warm."""

    def __init__(self) -> None:
        self.before_l = 0.0

    def begin(self, world: World) -> None:
        bath = world.plant.bath
        self.before_l = bath.volume_l
        self._fill(world, bath.spec.least_l / 2)

    def end(self, world: World) -> None:
        self._fill(world, self.before_l)

    @staticmethod
    def _fill(world: World, litres: float) -> None:
        bath = world.plant.bath
        bath.poured_j += 4178.0 * (litres - bath.volume_l) * bath.water_c
        bath.volume_l = litres
        bath.couple()


class Trapped(Mishap):
    """Something hard gets between a foot and its roller: at the next contact the tissue is pressed by so much more, at once."""

    DEEPER_MM = 4.0

    def __init__(self) -> None:
        self.caught = False

    def drive(self, board: Board) -> None:
        if self.caught:
            return
        for press in (board.plant.massager.left, board.plant.massager.right):
            if press.kpa > 4.0:
                press.travel_mm += self.DEEPER_MM
                self.caught = True


class Withdrawn(Mishap):
    """A foot leaves; `end` puts it back where it was."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.place = ELSEWHERE

    def begin(self, world: World) -> None:
        self.place = world.plant.places[self.side]
        world.plant.put(self.side, ELSEWHERE)

    def end(self, world: World) -> None:
        world.plant.put(self.side, self.place)


class Silent(Mishap):
    """Nothing passes between the device and any host, in either direction."""

    def begin(self, world: World) -> None:
        world.silent = True

    def end(self, world: World) -> None:
        world.silent = False


class Blink(Mishap):
    """Power goes away and comes back: the device restarts."""

    lasts = False

    def begin(self, world: World) -> None:
        world.restart()


class Pour(Mishap):
    """Somebody adds a litre of water."""

    lasts = False

    def __init__(self, celsius: float) -> None:
        self.celsius = celsius

    def begin(self, world: World) -> None:
        world.plant.bath.pour(1.0, self.celsius)


@dataclass(frozen=True, slots=True)
class Row:
    """A mishap in the table: what happens in one sentence, and how to make one."""

    summary: str
    make: Callable[[], Mishap]


TABLE: Mapping[str, Row] = {
    "sensor-open": Row("the water sensor at the inlet is disconnected", partial(Probe, 0, OPEN_COUNTS)),
    "sensor-short": Row("the water sensor at the inlet is shorted", partial(Probe, 0, SHORT_COUNTS)),
    "sensor-stuck": Row("the water sensor at the inlet keeps showing what it shows now", partial(Probe, 0, None)),
    "sensor-offset": Row("the water sensor at the inlet reads 3 °C too cold", partial(Drift, 0, -3.0)),
    "sensor2-open": Row("the water sensor at the far end is disconnected", partial(Probe, 1, OPEN_COUNTS)),
    "sensor2-stuck": Row("the water sensor at the far end keeps showing what it shows now", partial(Probe, 1, None)),
    "converter-frozen": Row("the converter stands still: no reading changes any more", Frozen),
    "heater-welded": Row("the heater's first relay is welded: full power while the second one is closed", partial(Heater, True, False)),
    "relays-welded": Row("both heater relays are welded: full power until the fuse at the element opens", partial(Heater, True, True)),
    "heater-dead": Row("the heater's element is open: no heat", HeaterDead),
    "motor-welded": Row("the motor driver keeps its supply although it is told to open", MotorWelded),
    "pump-dead": Row("the pump stands still", PumpDead),
    "low-water": Row("water runs out, below the level switch", LowWater),
    "level-switch": Row("the level switch says that there is no water", partial(Reading, "level_ok", 0)),
    "tilt": Row("the basin is tilted", partial(Reading, "tilt", 1)),
    "wet-floor": Row("there is water under the basin", partial(Reading, "wet_floor", 1)),
    "hot-refill": Row("somebody adds a litre of water of 70 °C", partial(Pour, 70.0)),
    "cold-refill": Row("somebody adds a litre of water of 10 °C", partial(Pour, 10.0)),
    "cell-open": Row("a load cell of the left foot is disconnected", partial(Reading, "left_a", 4000)),
    "cell-drift": Row("the load cells of the left foot read 4 kPa too much", partial(CellDrift, 80)),
    "foot-trapped": Row("something hard gets between roller and foot: the pressure shoots up", Trapped),
    "foot-withdrawn": Row("the left foot leaves its place", partial(Withdrawn, 0)),
    "button-stuck": Row("the stop button stays down", partial(Reading, "stop_button", 1)),
    "power-blink": Row("the device loses power for an instant and restarts", Blink),
    "link-silent": Row("nothing passes between the device and any host", Silent),
}


def happen(world: World, name: str) -> None:
    """Let the mishap `name` of TABLE happen now. One that is there already happens anew."""
    mend(world, name)
    mishap = TABLE[name].make()
    mishap.begin(world)
    if mishap.lasts:
        world.board.mishaps[name] = mishap


def mend(world: World, name: str) -> None:
    """End the mishap `name`; nothing when it is not there."""
    mishap = world.board.mishaps.pop(name, None)
    if mishap is not None:
        mishap.end(world)
