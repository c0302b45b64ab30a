"""What goes from the session to the process of the live view: whole snapshots, one after the other; a lost one is no loss.

A snapshot is a pickle behind its length. Both ends are one program of one version, and nobody else holds the pipe.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, replace

from footctl.core.events import Identified
from footctl.core.plan import Plan
from footctl.core.view import View

_LENGTH = struct.Struct("<I")
MOST = 4 << 20  # bytes of one message; a plan of 64 phases takes 30,000


@dataclass(frozen=True, slots=True)
class Opening:
    """Said first. `speed`: how many times as fast as life. `help_lines`: what each key does."""

    units: str = "C"
    speed: float = 1.0
    help_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is to be seen. `asking`: the question after a pain press, `noted` what came of it. `helping`: the keys are shown.
    `lines`: what else was told, the newest last.

    `bye`: the view may go; whatever the pipe says after it does not matter.
    """

    view: View | None = None
    asking: str = ""
    noted: str = ""
    helping: bool = False
    lines: tuple[str, ...] = ()
    bye: bool = False


class Packer:
    """Snapshots to bytes. What seldom changes, plan and identity, is sent once and then left out."""

    def __init__(self) -> None:
        self._sent: tuple[Plan | None, Identified | None] = (None, None)

    def opening(self, opening: Opening) -> bytes:
        """The first message."""
        return _framed(pickle.dumps(opening, pickle.HIGHEST_PROTOCOL))

    def snapshot(self, told: Snapshot) -> bytes:
        """The next message."""
        view = told.view
        if view is not None:
            plan, identity = view.plan, view.identity
            same = plan is self._sent[0], identity is self._sent[1]
            self._sent = plan, identity
            told = replace(told, view=replace(view, plan=None if same[0] else plan, identity=None if same[1] else identity))
        return _framed(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


def _framed(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


class Unpacker:
    """Bytes in any chunks to messages; gives plan and identity back to the views that came without them."""

    def __init__(self) -> None:
        self._held = b""
        self._plan: Plan | None = None
        self._identity: Identified | None = None

    def take(self, data: bytes) -> list[Opening | Snapshot]:
        """The messages that are whole now."""
        self._held += data
        told: list[Opening | Snapshot] = []
        while len(self._held) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._held)
            if size > MOST:
                raise ValueError(f"a message of {size} bytes")
            if len(self._held) < _LENGTH.size + size:
                break
            message = pickle.loads(self._held[_LENGTH.size : _LENGTH.size + size])  # our own session's, through our own pipe
            self._held = self._held[_LENGTH.size + size :]
            told.append(self._whole(message) if isinstance(message, Snapshot) else message)
        return told

    def _whole(self, told: Snapshot) -> Snapshot:
        view = told.view
        if view is None:
            return told
        self._plan = view.plan or self._plan
        self._identity = view.identity or self._identity
        return replace(told, view=replace(view, plan=self._plan, identity=self._identity))
