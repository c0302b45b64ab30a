"""Faults as data: what can go wrong with a running world, by name. `happen` lets it happen now, `mend` ends it.

The names and what they take stand in TABLE; what a mishap does is in the modules by subject. Which row of the safety case each of
them provokes, and what must follow, is simulator/hazards.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from footctl.errors import UsageError
from simulator.mishaps import hands, links, rollers, water
from simulator.mishaps.base import Mishap, Reading
from simulator.plant.sensors import OPEN_COUNTS, SHORT_COUNTS

if TYPE_CHECKING:
    from simulator.world import World

__all__ = ["TABLE", "Mishap", "Row", "happen", "mend"]


@dataclass(frozen=True, slots=True)
class Row:
    """A mishap in the table: what happens in one sentence, how to make one, and which numbers may be given to that."""

    summary: str
    make: Callable[..., Mishap]
    takes: tuple[str, ...] = ()


TABLE: Mapping[str, Row] = {
    "sensor-open": Row("the water sensor at the inlet is disconnected", partial(water.Probe, 0, OPEN_COUNTS)),
    "sensor-short": Row("the water sensor at the inlet is shorted", partial(water.Probe, 0, SHORT_COUNTS)),
    "sensor-stuck": Row("the water sensor at the inlet keeps showing what it shows now", partial(water.Probe, 0, None)),
    "sensor-offset": Row("the water sensor at the inlet reads 3 °C too cold", partial(water.Offset, (0,)), ("celsius",)),
    "sensor-drift": Row(
        "the water sensor at the inlet wanders off, half a degree a minute", partial(water.Drift, 0), ("celsius_min", "most_c")
    ),
    "sensor-slow": Row("the water sensor at the inlet follows ten times too slowly", partial(water.Bead, 0, 80.0, False)),
    "sensor-detached": Row("the water sensor at the inlet hangs in the air", partial(water.Bead, 0, 8.0, True)),
    "sensor2-open": Row("the water sensor at the far end is disconnected", partial(water.Probe, 1, OPEN_COUNTS)),
    "sensor2-short": Row("the water sensor at the far end is shorted", partial(water.Probe, 1, SHORT_COUNTS)),
    "sensor2-stuck": Row("the water sensor at the far end keeps showing what it shows now", partial(water.Probe, 1, None)),
    "sensor2-detached": Row("the water sensor at the far end hangs in the air", partial(water.Bead, 1, 8.0, True)),
    "sensors-stuck": Row("both water sensors keep showing what they show now, the converter counts on", partial(water.Frozen, True)),
    "converter-frozen": Row("the converter stands still: no reading changes any more", water.Frozen),
    "heater-welded": Row("the heater's first relay is welded: full power while the second is closed", partial(water.Welded, True, False)),
    "heater-welded-unseen": Row("the same, and the current sensor does not show it", partial(water.Welded, True, False, False)),
    "relays-welded": Row("both heater relays are welded: full power until the fuse opens", partial(water.Welded, True, True)),
    "heater-dead": Row("the heater's element is open: no heat", water.HeaterDead),
    "heater-cold": Row("the heater takes its current and does not warm the water", partial(water.HeaterDead, True)),
    "motor-welded": Row("the motor driver keeps its supply although it is told to open", rollers.MotorWelded),
    "pump-dead": Row("the pump stands still", water.PumpDead),
    "low-water": Row("water runs out, below the level switch", partial(water.LowWater, 1.5)),
    "low-water-unseen": Row("water runs out, and the level switch hangs", partial(water.LowWater, 1.5, False)),
    "level-switch": Row("the level switch says that there is no water", partial(Reading, "level_ok", 0)),
    "tilt": Row("the basin is tilted", partial(Reading, "tilt", 1)),
    "wet-floor": Row("there is water under the basin", partial(Reading, "wet_floor", 1)),
    "leak": Row("the basin leaks: the floor gets wet and the water gets less", water.Leak, ("litres_min",)),
    "hot-refill": Row("somebody adds a litre of water of 70 °C", partial(water.Pour, celsius=70.0), ("celsius", "litres")),
    "cold-refill": Row("somebody adds a litre of water of 10 °C", partial(water.Pour, celsius=10.0), ("celsius", "litres")),
    "kept-warm": Row(
        "somebody keeps adding hot water: it rises slowly to 41.3 °C and stays there", water.KeptWarm, ("celsius", "celsius_min")
    ),
    "cell-open": Row("a load cell of the left foot is disconnected", partial(Reading, "left_a", 4000)),
    "cell-drift": Row("the load cells of the left foot read 4 kPa too much", partial(rollers.Cells, rollers.LEFT, counts=80), ("counts",)),
    "cell-stuck": Row("both load cells of the left foot keep showing what they show now", partial(rollers.CellsStuck, rollers.LEFT)),
    "cells-stuck": Row("all load cells keep showing what they show now", partial(rollers.CellsStuck, rollers.CELLS)),
    "cell-weak": Row("one load cell of the left foot shows too little", partial(rollers.Cells, rollers.LEFT[:1], part=0.5), ("part",)),
    "foot-trapped": Row("something hard gets between roller and foot: the pressure shoots up", rollers.Trapped, ("thick_mm", "times")),
    "foot-withdrawn": Row("the left foot leaves its place", partial(hands.Withdrawn, (0,))),
    "feet-withdrawn": Row("both feet leave their place", partial(hands.Withdrawn, (0, 1))),
    "roller-jammed": Row("the rollers do not move although they are driven", partial(rollers.Jammed, True, True, True)),
    "rollers-hang": Row("the rollers go down and are not lifted although they are driven up; a spring can", rollers.Hanging),
    "carriage-slips": Row("the carriage's belt slips: it stays where it is", partial(rollers.Jammed, False, True, False)),
    "second-object": Row("a child or a pet is where a foot belongs", hands.Second),
    "stop-pressed": Row("somebody presses the stop button", partial(hands.Pressed, "stop")),
    "button-stuck": Row("the stop button stays down", partial(Reading, "stop_button", 1)),
    "person-asleep": Row("the person falls asleep: answers nothing, goes nowhere", hands.Asleep),
    "power-blink": Row("the device loses power for an instant and restarts", links.Blink),
    "link-silent": Row("nothing passes between the device and any host", links.Silent),
    "link-mute": Row("what hosts say does not reach the device", partial(links.Silent, True, False)),
    "link-deaf": Row("what the device says reaches no host", partial(links.Silent, False, True)),
    "link-late": Row("every byte takes a second and a half", partial(links.BadWire, delay_s=1.5)),
    "link-repeats": Row("everything arrives twice", partial(links.BadWire, repeat=1.0)),
    "link-overtakes": Row("every second piece is overtaken by the next", partial(links.BadWire, overtake=0.5)),
    "link-noise": Row("nine of ten pieces have a wrong bit", partial(links.BadWire, flip=0.9)),
    "link-torn": Row("frames arrive in pieces of four bytes, some of which are lost", partial(links.BadWire, chunk=4, drop=0.15)),
    "host-gone": Row("the controlling program is killed", partial(links.HostState, "gone")),
    "host-hung": Row("the controlling program hangs, its input and output go on", partial(links.HostState, "hung")),
    "host-asleep": Row("the host's computer is suspended; once mended, it wakes up", partial(links.HostState, "asleep")),
}


def happen(world: World, name: str, **numbers: float) -> None:
    """Let the mishap `name` of TABLE happen now. One that is there already happens anew. Raises UsageError."""
    row = TABLE.get(name)
    if row is None:
        raise UsageError(f"no fault is called {name!r}", f"there are: {', '.join(TABLE)}")
    strange = sorted(set(numbers) - set(row.takes))
    if strange:
        raise UsageError(f"{name} does not take {', '.join(strange)}", f"it takes: {', '.join(row.takes) or 'nothing'}")
    mend(world, name)
    mishap = row.make(**numbers)
    mishap.begin(world)
    if mishap.lasts:
        world.board.mishaps[name] = mishap


def mend(world: World, name: str) -> None:
    """End the mishap `name`; nothing when it is not there."""
    mishap = world.board.mishaps.pop(name, None)
    if mishap is not None:
        mishap.unbend(world.board)
        mishap.end(world)
