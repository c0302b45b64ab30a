"""Runs a page of documentation: each command in it, in order, and compares what is printed with what the page shows.

In an expected line `…` stands for anything; a line of its own with `…` for any number of lines. What a page's reader does in several
terminals is said in comments before a block: `<!-- terminal: NAME -->` a command that goes on in a terminal of its own,
`<!-- keys: NAME: y ENTER SPACE CTRL-C -->` keys pressed there, `<!-- ends: NAME: CODE -->` the command there has ended.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.system.processes import Terminal

_PIECE = re.compile(r"<!-- (terminal|keys|ends): (.*?) -->|^```(console|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_END = r"[ \t\r]*\n"  # of a line; a terminal adds \r
WAIT_S = 45.0
KEYS = {"ENTER": "\r", "SPACE": " ", "CTRL-C": "\x03"}


@dataclass(frozen=True)
class Piece:
    """A directive (`kind` terminal, keys, ends) or a block (`kind` console, text)."""

    kind: str
    text: str
    line: int


def pieces(page: Path) -> Iterator[Piece]:
    """What the page says to do and to see, in order."""
    text = page.read_text(encoding="utf-8")
    for match in _PIECE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Piece(match[1] or match[3], match[2] or match[4] or "", line)


def pattern(expected: list[str]) -> str:
    """A regular expression for lines of a page."""
    out = []
    for line in expected:
        out.append(r"(?:.*\n)*?" if line == "…" else ".*?".join(re.escape(part) for part in line.split("…")) + _END)
    return "".join(out)


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block with the lines that it should print."""
    command, lines = "", list[str]()
    for line in block.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, lines
            command, lines = line[2:], []
        else:
            lines.append(line)
    if command:
        yield command, lines


class Reader:
    """Somebody who does what a page says, in `place`. `instead`: commands that are done otherwise here, each a call with the reader."""

    def __init__(self, place: Path, instead: dict[str, Callable[[Reader], None]] | None = None) -> None:
        self.place = place
        self.instead = instead or {}
        self.terminals: dict[str, Terminal] = {}
        self.seen: dict[str, int] = {}  # so much of each terminal was compared
        self.done: list[str] = []

    def follow(self, page: Path) -> None:
        """Do it all. Raises AssertionError with page and line where it goes otherwise."""
        where, keys = "", ("", "")
        for piece in pieces(page):
            try:
                if piece.kind == "terminal":
                    where = piece.text
                elif piece.kind == "keys":
                    name, _, pressed = piece.text.partition(": ")
                    keys = (name, pressed)
                    self.press(name, pressed)
                elif piece.kind == "ends":
                    name, _, code = piece.text.partition(": ")
                    ended = self.terminals[name].wait(30)
                    assert ended == int(code), f"{name} ended with {ended}: {self.terminals[name].seen}"
                elif piece.kind == "text":
                    if keys[0]:
                        self.sees(keys[0], piece.text.splitlines())
                    keys = ("", "")
                else:
                    for command, lines in commands(piece.text):
                        self.types(command, lines, where)
                    where = ""
            except AssertionError as error:
                raise AssertionError(f"{page.name}:{piece.line}: {error}") from error

    def types(self, command: str, lines: list[str], where: str) -> None:
        """One command, here or in a terminal of its own."""
        self.done.append(command)
        if command in self.instead:
            self.instead[command](self)
            assert not lines
        elif command.startswith("cd "):
            self.place = self.place / command[3:]
        elif command.startswith(". "):
            os.environ["PATH"] = f"{(self.place / command[2:]).parent}{os.pathsep}{os.environ['PATH']}"
        elif where:
            before = os.getcwd()
            os.chdir(self.place)
            try:
                self.terminals[where] = Terminal(*command.removeprefix("footctl ").split())
            finally:
                os.chdir(before)
            self.seen[where] = 0
            self.sees(where, lines)
        else:
            ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.place, capture_output=True, text=True, check=False)
            said = ran.stdout + ran.stderr
            assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{said}"
            assert re.fullmatch(pattern(lines) if lines else ".*", said if lines else ""), f"{command} printed:\n{said}"

    def sees(self, name: str, lines: list[str]) -> None:
        """Wait until these lines stand in the terminal, after what was compared before. `[y/N] y` at the end of one is typed."""
        for number, line in enumerate(lines):
            if line.endswith("[y/N] y"):
                self._await(name, pattern(lines[:number]) + re.escape(line.removesuffix(" y")))
                self.press(name, "y ENTER")
                lines = ["…", *lines[number + 1 :]]
                break
        self._await(name, r"(?:.*\n)*?" + pattern(lines).removesuffix(_END))

    def press(self, name: str, keys: str) -> None:
        """Hit keys, named or as letters."""
        for key in keys.split():
            self.terminals[name].press(KEYS.get(key, key))

    def end(self) -> None:
        """Nothing is left behind."""
        for terminal in self.terminals.values():
            terminal.end()

    def _await(self, name: str, expected: str) -> None:
        terminal, start = self.terminals[name], self.seen[name]
        whole = rf"\A(?s:.{{{start}}}){expected}"
        terminal.until(whole, WAIT_S)
        found = re.search(whole, terminal.seen)
        assert found is not None
        self.seen[name] = found.end()
