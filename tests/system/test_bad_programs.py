"""Bad program files through the real command: exit 3, file, key and what is allowed in the message, the file untouched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from footctl.cli.main import main
from footctl.core.profile import MAX_BYTES
from footctl.errors import ProfileError
from footctl.run.presets import list_programs, load_program

GOOD = """\
name = "Mine"
tier = "standard"

[[phase]]
kind = "soak"
water = "38 C"
for = "10 min"
"""

BAD = {
    "hot": (GOOD.replace("38 C", "45 C"), ["bad.toml:6:", 'water = "45 C"', "30 C to 40 C"]),
    "fahrenheit": (GOOD.replace('"38 C"', "104"), ["bad.toml:6:", "water = 104", "write 104 F"]),
    "nan": (GOOD.replace('"38 C"', "nan"), ["bad.toml:6:", "water = nan", "has no unit"]),
    "negative": (GOOD.replace("10 min", "-10 min"), ["bad.toml:7:", 'for = "-10 min"', "more than zero"]),
    "zero": (GOOD.replace("10 min", "0 s"), ["bad.toml:7:", 'for = "0 s"', "more than zero"]),
    "unknown": (GOOD + "tempo = 3\n", ["bad.toml:8:", "tempo is an unknown key", "allowed are"]),
    "duplicate": (GOOD + 'water = "39 C"\n', ["bad.toml:8:", "gives a key a second time"]),
    "wrong_type": (GOOD.replace('"10 min"', "[10]"), ["bad.toml:7:", "for", "is not a time"]),
    "endless": (GOOD + '[[phase]]\nkind = "rest"\nfor = "999 h"\n', ["bad.toml:10:", 'for = "999 h"', "60 min"]),
    "many": (GOOD + '[[phase]]\nkind = "prompt"\ntext = "x"\n' * 100, ["bad.toml:4:", "101 phases", "1 to 64"]),
    "long": (GOOD + '[[phase]]\nkind = "rest"\nfor = "51 min"\n', ["the whole program takes 61 min", "60 min"]),
    "not_toml": ("Dear footctl, warm my feet.", ["bad.toml:1:", "is not TOML"]),
    "empty": ("", ["bad.toml:", "is empty"]),
    "blank": ("\n \n", ["bad.toml:", "is empty"]),
    "not_utf8": (b'name = "\xe9t\xe9"', ["bad.toml:1:", "is not UTF-8", "0xe9"]),
    "huge": (b"# 10 MB\n" * (10 * 1024 * 1024 // 8), ["bad.toml:", "more than 64 KB"]),
    "just_too_big": (b"#" * 100 + b"\n#" * (MAX_BYTES // 2), ["more than 64 KB"]),
    "deep": ("a = [\n" + "[\n" * 30_000, ["nested too deeply"]),
    "dotted": ("\n".join(f"k{n}." + ".".join("a" * 490) + " = 1" for n in range(64)), ["unknown key"]),
}


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[str]]:
    content, words = BAD[request.param]
    path = tmp_path / "bad.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path, words


COMMANDS = ("plan {} --sim", "programs check {}", "run {} --sim --speed max --yes", "run {} --sim --speed max --yes --json")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_file_ends_with_3_and_is_left_alone(command: str, bad: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    path, words = bad
    before = path.read_bytes()
    assert main([str(path) if word == "{}" else word for word in command.split()]) == 3
    out, err = capsys.readouterr()
    for word in words:
        assert word in err
    assert "Traceback" not in out + err
    assert path.read_bytes() == before
    assert path.stat().st_mtime == 1_000_000_000


def refused(name: str) -> str:
    with pytest.raises(ProfileError) as caught:
        load_program(name)
    assert caught.value.hint
    return str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "is a directory" in refused(str(tmp_path))
    assert "is a directory" in refused(".")
    assert "there is no such file" in refused(str(tmp_path / "none.toml"))
    (tmp_path / "file").write_text("")
    assert "cannot be read" in refused(str(tmp_path / "file" / "x.toml"))
    assert "cannot be read" in refused("nu\0l.toml")
    assert "cannot be read" in refused("/" + "x" * 5000 + ".toml")
    assert "not a regular file" in refused("/dev/zero")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    assert "not a regular file" in refused(str(pipe))


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    secret = Path("secret.toml")
    secret.write_text(GOOD)
    secret.chmod(0)
    with as_nobody():
        assert refused("secret.toml") == "secret.toml: you may not read it"
    assert secret.stat().st_mode & 0o777 == 0


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root reads everything, so where root runs the tests somebody else reads."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_preset_names_are_guessed() -> None:
    assert "did you mean evening-unwind?" in refused("evening-unwnd")
    assert "there are circulation-boost, dry-gentle, evening-unwind, first-time" in refused("zzzzzzz")
    assert refused("../profiles/evening-unwind").endswith("there is no such file")
    assert "is no program here" in refused("EVENING_UNWIND_2")


def test_the_file_of_a_preset_can_be_named_too(checkout: Path) -> None:
    assert load_program(str(checkout / "profiles" / "quick-break.toml")).program == "quick-break"


def test_every_preset_is_right_and_says_whom_it_is_for() -> None:
    rows = list_programs()
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    for row in rows:
        profile = load_program(row["name"])
        assert profile.program == row["name"]
        assert profile.tier == row["tier"]
        for key in ("summary", "for_whom", "not_for", "based_on"):
            assert row[key]
