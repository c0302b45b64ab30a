"""Links that end while water is warm or rollers press: the device is off within its lease, the command ends with 4 and says why."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.ble.conftest import BENCH, SLOWER, Massager, until
from tests.ble.process import Process
from tests.ble.sky import Sky

Serve = Callable[..., Massager]
Spawn = Callable[..., Process]

SOAK = ("set", "--water", "34C", "--for", "9min")
MASSAGE = ("set", "--pressure", "25kPa", "--for", "9min")
LEASE_S = 5.0  # the abort lease, device seconds: the last of the three stages
RELEASE_S = 1.0
ASKING_S = 0.5 * SLOWER  # wall seconds that a status question may take on a busy machine

UNDER_WAY: dict[tuple[str, ...], Callable[[dict[str, Any]], bool]] = {
    SOAK: lambda status: status["feet"]["left"] == "bath",
    MASSAGE: lambda status: max(status["kpa"]) > 6,
}
phases = pytest.mark.parametrize("words", UNDER_WAY, ids=["soak", "massage"])


def begun(massager: Massager, session: Process, words: tuple[str, ...]) -> dict[str, Any]:
    """The status once the session is under way."""

    def under_way() -> dict[str, Any] | None:
        assert session.poll() is None, session.told()
        status = massager.status
        return status if UNDER_WAY[words](status) else None

    return dict(until(under_way, "it is under way", 120.0))


def off_by_itself(massager: Massager, since_s: float) -> None:
    """The device latched by its own lease, in time, and nothing is on."""
    latched = until(lambda: (status := massager.status)["state"] == "latched" and status, "the device lets go by itself")
    assert latched["cause"] == "link_lost"
    assert latched["uptime_s"] - since_s < LEASE_S + RELEASE_S + ASKING_S * massager.speed
    until(lambda: max(massager.status["kpa"]) < 4, "the rollers are up")


def ended_with_4(session: Process, *words: str) -> dict[str, Any]:
    """The command has ended as after a lost link, and said so to the person."""
    code, told, err = session.result()
    assert (code, told["outcome"]) == (4, "link_lost"), (told, err)
    assert told["reason"] in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) >= 2, "what went wrong, and what to do"
    for word in words:
        assert word in err, err
    return told


@phases
def test_the_massager_is_out_of_reach(sky: Sky, serve: Serve, spawn: Spawn, words: tuple[str, ...]) -> None:
    massager = serve()
    session = spawn(*words, *massager.run)
    since = begun(massager, session, words)["uptime_s"]
    sky.silence("massager")
    off_by_itself(massager, since)
    if words is MASSAGE:
        sky.unsilence("massager")
        assert "it came back and reads as off" in ended_with_4(session)["reason"]
    else:
        assert "came back" not in ended_with_4(session)["reason"]
        sky.unsilence("massager")


@phases
def test_the_bluetooth_of_this_computer_hangs(sky: Sky, serve: Serve, spawn: Spawn, words: tuple[str, ...]) -> None:
    """is_connected stays true and nobody is told: only the heartbeats of both ends can see it."""
    massager = serve()
    session = spawn(*words, *massager.run)
    since = begun(massager, session, words)["uptime_s"]
    sky.hush("massager")
    off_by_itself(massager, since)
    ended_with_4(session)
    sky.unsilence("massager")


def test_a_slow_radio_is_no_lost_link(sky: Sky, serve: Serve, spawn: Spawn) -> None:
    massager = serve(speed=1)
    sky.delay(0.1)
    code, told, err = spawn("set", "--pressure", "12kPa", "--for", "15s", *massager.run).result()
    assert (code, told["outcome"]) == (0, "completed"), (told, err)


def test_the_simulator_is_switched_off_in_good_order(serve: Serve, spawn: Spawn) -> None:
    massager = serve()
    session = spawn(*MASSAGE, *massager.run)
    begun(massager, session, MASSAGE)
    massager.end()
    ended_with_4(session)


@phases
def test_the_host_is_killed(serve: Serve, spawn: Spawn, words: tuple[str, ...]) -> None:
    """The system keeps the link of a killed program up; the device lets go all the same, and the next command gets through."""
    massager = serve()
    session = spawn(*words, *massager.run)
    since = begun(massager, session, words)["uptime_s"]
    session.signal(signal.SIGKILL)
    off_by_itself(massager, since)
    assert session.wait() == -signal.SIGKILL
    seen = spawn("device", "info", *massager.device, "--json")
    assert seen.wait(60.0 * SLOWER) == 0, seen.told()
    assert '"link_lost"' in seen.told()[0]


def test_mid_frame_silence_does_not_tear_what_comes_after(sky: Sky, serve: Serve, spawn: Spawn) -> None:
    massager = serve("--mtu", "23")
    for _ in range(2):
        session = spawn(*MASSAGE, *massager.run)
        begun(massager, session, MASSAGE)
        sky.silence("massager")
        until(lambda: massager.status["state"] == "latched", "the device lets go by itself")
        sky.unsilence("massager")
        ended_with_4(session)
        massager.act("press", "arm")
        until(lambda: massager.status["state"] == "idle", "it is cleared by hand")
    code, told, err = spawn("set", "--pressure", "12kPa", "--for", "15s", *massager.run).result()
    assert (code, told["outcome"]) == (0, "completed"), (told, err)
    assert sky.air.longest <= 23 + 4  # of L2CAP


def test_the_smallest_packets(sky: Sky, serve: Serve, spawn: Spawn) -> None:
    massager = serve("--mtu", "23")
    code, told, err = spawn("set", "--pressure", "12kPa", "--for", "15s", *massager.run).result()
    assert (code, told["outcome"]) == (0, "completed"), (told, err)


if BENCH == "bluez":
    from tests.ble import bluez

    @phases
    def test_bluetoothd_is_killed(serve: Serve, spawn: Spawn, words: tuple[str, ...]) -> None:
        massager = serve()
        session = spawn(*words, *massager.run)
        since = begun(massager, session, words)["uptime_s"]
        bluez.kill()
        try:
            off_by_itself(massager, since)
            ended_with_4(session, "Bluetooth")
        finally:
            bluez.start()
        until(bluez.powered, "bluetoothd is back")
        massager.act("press", "arm")
        until(lambda: massager.status["state"] == "idle", "it is cleared by hand")
        code, told, err = spawn("set", "--pressure", "12kPa", "--for", "15s", *massager.run).result()
        assert (code, told["outcome"]) == (0, "completed"), (told, err)
