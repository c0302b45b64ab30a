"""Reminders: days and times as people say them, when each is due, and the files that call a person. Nothing here can switch anything on."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from footctl.cli import remind
from footctl.cli.main import main
from footctl.errors import FootctlError, UsageError
from footctl.run import calling
from footctl.run.reminders import DUE_FOR, Reminder, Reminders, parse_when

SUNDAY = datetime.fromisoformat("2026-11-22T20:30:00")  # local, like every time here


@pytest.fixture
def sunday(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("footctl.run.reminders.local_now", lambda: SUNDAY)
    return SUNDAY


@pytest.mark.parametrize(
    ("text", "days", "at"),
    [
        ("Sun,Wed 20:00", (2, 6), 1200),
        ("wednesday, sun  7:05", (2, 6), 425),
        ("Mon-Fri 12:30", (0, 1, 2, 3, 4), 750),
        ("fri-mon 0:00", (0, 4, 5, 6), 0),
        ("daily 23:59", (0, 1, 2, 3, 4, 5, 6), 1439),
        ("weekdays 08:00", (0, 1, 2, 3, 4), 480),
        ("Weekends,Tu 09:00", (1, 5, 6), 540),
        ("Sun,sunday 10:00", (6,), 600),
    ],
)
def test_days_and_times_as_people_say_them(text: str, days: tuple[int, ...], at: int) -> None:
    assert parse_when(text) == (days, at)
    assert parse_when(Reminder(1, days, at, "x").when) == (days, at)


NO_TIMES = ["", "20:00", "Sun", "Sun 24:00", "Sun 20:60", "Sun 8pm", "Funday 20:00", "S 20:00", "Sun-Blue 20:00", "Sun, 20:00"]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_when(text)
    assert "Sun,Wed 20:00" in told.value.hint


def test_due_for_a_while_and_then_not_any_more(checkout: Path) -> None:
    assert DUE_FOR.total_seconds() == 4 * 3600
    assert "due for four hours" in (checkout / "docs" / "how-to" / "reminders.md").read_text()
    one = Reminder(1, (6,), 1200, "wind-down")
    assert not one.due(SUNDAY.replace(hour=19, minute=59))
    assert one.due(SUNDAY.replace(hour=20, minute=0))
    assert one.due(SUNDAY.replace(hour=20, minute=0) + DUE_FOR - timedelta(seconds=1))
    assert not one.due(SUNDAY.replace(hour=20, minute=0) + DUE_FOR)
    assert one.coming(SUNDAY) == SUNDAY.replace(minute=0) + timedelta(days=7)


@settings(max_examples=60)
@given(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.datetimes(SUNDAY, SUNDAY + timedelta(days=5000)))
def test_the_last_and_the_next_time_enclose_now(days: set[int], at: int, now: datetime) -> None:
    one = Reminder(1, tuple(sorted(days)), at, "x")
    last, coming = one.latest(now), one.coming(now)
    assert last <= now < coming
    assert coming - last <= timedelta(days=7)
    for moment in (last, coming):
        assert moment.weekday() in days
        assert (moment.hour, moment.minute) == divmod(at, 60)


def test_they_are_kept_and_told_once_for_each_time(tmp_path: Path) -> None:
    file = tmp_path / "reminders.json"
    first = Reminders(file).add("Sun 20:00", "wind-down", "Anna")
    second = Reminders(file).add("Mon 20:00", "quick-break")
    assert (first.number, second.number) == (1, 2)
    assert file.stat().st_mode & 0o777 == 0o600
    kept = Reminders(file)
    assert kept.untold(SUNDAY) == [first]
    kept.told([first], SUNDAY)
    again = Reminders(file)
    assert [one.number for one in again.due(SUNDAY)] == [1]
    assert again.untold(SUNDAY) == []
    assert [one.number for one in again.untold(SUNDAY + timedelta(days=7))] == [1]
    again.remove(1)
    assert Reminders(file).all == [second]
    with pytest.raises(UsageError):
        again.remove(1)
    with pytest.raises(UsageError, match="reminder 2 already"):
        again.add("monday 20:00", "quick-break")


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"number": 1}]', '[{"number":1,"days":[9],"at":1,"program":"x"}]', '{"a": 1}'])
def test_a_file_that_somebody_broke_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "reminders.json"
    file.write_text(text)
    with pytest.raises(FootctlError, match="is no list of reminders"):
        Reminders(file)
    assert file.read_text() == text


def test_a_disk_that_is_full_keeps_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = Reminders(tmp_path / "reminders.json")
    some.add("Sun 20:00", "wind-down")
    monkeypatch.setattr("os.fsync", lambda number: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(FootctlError, match="No space left"):
        some.add("Mon 20:00", "wind-down")
    assert [one.when for one in Reminders(some.file).all] == ["Sun 20:00"]
    assert list(tmp_path.glob(".*")) == []


def test_too_many(tmp_path: Path) -> None:
    some = Reminders(tmp_path / "reminders.json")
    for minute in range(50):
        some.add(f"Sun 20:{minute:02d}", "wind-down")
    with pytest.raises(UsageError, match="50 reminders"):
        some.add("Sun 21:00", "wind-down")


# ------------------------------------------------------------------------------------------------------------ what calls a person

SOME = [Reminder(1, (2, 6), 1200, "wind-down"), Reminder(2, (0, 1, 2, 3, 4), 750, "quick-break", "Anna B.")]


def test_a_calendar_has_an_entry_a_reminder_that_repeats_and_rings() -> None:
    made = Calendar.from_ical(calling.calendar(SOME, {"wind-down": 24.0}, SUNDAY))
    first, second = made.walk("VEVENT")
    assert first["SUMMARY"] == "Feet: wind-down"
    assert first.decoded("DTSTART") == SUNDAY.replace(day=25, minute=0), "floating: no zone"
    assert first["RRULE"].to_ical() == b"FREQ=WEEKLY;BYDAY=WE,SU"
    assert first.decoded("DURATION") == timedelta(minutes=24)
    assert second["RRULE"]["BYDAY"] == ["MO", "TU", "WE", "TH", "FR"]
    assert "footctl run quick-break --person 'Anna B.'" in second["DESCRIPTION"]
    for event in (first, second):
        (alarm,) = event.walk("VALARM")
        assert alarm["ACTION"] == "DISPLAY", "a calendar may also run programs; this one must not"
        assert "switches nothing on" in event["DESCRIPTION"]


def test_systemd_takes_the_timer(tmp_path: Path, must_have: Callable[[object, str], None]) -> None:
    must_have(shutil.which("systemd-analyze"), "systemd-analyze (package systemd)")
    files = calling.systemd(SOME)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert "OnCalendar=Wed,Sun *-*-* 20:00:00" in files["footctl-remind.timer"]
    assert f"ExecStart={sys.executable} -m footctl remind due --notify" in files["footctl-remind.service"]
    paths = [str(tmp_path / name) for name in files]
    place = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    checked = subprocess.run(["systemd-analyze", "--user", "verify", *paths], capture_output=True, text=True, check=False, env=place)
    assert checked.returncode == 0, checked.stderr
    spec = "Wed,Sun *-*-* 20:00:00"
    spelt = subprocess.run(["systemd-analyze", "calendar", spec], capture_output=True, text=True, check=False)
    assert spelt.returncode == 0, spelt.stderr


def test_words_that_systemd_would_take_apart() -> None:
    assert calling._systemd_word("/a b/100%$x") == '"/a b/100%%$$x"'
    assert calling._systemd_word("/usr/bin/python3") == "/usr/bin/python3"


def test_launchd_takes_the_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    ((name, text),) = calling.launchd(SOME).items()
    table = plistlib.loads(text.encode())
    assert name == f"{table['Label']}.plist"
    assert table["ProgramArguments"][-3:] == ["remind", "due", "--notify"]
    assert table["StartCalendarInterval"][:2] == [{"Weekday": 3, "Hour": 20, "Minute": 0}, {"Weekday": 0, "Hour": 20, "Minute": 0}]
    assert "EnvironmentVariables" in table
    monkeypatch.delenv("FOOTCTL_DATA_DIR")
    assert "EnvironmentVariables" not in plistlib.loads(next(iter(calling.launchd(SOME).values())).encode())


# ------------------------------------------------------------------------------------------------------------ the command


def test_from_adding_to_removing(sunday: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remind", "list"]) == 0
    assert "no reminders" in capsys.readouterr().out
    assert main(["remind", "add", "Sun,Wed 20:00", "evening-unwind"]) == 0
    assert "reminder 1: Evening unwind, Wed,Sun 20:00; next Wed 2026-11-25 20:00" in capsys.readouterr().out
    assert main(["remind", "add", "Mon-Fri 12:30", "quick-break"]) == 0
    capsys.readouterr()
    assert main(["remind", "due"]) == 0
    assert capsys.readouterr().out.split() == ["1", "Wed,Sun", "20:00", "since", "20:00", "footctl", "run", "evening-unwind"]
    assert main(["remind", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["program"], row["due_since"]) for row in rows] == [("evening-unwind", "2026-11-22T20:00:00"), ("quick-break", None)]
    target = tmp_path / "feet.ics"
    assert main(["remind", "ics", str(target)]) == 0
    assert len(Calendar.from_ical(target.read_bytes()).walk("VEVENT")) == 2
    assert main(["remind", "ics", str(target)]) == 2
    capsys.readouterr()
    assert main(["remind", "timer", "--systemd"]) == 0
    told = capsys.readouterr()
    assert "~/.config/systemd/user/footctl-remind.timer" in told.out
    assert "systemctl --user enable --now footctl-remind.timer" in told.err
    assert main(["remind", "timer", "--launchd"]) == 0
    assert plistlib.loads(capsys.readouterr().out.encode())
    assert main(["remind", "remove", "1"]) == 0
    assert main(["remind", "due"]) == 0
    assert "nothing is due" in capsys.readouterr().out.splitlines()[-1]


def test_what_cannot_be_reminded_of(sunday: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remind", "add", "Sun 20:00", "evening-unwnd"]) == 3
    assert "did you mean evening-unwind" in capsys.readouterr().err
    assert main(["remind", "add", "Sun 20:00", "evening-unwind", "--person", "Nobody"]) == 2
    assert main(["remind", "add", "often", "evening-unwind"]) == 2
    assert main(["remind", "ics"]) == 2
    assert main(["remind", "timer"]) == 2
    assert "there are no reminders" in capsys.readouterr().err


def test_a_program_that_is_gone_keeps_its_entry(sunday: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "mine.toml"
    assert main(["programs", "new", "quick-break", str(program)]) == 0
    assert main(["remind", "add", "Sun 20:00", str(program)]) == 0
    program.unlink()
    assert main(["remind", "ics", str(tmp_path / "feet.ics")]) == 0
    assert "half an hour" in capsys.readouterr().err


def test_a_notification_is_shown_once_and_again_when_it_failed(
    sunday: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remind", "add", "Sun 20:00", "wind-down"]) == 0
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    for _ in range(2):
        assert main(["remind", "due", "--notify"]) == 0
        told = capsys.readouterr()
        assert "since 20:00" in told.out
        assert "no desktop is here" in told.err


def test_reminding_loads_nothing_that_could_heat() -> None:
    code = "import sys; from footctl.cli.main import main; main(['remind', 'add', 'daily 00:00', 'wind-down']); "
    code += "main(['remind', 'due', '--notify']); print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.splitlines()[-1].split())
    assert remind.__name__ in loaded
    heating = ("footctl.link", "footctl.core.host", "footctl.run.session", "simulator", "bleak", "serial")
    assert not [name for name in loaded if name.startswith(heating)]
