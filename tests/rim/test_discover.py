"""Who answers our hello, and what is said about ports where nobody does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from firmware_protocol import messages
from firmware_protocol.exchange import Exchange
from footctl.errors import LinkBusy, LinkLost
from footctl.link import discover
from footctl.link.descriptor import DescriptorLink

Virtual = Callable[[Any], Any]


def link_and_far() -> tuple[DescriptorLink, socket.socket]:
    near, far = socket.socketpair()
    far.setblocking(False)
    return DescriptorLink(near.fileno(), "pair", near.close), far


def identity(nonce: int) -> Any:
    return messages.Identity(
        1, 0, nonce, 7, 100, b"SIM-0001", b"footbath-5l", b"0.1.0", 20, 0x1F, 3, 0x1F, 0x1F, 50, 500, b"\0" * 8, 0, 0, 0
    )


async def answer(far: socket.socket, first: int = 0) -> Any:
    """A device that answers HELLO number `first`; gives the HELLO."""
    exchange = Exchange(messages.TO_DEVICE)
    while True:
        await asyncio.sleep(0.05)
        try:
            data = far.recv(4096)
        except BlockingIOError:
            continue
        for _, seq, hello in exchange.receive(0, data):
            if not first:
                exchange.answer(seq, identity(hello.nonce))
                far.send(exchange.data_to_send(0))
                return hello
            exchange.forget_peer()
            exchange = Exchange(messages.TO_DEVICE)
            first -= 1


@pytest.mark.parametrize("lost", [0, 2])
def test_the_device_says_who_it_is(virtual: Virtual, lost: int) -> None:
    async def story(loop: Any) -> None:
        link, far = link_and_far()
        device = asyncio.create_task(answer(far, lost))
        found = await discover.identify(link)
        hello = await device
        assert hello.role == messages.OBSERVER
        assert found is not None
        assert (found.serial, found.simulator) == ("SIM-0001", 20)
        link.close()
        far.close()

    virtual(story)


@pytest.mark.parametrize("noise", [b"", b"OK\r\n\0\0\xff" * 50])
def test_silence_and_garbage_are_nobody(virtual: Virtual, noise: bytes) -> None:
    async def story(loop: Any) -> None:
        link, far = link_and_far()
        if noise:
            far.send(noise)
        assert await discover.identify(link) is None
        assert loop.time() == pytest.approx(discover.ANSWER_S, abs=0.1)
        link.close()
        far.close()

    virtual(story)


def test_a_port_that_goes_away(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        link, far = link_and_far()
        far.close()
        with pytest.raises(LinkLost):
            await discover.identify(link)
        link.close()

    virtual(story)


def test_each_port_is_asked_and_explained(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(loop: Any) -> None:
        good, far = link_and_far()
        gone, gone_far = link_and_far()
        quiet, quiet_far = link_and_far()
        gone_far.close()

        def open_serial(port: str) -> DescriptorLink:
            if port == "busy":
                raise LinkBusy("busy is in use")
            return {"good": good, "gone": gone, "quiet": quiet}[port]

        monkeypatch.setattr(discover, "open_serial", open_serial)
        device = asyncio.create_task(answer(far))
        found = await discover.find([(name, "USB") for name in ("good", "busy", "gone", "quiet")])
        await device
        assert [one.port for one in found] == ["good", "busy", "gone", "quiet"]
        assert [one.identity is not None for one in found] == [True, False, False, False]
        assert [one.error for one in found] == ["", "busy is in use", "pair went away: the other end closed it", "nobody answers our hello"]
        far.close()
        quiet_far.close()

    virtual(story)


def test_ports_without_hardware_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from serial.tools import list_ports
    from serial.tools.list_ports_common import ListPortInfo

    def port(name: str, description: str, vid: int | None) -> ListPortInfo:
        info = ListPortInfo(name, skip_link_detection=True)
        info.description = description
        info.vid = vid
        return info

    there = [port("/dev/ttyACM0", "Pico", 0x2E8A), port("/dev/ttyS0", "n/a", None), port("COM1", "Communications Port", None)]
    monkeypatch.setattr(list_ports, "comports", lambda: there)
    assert discover.serial_ports() == [("/dev/ttyACM0", "Pico"), ("COM1", "Communications Port")]
