"""Persons in real processes: the form and the check of the day on a terminal, and a device that is no simulator, whose use counts."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import footctl as footctl_api
from footctl.core.events import OperatorEvent, Yes
from footctl.core.person import Person
from footctl.core.view import View
from footctl.errors import DeviceRefused, SessionEnded
from footctl.run.answers import Answers
from footctl.run.journal import Journal
from tests.system.processes import Footctl, Terminal, until

REAL = """
import sys
from pathlib import Path
from footctl.run.places import runtime_folder
from simulator.serve import serve
from simulator.world import World
world = World(speed=1)
world.board.device.body.simulator = 0  # what hardware says
serve(world, 1, runtime_folder(), pty=Path(sys.argv[1]), about={}, ready=lambda address: print(address, flush=True))
"""


@pytest.fixture
def real_device(tmp_path: Path) -> Iterator[str]:
    """The port of a device that says it is real."""
    with subprocess.Popen([sys.executable, "-c", REAL, str(tmp_path / "port")], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        yield served.stdout.readline().strip()
        served.kill()


def screened(footctl: Footctl, name: str, *answers: str) -> None:
    flags = [word for answer in answers for word in ("--answer", answer)]
    assert footctl("person", "screen", name, "--otherwise-no", *flags).returncode == 0


def massaged_s() -> float:
    """What the journal has of somebody unnamed."""
    with Journal() as journal:
        return journal.day(None).use.massage_s


def booked() -> list[Mapping[str, object]]:
    with Journal() as journal:
        return journal.sessions(None)


def test_the_form_on_a_terminal(terminal: type[Terminal], footctl: Footctl) -> None:
    screen = terminal("person", "screen", "Anna")
    screen.until("none of them.*: ")
    screen.press("n\n")
    screen.until("Feeling and circulation(.|\n)*: ")
    screen.press("y\n")
    screen.until("Diabetes, or feet(.|\n)*1 to 4, ")
    screen.press("2\n")
    screen.until("On which day")
    screen.press("\n")
    for words in ("PAD", "ulcer, ever\\?", "Charcot foot, ever\\?", "amputation of.*\\?"):
        screen.until(f"{words}.*y, n, ")
        screen.press("n\n")
    screen.until("Allergic to nuts\r(.|\n)*: ")
    screen.press("n\n")
    for words in ("Pain in the feet", "Tingling on", "Numbness on"):
        screen.until(f"{words}.*  0 to 10, ")
        screen.press("0\n")
    assert screen.wait() == 0
    assert "Anna · tier sensitive" in screen.seen
    assert json.loads(footctl("person", "show", "anna", "--json").stdout)["tier"] == "sensitive"


def test_ctrl_c_in_the_form_keeps_nothing(terminal: type[Terminal], footctl: Footctl) -> None:
    screen = terminal("person", "screen", "Anna")
    screen.until("none of them.*: ")
    screen.press("n\n")
    screen.until("Feeling and circulation(.|\n)*: ")
    screen.press("\x03")
    assert screen.wait() == 6
    assert footctl("person", "list", "--json").stdout == "[]\n"


def test_the_check_of_the_day(terminal: type[Terminal], footctl: Footctl) -> None:
    screened(footctl, "Anna")
    refused = footctl("run", "quick-break", "--sim", "--person", "Anna", "--yes", "--speed", "max")
    assert refused.returncode == 5
    assert "--yes does not answer this" in refused.stderr
    screen = terminal("run", "quick-break", "--sim", "--person", "Anna", "--yes", "--speed", "max")
    screen.until("Anything new.*y/n: ")
    screen.press("n\n")
    assert screen.wait() == 0
    screen = terminal("run", "quick-break", "--sim", "--person", "Anna", "--yes", "--speed", "max")
    screen.until("Anything new.*y/n: ")
    screen.press("y\n")
    screen.until("Alcohol or sedatives today.*y, n, ")
    screen.press("y\n")
    for words in ("A clot", "cold and pale", "red, hot", "A fever", "gout", "fracture", "open wound", "Athlete", "New numbness"):
        screen.until(f"{words}(.|\n)*1 to 3, ")
        screen.press("n\n")
    screen.until("Pain now.*  0 to 10, ")
    screen.press("0\n")
    assert screen.wait() == 5
    assert "not for Anna now. Alcohol" in screen.seen


def test_an_unnamed_person_at_a_real_device_is_sensitive_and_counts(real_device: str, terminal: type[Terminal], footctl: Footctl) -> None:
    told = footctl("plan", "quick-break", "--port", real_device)
    assert "tier sensitive" in told.stdout
    assert "footctl person screen NAME" in told.stdout
    screen = terminal("set", "--pressure", "8kPa", "--for", "1min", "--port", real_device, "--plain")
    screen.until(r"Start .*\[Y\]")
    assert "nobody answered the health questions" in screen.seen
    screen.press("y")
    screen.until(r"\? Put .*\[Y\]")
    screen.press("y")
    screen.until("water .* kPa arch")
    until(lambda: massaged_s() > 4, "the ledger has booked something")
    os.kill(screen.pid, signal.SIGKILL)
    told = footctl("plan", "quick-break", "--port", real_device)
    assert re.search("in the last 24 h: 0 min in the water, [01] min of massage", told.stdout)  # with what the host did not live to write
    assert massaged_s() > 14  # with what the host did not live to write down
    (row,) = booked()
    assert (row["simulated"], row["ended"]) == (0, None)


def test_a_day_that_is_used_up_and_a_journal_that_is_lost(real_device: str, footctl: Footctl) -> None:
    screened(footctl, "Anna")
    with Journal() as journal:
        row = journal.person("anna")
        assert row is not None
        journal.opened("past", row.id, "spa-day", simulated=False)
        journal._db.execute("INSERT INTO use VALUES ('past', ?, 0, 4790, 0)", (int(journal.clock()) // 60,))
        file = journal.file
    ended = footctl("run", "quick-break", "--port", real_device, "--person", "anna", "--daily-ok", "--yes", "--json")
    assert ended.returncode == 5
    assert "24 h" in json.loads(ended.stdout)["reason"]
    assert footctl("plan", "quick-break", "--port", real_device, "--person", "anna").returncode == 5
    file.write_bytes(b"no database at all" * 500)
    for side in ("-wal", "-shm"):
        file.with_name(file.name + side).unlink(missing_ok=True)
    ended = footctl("run", "quick-break", "--port", real_device, "--yes", "--json")
    assert ended.returncode == 5
    assert "what earlier sessions used up is not known" in json.loads(ended.stdout)["reason"]
    assert footctl("run", "quick-break", "--sim", "--speed", "max", "--yes", "--json").returncode == 0


def test_the_python_api_books_a_real_device(real_device: str, tmp_path: Path) -> None:
    program = tmp_path / "short.toml"
    program.write_text(
        'name = "Short"\nsummary = "A moment."\ntier = "standard"\n[[phase]]\nkind = "massage"\ntechnique = "rolling"\n'
        'zones = ["arch"]\npressure = "8 kPa"\nfor = "15 s"\n'
    )
    says = Answers()

    def answer(view: View) -> OperatorEvent | None:
        question = view.question
        return Yes() if question is not None and question.ready and question.kind == "feet_in" else says.to(view)

    async def story() -> View:
        async with footctl_api.connect(real_device) as massager:
            return await massager.run(program, answer=answer)

    view = asyncio.run(story())
    assert view.plan is not None
    assert view.plan.tier == "sensitive"
    (row,) = booked()
    assert (row["outcome"], row["simulated"], row["program"]) == ("completed", 0, str(program))
    assert 20 < massaged_s() < 60


def test_the_python_api_keeps_to_the_journal_at_a_real_device(real_device: str, footctl: Footctl) -> None:
    """Of what a program says of a person and what they answered, the stricter; what they answered meanwhile counts from the next run on."""
    screened(footctl, "Gus", "over_65=yes", "spots=yes:toes", "clot=yes")
    plans = []

    async def story() -> None:
        async with footctl_api.connect(real_device, person=Person("gus", "standard", screened=True)) as massager:

            def watch(view: View) -> None:
                if view.plan is not None and not view.plan.refused:
                    plans.append(view.plan)
                    massager.stop()

            with pytest.raises(DeviceRefused, match=r"Possible clot \(thrombosis\): be seen today"):
                await massager.run("quick-break", watch=watch, answer=lambda view: None)
            assert footctl("person", "screen", "Gus", "--answer", "clot=cleared").returncode == 0
            assert footctl("person", "loosen", "Gus", "--confirm").returncode == 0
            with pytest.raises(SessionEnded):
                await massager.run("quick-break", watch=watch, answer=lambda view: None)

    asyncio.run(story())
    plan = plans[0]
    assert plan.tier == "sensitive"
    assert all("toes" not in step.zones for step in plan.steps)
