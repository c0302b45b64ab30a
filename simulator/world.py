"""The world: device mind, plant, people and wires on one virtual clock, in one thread, which stands still until somebody asks.

World is the transport of peer 0, the cable; `peer(n)` gives the others. Time is device time in seconds from power-up; a caller who
wants another speed scales its own clock. `play` runs a host and a world to the end, as fast as the machine can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from firmware.device.body import TICK_MS
from footctl.core.pump import Note, turn
from footctl.errors import UsageError
from simulator import mishaps
from simulator.board import Access, Board
from simulator.describe import DeviceSpec, Happening, Scenario
from simulator.describe import device as describe_device
from simulator.describe import scenario as describe_scenario
from simulator.people import HAND, LOOK_MS, Person, traits
from simulator.plant.machine import Plant
from simulator.wire import Wire

if TYPE_CHECKING:
    from firmware.device.device import Device
    from footctl.core.events import Event
    from footctl.core.host import Host
    from footctl.core.view import Outcome

DEFAULT_DEVICE = "footbath-5l"
DEFAULT_SCENARIO = "wrist-warm"
INBOX_MAX = 1 << 16  # a host that does not read loses whole pieces beyond it
LONGEST_S = 4 * 3600.0  # no session is longer: preheat 40 min, session 75 min [ENG]
PRESSED_KPA = 5.0  # more than a roller that only touches
ALONE_S = 10.0  # twice what a device bears without its host
AWAY_S = 0.05  # how often `play` looks whether a host that is away comes back
STUCK_TURNS = 10_000  # turns in one instant before `play` says that the host turns in circles

Operator = Callable[[float, "Host"], Sequence["Event"]]

WIRES: Mapping[str, Mapping[str, Any]] = {
    "perfect": {},
    "bytes": {"chunk": 1},
    "lossy": {"drop": 0.03, "repeat": 0.02},
    "delayed": {"delay_s": 0.08, "jitter_s": 0.04},
    "flipping": {"flip": 0.03},
}


class Port:
    """One peer's end of the cable, radio or socket. A transport for footctl.core.pump."""

    __slots__ = ("peer", "world", "down", "up", "inbox", "overflows")

    def __init__(self, world: World, peer: int, down: Wire | None, up: Wire | None) -> None:
        self.world = world
        self.peer = peer
        self.down = down  # host to device; None is a perfect wire
        self.up = up
        self.inbox = b""
        self.overflows = 0

    def read(self, now: float) -> bytes:
        """What has reached the host by `now`."""
        self.world.advance(now)
        if self.up:
            return self.up.pull(now)
        data = self.inbox
        self.inbox = b""
        return data

    def write(self, now: float, data: bytes) -> None:
        """Send to the device."""
        self.world.advance(now)
        self.world.send(self, now, data)

    @property
    def ready(self) -> float | None:
        """When bytes reach this host, as far as they are on their way."""
        if self.up:
            return self.up.next_arrival
        return self.world.now if self.inbox else None

    @property
    def next_event(self) -> float:
        """As World.next_event, for this peer."""
        ready, step = self.ready, self.world.next_step
        return step if ready is None or ready > step else max(ready, self.world.now)

    def run(self, until: float) -> float:
        """As World.run, for this peer."""
        return self.world.run_for(self, until)

    def give(self, now: float, data: bytes) -> None:
        """The device sent this."""
        if self.world.deaf:
            return
        if self.up:
            self.up.push(now, data)
        elif len(self.inbox) + len(data) > INBOX_MAX:
            self.overflows += 1
        else:
            self.inbox += data


