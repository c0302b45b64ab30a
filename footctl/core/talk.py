"""What the device has been told, and the one command that is on its way to it.

The next command is found when that one is accepted, from what was told and what should be: no queue, hence no order of a queue
that could undo a release. Knows no program.
"""

from __future__ import annotations

from footctl.core.commands import Command
from footctl.core.events import Sample
from footctl.core.levels import IDLE, OFF, Levels, towards
from footctl.core.translate import MESSAGE_OF

SETTLE_S = 1.0  # from an accepted command until telemetry must show it: five samples


class Talk:
    """`told`: what the device accepted. `unanswered`: requests in a row that nobody answered, after all their repeats."""

    __slots__ = ("_clear", "_on_its_way", "_settled_at", "told", "unanswered")

    def __init__(self) -> None:
        self.told = OFF
        self.unanswered = 0
        self._on_its_way: tuple[str, Levels] | None = None
        self._settled_at = 0.0
        self._clear: Levels | None = None  # what should be, once nothing is left to say about it

    @property
    def busy(self) -> bool:
        """True while a command is on its way."""
        return self._on_its_way is not None

    def say(self, command: Command, told: Levels | None = None) -> Command:
        """Note that `command` is on its way; once accepted, the device has been told `told` (None: the same as before)."""
        self._on_its_way = MESSAGE_OF[type(command)], told or self.told
        return command

    def towards(self, want: Levels) -> Command | None:
        """The next command on the way to `want`, now on its way; None when there is nothing left to say, or one is under way."""
        if self._on_its_way is not None or want is self._clear:
            return None
        way = towards(self.told, want)
        if way is None:
            self._clear = want
            return None
        self._clear = None
        return self.say(*way)

    def accepted(self, now: float, message: str) -> bool:
        """The device took a message. True when it was the one on its way."""
        self.unanswered = 0
        if self._on_its_way is None or self._on_its_way[0] != message:
            return False
        told, before = self._on_its_way[1], self.told
        starts = told.massage is not None and before.massage is None
        if starts or (told.state, told.heater, told.motor) != (before.state, before.heater, before.motor):
            self._settled_at = now
        self.told = told
        self._on_its_way = None
        return True

    def refused(self, message: str) -> bool:
        """The device said no. True when it was the one on its way; nothing changed."""
        self.unanswered = 0
        if self._on_its_way is None or self._on_its_way[0] != message:
            return False
        self._on_its_way = None
        return True

    def missed(self, message: str) -> None:
        """Nobody answered. What is still different is said again."""
        self.unanswered += 1
        if self._on_its_way is not None and self._on_its_way[0] == message:
            self._on_its_way = None

    def settled(self, now: float) -> bool:
        """True when telemetry must show what was told."""
        return self.told.state != IDLE and self._on_its_way is None and now >= self._settled_at + SETTLE_S

    def slipped(self, sample: Sample) -> bool:
        """The device opened an enable by itself: its lease expired. From here on what it shows counts as told."""
        told = self.told
        if not ((told.heater and not sample.heater_enable) or (told.motor and not sample.motor_enable)):
            return False
        self._clear = None
        self.told = Levels(sample.state, sample.heater_enable, sample.motor_enable, lamp=told.lamp)
        return True
