"""A journal of 1,000 sessions: how fast list, trend and report answer, how large a session is, what a second of writing costs.

    python -m bench.journal [--sessions N] [--keep FOLDER]

Twenty sessions of 40 minutes are simulated, no two alike, with readings five times a second, and varied to N over the last years:
other days, other scores, other noise in every reading. They are marked as real ones of one person, or nothing would count them.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.blocks import Row
from footctl.cli.virtual import run_virtual
from footctl.core.host import Host
from footctl.run import telemetry
from footctl.run.answers import Answers
from footctl.run.journal import Journal, connect, writing
from footctl.run.ledger import Ledger
from footctl.run.presets import load_program
from footctl.screens.paper import Paper
from simulator.world import World

PROGRAM = "evening-unwind"  # 40 minutes
SIMULATED = 20
DAY_S = 86_400
RUNS = 5
MOST_S = 1.0  # each command
BATCH_GATE, BATCH_GOAL = 2.5, 1.5
ROW_GATE, ROW_GOAL = 1.8, 1.56
COPIED = (
    "tier", "device", "outcome", "reason", "title", "hint", "fault", "off", "duration_s", "water_max_c", "pressure_max_kpa", "dose_cem43",
    "model", "firmware", "plan", "program",
)  # fmt: skip


def build(file: Path, sessions: int, seed: int = 0) -> None:
    """Make the journal at `file`."""
    dice = random.Random(seed)
    originals = [simulate(file, number) for number in range(SIMULATED)]
    with Journal(file) as journal:
        anna = journal.screened("Anna", "{}", replaces=True, what="made for a measurement").id
    db = connect(file)
    newest = int(time.time()) - DAY_S
    with writing(db):
        for number in range(sessions):
            started = newest - (sessions - 1 - number) * 2 * DAY_S // 3 - dice.randrange(3600)
            vary(db, originals[number % SIMULATED], f"{started}-{number:06x}", anna, started, number / sessions, dice)
        for session in originals:
            db.execute("DELETE FROM sessions WHERE id = ?", (session,))
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def simulate(file: Path, seed: int) -> str:
    """One whole session on the virtual clock, written by the ledger."""
    host = Host(nonce=seed + 1, profile=load_program(PROGRAM))
    with Journal(file) as journal:
        ledger = Ledger(journal, f"original-{seed}", None, PROGRAM, simulated=True)
    paper = Paper(sys.stderr)
    view = run_virtual(host, World(seed=seed), Answers(), None, paper, ledger.note, ledger)
    ledger.close(view)
    paper.close()
    return f"original-{seed}"


def vary(db: object, original: str, session: str, person: int, started: int, part: float, dice: random.Random) -> None:
    """A copy of a session on another day, with scores that slowly get better and noise in its readings."""
    execute = db.execute  # type: ignore[attr-defined]
    names = ", ".join(COPIED)
    row = execute(f"SELECT {names}, ended - started FROM sessions WHERE id = ?", (original,)).fetchone()
    execute(
        f"INSERT INTO sessions (id, person, started, ended, simulated, {names}) VALUES (?, ?, ?, ?, 0, {', '.join('?' * len(COPIED))})",
        (session, person, started, started + (row[-1] or 0), *row[:-1]),
    )
    for table, columns in (("phases", "number, kind, name, started_s, ended_s, outcome"), ("events", "number, at_s, kind, words")):
        execute(f"INSERT INTO {table} (session, {columns}) SELECT ?, {columns} FROM {table} WHERE session = ?", (session, original))
    batches = [data for (data,) in execute("SELECT data FROM telemetry WHERE session = ? ORDER BY first_ms", (original,))]
    execute("INSERT INTO telemetry VALUES (?, 0, ?)", (session, noisy(batches, dice)))
    usual = 6.5 - 3 * part
    before = min(10, max(0, round(dice.gauss(usual, 1.2))))
    after = min(10, max(0, round(before - abs(dice.gauss(1.5, 0.8)))))
    scores = [("before", "pain", before), ("after", "pain", after), ("after", "comfort", min(10, max(0, round(dice.gauss(7, 1.2)))))]
    scores += [("before", "stress", min(10, max(0, round(dice.gauss(5, 2))))), ("before", "sleep", dice.randrange(3, 9))]
    for moment, measure, score in scores:
        execute(
            "INSERT INTO ratings (person, session, at, moment, measure, score) VALUES (?, ?, ?, ?, ?, ?)",
            (person, session, started + 2700 * (moment == "after"), moment, measure, score),
        )
    checked = (person, session, started + 2700)
    execute("INSERT INTO skin_checks (person, session, at, finding, foot) VALUES (?, ?, ?, 'ok', 'both')", checked)
    if dice.random() < 0.3:
        execute("INSERT INTO notes (person, session, at, text) VALUES (?, ?, ?, ?)", (person, session, started + 2710, "slept well after"))


def noisy(batches: Sequence[bytes], dice: random.Random) -> bytes:
    """The same readings with other noise: one count up or down on a quarter of them."""
    columns = {name: list(values) for name, values in telemetry.unpack(batches).items()}
    for name in ("water", "water2", "left", "right"):
        values = columns[name]
        for place in dice.sample(range(len(values)), len(values) // 4):
            if values[place] != telemetry.NONE:
                values[place] += dice.choice((-1, 1))
    return telemetry.seal_columns(columns)


def answers(folder: Path, *words: str) -> tuple[float, float]:
    """Wall and processor seconds of a whole command, medians of several."""
    environment = {**os.environ, "FOOTCTL_DATA_DIR": str(folder)}
    wall, processor = [], []
    for _ in range(RUNS + 1):
        out = ["--out", str(folder / f"page-{os.urandom(4).hex()}.html")] if words[0] == "report" else []
        begun, used = time.perf_counter(), _children_s()
        subprocess.run([sys.executable, "-m", "footctl", *words, *out], env=environment, check=True, stdout=subprocess.DEVNULL)
        wall.append(time.perf_counter() - begun)
        processor.append(_children_s() - used)
    return statistics.median(wall[1:]), statistics.median(processor[1:])


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def size(file: Path, sessions: int) -> tuple[float, float]:
    """Bytes a session in the file, and of them telemetry."""
    db = connect(file)
    readings = db.execute("SELECT sum(length(data)) FROM telemetry").fetchone()[0]
    db.close()
    return file.stat().st_size / sessions, readings / sessions


def batch(folder: Path, trips: int = 60) -> tuple[float, float]:
    """Median seconds of writing one second of a session, and of an fdatasync of as many bytes, in turns."""
    db = connect(folder / "batch.sqlite3")
    db.execute("INSERT INTO sessions (id, started, simulated, program) VALUES ('s', 0, 0, 'p')")
    data = telemetry.live(struct.pack("<I", 7) * (telemetry.ROW_BYTES // 4 * 5))
    ours, floor = [], []
    with (folder / "floor").open("wb") as file:
        for number in range(trips):
            begun = time.perf_counter()
            with writing(db):
                db.execute("UPDATE sessions SET elapsed_s = ?, dose_cem43 = ? WHERE id = 's'", (number, number / 1000))
                db.execute("INSERT OR REPLACE INTO use VALUES ('s', ?, ?, 0, 0)", (number // 60, number))
                db.execute("INSERT OR REPLACE INTO telemetry VALUES ('s', ?, ?)", (number * 1000, data))
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            file.write(data)
            file.flush()
            os.fdatasync(file.fileno())
            floor.append(time.perf_counter() - begun)
    db.close()
    return statistics.median(ours), statistics.median(floor)


def rows(sessions: int = 1000, keep: Path | None = None) -> list[Row]:
    """Build and measure."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "journal.sqlite3"
        if not file.exists():
            build(file, sessions)
        whole, readings = size(file, sessions)
        count = typical_samples(file)
        told = [
            Row(
                f"journal: bytes of a reading, once a session is over; {whole / 1024:.0f} KB a session with all its rows",
                f"{telemetry.ROW_BYTES}-byte struct", readings / count / telemetry.ROW_BYTES, ROW_GATE, ROW_GOAL,
                f"{readings / 1024:.0f} KB for {count:.0f} readings",
            )
        ]  # fmt: skip
        commands = (("journal", "list", "--all"), ("journal", "trend", "--since", "8w"), ("report",), ("report", "--since", "8w"))
        for words in (*commands, ("journal", "trend"), ("report", "--since", "20y")):
            took, processor = answers(folder, *words)
            seen = f"{took:.2f} s, of which {processor:.2f} s of a processor"
            told.append(Row(f"footctl {' '.join(words)}, {sessions:,} sessions", "one second", took / MOST_S, 1.0, 1.0, seen))
        ours, floor = batch(folder)
        seen = f"{ours * 1e3:.1f} ms to {floor * 1e3:.1f} ms"
        what = "journal: a second of a session, on the disk"
        told.append(Row(what, "fdatasync of the same bytes", ours / floor, BATCH_GATE, BATCH_GOAL, seen))
        return told


def typical_samples(file: Path) -> float:
    """Readings a session, on average over the first twenty."""
    db = connect(file)
    found = [len(telemetry.unpack([data])["t_ms"]) for (data,) in db.execute("SELECT data FROM telemetry LIMIT ?", (SIMULATED,))]
    db.close()
    return sum(found) / len(found)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="build it in this folder, or measure what an earlier run built there")
    args = parser.parse_args(argv)
    print("\n".join(str(row) for row in rows(args.sessions, args.keep)))


if __name__ == "__main__":
    main()
