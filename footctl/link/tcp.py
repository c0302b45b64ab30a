"""A TCP connection as a link, for simulators and serial servers. Knows nothing about frames."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

from footctl.errors import LinkError, LinkNotFound, LinkTimeout, UsageError
from footctl.link.descriptor import DescriptorLink

if TYPE_CHECKING:
    from footctl.link.transport import Link

CONNECT_S = 5.0  # a host on the home network answers in milliseconds


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT, or [IPv6]:PORT. Raises UsageError."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"{text!r} is no address", "write HOST:PORT, like 192.168.1.20:4000 or [::1]:4000")
    return host, int(port)


async def open_tcp(address: str) -> Link:
    """A connection. Raises LinkNotFound, LinkTimeout or LinkError, each with what to do."""
    host, port = parse_address(address)
    loop = asyncio.get_running_loop()
    sock = None
    try:
        async with asyncio.timeout(CONNECT_S):
            infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, target = infos[0]
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            await loop.sock_connect(sock, target)
    except TimeoutError as error:
        _close(sock)
        raise LinkTimeout(f"{address} does not answer", "check the address, and that the device is on and in this network") from error
    except socket.gaierror as error:
        raise LinkNotFound(f"{host}: no such host", "check the name, or give the address in numbers") from error
    except ConnectionRefusedError as error:
        _close(sock)
        raise LinkNotFound(f"{address}: nothing listens there", "start the device or `footctl sim serve --tcp` first") from error
    except OSError as error:
        _close(sock)
        raise LinkError(f"{address}: {error.strerror or error}", "check the address and the network") from error
    except asyncio.CancelledError:
        _close(sock)
        raise
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a heartbeat must not wait for a second one
    if sys.platform == "win32":
        from footctl.link.threaded import ThreadedLink

        sock.setblocking(True)
        return ThreadedLink(address, lambda: sock.recv(4096), sock.sendall, sock.close)
    return DescriptorLink(sock.fileno(), address, sock.close)


def _close(sock: socket.socket | None) -> None:
    if sock is not None:
        sock.close()
