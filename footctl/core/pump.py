"""The one pump between a host and a transport. The asyncio rim and the virtual clock both call `turn`; there is no second loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from footctl.core.events import Event
from footctl.core.view import View


class Transport(Protocol):
    """Bytes in, bytes out, never blocking. `now` is for transports that live on the same clock (the simulator's); others ignore it."""

    def read(self, now: float) -> bytes:
        """What has arrived, perhaps nothing. Raises footctl.errors.LinkLost when the carrier is gone."""
        ...

    def write(self, now: float, data: bytes) -> None:
        """Hand over all of `data` or drop it whole. Raises footctl.errors.LinkLost when the carrier is gone."""
        ...


class Mind(Protocol):
    """What is turned: a Host, or a Guide that has no device. Bytes on one side, a person on the other."""

    @property
    def next_deadline(self) -> float | None:
        """When the next turn is due although nothing arrives."""
        ...

    @property
    def done(self) -> bool:
        """Nothing more will be said."""
        ...

    @property
    def heard(self) -> tuple[Event, ...]:
        """What the last turn took in."""
        ...

    def receive(self, now: float, data: bytes) -> None:
        """Take bytes from the carrier."""
        ...

    def act(self, now: float, *operator: Event) -> None:
        """One turn."""
        ...

    def data_to_send(self, now: float) -> bytes:
        """The bytes that must go out now."""
        ...

    def view(self, now: float) -> View:
        """Everything that a screen may show."""
        ...


# now, bytes that arrived, what the operator did, bytes that go out: the input of the host mind and its answer, for the record
Note: TypeAlias = Callable[[float, bytes, Sequence[Event], bytes], None]


def turn(
    host: Mind,
    transport: Transport,
    now: float,
    operator: Sequence[Event] = (),
    note: Note | None = None,
    later: Callable[[], float] | None = None,
) -> None:
    """One turn at `now`: take what arrived, let the host act, send what it has to say. `note` sees it before it is sent.

    `later` tells the time once more when the bytes are there: a process that stood still between looking at its clock and reading
    must see that gap in the same turn as what came in meanwhile, or it would take the device's word for its own sleep.
    """
    data = transport.read(now)
    if later is not None:
        now = later()
    host.receive(now, data)
    host.act(now, *operator)
    out = host.data_to_send(now)
    if note is not None:
        note(now, data, operator, out)
    if out:
        transport.write(now, out)
