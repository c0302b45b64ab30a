"""What calls a person at the right time: calendar entries, and the timer files of systemd and launchd, as text to copy.

Each of them ends in `footctl remind due --notify`, which can show a sentence and nothing else. Knows reminders, not where the text goes.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from footctl import __version__
from footctl.run.places import DATA_DIR
from footctl.run.reminders import DAYS, Reminder

UNIT = "footctl-remind"
LABEL = "footctl.remind"
HEATS_NOTHING = "A reminder switches nothing on: you start the session, and arm the device."


def command() -> list[str]:
    """What the timer runs."""
    return [sys.executable, "-m", "footctl", "remind", "due", "--notify"]


def calendar(reminders: Sequence[Reminder], minutes: Mapping[str, float], now: datetime) -> bytes:
    """An iCalendar file. `minutes`: how long each program takes. Times float: eight in the evening is so wherever the person is."""
    from icalendar import Alarm, Calendar, Event

    made = Calendar()
    made.add("prodid", f"-//footctl//{__version__}//EN")
    made.add("version", "2.0")
    for one in reminders:
        event = Event()
        event.add("uid", f"footctl-reminder-{one.number}-{one.at}@{''.join(DAYS[day] for day in one.days).lower()}.invalid")
        event.add("dtstamp", datetime.now(UTC))
        event.add("summary", f"Feet: {one.program}")
        event.add("description", f"{one.command}\n{HEATS_NOTHING}")
        event.add("dtstart", one.coming(now))
        event.add("duration", timedelta(minutes=max(5.0, minutes.get(one.program, 30.0))))
        event.add("rrule", {"freq": "weekly", "byday": [DAYS[day][:2].upper() for day in one.days]})
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"Feet: {one.program}. {HEATS_NOTHING}")
        alarm.add("trigger", timedelta())
        event.add_component(alarm)
        made.add_component(event)
    data: bytes = made.to_ical()
    return data


def systemd(reminders: Sequence[Reminder]) -> dict[str, str]:
    """File name to text: a user service and its timer."""
    run = " ".join(_systemd_word(word) for word in command())
    place = os.environ.get(DATA_DIR)
    environment = [f"Environment={_systemd_word(f'{DATA_DIR}={place}')}"] if place else []
    service = ["[Unit]", "Description=footctl: say what is due (switches nothing on)", "", "[Service]", "Type=oneshot"]
    times = [f"OnCalendar={','.join(DAYS[day] for day in one.days)} *-*-* {one.at // 60:02d}:{one.at % 60:02d}:00" for one in reminders]
    timer = ["[Unit]", "Description=footctl: reminders", "", "[Timer]", *times, "Persistent=true", "AccuracySec=30s"]
    return {
        f"{UNIT}.service": "\n".join([*service, *environment, f"ExecStart={run}", ""]),
        f"{UNIT}.timer": "\n".join([*timer, "", "[Install]", "WantedBy=timers.target", ""]),
    }


def _systemd_word(word: str) -> str:
    word = word.replace("%", "%%").replace("$", "$$")
    return word if shlex.quote(word) == word else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def launchd(reminders: Sequence[Reminder]) -> dict[str, str]:
    """File name to text: one agent of this user. launchd counts Sunday as 0."""
    times = [{"Weekday": (day + 1) % 7, "Hour": one.at // 60, "Minute": one.at % 60} for one in reminders for day in one.days]
    table: dict[str, object] = {"Label": LABEL, "ProgramArguments": command(), "StartCalendarInterval": times}
    place = os.environ.get(DATA_DIR)
    if place:
        table["EnvironmentVariables"] = {DATA_DIR: place}
    return {f"{LABEL}.plist": plistlib.dumps(table, sort_keys=False).decode()}
