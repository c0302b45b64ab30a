"""Who talks to the device: up to four peers, each with its own exchange, and which of them is the controller."""

from firmware_protocol import messages
from firmware_protocol.exchange import Exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PEERS = 4  # 0 is the cable
TOLD_MS = 30000  # telemetry ends this long after a peer's last frame
ALIVE_MS = 5000  # a controller that was heard this recently keeps its place


NOISY = 5  # more broken frames than this in two seconds are no link
NOISY_BEATS = 10


class Link:
    """One peer. `greeted` after its HELLO; `told`: telemetry was sent since then; `noisy`: too much arrives broken."""

    __slots__ = ("exchange", "greeted", "role", "nonce", "heard_ms", "told", "turn", "noisy", "_dropped", "_at")

    def __init__(self) -> None:
        self.exchange = Exchange(messages.TO_DEVICE)
        self.greeted = self.told = False
        self.role = self.nonce = self.heard_ms = 0
        self.turn = -1
        self.hush()

    def forget(self) -> None:
        """The carrier is gone."""
        self.exchange = Exchange(messages.TO_DEVICE)
        self.greeted = self.told = False
        self.turn = -1
        self.hush()

    def hush(self) -> None:
        """Broken frames count from here."""
        self.noisy = False
        self._dropped = [0] * NOISY_BEATS
        self._at = 0

    def listen(self) -> None:
        """Five times a second: how much arrived broken in the last two seconds."""
        dropped = self.exchange.dropped
        at = self._at
        self.noisy = dropped - self._dropped[at] > NOISY
        self._dropped[at] = dropped
        self._at = at + 1 if at + 1 < NOISY_BEATS else 0


class Links:
    """All peers. `controller` is the one that may change things."""

    __slots__ = ("all", "controller")

    def __init__(self) -> None:
        self.all = tuple([Link() for _ in range(PEERS)])
        self.controller: "Link | None" = None

    def greet(self, link: "Link", role: int, nonce: int) -> None:
        """A peer said HELLO."""
        if not link.greeted or link.nonce != nonce:
            link.exchange.drop_requests()
            link.hush()
            link.exchange.count_anew()  # TELEMETRY's counter stops at 255, and each session wants to see it move
            link.told = False
            link.turn = -1
        link.greeted = True
        link.role = role
        link.nonce = nonce

    def may_control(self, link: "Link", now_ms: int) -> bool:
        """True when nobody else is the controller, or the one who is has fallen silent."""
        controller = self.controller
        return controller is None or controller is link or now_ms - controller.heard_ms > ALIVE_MS

    def listening(self, now_ms: int) -> "list[Link]":
        """The peers that get telemetry and events now."""
        return [link for link in self.all if link.greeted and now_ms - link.heard_ms <= TOLD_MS]

    def tell_event(self, now_ms: int, kind: int, value: int) -> None:
        """Let every listening peer know that something happened."""
        event: "Any" = messages.Event(kind, value, now_ms & 0xFFFFFFFF)
        for link in self.listening(now_ms):
            link.exchange.ask(event)
