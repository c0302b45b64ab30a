"""A world in real time, or N times as fast, behind a pseudo-terminal, TCP or BLE: one thread, one selector, no waiting for anybody.

Device time is N x the monotonic clock, run in ticks of 50 ms one after another, never in a bigger step. A server that was held up
catches up by CATCH_UP_S; what is beyond it is lost to the device as to a board whose clock stood still, and counted in `slipped_s`.
Bytes are moved every STRIDE_S of device time, so that being held up never looks like a silent host.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from firmware_protocol import faults, messages
from footctl.errors import UsageError
from simulator import channel, mishaps
from simulator.carriers import Carrier, Listener, check_place, open_pty
from simulator.plant.machine import BATH, ELSEWHERE, ROLLER
from simulator.world import Port, World

if TYPE_CHECKING:
    from simulator.peripheral import Peripheral

TICK_S = 0.05
STRIDE_S = 0.2  # a telemetry period: bytes in, ticks, bytes out
CATCH_UP_S = 1.0  # device seconds; shorter than the shortest lease of any tier, 1.5 s
PEERS = (0, 1, 2, 3)  # the device has room for four
ON_AIR = PEERS[1:]  # the first place is the cable's
QUIET_S = 30.0  # a connection this long silent gives way to a new one when the device has no room [ENG]
SPEED_MAX = 20

PRESSES: Mapping[str, str] = {
    "stop": "the device's stop button: it hurts",
    "yes": "the device's arm button, shortly: yes",
    "arm": "the device's arm button for three seconds: arms, or clears a latch whose cause is gone",
    "feet-in": "both feet into the bath",
    "feet-on": "both feet onto the roller",
    "feet-out": "both feet out",
    "left-out": "the left foot out",
    "right-out": "the right foot out",
}
FEET: Mapping[str, tuple[tuple[int, ...], str]] = {
    "feet-in": ((0, 1), BATH),
    "feet-on": ((0, 1), ROLLER),
    "feet-out": ((0, 1), ELSEWHERE),
    "left-out": ((0,), ELSEWHERE),
    "right-out": ((1,), ELSEWHERE),
}


@dataclass(slots=True)
class Line:
    """A carrier and the device's port behind it. `heard` on the monotonic clock."""

    carrier: Carrier
    port: Port
    heard: float = field(default_factory=time.monotonic)


class Entrance(Protocol):
    """Where carriers come from: `fd` is readable when `accept` may have one. simulator.carriers.Listener, or a BLE peripheral."""

    fd: int

    def accept(self) -> Carrier | None:
        """The next one, or None."""
        ...

    def close(self) -> None:
        """Nobody else may come."""
        ...


