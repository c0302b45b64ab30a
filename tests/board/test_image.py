"""What goes onto a board: every file compiles, nothing that is needed is missing, and what is made smaller says the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from firmware import image
from firmware.lean import lean

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_image_holds_the_program_and_what_it_imports() -> None:
    built = image.build("pico_w")
    assert image.PROGRAM in built
    assert {"lib/life.mpy", "lib/radio.mpy", "lib/firmware/device/device.mpy", "lib/firmware_protocol/messages.mpy"} <= set(built)
    assert not any("words" in where or "golden" in where or "reference" in where for where in built), "no prose for a desk"
    assert sum(map(len, built.values())) < 60_000


def test_only_the_boards_import_machine() -> None:
    sinners = []
    for room in ("firmware", "firmware_protocol", "footctl", "simulator"):
        for path in (ROOT / room).rglob("*.py"):
            if "boards" in path.parts or "fake" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module]
                    if isinstance(node, ast.ImportFrom)
                    else []
                )
                if "machine" in names:
                    sinners.append(str(path))
    assert not sinners


@pytest.mark.parametrize(
    ("text", "says", "says_not"),
    [
        ("A = 5\nB = A * 2 + 1\n\ndef f():\n    return B\n\nf()", "return 11", "A ="),
        ("A = 5\n\ndef f(A):\n    return A\n\nf(1)", "return A", "return 5"),
        ("A = 5\n\ndef f():\n    A = 2\n    return A\n\nf()", "return A", "return 5"),
        ("def used():\n    return 1\n\ndef unused():\n    return 2\n\nused()", "def used", "unused"),
        ("from other import N, g\n\ng(N)", "g(7)", "N"),
        ("import other\n\nother.g(other.N)", "other.g(7)", "other.N"),
        ("TABLE = (1, 2)\nOTHER = (3,)\nprint(TABLE)", "TABLE", "OTHER"),
        ("(X, Y, Z) = range(3)\nprint(Y)", "print(1)", "X"),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import typing\nprint(1)", "print(1)", "typing"),
        ("class C:\n    __slots__ = ('a',)\n\n    def f(self, a: int) -> int:\n        return a\n\nC()", "def f(self, a)", "__slots__"),
    ],
)
def test_smaller_and_the_same(text: str, says: str, says_not: str) -> None:
    small = lean({"main": text, "other": "N = 7\n\ndef g(n):\n    return n"}, "main")["main"]
    assert says in small
    assert says_not not in small


def test_what_has_an_effect_stays() -> None:
    small = lean({"main": "import other\nother.rows", "other": "rows = []\n\ndef add(n):\n    rows.append(n)\n\nX = add(1)\nY = 3"}, "main")
    assert "add(1)" in small["other"]
    assert "Y" not in small["other"]


def test_a_module_that_nobody_needs_any_more_stays_at_home() -> None:
    assert set(lean({"main": "import codes\nprint(codes.A)", "codes": "A = 1"}, "main")) == {"main"}
