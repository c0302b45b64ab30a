"""After a lost link nothing is resumed: the device is looked for, told STOP, and read back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from firmware_protocol import messages
from footctl.errors import LinkNotFound
from footctl.link.inprocess import InProcess
from footctl.run.again import EVERY_S, PATIENCE_S, off_again
from simulator.world import World
from tests.rim.test_session import Cuttable, a_session, massaging, when
from tests.rim.views import an_identity

Virtual = Callable[[Any], Any]


def test_it_comes_back_and_is_told_stop(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop, Cuttable)
        link = session.link
        assert isinstance(link, Cuttable)
        when(session, massaging, lambda: setattr(link, "cut", "unplugged"))
        view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "link_lost"
        world = link.world
        assert isinstance(world, World)
        assert world.device.outputs.motor_enable
        tries = []

        async def reopen() -> InProcess:
            tries.append(loop.time())
            if len(tries) < 4:
                raise LinkNotFound("not yet")
            return Late(world, loop.time())

        assert view.identity is not None
        assert await off_again(reopen, view.identity)
        assert tries[3] - tries[0] < 4 * EVERY_S
        assert world.device.state == messages.LATCHED
        assert not world.device.outputs.motor_enable

    virtual(story)


class Late(InProcess):
    """A world that is older than the clock of the session that now looks at it."""

    def __init__(self, world: World, behind_s: float) -> None:
        super().__init__(world)
        self._behind_s = world.now

    def reach(self, now: float, deadline: float | None) -> float:
        self.world.run(self._behind_s + now)
        return now

    def next_event(self) -> float | None:
        return None

    def read(self, now: float) -> bytes:
        return super().read(now + self._behind_s)

    def write(self, now: float, data: bytes) -> None:
        super().write(now + self._behind_s, data)


def test_nobody_comes_back(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        async def reopen() -> InProcess:
            raise LinkNotFound("no")

        begun = loop.time()
        assert not await off_again(reopen, an_identity())
        assert PATIENCE_S <= loop.time() - begun < PATIENCE_S + 1

    virtual(story)


def test_a_signal_ends_the_looking(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        async def reopen() -> InProcess:
            os.kill(os.getpid(), signal.SIGTERM)
            raise LinkNotFound("no")

        begun = loop.time()
        assert not await off_again(reopen, an_identity())
        assert loop.time() - begun < 2 * EVERY_S

    virtual(story)


@pytest.mark.parametrize(("other", "off"), [({"serial": "SIM-0002"}, False), ({"boot_id": 1}, True)], ids=["another device", "restarted"])
def test_whoever_else_answers_there_is_not_stopped(virtual: Virtual, other: dict[str, Any], off: bool) -> None:
    async def story(loop: Any) -> None:
        world = World(seed=3)

        async def reopen() -> InProcess:
            return Late(world, loop.time())

        assert await off_again(reopen, an_identity(**other)) is off
        assert world.device.state == messages.IDLE

    virtual(story)
