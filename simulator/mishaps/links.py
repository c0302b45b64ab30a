"""What goes wrong between device and host, with the device's power, and with the computer that the host runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.mishaps.base import Mishap

if TYPE_CHECKING:
    from simulator.world import World


class Silent(Mishap):
    """Nothing passes between the device and any host: to the device, to the host, or either way."""

    def __init__(self, down: bool = True, up: bool = True) -> None:
        self.down = down
        self.up = up

    def begin(self, world: World) -> None:
        world.mute = self.down
        world.deaf = self.up

    def end(self, world: World) -> None:
        world.mute = world.deaf = False


class BadWire(Mishap):
    """Every wire becomes one with these properties of simulator.wire.Wire; what travels on the old one is lost."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.before: dict[str, Any] = {}

    def begin(self, world: World) -> None:
        self.before = world.rewire(self.options)

    def end(self, world: World) -> None:
        world.rewire(self.before)


class Blink(Mishap):
    """Power goes away and comes back: the device restarts."""

    lasts = False

    def begin(self, world: World) -> None:
        world.restart()


class HostState(Mishap):
    """The computer of the host: `hung` turns its bytes but not its control loop, `asleep` and `gone` do nothing at all.

    Where the host is not turned by simulator.world.play, nobody here can stop it: what it says no longer reaches the device.
    """

    def __init__(self, state: str) -> None:
        self.state = state

    def begin(self, world: World) -> None:
        world.host_is = self.state
        world.mute = not world.played

    def end(self, world: World) -> None:
        world.host_is = "awake"
        world.mute = False