class World:
    """One device in its place with a person, or with `person` None with nobody, at it.

    `scenario` None is wrist-warm water; `device` None is the scenario's, or the reference machine. `wire` is a name in WIRES or
    the keyword arguments of simulator.wire.Wire, used in both directions with different seeds. `access` None: every peer comes over a
    cable. `arms`: when the lamp asks for it somebody holds the button, with `access` even where there is nobody else. Same arguments,
    same bytes.
    """

    def __init__(
        self,
        device: str | DeviceSpec | None = None,
        scenario: str | Scenario | None = None,
        person: str | None = "adult",
        seed: int = 0,
        wire: str | Mapping[str, Any] | None = None,
        speed: int = 1,
        access: Access | None = None,
        arms: bool = True,
    ) -> None:
        start = scenario if isinstance(scenario, Scenario) else describe_scenario(scenario or DEFAULT_SCENARIO)
        spec = device if isinstance(device, DeviceSpec) else describe_device(device or start.device or DEFAULT_DEVICE)
        who = traits(person) if person is not None else traits("adult")
        self.seed = seed
        self.speed = speed
        self.mute = False  # nothing reaches the device
        self.deaf = False  # nothing reaches any host
        self.host_is = "awake"  # or hung, asleep, gone: how `play` turns it
        self.played = False  # the host of peer 0 is turned by `play`
        self.now = 0.0
        # Strangers can reach a world with a secret of its own; to them, each of its lives is another (PROTOCOL.md 4.8).
        self._dice = Random(seed if access is None else access.secret + str(seed).encode())
        self._wire = _wire_options(wire)
        self.plant = Plant(spec, start, feet_c=who.feet_c, perfusion_w_k=who.perfusion_w_k, firmness=who.firmness)
        self.board = Board(spec, start, self.plant, seed, self._boot_id(), speed, access or Access())
        arms = arms and not start.nobody_arms
        self.person = Person(who, seed, arms) if person is not None else Person(HAND, seed) if arms and access else None
        self._tick_ms = 0
        self._coming = [Coming(row) for row in start.mishap]  # what the scenario still has in store
        self._ports: dict[int, Port] = {}
        self._open: list[Port] = []  # ports that said something
        self._bad_wires = bool(self._wire)
        self._cable = self.peer(0)

    @property
    def silent(self) -> bool:
        """Nothing passes between the device and any host."""
        return self.mute and self.deaf

    @silent.setter
    def silent(self, silent: bool) -> None:
        self.mute = self.deaf = silent

    @property
    def device(self) -> Device:
        """The device mind."""
        return self.board.device

    def peer(self, number: int) -> Port:
        """The transport of one peer, 0 to 3."""
        if number not in self._ports:
            self._ports[number] = Port(self, number, *self._wires(number))
        return self._ports[number]

    def _wires(self, number: int) -> tuple[Wire | None, Wire | None]:
        options = self._wire
        seed = self.seed * 16 + 4 * number
        return (Wire(seed + 1, **options), Wire(seed + 2, **options)) if options else (None, None)

    def rewire(self, wire: str | Mapping[str, Any] | None) -> dict[str, Any]:
        """Replace every wire by one of another kind; what travels is lost. The kind that it was."""
        before, self._wire = self._wire, _wire_options(wire)
        self._bad_wires = bool(self._wire)
        for number, port in self._ports.items():
            port.down, port.up = self._wires(number)
        return before

    def read(self, now: float) -> bytes:
        """Peer 0: what has reached the host by `now`."""
        return self._cable.read(now)

    def write(self, now: float, data: bytes) -> None:
        """Peer 0: send to the device."""
        self._cable.write(now, data)

    def disconnect(self, number: int) -> None:
        """A peer's carrier is gone; what travels is lost."""
        port = self._ports.pop(number, None)
        if port in self._open:
            self._open.remove(port)
        self.device.disconnect(number)
        if number == 0:
            self._cable = self.peer(0)

    def press(self, button: str, hold_s: float = 0.2) -> None:
        """Somebody holds a button of the device now: "stop" (pain) or "arm" (shortly: yes)."""
        now_ms = self._tick_ms
        self.board.press(button, now_ms, now_ms + int(hold_s * 1000))

    def restart(self) -> None:
        """The device loses power for an instant; its clock and its memory start anew."""
        self.board.restart(self._tick_ms, self._boot_id(), self.speed)

    @property
    def next_event(self) -> float:
        """When peer 0's host may next have bytes: now, an arrival on its wire, or the next tick. `run` looks further, at less cost."""
        return self._cable.next_event

    def run(self, until: float) -> float:
        """Advance to the first instant at which bytes reach the host of peer 0, at most to `until`; give that instant."""
        return self._cable.run(until)

    def advance(self, now: float) -> None:
        """Let everything happen that happens up to `now`. Time never goes back: an earlier `now` changes nothing."""
        if self._bad_wires:
            while self.next_step <= now:
                self._step()
        else:
            while (self._tick_ms + TICK_MS) / 1000 <= now:
                self._tick()
        self.now = now if now > self.now else self.now

    def run_for(self, port: Port, until: float) -> float:
        """Advance to the first instant at which bytes reach the host at `port`, at most to `until`; give that instant."""
        until = max(until, self.now)
        if not self._bad_wires:
            while not port.inbox:
                if (self._tick_ms + TICK_MS) / 1000 > until:
                    self.now = until
                    break
                self._tick()
            return self.now
        while True:
            step = self.next_step
            ready = port.ready
            if ready is not None and ready <= step and ready <= until:
                self.now = max(self.now, ready)
                return self.now
            if step > until:
                self.now = until
                return until
            self._step()

    def send(self, port: Port, now: float, data: bytes) -> None:
        """What a port wrote goes on its way."""
        if self.mute:
            return
        if port not in self._open:
            self._open.append(port)
        if port.down:
            port.down.push(now, data)
            self.advance(now)
        else:
            self._deliver(port, now, data)

    def _deliver(self, port: Port, now: float, data: bytes) -> None:
        answer = self.board.receive(int(now * 1000 + 1e-6), data, port.peer)
        if answer:
            port.give(now, answer)

    @property
    def next_step(self) -> float:
        """The next tick, or a delivery to the device that comes before it."""
        tick = (self._tick_ms + TICK_MS) / 1000
        if self._bad_wires:
            for port in self._open:
                arrival = port.down.next_arrival if port.down else None
                if arrival is not None and arrival < tick:
                    tick = arrival
        return tick

    def _step(self) -> None:
        at = self.next_step
        if self._bad_wires:
            for port in self._open:
                if port.down and (arrival := port.down.next_arrival) is not None and arrival <= at:
                    self.now = max(self.now, at)
                    self._deliver(port, self.now, port.down.pull(at))
                    return
        self._tick()

    def _tick(self) -> None:
        self._tick_ms = now_ms = self._tick_ms + TICK_MS
        self.now = at = now_ms / 1000
        board = self.board
        board.tick(now_ms)
        if self._coming:
            self._coming = [coming for coming in self._coming if coming.waits(self)]
        if self.person and not now_ms % LOOK_MS:
            self.person.step(now_ms, board)
        device_ms = now_ms - board.booted_ms
        for port in self._open:
            if data := board.device.outgoing(device_ms, port.peer):
                port.give(at, data)

    def _boot_id(self) -> int:
        return self._dice.getrandbits(32) | 1


