"""Reminders: which program on which days at what time, and which of them are due. A reminder is a sentence; it never starts anything.

Times are local, as a clock on the wall shows them, also across the days when clocks are changed. It knows no device and no session, and
must not: whatever runs a reminder can at most show a text.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from footctl.errors import FootctlError, UsageError
from footctl.run.places import data_folder

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = {"daily": range(7), "weekdays": range(5), "weekends": (5, 6)}
_WHEN = re.compile(r"(.+?)\s+(\d{1,2}):(\d{2})", re.ASCII)
_HINT = 'like "Sun,Wed 20:00", "Mon-Fri 12:30", "daily 21:15"'
DUE_FOR = timedelta(hours=4)  # so long a missed evening is still worth a word; after that tomorrow is another day [ENG]
MOST = 50  # reminders; more would remind of nothing


@dataclass(frozen=True, slots=True)
class Reminder:
    """`days`: 0 is Monday. `at`: minutes since midnight. `told`: the moment, in local time, that was told last, "" for none."""

    number: int
    days: tuple[int, ...]
    at: int
    program: str
    person: str | None = None
    told: str = ""

    @property
    def when(self) -> str:
        """Days and time as they would be typed."""
        return f"{_words(self.days)} {self.at // 60:02d}:{self.at % 60:02d}"

    @property
    def command(self) -> str:
        """What a person types when they want to."""
        return f"footctl run {self.program}" + (f" --person {self.person!r}" if self.person else "")

    def coming(self, now: datetime) -> datetime:
        """The next time after `now`, local and without a zone."""
        return next(moment for moment in self._around(now, range(9)) if moment > now)

    def latest(self, now: datetime) -> datetime:
        """The last time until `now`."""
        return next(moment for moment in self._around(now, range(0, -9, -1)) if moment <= now)

    def due(self, now: datetime) -> bool:
        """Was its time a little while ago?"""
        return now - self.latest(now) < DUE_FOR

    def _around(self, now: datetime, offsets: range) -> list[datetime]:
        clock = time(self.at // 60, self.at % 60)
        days = [now.date() + timedelta(days=offset) for offset in offsets]
        return [datetime.combine(day, clock) for day in days if day.weekday() in self.days]


def _words(days: tuple[int, ...]) -> str:
    """Days as they would be typed, three and more in a row as a range."""
    if len(days) == 7:
        return "daily"
    rows: list[list[int]] = []
    for day in days:
        if rows and rows[-1][-1] == day - 1:
            rows[-1].append(day)
        else:
            rows.append([day])
    return ",".join(f"{DAYS[row[0]]}-{DAYS[row[-1]]}" if len(row) > 2 else ",".join(DAYS[day] for day in row) for row in rows)


def parse_when(text: str) -> tuple[tuple[int, ...], int]:
    """Days and minutes since midnight. Raises UsageError."""
    match = _WHEN.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no time to be reminded", _HINT)
    hour, minute = int(match[2]), int(match[3])
    if hour > 23 or minute > 59:
        raise UsageError(f"{match[2]}:{match[3]} is no time of a day", _HINT)
    days: set[int] = set()
    for part in match[1].split(","):
        days |= _days(part.strip().lower())
    return tuple(sorted(days)), 60 * hour + minute


def _days(word: str) -> set[int]:
    if word in _SETS:
        return set(_SETS[word])
    first, dash, last = word.partition("-")
    begin = _day(first.strip())
    end = _day(last.strip()) if dash else begin
    return {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}


def _day(word: str) -> int:
    for number, name in enumerate(_LONG):
        if len(word) >= 2 and name.startswith(word):
            return number
    raise UsageError(f"{word!r} is no day of the week", _HINT)


class Reminders:
    """This user's reminders in a file; a change is written whole or not at all."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = data_folder() / "reminders.json" if file is None else file
        self.all = self._read()

    def add(self, when: str, program: str, person: str | None = None) -> Reminder:
        """One more. Raises UsageError when it is there already, or there are too many."""
        days, at = parse_when(when)
        for one in self.all:
            if (one.days, one.at, one.program, one.person) == (days, at, program, person):
                raise UsageError(f"that is reminder {one.number} already", "footctl remind list")
        if len(self.all) >= MOST:
            raise UsageError(f"there are {MOST} reminders; nobody heeds more", "footctl remind remove NUMBER")
        made = Reminder(max((one.number for one in self.all), default=0) + 1, days, at, program, person)
        self._write([*self.all, made])
        return made

    def remove(self, number: int) -> Reminder:
        """One less. Raises UsageError when there is none of that number."""
        gone = next((one for one in self.all if one.number == number), None)
        if gone is None:
            raise UsageError(f"there is no reminder {number}", "footctl remind list")
        self._write([one for one in self.all if one is not gone])
        return gone

    def due(self, now: datetime) -> list[Reminder]:
        """Whose time has come, a little while ago at most."""
        return [one for one in self.all if one.due(now)]

    def untold(self, now: datetime) -> list[Reminder]:
        """Those of them that nobody was told yet."""
        return [one for one in self.due(now) if one.told != one.latest(now).isoformat()]

    def told(self, some: list[Reminder], now: datetime) -> None:
        """They were shown: not again before their next time."""
        numbers = {one.number for one in some}
        self._write([replace(one, told=one.latest(now).isoformat()) if one.number in numbers else one for one in self.all])

    def _read(self) -> list[Reminder]:
        try:
            rows = json.loads(self.file.read_text(encoding="utf-8"))
            return [_reminder(row) for row in rows]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise FootctlError(f"{self.file}: cannot be read: {error.strerror}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise FootctlError(f"{self.file}: is no list of reminders", "it was left alone; move it away and add them again") from error

    def _write(self, some: list[Reminder]) -> None:
        half = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        try:
            with open(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
                json.dump([asdict(one) for one in some], opened, indent=1)
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(half, self.file)
        except OSError as error:
            with contextlib.suppress(OSError):
                half.unlink()
            raise FootctlError(f"{self.file}: {error.strerror}", "the reminders are as they were") from error
        self.all = some


def _reminder(row: dict[str, Any]) -> Reminder:
    """A row of the file, looked at as if somebody else had written it."""
    made = Reminder(**{**row, "days": tuple(row["days"])})
    right = made.days and all(type(day) is int and 0 <= day < 7 for day in made.days)
    texts = isinstance(made.program, str) and isinstance(made.told, str) and isinstance(made.person, str | None)
    if not (right and texts and type(made.number) is int and type(made.at) is int and 0 <= made.at < 24 * 60):
        raise ValueError("not a reminder")
    return made


def local_now() -> datetime:
    """The clock on the wall."""
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005 local time is meant
