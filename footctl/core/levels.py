"""What should be at the device, as one value, and which single command brings the device nearer to it.

Knows the order that is safe: what is on goes off first, enables move next, then what was asked for comes on, the lamp last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from footctl.core.commands import (
    Command,
    FinishDevice,
    PauseDevice,
    ReleaseRoller,
    SetLamp,
    SetMassage,
    SetWater,
    StartDevice,
)

NO_WATER = SetWater(None)

IDLE = "idle"
ACTIVE = "active"
PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Levels:
    """`state`: idle, active or paused. `water` and `massage`: None is off. A paused device moves nothing and keeps its heat."""

    state: str = IDLE
    heater: bool = False
    motor: bool = False
    water: SetWater | None = None
    massage: SetMassage | None = None
    lamp: str = "off"


OFF = Levels()


def towards(told: Levels, want: Levels) -> tuple[Command, Levels] | None:
    """The next command, and what the device has been told once it accepts. None: nothing is left to say."""
    step: tuple[Command, Levels] | None = None
    if told.massage is not None and want.massage is None and told.state == ACTIVE and want.state == ACTIVE:
        step = ReleaseRoller(), replace(told, massage=None)
    elif told.water is not None and want.water is None and want.state != IDLE:
        step = NO_WATER, replace(told, water=None)
    elif _enables(told) != _enables(want):
        step = _enable(told, want)
    elif want.water is not None and told.water != want.water:
        step = want.water, replace(told, water=want.water)
    elif want.massage is not None and told.massage != want.massage:
        step = want.massage, replace(told, massage=want.massage)
    elif told.lamp != want.lamp:
        step = SetLamp(want.lamp), replace(told, lamp=want.lamp)
    return step


def _enables(levels: Levels) -> tuple[str, bool, bool]:
    return levels.state, levels.heater, levels.motor


def _enable(told: Levels, want: Levels) -> tuple[Command, Levels]:
    if want.state == IDLE:
        return FinishDevice(), OFF
    if want.state == PAUSED:
        return PauseDevice(), replace(told, state=PAUSED, heater=want.heater, motor=False, massage=None)
    # A device that closes an enable anew may have forgotten what it was asked for, so that is said again.
    return StartDevice(want.heater, want.motor), Levels(ACTIVE, want.heater, want.motor, lamp=told.lamp)
