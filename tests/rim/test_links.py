"""Links: what arrives comes out, nothing ever waits, a lost carrier is LinkLost, and each refusal to open says what to do."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footctl.errors import LinkBusy, LinkError, LinkLost, LinkNotFound, LinkTimeout, UsageError
from footctl.link import serial_port, tcp
from footctl.link.descriptor import DescriptorLink
from footctl.link.inprocess import InProcess
from footctl.link.threaded import ThreadedLink
from footctl.link.transport import Bell

Virtual = Callable[[Any], Any]


def pair(link_side: socket.socket, far: socket.socket) -> DescriptorLink:
    far.setblocking(False)
    return DescriptorLink(link_side.fileno(), "pair", link_side.close)


def test_bell_ring_timeout_and_kept_ring(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        bell = Bell()
        bell.ring()
        await bell.wait(None)  # kept
        before = loop.time()
        await bell.wait(2.0)
        assert loop.time() == pytest.approx(before + 2.0)
        loop.call_later(1.0, bell.ring)
        await bell.wait(10.0)
        assert loop.time() == pytest.approx(before + 3.0)
        await bell.wait(-1.0)
        assert loop.time() == pytest.approx(before + 3.0)

    virtual(story)


def test_bytes_go_both_ways_and_wake_the_waiter(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        near, far = socket.socketpair()
        link = pair(near, far)
        assert link.read(0.0) == b""
        link.write(0.0, b"hello")
        link.urgent(b"!")
        assert far.recv(100) == b"hello!"
        loop.call_later(1.0, far.send, b"there")
        await link.readable(30.0)
        await link.readable(30.0)
        assert loop.time() < 30.0
        assert link.read(1.0) == b"there"
        assert link.reach(5.0, 2.0) == 5.0
        assert link.next_event() is None
        link.close()
        link.close()
        far.close()
        with pytest.raises(LinkLost):
            link.read(2.0)

    virtual(story)


def test_the_far_end_closes(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        near, far = socket.socketpair()
        link = pair(near, far)
        far.close()
        with pytest.raises(LinkLost, match="went away"):
            link.read(0.0)
        with pytest.raises(LinkLost, match="went away"):
            link.write(0.0, b"x")
        link.urgent(b"x")
        link.close()
        link.urgent(b"x")

    virtual(story)


def test_a_full_carrier_loses_whole_frames_and_never_waits(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        link = pair(near, far)
        frame = bytes(range(1, 200)) + b"\0"
        for _ in range(200):
            link.write(0.0, frame)
        assert link.dropped_writes > 0
        got = b""
        while True:
            try:
                got += far.recv(65536)
            except BlockingIOError:
                if not link._rest:
                    break
                link.write(0.0, frame)  # room again: the torn frame is finished first
        assert set(got.split(b"\0")) == {frame[:-1], b""}
        link.close()
        far.close()

    virtual(story)


def test_write_to_a_reset_carrier_is_lost(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        near, far = socket.socketpair()
        link = pair(near, far)
        far.close()
        with pytest.raises(LinkLost):
            link.write(0.0, b"x")
        link.close()

    virtual(story)


def test_threaded_link(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        near, far = socket.socketpair()
        link = ThreadedLink("thread", lambda: near.recv(100), near.sendall, lambda: near.shutdown(socket.SHUT_RDWR))
        far.send(b"one")
        while not (data := link.read(0.0)):
            await link.readable(None)
        assert data == b"one"
        link.write(0.0, b"two")
        link.urgent(b"!")
        assert far.recv(10) == b"two!"
        far.close()
        await link.readable(None)
        with pytest.raises(LinkLost):
            link.read(0.0)
        with pytest.raises(LinkLost):
            link.write(0.0, b"x")
        link.urgent(b"x")
        assert link.reach(3.0, 1.0) == 3.0
        assert link.next_event() is None
        link.ring()
        link.close()
        link.close()
        near.close()

    virtual(story)


def test_threaded_link_write_error(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        gate = threading.Event()

        def receive() -> bytes:
            gate.wait()
            raise OSError("unplugged")

        def send(data: bytes) -> None:
            raise OSError("unplugged")

        link = ThreadedLink("thread", receive, send, gate.set)
        with pytest.raises(LinkLost, match="unplugged"):
            link.write(0.0, b"x")
        link.close()
        await link.readable(None)
        with pytest.raises(LinkLost):
            link.read(0.0)

    virtual(story)


class Still:
    """A world in which nothing happens but what is written."""

    next_event = 3.0

    def __init__(self) -> None:
        self.got: list[tuple[float, bytes]] = []
        self.now = 0.0

    def run(self, until: float) -> float:
        self.now = max(self.now, min(until, self.next_event))
        return self.now

    def read(self, now: float) -> bytes:
        return b"r"

    def write(self, now: float, data: bytes) -> None:
        self.got.append((now, data))


def test_in_process_goes_no_further_than_the_next_event(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        world = Still()
        link = InProcess(world)
        assert link.reach(1.0, None) == 1.0
        assert link.reach(9.0, 2.0) == 2.0
        assert link.reach(9.0, None) == 3.0
        assert link.next_event() == 3.0
        link.urgent(b"stop")
        assert link.reach(99.0, 50.0) == 3.0  # at once, where the world stands
        assert link.read(3.0) == b"r"
        link.write(3.0, b"w")
        assert world.got == [(3.0, b"stop"), (3.0, b"w")]
        link.ring()
        await link.readable(5.0)
        assert loop.time() == 0.0
        link.close()

    virtual(story)


# ---------------------------------------------------------------------------------------------------- opening


def test_serial_port_over_a_pty_is_exclusive(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        master, slave = os.openpty()
        tty.setraw(master)
        tty.setraw(slave)
        port = os.ttyname(slave)
        link = serial_port.open_serial(port)
        os.write(master, b"\x00\x11\x13\xff\r\n")
        while not (data := link.read(0.0)):
            await link.readable(None)
        assert data == b"\x00\x11\x13\xff\r\n"
        link.write(0.0, b"\x03\x04\x00")
        assert os.read(master, 10) == b"\x03\x04\x00"
        with pytest.raises(LinkBusy, match="in use"):
            serial_port.open_serial(port)
        link.close()
        serial_port.open_serial(port).close()
        os.close(slave)
        os.close(master)

    virtual(story)


def test_what_is_no_port(virtual: Virtual, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a port")

    async def story(loop: Any) -> None:
        for name, error, words in (
            (str(tmp_path / "none"), LinkNotFound, "no such port"),
            (str(tmp_path), LinkNotFound, "directory"),
            (str(file), LinkNotFound, "file, not a serial port"),
            (str(file / "below"), LinkNotFound, "no such port"),
            ("/dev/null", LinkNotFound, "no serial port"),
            ("tcp://here:1", LinkNotFound, "--tcp"),
            ("no-such-name", LinkNotFound, "no such port"),
        ):
            with pytest.raises(error) as caught:
                serial_port.open_serial(name)
            assert words in f"{caught.value} {caught.value.hint}", name
            assert caught.value.hint
            assert caught.value.exit_code == 4

    virtual(story)


@pytest.mark.parametrize(
    ("number", "words", "kind"),
    [
        (13, "", LinkError),
        (11, "", LinkBusy),
        (16, "", LinkBusy),
        (None, "could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)", LinkBusy),
        (None, "could not open port 'COM9': FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)", LinkNotFound),
        (5, "Input/output error", LinkError),
    ],
)
def test_errors_of_opening_are_explained(number: int | None, words: str, kind: type[LinkError]) -> None:
    error = serial_port.explain("COM3", number, words)
    assert type(error) is kind
    assert error.hint


@pytest.mark.parametrize("address", ["here", ":4000", "here:", "here:0", "here:65536", "here:x", "here:²"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(UsageError):
        tcp.parse_address(address)


def test_addresses() -> None:
    assert tcp.parse_address("box:4000") == ("box", 4000)
    assert tcp.parse_address("[::1]:4000") == ("::1", 4000)


def test_tcp_both_ways() -> None:
    async def story() -> None:  # on the real loop: names are looked up in a thread
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            link = await tcp.open_tcp(f"127.0.0.1:{port}")
            far, _ = server.accept()
            far.send(b"hi")
            while not (data := link.read(0.0)):
                await link.readable(None)
            assert data == b"hi"
            link.write(0.0, b"ho")
            assert far.recv(10) == b"ho"
            far.close()
            link.close()
        with pytest.raises(LinkNotFound, match="nothing listens"):
            await tcp.open_tcp(f"127.0.0.1:{port}")

    asyncio.run(story())


def test_tcp_names_and_silence(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(loop: Any) -> None:
        async def nobody(*args: Any, **more: Any) -> Any:
            raise socket.gaierror(-2, "Name or service not known")

        async def never(*args: Any) -> None:
            await asyncio.Event().wait()

        async def unreachable(*args: Any) -> None:
            raise OSError(113, "No route to host")

        with monkeypatch.context() as patch:
            patch.setattr(loop, "getaddrinfo", nobody)
            with pytest.raises(LinkNotFound, match="no such host"):
                await tcp.open_tcp("nobody.invalid:4000")
        async def here(*args: Any, **more: Any) -> Any:
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 4000))]

        monkeypatch.setattr(loop, "getaddrinfo", here)
        with monkeypatch.context() as patch:
            patch.setattr(loop, "sock_connect", never)
            with pytest.raises(LinkTimeout):
                await tcp.open_tcp("127.0.0.1:4000")
        with monkeypatch.context() as patch:
            patch.setattr(loop, "sock_connect", unreachable)
            with pytest.raises(LinkError, match="No route"):
                await tcp.open_tcp("127.0.0.1:4000")

    virtual(story)
