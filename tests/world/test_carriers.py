"""What a served world hangs on: whole frames or none, links that come and go, sockets of dead servers."""

from __future__ import annotations

import os
import select
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_protocol import framing
from footctl.errors import LinkBusy, LinkNotFound, UsageError
from simulator import channel
from simulator.carriers import Carrier, Listener, open_pty

FRAME = framing.encode(0x20, 1, bytes(range(1, 34)))


def _drain(fd: int) -> bytes:
    data = b""
    while select.select([fd], [], [], 0)[0]:
        piece = os.read(fd, 4096)
        if not piece:
            break
        data += piece
    return data


def test_a_full_carrier_costs_whole_frames_and_they_are_counted(tmp_path: Path) -> None:
    carrier = open_pty(tmp_path / "port")
    far = os.open(tmp_path / "port", os.O_RDWR | os.O_NOCTTY)
    try:
        sent = 0
        while not carrier.dropped:
            carrier.write(FRAME * 3)
            sent += 3
            assert sent < 100_000, "this carrier never fills up"
        for _ in range(5):
            carrier.write(FRAME)
            sent += 1
        decoder = framing.Decoder()
        got = decoder.feed(_drain(far))
        carrier.write(FRAME)  # what was torn comes first
        sent += 1
        got += decoder.feed(_drain(far))
        assert decoder.dropped == 0
        assert decoder.feed(framing.encode(1, 1, b"")) == [(1, 1, b"")], "no half frame waits"
        assert len(got) == sent - carrier.dropped
    finally:
        os.close(far)
        carrier.close()


def test_a_frame_that_went_out_in_part_is_finished_before_anything_else() -> None:
    ours, theirs = socket.socketpair()
    carrier = Carrier(ours.fileno(), "pair", ours.close)
    taken = [10, 0, 30, 1000, 1000]
    carrier._put = lambda data: os.write(ours.fileno(), data[: taken.pop(0)])  # type: ignore[method-assign]  # a carrier as full as we like
    carrier.write(FRAME + FRAME)  # ten bytes fit
    assert carrier.dropped == 1
    carrier.write(FRAME)  # none fits
    assert carrier.dropped == 2
    carrier.write(FRAME)  # the rest of the first fits nearly
    assert carrier.dropped == 3
    carrier.write(FRAME)
    decoder = framing.Decoder()
    assert len(decoder.feed(theirs.recv(4096))) == 2
    assert decoder.dropped == 0
    carrier.close()
    theirs.close()


def test_the_port_is_raw_and_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "port"
    carrier = open_pty(path)
    assert stat.S_ISCHR(path.stat().st_mode)
    far = os.open(path, os.O_RDWR | os.O_NOCTTY)
    os.write(far, b"\x00\x03\r\n\x04\x13\x11")
    assert carrier.read() == b"\x00\x03\r\n\x04\x13\x11"
    carrier.write(b"\r\n\x03\x00")
    assert _drain(far) == b"\r\n\x03\x00"
    os.close(far)
    assert carrier.read() == b""  # nobody is there, and nothing is broken
    assert not carrier.gone
    carrier.close()
    assert not path.is_symlink()


def test_a_link_that_a_killed_server_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.symlink_to("/dev/pts/99999")
    carrier = open_pty(path)
    assert path.exists()
    carrier.close()


def _file(path: Path) -> None:
    path.write_text("mine")


def _link(path: Path) -> None:
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("make", [_file, _link, Path.mkdir])
def test_what_is_not_ours_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "port"
    make(path)
    before = path.lstat()
    with pytest.raises(UsageError, match="something else is there"):
        open_pty(path)
    assert path.lstat().st_ino == before.st_ino


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        open_pty(tmp_path / "nowhere" / "port")


def test_another_link_at_the_same_place_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "port"
    first = open_pty(path)
    second = open_pty(path)
    first.close()
    assert path.exists()
    second.close()
    assert not path.is_symlink()


def test_a_listener_takes_any_free_port_and_says_which() -> None:
    listener = Listener("127.0.0.1", 0)
    with socket.create_connection(("127.0.0.1", listener.port)) as far:
        carrier = None
        while carrier is None:
            carrier = listener.accept()
        far.sendall(b"hello")
        select.select([carrier.fd], [], [], 5)
        assert carrier.read() == b"hello"
        far.shutdown(socket.SHUT_RDWR)
        select.select([carrier.fd], [], [], 5)
        assert carrier.read() == b""
        assert carrier.gone
        carrier.write(FRAME)  # to nobody
        carrier.close()
    with pytest.raises(LinkBusy):
        Listener("127.0.0.1", listener.port)
    listener.close()


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(LinkNotFound):
        Listener("192.0.2.1", 7000)  # TEST-NET-1: nobody has it
    with pytest.raises(LinkNotFound):
        Listener("no.such.host.invalid", 7000)


def test_sockets_of_dead_servers_are_swept_away(tmp_path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = tmp_path / "sim-1.sock"
    dead.bind(str(path))
    dead.close()
    assert channel.living(tmp_path) == []
    assert not path.exists()
    with pytest.raises(LinkNotFound, match="no simulator is served"):
        channel.pick(tmp_path, None)


def test_the_door_is_private_and_goes_away(tmp_path: Path) -> None:
    door = channel.Door(tmp_path)
    [path] = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    far.connect(str(path))
    caller = door.accept()
    assert caller is not None
    assert caller.read() == []
    far.sendall(b'{"do": "status"}\n[1]\nnonsense\n{"do"')
    assert caller.read() == [{"do": "status"}, {}, {}]
    caller.write({"ok": True})
    assert far.recv(100) == b'{"ok": true}\n'
    far.sendall(b"x" * 4096)
    caller.read()
    far.sendall(b"x" * 4096)
    caller.read()
    assert caller.gone  # a line without end is nobody's question
    caller.close()
    far.close()
    door.close()
    assert not path.exists()
