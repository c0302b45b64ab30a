"""The one pump between a host and a transport. The asyncio rim and the virtual clock both call `turn`; there is no second loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from footctl.core.events import OperatorEvent
from footctl.core.host import Host


class Transport(Protocol):
    """Bytes in, bytes out, never blocking. `now` is for transports that live on the same clock (the simulator's); others ignore it."""

    def read(self, now: float) -> bytes:
        """What has arrived, perhaps nothing. Raises footctl.errors.LinkLost when the carrier is gone."""
        ...

    def write(self, now: float, data: bytes) -> None:
        """Hand over all of `data` or drop it whole. Raises footctl.errors.LinkLost when the carrier is gone."""
        ...


def turn(host: Host, transport: Transport, now: float, operator: Sequence[OperatorEvent] = ()) -> None:
    """One turn at `now`: take what arrived, let the host act, send what it has to say."""
    data = transport.read(now)
    host.receive(now, data)
    host.act(now, *operator)
    out = host.data_to_send(now)
    if out:
        transport.write(now, out)
