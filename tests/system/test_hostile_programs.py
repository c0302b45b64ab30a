"""Program files made to hurt: each is refused with exit 3 and words, quickly, in little memory, without a byte that a terminal obeys."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from footctl.cli.main import main
from footctl.core.profile import MAX_BYTES

HEAD = 'name = "Mine"\ntier = "standard"\n'
SOAK = '[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "10 min"\n'
PRESS = '[[phase]]\nkind = "massage"\ntechnique = "kneading"\nzones = ["arch"]\npressure = "12 kPa"\nfor = "4 min"\n'
GOOD = HEAD + SOAK + PRESS

LONGEST_S = 5.0  # of a machine that does other things, too; all of them take milliseconds
MOST_MB = 64


def soak(old: str, new: str) -> str:
    return HEAD + SOAK.replace(old, new) + PRESS


def press(old: str, new: str) -> str:
    return HEAD + SOAK + PRESS.replace(old, new)


# what it is -> content, words that the refusal must have
CONTENT: dict[str, tuple[str | bytes, list[str]]] = {
    # --- too much of something
    "an array of a million": ("zones = [" + "1," * 1_000_000 + "]", ["more than 64 KB"]),
    "an array as long as a file may be": (HEAD + "zones = [\n" + "1,\n" * 20_000 + "]\n" + SOAK, ["zones is an unknown key"]),
    "a list of all zones, again and again": (press('["arch"]', '[\n"arch",' + '\n"arch",' * 4000 + "\n]"), ["zones", "twice"]),
    "one byte too many": (GOOD + "#" * 500 + "\n#" * ((MAX_BYTES - len(GOOD)) // 2), ["more than 64 KB"]),
    "a line of 60 KB": (HEAD + 'summary = "' + "x" * 60_000 + '"\n' + SOAK, ["hostile.toml:3:", "more than 1000 characters"]),
    "text over many lines": (HEAD + 'summary = """' + "x\n" * 30_000 + '"""\n' + SOAK, ["summary", "too long"]),
    "a name of a thousand letters": (GOOD.replace('"Mine"', '"' + "x" * 950 + '"'), ["name", "too long"]),
    "arrays in arrays": (HEAD + "a = " + "\n".join("[" * 500 for _ in range(60)), ["nested too deeply"]),
    "tables in tables": (HEAD + "a = " + "{a = " * 150 + "1" + "}" * 150 + "\n" + SOAK, ["a is an unknown key"]),
    "a key of many parts": (HEAD + ".".join("a" * 400) + " = 1\n" + SOAK, ["unknown key"]),
    "headers of many parts": (HEAD + "".join(f"[{'.'.join('x' * 400)}.y{n}]\n" for n in range(60)), ["unknown key", "phase is missing"]),
    "a thousand phases": (HEAD + "[[phase]]\n" * 1000, ["1000 phases", "1 to 64"]),
    "a thousand wrong keys": (GOOD + "\n".join(f"k{n} = {n}" for n in range(1000)), ["k0 is an unknown key", "more"]),
    "arrays of tables of their own": (HEAD + SOAK + "[[other]]\n" * 3000, ["other is an unknown key"]),
    # --- numbers that are none, or too large for anything
    "an integer of a thousand digits": (HEAD + "version = " + "9" * 900 + "\n" + SOAK, ["version", "too large"]),
    "an integer beyond 64 bits": (HEAD + "version = 9223372036854775808\n" + SOAK, ["version", "too large"]),
    "a hexadecimal integer": (HEAD + "version = 0x" + "f" * 900 + "\n" + SOAK, ["version", "too large"]),
    "infinity for a whole number": (HEAD + "version = inf\n" + SOAK, ["version", "whole number"]),
    "not a number": (soak('"38 C"', "nan"), ["water = nan", "has no unit"]),
    "minus infinity": (soak('"38 C"', "-inf"), ["water = -inf", "has no unit"]),
    "NaN as text": (soak("38 C", "NaN C"), ['water = "NaN C"', "is not a water temperature"]),
    "infinity as text": (soak("38 C", "Infinity C"), ["water", "is not a water temperature"]),
    "a float that overflows": (soak('"38 C"', "1e999"), ["water = inf", "has no unit"]),
    "an exponent": (soak("38 C", "3.8e1 C"), ['water = "3.8e1 C"', "unknown unit"]),
    "hexadecimal text": (soak("38 C", "0x26 C"), ["water", "unknown unit"]),
    "digits without end": (soak("38 C", "38." + "0" * 300 + "1 C"), ["water", "too many digits"]),
    "a fraction of nothing": (press("12 kPa", "0.0000000000000001 Pa"), ["too many digits"]),
    "digits of another script": (soak("38 C", "３８ C"), ["water", "is not a water temperature"]),
    "arabic digits": (soak("38 C", "٣٨ C"), ["water", "is not a water temperature"]),
    "a superscript": (press("12 kPa", "1² kPa"), ["pressure", "unknown unit"]),
    "an underscore in a number": (press("12 kPa", "1_2 kPa"), ["pressure", "unknown unit"]),
    "a comma for a point": (soak("38 C", "38,5 C"), ["water", "unknown unit"]),
    "a space that is none": (soak("38 C", "38\u00a0C"), ["water", "unknown unit"]),
    "a minus that is a dash": (soak("38 C", "−38 C"), ["water", "is not a water temperature"]),
    # --- units mixed up
    "Fahrenheit called Celsius": (soak("38 C", "100.4 C"), ["beyond the cap", "write 100.4 F"]),
    "kelvin": (soak("38 C", "311 K"), ["water", "unknown unit"]),
    "pascal for kilopascal": (press("12 kPa", "12000 kPa"), ["pressure", "beyond the cap", "0 kPa to 50 kPa"]),
    "bar": (press("12 kPa", "0.12 bar"), ["pressure", "unknown unit"]),
    "hours for minutes": (soak("10 min", "10 h"), ["for", "beyond the cap", "20 min"]),
    "milliseconds": (soak("10 min", "600000 ms"), ["for", "unknown unit"]),
    "a bare number": (press('"12 kPa"', "12"), ["pressure = 12", "has no unit"]),
    "a cap by another sign": (soak("38 C", "-38 C"), ["water", "below the least"]),
    "absolute zero": (soak("38 C", "-273.15 C"), ["water", "below the least"]),
    # --- values of a type that nobody asked for
    "true for a speed": (press('for = "4 min"', 'for = "4 min"\nspeed = true'), ["speed = true", "whole number"]),
    "a date for a time": (soak('"10 min"', "2026-01-01"), ["for", "is not a time"]),
    "a time of day for a time": (soak('"10 min"', "00:10:00"), ["for", "is not a time"]),
    "a table for a temperature": (soak('"38 C"', '{ value = "38 C" }'), ["water", "is not a water temperature"]),
    "a pressure with more in it": (press('"12 kPa"', '{ from = "5 kPa", to = "12 kPa", cap = "90 kPa" }'), ["pressure.cap", "unknown key"]),
    "a tier that is a list": (GOOD.replace('"standard"', '["standard"]'), ["tier", "not known"]),
    "a phase that is no list": (HEAD + "[phase]\nkind = 'soak'\n", ["phase", "[[phase]]"]),
    "a kind that is a number": (HEAD + "[[phase]]\nkind = 7\n", ["kind", "not known"]),
    # --- asking for more than a file may say
    "a tier with a letter of another script": (GOOD.replace('"standard"', '"stаndard"'), ["tier", "not known"]),
    "a tier in capitals": (GOOD.replace('"standard"', '"Standard"'), ["tier", "not known"]),
    "a tier beyond": (GOOD.replace('"standard"', '"clinician"'), ["tier", "not known"]),
    "caps of its own": (HEAD + "[caps]\nwater_setpoint_max = 6000\n" + SOAK, ["caps is an unknown key"]),
    "caps of its own, dotted": (HEAD + "caps.pressure_max = 90000\n" + SOAK, ["caps is an unknown key"]),
    "a person": (HEAD + '[person]\ntier = "standard"\n' + SOAK, ["person is an unknown key"]),
    "names of Python": (HEAD + '__class__ = "x"\n__init__.__globals__ = 1\n' + SOAK, ["__class__ is an unknown key"]),
    "the model's own names": (HEAD + "_source = 'x'\nfor_s = 99\nphases = []\n" + SOAK, ["phases is an unknown key", "_source"]),
    "a tier for one phase": (soak('kind = "soak"', 'kind = "soak"\ntier = "standard"'), ["tier is an unknown key"]),
    "a key twice": (soak('water = "38 C"', 'water = "38 C"\nwater = "45 C"'), ["second time"]),
    "a key twice, once in quotes": (soak('water = "38 C"', 'water = "38 C"\n"water" = "45 C"'), ["second time"]),
    "a table after its key": (GOOD + "[name]\nx = 1\n", ["second time"]),
    "a phase put in from outside": (HEAD + SOAK + "[phase.extra]\nwater = '45 C'\n", ["extra is an unknown key"]),
    # --- bytes
    "zero bytes": (GOOD.encode().replace(b"Mine", b"Mi\0ne"), ["is not TOML"]),
    "nothing but zero bytes": (b"\0\n" * 2048, ["is not TOML"]),
    "not UTF-8": (GOOD.encode().replace(b"Mine", b"Mi\xff\xfene"), ["is not UTF-8", "0xff"]),
    "UTF-16": (GOOD.encode("utf-16"), ["is not UTF-8"]),
    "a surrogate": (GOOD.encode().replace(b"Mine", b"\xed\xa0\x80"), ["is not UTF-8"]),
    "an overlong zero": (GOOD.encode().replace(b"Mine", b"\xc0\x80"), ["is not UTF-8"]),
    "two marks in front": (b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD.encode(), ["is not TOML"]),
    "bare carriage returns": (GOOD.replace("\n", "\r"), ["is not TOML"]),
    "a program of another kind": (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 16, ["hostile.toml"]),
    # --- what a terminal would obey
    "a name that clears the screen": (GOOD.replace("Mine", "\\u001b[2J\\u001b[HMine"), ["name", "control characters"]),
    "a raw escape": (GOOD.encode().replace(b"Mine", b"\x1b[31mMine"), ["is not TOML"]),
    "a summary that sets the title": (HEAD + 'summary = "\\u001b]0;owned\\u0007"\n' + SOAK, ["summary", "control characters"]),
    "a text that rings and goes back": (HEAD + '[[phase]]\nkind = "prompt"\ntext = "\\u0007\\rStop?"\n', ["text", "control characters"]),
    "a C1 control": (GOOD.replace("Mine", "\\u009b31mMine"), ["name", "control characters"]),
    "text turned round": (GOOD.replace("Mine", "Mine \\u202e C 04"), ["name", "control characters"]),
    "an invisible letter": (GOOD.replace("Mine", "Mi\\u200bne"), ["name", "control characters"]),
    "an escape in a key": (HEAD + '"\\u001b[2J" = 1\n' + SOAK, ["unknown key"]),
    "an escape in a wrong value": (soak("38 C", "\\u001b[2J38 C"), ["water", "is not a water temperature"]),
    "an escape in a wrong kind": (HEAD + '[[phase]]\nkind = "\\u001b[2J"\n', ["kind", "not known"]),
    "an escape in a zone": (press('["arch"]', '["\\u001b[2J"]'), ["zones"]),
    "a C1 control in a comment": (GOOD.replace("\n\n", "\n") + "# \u009b2J\n", ["characters that a terminal obeys"]),
    "a comment turned round": (GOOD.replace('water = "38 C"', 'water = "38 C" # \u202e"C 03" = retaw'), ["turn text round"]),
    "an escape in a line that is no TOML": (HEAD + "\u001b[2J = = 1\n", ["is not TOML"]),
}  # fmt: skip


def obeyed(text: str) -> list[str]:
    """Characters that do something to a terminal, or hide what is written."""
    return [repr(letter) for letter in text if not letter.isprintable() and letter != "\n"]


def untouched(path: Path) -> tuple[bytes, int, int]:
    told = path.stat()
    return path.read_bytes(), told.st_mtime_ns, told.st_mode


@pytest.mark.parametrize("what", CONTENT)
def test_refused_with_words_and_left_alone(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, words = CONTENT[what]
    path = tmp_path / "hostile.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = untouched(path)
    for command in (("programs", "check", str(path)), ("run", str(path), "--sim", "--speed", "max", "--yes", "--json")):
        begun = time.monotonic()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert main(list(command)) == 3
        assert time.monotonic() - begun < LONGEST_S
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < MOST_MB * 1024
        out, err = capsys.readouterr()
        for word in words:
            assert word in err
        assert "hostile.toml" in err
        assert not obeyed(out + err)
        assert "Traceback" not in out + err
        assert len(out + err) < 20_000
        if "--json" in command:
            told = json.loads(out)
            assert (told["outcome"], told["phases"]) == ("refused", [])
    assert untouched(path) == before


def test_what_this_table_breaks_was_right_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The good program passes, in every spelling that is no mistake: so each row above is refused for its own sake."""
    path = tmp_path / "good.toml"
    for content in (GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.replace("Mine", "רגל"), GOOD + "# a tab\there, ½ °C, 足\n"):
        path.write_bytes(content.encode())
        assert main(["programs", "check", str(path)]) == 0
        assert not obeyed(capsys.readouterr().err)
    assert len(CONTENT) >= 50


@pytest.mark.parametrize("what", ["endless device", "pipe", "directory", "loop", "dangling", "missing", "escape in its name"])
def test_what_is_no_file_at_all(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hostile.toml"
    if what == "endless device":
        path.symlink_to("/dev/zero")
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    elif what == "loop":
        path.symlink_to(path)
    elif what == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    elif what == "escape in its name":
        path = tmp_path / "\x1b[2Jhostile.toml"
        path.write_text("")
    begun = time.monotonic()
    assert main(["programs", "check", str(path)]) == 3
    assert time.monotonic() - begun < LONGEST_S
    out, err = capsys.readouterr()
    assert "hostile.toml" in err
    assert not obeyed(out + err)


@pytest.mark.parametrize("what", ["an array of a million", "headers of many parts", "arrays in arrays", "a key of many parts"])
def test_a_process_with_little_memory_survives_the_worst(what: str, tmp_path: Path) -> None:
    content, _ = CONTENT[what]
    path = tmp_path / "hostile.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def poor() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))

    command = [sys.executable, "-m", "footctl", "programs", "check", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, preexec_fn=poor)
    assert answer.returncode == 3, answer.stderr
    assert "Traceback" not in answer.stderr
