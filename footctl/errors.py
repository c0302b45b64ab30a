"""The error tree. Inside the minds a fault is a value; only the rim and the public API raise these.

Every error has a stable `code`, a message that says what went wrong and where, and a `hint`: what was kept, what to do next.
`exit_code` is what the command line ends with.
"""

from __future__ import annotations


def harmless(text: str) -> str:
    """The text with every character that a terminal obeys, or that hides others, written out. Names of files and devices are strangers'."""
    if text.isprintable():
        return text
    return "".join(letter if letter == "\n" or letter.isprintable() else ascii(letter)[1:-1] for letter in text)


class FootctlError(Exception):
    """Root of everything footctl raises on purpose."""

    code = "footctl"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(harmless(message))
        self.hint = hint


class UsageError(FootctlError):
    """The call does not make sense: an unknown name, flags that contradict each other."""

    code = "usage"
    exit_code = 2


class SettingsError(FootctlError):
    """The owner's settings are wrong: file and line, or variable, key, value, what is allowed. The file was left alone."""

    code = "settings"
    exit_code = 2


class ProfileError(FootctlError):
    """The program file is unreadable, wrong, or beyond the absolute or its own tier's caps. The file was left alone."""

    code = "profile"
    exit_code = 3


class LinkError(FootctlError):
    """Bytes cannot travel."""

    code = "link"
    exit_code = 4


class LinkNotFound(LinkError):
    """No such port, host or peripheral."""

    code = "link_not_found"


class LinkBusy(LinkError):
    """Somebody else has the port."""

    code = "link_busy"


class LinkLost(LinkError):
    """The carrier went away, or the device fell silent."""

    code = "link_lost"


class LinkTimeout(LinkError):
    """Nobody answered in time."""

    code = "link_timeout"


class ProtocolError(FootctlError):
    """The two ends do not speak alike."""

    code = "protocol"
    exit_code = 4


class LocalProtocolError(ProtocolError):
    """We tried to say something that the protocol does not allow."""

    code = "local_protocol"


class RemoteProtocolError(ProtocolError):
    """The device said something that the protocol does not allow, or speaks another version."""

    code = "remote_protocol"


class DeviceRefused(FootctlError):
    """The device, or the plan, answered no before anything started."""

    code = "refused"
    exit_code = 5


class SessionEnded(FootctlError):
    """The person ended the session: pain, stop, Ctrl-C, SIGTERM, SIGHUP."""

    code = "ended"
    exit_code = 6


class DeviceFaulted(FootctlError):
    """Safety ended the session: a fault, a missed check-in, a restarted device, a suspended host."""

    code = "tripped"
    exit_code = 7


class JournalError(FootctlError):
    """What is kept of persons and sessions cannot be read or written."""

    code = "journal"
