"""A second central on the same virtual air: every message, playback, a race. The water never warms for it; the owner's session goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.ble.conftest import BENCH, SLOWER, Massager, until
from tests.ble.intruder import Ear, Intruder
from tests.ble.process import Process
from tests.ble.sky import Sky
from tests.world.stranger import Stranger

Serve = Callable[..., Massager]
Spawn = Callable[..., Process]
Intrude = Callable[[Stranger, Massager], Intruder]

MASSAGE = ("set", "--pressure", "12kPa", "--for", "15s")
ALONE_S = 6.0  # at speed 20 two minutes of the device's
SPEED = {"bumble": 2, "bluez": 1}[BENCH]


@pytest.fixture
def intrude(sky: Sky) -> Iterator[Intrude]:
    """Strangers on the air."""
    made: list[Intruder] = []

    def start(stranger: Stranger, massager: Massager) -> Intruder:
        made.append(Intruder(sky, stranger, massager.address))
        return made[-1]

    yield start
    for one in made:
        one.end()


@pytest.fixture
def ear(sky: Sky) -> Iterator[Ear]:
    """What the owner's radio sends."""
    made = Ear(sky)
    yield made
    made.end()


def cold(massager: Massager, water_c: float) -> dict[str, Any]:
    """The status, in which nothing is on."""
    status = massager.status
    assert status["state"] == "idle", status
    assert status["water_c"] <= water_c, status
    assert max(status["kpa"]) < 4, status
    return status


def test_strangers_alone_warm_nothing(serve: Serve, intrude: Intrude) -> None:
    massager = serve("--person", "none", "--arm", "manual", speed=20)
    water_c = massager.status["water_c"] + 0.05
    strangers = [intrude(Stranger(seed), massager) for seed in (1, 2)]
    until(lambda: all(one.said > 10 for one in strangers), "they talk")
    end = time.monotonic() + ALONE_S
    while time.monotonic() < end:
        cold(massager, water_c)
        massager.act("press", "arm")  # and somebody holds the button for them
        time.sleep(0.5)
    assert all(one.said > 100 for one in strangers)
    assert any(told.__class__.__name__ == "Nak" for told in strangers[0].stranger.heard)
    assert not any(told.__class__.__name__ == "Ack" for one in strangers for told in one.stranger.heard)


def test_the_owners_session_goes_on(serve: Serve, spawn: Spawn, intrude: Intrude) -> None:
    massager = serve(speed=SPEED)
    stranger = intrude(Stranger(3), massager)
    until(lambda: stranger.said > 20, "the stranger was there first")
    code, told, err = spawn(*MASSAGE, *massager.run).result(120.0 * SLOWER)
    assert (code, told["outcome"]) == (0, "completed"), (told, err)
    assert stranger.said > 100
    assert any("without the device's key" in warning for warning in told["warnings"]), told["warnings"]
    assert not any(answer.__class__.__name__ == "Ack" for answer in stranger.stranger.heard)


def test_a_recorded_session_opens_nothing(sky: Sky, serve: Serve, spawn: Spawn, ear: Ear, intrude: Intrude) -> None:
    massager = serve(speed=SPEED)
    code, told, err = spawn(*MASSAGE, *massager.run).result(120.0 * SLOWER)
    assert (code, told["outcome"]) == (0, "completed"), (told, err)
    recorded = list(ear.heard)
    assert len(recorded) > 100
    water_c = massager.status["water_c"] + 0.05
    stranger = intrude(Stranger(4, recorded=recorded), massager)
    end = time.monotonic() + ALONE_S
    while time.monotonic() < end:
        cold(massager, water_c)
        massager.act("press", "arm")
        time.sleep(0.5)
    assert stranger.said > 100
    stranger.stranger.recorded = []
    code, told, err = spawn(*MASSAGE, *massager.run).result(120.0 * SLOWER)
    assert (code, told["outcome"]) == (0, "completed"), (told, err)


def test_the_owners_words_said_again_at_once(serve: Serve, spawn: Spawn, ear: Ear, intrude: Intrude) -> None:
    """A race: whatever the owner says is on the air once more, from somebody else, a moment later."""
    massager = serve(speed=SPEED)
    echo = Stranger(5)
    stranger = intrude(echo, massager)
    session = spawn(*MASSAGE, *massager.run)
    while session.poll() is None:
        echo.recorded = ear.heard[-20:]
        time.sleep(0.02)
    code, told, err = session.result()
    assert (code, told["outcome"]) == (0, "completed"), (told, err)
    assert stranger.said > 50


def test_anybody_may_stop_and_the_owner_is_told(serve: Serve, spawn: Spawn, intrude: Intrude) -> None:
    massager = serve(speed=SPEED)
    session = spawn("set", "--pressure", "25kPa", "--for", "9min", *massager.run)
    until(lambda: max(massager.status["kpa"]) > 6, "the rollers press", 120.0)

    class Stopping(Stranger):
        def say(self) -> bytes:
            from firmware_protocol import messages

            return self.frame(messages.Stop(60))

    intrude(Stopping(6), massager)
    code, told, err = session.result(60.0 * SLOWER)
    assert (code, told["outcome"]) == (6, "stopped"), (told, err)
    assert massager.status["state"] == "latched"
