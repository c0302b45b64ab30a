"""kill -9 of the host at any moment: the device is safe by itself within its leases. `make soak` tries 50 times, a test run a few.

An onlooker of its own reads the device's telemetry all the while. Every moment is one of device time, as telemetry dates it; the kill's
is asked for once the host is dead, so it is never too early.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from firmware_protocol import exchange, faults, messages, version
from footctl.core import translate
from footctl.core.commands import ReadCause
from footctl.core.events import Sample
from tests.system.processes import Footctl, Served, Spawn, until

pytestmark = [pytest.mark.system, pytest.mark.slow]

TRIES = int(os.environ.get("FOOTCTL_TRIES", "3"))
SPEED = 10
DRAWN_S = 5.0  # wall seconds of the phase in which the moment of the kill is drawn
RELEASED_S = 1.5 + 1.0  # device seconds: the roller's lease in the standard tier, and what a release may take
HEAT_OFF_S = 3.0  # the heater's lease
LATCHED_S = 5.0  # the lease of the whole session
ASKING_S = 0.2 + 0.2  # device seconds: a heartbeat that lies in the socket is read a stride later, and telemetry comes five times a second


class Onlooker:
    """An observer that keeps every sample. Nothing is lost between two looks: what arrives waits in its socket, dated by the device."""

    def __init__(self, where: str) -> None:
        host, port = where.rsplit(":", 1)
        self.samples: list[Sample] = []
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setblocking(False)
        self._exchange = exchange.Exchange(messages.TO_HOST)
        self._exchange.ask(messages.Hello(version.MAJOR, version.MINOR, messages.OBSERVER, 1))
        self._asked_at = time.monotonic()
        until(self._take, "the first sample")

    def look(self) -> Sample:
        """The newest sample."""
        self._take()
        return self.samples[-1]

    def _take(self) -> bool:
        """Keep what has arrived; whether anything ever has."""
        now = time.monotonic()
        if now - self._asked_at > 1.0:  # telemetry ends 30 device seconds after a peer's last frame
            self._asked_at = now
            self._exchange.ask(translate.message(ReadCause()))
        data = b""
        while True:
            try:
                piece = self._socket.recv(65536)
            except BlockingIOError:
                break
            assert piece, "the device hung up"
            data += piece
        now_ms = round(now * 1000)
        for kind, number, told in self._exchange.receive(now_ms, data):
            if isinstance(told, messages.Telemetry):
                self.samples.append(translate.sample(told))
            elif kind == messages.REQUEST:
                self._exchange.answer(number, messages.Ack(messages.code_of(told)))
        self._socket.sendall(self._exchange.data_to_send(now_ms))
        return bool(self.samples)

    def wait(self, wall_s: float) -> None:
        """Look on for so long."""
        end = time.monotonic() + wall_s
        while time.monotonic() < end:
            self.look()
            time.sleep(0.01)

    def for_good(self, true: Callable[[Sample], bool]) -> float:
        """Device seconds of the first sample from which on it stayed true; of none, that is never."""
        since = float("inf")
        for sample in reversed(self.samples):
            if not true(sample):
                break
            since = sample.uptime_ms / 1000
        return since

    def close(self) -> None:
        """Leave."""
        self._socket.close()


@contextmanager
def looking_on(served: Served) -> Iterator[Onlooker]:
    onlooker = Onlooker(served.address)
    try:
        yield onlooker
    finally:
        onlooker.close()


def _presses(sample: Sample) -> bool:
    return sample.motor_enable and sample.pressure_kpa is not None and sample.pressure_kpa > 18


def _heats(sample: Sample) -> bool:
    return sample.heater_enable and sample.heater_duty > 0 and len(sample.in_bath) == 2


def _released(sample: Sample) -> bool:
    return not sample.motor_enable and sample.pressure_kpa is not None and sample.pressure_kpa < 4


def _cold(sample: Sample) -> bool:
    return not sample.heater_enable and sample.heater_duty == 0


def _latched(sample: Sample) -> bool:
    return sample.state == "latched" and sample.fault == faults.LINK_LOST


@pytest.mark.parametrize(
    ("words", "busy"), [(("--pressure", "25kPa"), _presses), (("--water", "35C"), _heats)], ids=["full pressure", "mid-soak"]
)
def test_killed_at_a_random_moment(
    serve: Callable[..., Served], spawn: Spawn, footctl: Footctl, words: tuple[str, ...], busy: Callable[[Sample], bool]
) -> None:
    served = serve("tcp", speed=SPEED)
    dice = random.Random(sum(words[0].encode()))
    with looking_on(served) as onlooker:
        for number in range(TRIES):
            session = spawn("set", *words, "--for", "9min", *served.run)

            def under_way(session: subprocess.Popen[str] = session) -> bool:
                assert session.poll() is None, session.communicate()
                return busy(onlooker.look())

            until(under_way, f"try {number} is under way", 60)
            onlooker.wait(dice.uniform(0.0, DRAWN_S))
            until(under_way, f"try {number} is at it again")  # the roller lifts off at times, and the heater rests
            session.send_signal(signal.SIGKILL)
            session.wait()
            killed_s = served.status["uptime_s"]
            until(lambda: onlooker.look().state == "latched", f"try {number} latches")
            told = f"try {number}, killed at {killed_s} s: {onlooker.samples[-50:]}"
            assert onlooker.for_good(_released) - killed_s < RELEASED_S + ASKING_S, told
            assert onlooker.for_good(_cold) - killed_s < HEAT_OFF_S + ASKING_S, told
            assert onlooker.for_good(_latched) - killed_s < LATCHED_S + ASKING_S, told
            assert onlooker.samples[-1].is_off, told
            assert served.status["cause"] == "link_lost"
            assert footctl("clear", *served.device, stdin="y\n").returncode == 0
    assert served.status["slipped_s"] < TRIES * 5