class Coming:
    """A mishap of a scenario that has not ended yet. Its time counts from power-up, or from the first moment of what it waits `after`."""

    __slots__ = ("row", "since", "under_way")

    def __init__(self, row: Happening) -> None:
        self.row = row
        self.since = 0.0 if row.after == "power" else -1.0
        self.under_way = False

    def waits(self, world: World) -> bool:
        """Let it begin or end when it is time; False when it is over."""
        row = self.row
        if self.since < 0 and MOMENTS[row.after](world):
            self.since = world.now
        if self.since < 0 or world.now < self.since + row.at_s + (row.for_s or 0.0) * self.under_way:
            return True
        if self.under_way:
            mishaps.mend(world, row.name)
            return False
        mishaps.happen(world, row.name, **row.args)
        self.under_way = True
        return row.for_s is not None


def _feet(world: World, mask: int) -> bool:
    return bool(world.plant.presence & mask)


MOMENTS: Mapping[str, Callable[[World], bool]] = {
    "heat": lambda world: world.board.heat_w > 0,
    "soak": lambda world: _feet(world, 3) and world.board.heat_w > 0,
    "massage": lambda world: max(world.plant.massager.left.kpa, world.plant.massager.right.kpa) > PRESSED_KPA,
}


def _wire_options(wire: str | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(wire, str):
        if wire not in WIRES:
            raise UsageError(f"no wire is called {wire!r}", f"there are: {', '.join(WIRES)}")
        wire = WIRES[wire]
    return dict(wire or {})


def _shuttle(host: Host, world: World, now: float) -> None:
    """A hung control loop whose input and output go on: bytes are taken, repeats are sent, nothing is decided."""
    host.receive(now, world.read(now))
    data = host.data_to_send(now)
    if data:
        world.write(now, data)


def play(
    host: Host, world: World, *, operator: Operator | None = None, until: float | None = None, note: Note | None = None
) -> Outcome | None:
    """Turn `host` on peer 0 of `world` until it is done; its outcome, or None when `until` (world time) comes first, or
    when a mishap kills the host: then the device is given time to find out.

    `operator` is asked before every turn what the person at the host does now. `note` gets every turn, for a record.
    """
    limit = LONGEST_S if until is None else until
    now = world.now
    still = 0
    world.played = True
    while True:
        if world.host_is == "awake":
            turn(host, world, now, operator(now, host) if operator else (), note)
        elif world.host_is == "hung":
            _shuttle(host, world, now)
        if host.done:
            return host.outcome
        if now >= limit:
            if until is None:
                raise RuntimeError(f"the session is not over after {LONGEST_S:.0f} s")
            return None
        if world.host_is == "gone":
            world.advance(min(limit, now + ALONE_S))
            return None
        if world.host_is != "awake":
            now = min(limit, now + AWAY_S)
            world.advance(now)
            continue
        due = host.next_deadline
        before = now
        now = world.run(limit if due is None or due > limit else due)
        still = still + 1 if now == before else 0
        if still > STUCK_TURNS:
            raise RuntimeError(f"the host turns in circles at {now} s")
