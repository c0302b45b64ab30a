"""A serial port as a link. pyserial opens it exclusively and sets it up; then the loop watches its descriptor.

Where a port has no descriptor that a loop can watch (Windows), one thread reads it. Knows nothing about frames.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footctl.errors import LinkBusy, LinkError, LinkNotFound
from footctl.link.descriptor import DescriptorLink

if TYPE_CHECKING:
    from footctl.link.transport import Link

PTY_MAJORS = range(136, 144)  # Linux: device numbers of pseudo-terminals
BAUD = 115200  # 8N1; USB devices ignore it


def open_serial(port: str) -> Link:
    """The port, ours alone. Raises LinkNotFound, LinkBusy or LinkError, each with what to do. Needs a running loop."""
    import serial

    _check(port)
    try:
        opened = serial.Serial(port, BAUD, timeout=0, write_timeout=0, exclusive=True)
    except serial.SerialException as error:
        raise explain(port, error.errno, str(error)) from error
    except OSError as error:
        raise explain(port, error.errno, str(error)) from error
    except ValueError as error:
        raise LinkNotFound(f"{port}: {error}", "`footctl devices` lists the ports that answer") from error
    if hasattr(opened, "fileno"):
        _tell_empty_from_ended(opened.fileno())
        return DescriptorLink(opened.fileno(), port, lambda: _close(opened))
    from footctl.link.threaded import ThreadedLink

    opened.timeout = None
    return ThreadedLink(port, lambda: opened.read(1) + opened.read(opened.in_waiting), opened.write, lambda: _close(opened))


def _tell_empty_from_ended(fd: int) -> None:
    """pyserial sets VMIN 0: then a read of an idle line gives no bytes, just as a hung-up one does. With VMIN 1 an idle line is EAGAIN."""
    import termios

    attributes = termios.tcgetattr(fd)
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


def _check(port: str) -> None:
    """Say plainly what pyserial says in errno: only for names that are paths."""
    if "://" in port:
        raise LinkNotFound(f"{port} is no serial port", "for a network address use --tcp HOST:PORT")
    if not port.startswith("/"):
        return
    try:
        mode = Path(port).stat().st_mode
    except OSError as error:
        raise explain(port, error.errno, error.strerror or str(error)) from error
    if stat.S_ISDIR(mode):
        raise LinkNotFound(f"{port} is a directory, not a serial port", "`footctl devices` lists the ports that answer")
    if not stat.S_ISCHR(mode):
        raise LinkNotFound(f"{port} is a file, not a serial port", "`footctl devices` lists the ports that answer")


def explain(port: str, number: int | None, words: str) -> LinkError:
    """An error of opening as one sentence and what to do."""
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOTDIR) or "FileNotFoundError" in words:
        return LinkNotFound(f"{port}: no such port", "plug the device in, then `footctl devices` lists the ports that answer")
    if number in (errno.EACCES, errno.EPERM) and "ccess is denied" not in words:
        return LinkError(f"{port}: no permission to open it", permission(port))
    if number in (errno.EAGAIN, errno.EBUSY, errno.EWOULDBLOCK) or "exclusively lock" in words or "ccess is denied" in words:
        who = ", ".join(f"{name} ({pid})" for pid, name in holders(port))
        hint = "end that program first; `footctl stop` ends a session of yours"
        return LinkBusy(f"{port} is in use" + (f" by {who}" if who else ""), hint)
    if number in (errno.ENOTTY, errno.EINVAL) or "Inappropriate ioctl" in words:
        return LinkNotFound(f"{port} is no serial port", "`footctl devices` lists the ports that answer")
    return LinkError(f"{port}: {words}", "`footctl doctor` looks at ports and permissions")


def permission(port: str) -> str:
    """What gives somebody the right to open this port."""
    import grp

    try:
        found = os.stat(port)
        group = grp.getgrgid(found.st_gid).gr_name
    except (OSError, KeyError):
        return "become a member of the group that owns it, often dialout"
    if found.st_mode & 0o060 == 0o060 and found.st_gid:
        return f"join the group that owns it: sudo usermod -aG {group} $USER, then log in again"
    return "not even its group may open it: whoever looks after this computer can give it to a group of yours, on Linux with a udev rule"


def holders(port: str) -> list[tuple[int, str]]:
    """Processes (number, name) that have `port` open, as far as /proc shows them. Not this one, nor who provides a pseudo-terminal."""
    try:
        wanted = os.stat(port).st_rdev
        processes = [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]
    except OSError:
        return []
    behind = os.major(wanted) in PTY_MAJORS
    found = []
    for pid in processes:
        if pid == os.getpid():
            continue
        with contextlib.suppress(OSError):
            paths = [f"/proc/{pid}/fd/{fd}" for fd in os.listdir(f"/proc/{pid}/fd")]
            provides = behind and any(os.readlink(path).endswith("/ptmx") for path in paths)
            if not provides and any(_is_device(path, wanted) for path in paths):
                found.append((pid, Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()))
    return found


def _is_device(path: str, wanted: int) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == wanted


def _close(opened: Any) -> None:
    with contextlib.suppress(OSError):
        opened.close()
