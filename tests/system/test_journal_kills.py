"""kill -9 of the host while its session is written down: the journal opens, misses less than a second, says so, and the dose counts.

`make soak` tries 200 times, a test run a few.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from footctl.run import past, telemetry
from footctl.run.journal import Journal, connect
from footctl.run.past import INTERRUPTED

pytestmark = [pytest.mark.system, pytest.mark.slow]

TRIES = int(os.environ.get("FOOTCTL_KILLS", "4"))
LOST_S = 1.0
LONGEST_S = 2.5  # of the session in real time, until the kill

# A real device, as far as anybody can tell, in the soak: the way there on the virtual clock, then in real time.
CHILD = """
import asyncio, os, sys, time
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.events import Yes
from footctl.core.profile import parse_program
from footctl.link.inprocess import InProcess
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger
from footctl.run.session import Session
from simulator.world import World, play

PROGRAM = 'name = "Soak"\\nsummary = "s"\\ntier = "standard"\\n[[phase]]\\nkind = "soak"\\nwater = "38 C"\\nfor = "12 min"\\n'
world = World(seed=int(sys.argv[2]))
world.board.device.body.simulator = 0
host = Host(nonce=1, profile=parse_program(PROGRAM, "soak"), person=Person("Anna", "standard", screened=True))
with Journal() as journal:
    ledger = Ledger(journal, sys.argv[1], None, "soak")
says = Answers()
soaking = 0.0

def answer(view):
    event = says.to(view)
    question = view.question
    return Yes() if event is None and question is not None and question.ready and question.kind in ("feet_in", "check_in") else event

def person(now, host):
    view = host.view(now)
    ledger(view)
    event = answer(view)
    return () if event is None else (event,)

while not (host.sample is not None and host.state == "soak" and ledger._meter.use.soak_s > 60):
    play(host, world, operator=person, until=world.now + 5)

while ledger.behind:
    time.sleep(0.01)

def tell(view):
    ledger(view)
    use = ledger._meter.use
    os.write(1, f"{view.elapsed_s} {ledger._meter.elapsed_s} {use.soak_s} {use.dose_cem43}\\n".encode())

async def main():
    clock = Clock(1.0)
    clock.slip(world.now)
    session = Session(host, InProcess(world), clock, note=ledger.note)
    session.subscribe(tell)
    os.write(1, b"live\\n")
    await session.run()

asyncio.run(main())
"""


@pytest.mark.parametrize("number", range(TRIES))
def test_killed_at_any_moment(checkout: Path, number: int) -> None:
    dice = random.Random(f"{number} {random.random()}")
    command = [sys.executable, "-c", CHILD, f"killed-{number}", str(number)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=checkout, bufsize=0)
    assert child.stdout is not None
    assert child.stdout.readline() == b"live\n"
    time.sleep(dice.uniform(0.0, LONGEST_S))
    child.send_signal(signal.SIGKILL)
    lines = child.stdout.read().decode().splitlines(keepends=True)
    child.wait()
    child.stdout.close()
    told = [[float(word) for word in line.split()] for line in lines if line.endswith("\n")]
    elapsed_s, metered_s, soak_s, dose = told[-1] if told else (60.0, 60.0, 60.0, 0.0)
    with Journal() as journal:
        db = connect(journal.file)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept_s = db.execute("SELECT elapsed_s FROM sessions").fetchone()[0]
        one = past.find(journal, f"killed-{number}")
        readings = telemetry.unpack(past.batches(journal, one.id))["t_ms"]
        use = journal.day(None).use
        db.close()
    assert (one.outcome, one.ended) == (INTERRUPTED, None)
    assert kept_s >= metered_s - LOST_S
    assert readings[-1] / 1000 >= elapsed_s - LOST_S
    assert list(readings) == sorted(set(readings))
    assert use.soak_s >= soak_s
    assert use.dose_cem43 >= max(dose, 1e-6)
