"""A session's record: the input of the host mind, line by line, and its output to compare with. Replays exactly.

JSON lines. The first is the header: versions, the program's text, the person, the arguments of the Host. Every other line is
one turn: `t` host time, `in` bytes that arrived, `do` what the operator did, `out` bytes that went out (bytes in hexadecimal;
empty ones are left out). A line that cannot be written ends the record, never the session.
"""

from __future__ import annotations

import dataclasses
import json
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from footctl import __version__
from footctl.core import events
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.profile import parse_program
from footctl.errors import UsageError

FORMAT = 1
DOINGS = {
    kind.__name__: kind
    for kind in (
        events.Begin, events.Yes, events.PauseAsked, events.ResumeAsked, events.Softer, events.Firmer, events.SkipAsked,
        events.ExtendAsked, events.Pain, events.PainScored, events.PainTold, events.StopAsked, events.ClearAsked, events.Earlier,
        events.CarrierLost,
    )
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """What a Host was made of. `program` is the file's text, or None for a host that only watches or stops."""

    nonce: int
    role: str = "controller"
    program: str | None = None
    source: str = ""
    person: Person | None = None
    start_phase: int | None = None
    session_id: str = ""

    def host(self) -> Host:
        """A new Host with these arguments."""
        profile = None if self.program is None else parse_program(self.program, self.source)
        return Host(nonce=self.nonce, profile=profile, person=self.person, role=self.role, start_phase=self.start_phase)


class Recorder:
    """Writes a record from a thread of its own, so that a slow or full disk never holds up a turn. `trouble` says why it ended early."""

    def __init__(self, path: Path, header: Header) -> None:
        self.trouble: str | None = None
        self._lines: queue.SimpleQueue[tuple[float, bytes, Sequence[Any], bytes] | None] = queue.SimpleQueue()
        new = 0 if path.is_char_device() else os.O_CREAT | os.O_EXCL
        try:
            self._file = os.fdopen(os.open(path, os.O_WRONLY | new, 0o600), "w", encoding="ascii")
        except FileExistsError as error:
            raise UsageError(f"--record {path}: something is there already", "it was left alone; name a new file") from error
        except OSError as error:
            raise UsageError(f"--record {path}: {error.strerror}", "name a file in a folder that you may write to") from error
        fields: dict[str, Any] = {"footctl": __version__, "format": FORMAT}
        for field in dataclasses.fields(header):
            value = getattr(header, field.name)
            fields[field.name] = encode(value) if isinstance(value, Person) else value
        self._file.write(json.dumps(fields) + "\n")
        self._thread = threading.Thread(target=self._write, name="record", daemon=True)
        self._thread.start()

    def note(self, now: float, data_in: bytes, operator: Sequence[Any], data_out: bytes) -> None:
        """Take one turn; the pump calls it."""
        self._lines.put((now, data_in, operator, data_out))

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits and close the file, or give up after `timeout` seconds on a disk that does not answer."""
        self._lines.put(None)
        self._thread.join(timeout)

    def _write(self) -> None:
        while (turn := self._lines.get()) is not None:
            if self.trouble is None:
                try:
                    self._file.write(_line(*turn))
                except OSError as error:
                    self.trouble = error.strerror or str(error)
        try:
            self._file.close()
        except OSError as error:
            self.trouble = self.trouble or error.strerror or str(error)


def _line(now: float, data_in: bytes, operator: Sequence[Any], data_out: bytes) -> str:
    fields: dict[str, Any] = {"t": now}
    if data_in:
        fields["in"] = data_in.hex()
    if operator:
        fields["do"] = [[type(event).__name__, encode(event)] for event in operator]
    if data_out:
        fields["out"] = data_out.hex()
    return json.dumps(fields) + "\n"


def encode(value: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass as JSON has them; sets become sorted lists."""
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return value


def decode(kind: Any, fields: dict[str, Any]) -> Any:
    """The reverse of `encode`: a list becomes what the field's default, or its annotation, says."""
    made = {}
    for field in dataclasses.fields(kind):
        if field.name in fields:
            value = fields[field.name]
            if isinstance(value, list):
                value = frozenset(value) if "frozenset" in str(field.type) else tuple(value)
            made[field.name] = value
    return kind(**made)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="ascii") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith("\n"):
                    return  # the host died in the middle of a line
                fields = json.loads(line)
                if not isinstance(fields, dict):
                    raise ValueError(f"line {number} is no object")
                yield fields
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "name a file that `footctl run --record` wrote") from error
    except ValueError as error:
        raise UsageError(f"{path} is no record: {error}", "name a file that `footctl run --record` wrote") from error


def read_header(fields: dict[str, Any]) -> Header:
    """The header line as data."""
    if fields.get("format") != FORMAT:
        raise UsageError(f"a record of format {fields.get('format')!r}; this reads {FORMAT}", "replay it with the version that wrote it")
    known = {field.name: fields[field.name] for field in dataclasses.fields(Header) if field.name in fields}
    if known.get("person") is not None:
        known["person"] = decode(Person, known["person"])
    return Header(**known)


def replay(path: Path) -> list[str]:
    """Give a new Host the recorded input; every turn whose output differs, one sentence each. Empty: identical."""
    lines = _read(path)
    first = next(lines, None)
    if first is None:
        raise UsageError(f"{path} is empty", "name a file that `footctl run --record` wrote")
    host = read_header(first).host()
    differences = []
    for number, fields in enumerate(lines, 2):
        now = fields["t"]
        host.receive(now, bytes.fromhex(fields.get("in", "")))
        host.act(now, *[decode(DOINGS[name], event) for name, event in fields.get("do", ())])
        out = host.data_to_send(now).hex()
        if out != fields.get("out", ""):
            differences.append(f"line {number}, t = {now:.3f} s: recorded {fields.get('out', '')!r}, now {out!r}")
    return differences