class Server:
    """`world` behind `carriers`. `turn` once, or `run` until somebody says quit."""

    def __init__(self, world: World, speed: int, about: Mapping[str, Any], now: Callable[[], float] = time.monotonic) -> None:
        self.world = world
        self.speed = speed
        self.done = False
        self.slipped_s = 0.0
        self.refused = 0
        self._about = about
        self._now = now
        self._start = now()
        self._moment = 0.0
        self._lines: list[Line] = []
        self._lost_frames = 0  # of lines that are gone
        self._selector = selectors.DefaultSelector()
        self._listener: Entrance | None = None
        self._places: tuple[int, ...] = PEERS
        self._door: channel.Door | None = None

    # carriers

    def add(self, carrier: Carrier, peer: int) -> None:
        """Serve peer `peer` of the device on `carrier`."""
        self._lines.append(Line(carrier, self.world.peer(peer), self._now()))
        self._selector.register(carrier.fd, selectors.EVENT_READ)

    def listen(self, listener: Entrance, places: tuple[int, ...] = PEERS) -> None:
        """Every connection is a peer of its own, in one of these `places`."""
        self._listener = listener
        self._places = places
        self._selector.register(listener.fd, selectors.EVENT_READ, self._welcome)

    def watch(self, fd: int, act: Callable[[], None]) -> None:
        """Call `act` whenever `fd` is readable: whoever stands behind the world's pins."""
        self._selector.register(fd, selectors.EVENT_READ, act)

    def open_door(self, folder: Path) -> None:
        """Let other terminals act on this world."""
        self._door = channel.Door(folder)
        self._selector.register(self._door.fd, selectors.EVENT_READ, self._answer_door)

    def _welcome(self) -> None:
        assert self._listener is not None
        while (carrier := self._listener.accept()) is not None:
            self._drop([line for line in self._lines if line.carrier.gone])
            taken = {line.port.peer for line in self._lines}
            free = next((peer for peer in self._places if peer not in taken), None)
            if free is None:
                longest = min(self._lines, key=lambda line: line.heard)
                if self._now() - longest.heard < QUIET_S:
                    self.refused += 1
                    carrier.close()
                    continue
                free = longest.port.peer
                self._drop([longest])
            self.add(carrier, free)

    def _drop(self, lines: list[Line]) -> None:
        for line in lines:
            self._lines.remove(line)
            self._lost_frames += line.carrier.dropped
            self._selector.unregister(line.carrier.fd)
            line.carrier.close()
            self.world.disconnect(line.port.peer)

    # time

    def run(self) -> None:
        """Serve until `done`."""
        gc.collect()
        gc.freeze()  # a full collection is 60 ms, which at speed 20 is more than a second of the device's life
        while not self.done:
            wait = self._start + (self._moment + TICK_S) / self.speed - self._now()
            for key, _ in self._selector.select(max(0.0, wait)):
                if key.data is not None:
                    key.data()
            self.turn()

    def turn(self) -> None:
        """Bring the world up to now."""
        due = (self._now() - self._start) * self.speed
        if due - self._moment > CATCH_UP_S:
            late = due - self._moment - CATCH_UP_S
            self._start += late / self.speed
            self.slipped_s += late
            due = self._moment + CATCH_UP_S
        while True:
            self._moment = moment = min(due, self._moment + STRIDE_S)
            for line in self._lines:
                data = line.carrier.read()
                if data:
                    line.heard = self._now()
                    line.port.write(moment, data)
            self.world.advance(moment)
            for line in self._lines:
                data = line.port.read(moment)
                if data:
                    line.carrier.write(data)
            gone = [line for line in self._lines if line.carrier.gone]
            if gone:
                self._drop(gone)
            if moment >= due:
                return

    def close(self) -> None:
        """Take down everything that others can see."""
        self._drop(list(self._lines))
        for closing in (self._listener, self._door):
            if closing is not None:
                self._selector.unregister(closing.fd)
                closing.close()
        self._selector.close()

    # the other terminals

    def _answer_door(self) -> None:
        assert self._door is not None
        while (caller := self._door.accept()) is not None:
            self._selector.register(caller.fd, selectors.EVENT_READ, lambda caller=caller: self._answer(caller))

    def _answer(self, caller: channel.Caller) -> None:
        for question in caller.read():
            caller.write(self.act(question))
        if caller.gone:
            self._selector.unregister(caller.fd)
            caller.close()

    def act(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Do what another terminal asks: {"do": "status" | "press" | "fault" | "quit", "name": …, "on": …}."""
        what = question.get("do")
        name = question.get("name")
        if what == "press" and name in PRESSES:
            press(self.world, str(name))
        elif what == "fault" and name in mishaps.TABLE:
            try:
                self._bend(str(name), question)
            except (UsageError, TypeError) as error:
                return {"ok": False, "error": str(error)}
        elif what == "quit":
            self.done = True
        elif what != "status":
            return {"ok": False, "error": f"cannot {what} {name}" if name else f"cannot {what}"}
        return {"ok": True, **self.status()}

    def _bend(self, name: str, question: Mapping[str, Any]) -> None:
        if question.get("on") is False:
            mishaps.mend(self.world, name)
        else:
            mishaps.happen(self.world, name, **question.get("numbers", {}))

    def status(self) -> dict[str, Any]:
        """What is served, and how the device is."""
        device = self.world.device
        plant = self.world.plant
        return {
            **self._about,
            "pid": os.getpid(),
            "speed": self.speed,
            "uptime_s": round(self._moment, 2),
            "slipped_s": round(self.slipped_s, 3),
            "connections": len(self._lines),
            "refused": self.refused,
            "dropped_frames": self._lost_frames + sum(line.carrier.dropped for line in self._lines),
            "state": messages.STATES[device.state],
            "cause": faults.name(device.cause) if device.cause else None,
            "water_c": round(plant.bath.water_c, 2),
            "kpa": [round(plant.massager.left.kpa, 2), round(plant.massager.right.kpa, 2)],
            "feet": {"left": plant.places[0], "right": plant.places[1]},
            "faults": sorted(self.world.board.mishaps),
        }


def press(world: World, name: str) -> None:
    """What somebody's hand or foot does at the device now. Raises ValueError for what is not in PRESSES."""
    if name not in PRESSES:
        raise ValueError(f"nobody can press {name!r}; there are: {', '.join(PRESSES)}")
    if name in FEET:
        sides, place = FEET[name]
        for side in sides:
            world.plant.put(side, place)
    elif name == "stop":
        world.press("stop", 0.3)
    else:
        world.press("arm", 3.3 if name == "arm" else 0.3)


@contextmanager
def until_signal(server: Server) -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP end the server in good order: the link in the file system and the sockets go away."""

    def end(number: int, frame: FrameType | None) -> None:
        server.done = True

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_speed(speed: float) -> int:
    """A speed that a link can have: a whole number from 1 to 20. Raises UsageError."""
    if speed != int(speed) or not 1 <= speed <= SPEED_MAX:
        raise UsageError(
            f"--speed {speed:g}: over a link the simulator goes 1 to {SPEED_MAX} times as fast as life",
            "for more: footctl run --sim --speed max",
        )
    return int(speed)


def serve(
    world: World,
    speed: int,
    folder: Path,
    *,
    pty: Path | None = None,
    tcp: tuple[str, int] | None = None,
    ble: Peripheral | None = None,
    about: Mapping[str, Any] | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve `world` until a signal or `quit`. `folder` is for the control channel; `ready` gets the address once everything is there."""
    if pty is not None:
        check_place(pty)
        channel.nobody_else(folder, pty)
    listener = Listener(*tcp) if tcp is not None else None
    link, address = ("tcp", listener.name) if listener else ("ble", ble.name) if ble else ("pty", str(pty))
    server = Server(world, speed, {**(about or {}), "link": link, "address": address})
    with until_signal(server):
        try:
            if hasattr(socket, "AF_UNIX"):
                server.open_door(folder)
            if listener is not None:
                server.listen(listener)
            if ble is not None:
                server.listen(ble, ON_AIR)
            if pty is not None:
                server.add(open_pty(pty), 0)
            if ready is not None:
                ready(address)
            server.run()
        finally:
            server.close()
