"""The front door opens fast, says what there is, and turns every error into words and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from importlib import import_module

import pytest

from footctl import errors
from footctl.cli import main as door

HEAVY = {"pydantic", "transitions", "serial", "bleak", "asyncio", "textual", "simulator", "firmware", "rich", "numpy", "importlib.metadata"}


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "footctl", *words], capture_output=True, text=True, check=False, env=environment or None)


def modules_after(words: str) -> set[str]:
    """What is loaded once `footctl <words>` has answered, besides what Python itself loads."""
    answer_it = f"from footctl.cli.main import main; assert main({words.split()!r}) == 0"
    code = f"import sys; before = set(sys.modules); {answer_it}; print(*set(sys.modules) - before)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(answer.stdout.splitlines()[-1].split())


def test_version_loads_nothing_else() -> None:
    assert modules_after("--version") == {"footctl", "footctl.cli", "footctl.cli.main"}


def test_help_loads_nothing_else() -> None:
    assert modules_after("--help") == {"footctl", "footctl.cli", "footctl.cli.main"}


@pytest.mark.parametrize("row", door.COMMANDS, ids=lambda row: row[0])
def test_the_help_of_a_command_loads_nothing_that_its_work_needs(row: tuple[str, str, str, bool]) -> None:
    code = "import sys; from footctl.cli.main import main\n"
    code += f"try:\n    main([{row[0]!r}, '--help'])\nexcept SystemExit:\n    print('\\n', *sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.splitlines()[-1].split())
    assert "argparse" in loaded
    assert not loaded & (HEAVY - {"asyncio", "firmware"} | {"footctl.core.profile", "footctl.core.host", "matplotlib"})


def test_listing_programs_loads_nothing_heavy() -> None:
    assert not modules_after("programs list") & HEAVY


def test_the_package_itself_is_light() -> None:
    code = "import sys; before = set(sys.modules); import footctl; print(*set(sys.modules) - before)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(answer.stdout.split()) & HEAVY


@pytest.mark.parametrize("row", door.COMMANDS, ids=lambda row: row[0])
def test_every_command_exists_and_has_help(row: tuple[str, str, str, bool], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        door.main([row[0], "--help"])
    assert left.value.code == 0
    assert f"footctl {row[0]}" in capsys.readouterr().out
    assert callable(import_module(row[1]).run)


def test_help_names_every_command() -> None:
    text = door.overview()
    for name, _, summary, _ in door.COMMANDS:
        assert name in text
        assert summary in text


def test_without_a_command_it_says_what_there_is() -> None:
    answer = run()
    assert answer.returncode == 2
    assert "footctl run evening-unwind --sim" in answer.stdout


@pytest.mark.parametrize(
    ("word", "told"), [("programms", "did you mean: footctl programs?"), ("--frobnicate", "no option"), ("xyzzy", "footctl --help")]
)
def test_an_unknown_word_is_a_usage_error(word: str, told: str) -> None:
    answer = run(word)
    assert answer.returncode == 2
    assert told in answer.stderr
    assert not answer.stdout


def stand_in(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """A command that raises."""
    module = types.ModuleType("stand_in")

    def fail(args: object) -> int:
        raise error

    module.configure, module.run = lambda parser: None, fail  # type: ignore[attr-defined]
    monkeypatch.setattr(door, "COMMANDS", (("fail", "stand_in", "fails", False),))
    monkeypatch.setitem(sys.modules, "stand_in", module)


def subclasses(kind: type[errors.FootctlError]) -> list[type[errors.FootctlError]]:
    return [kind, *(deeper for sub in kind.__subclasses__() for deeper in subclasses(sub))]


@pytest.mark.parametrize("kind", subclasses(errors.FootctlError), ids=lambda kind: kind.__name__)
def test_each_error_has_its_code_and_hint(
    kind: type[errors.FootctlError], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch, kind("the water is cold", hint="wait a little"))
    assert door.main(["fail"]) == kind.exit_code
    told = capsys.readouterr()
    assert told.err == "footctl: the water is cold\n  wait a little\n"
    assert not told.out


def test_internal_errors_are_short_unless_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in(monkeypatch, ZeroDivisionError("oh"))
    monkeypatch.delenv("FOOTCTL_DEBUG", raising=False)
    assert door.main(["fail"]) == 1
    told = capsys.readouterr().err
    assert "ZeroDivisionError: oh" in told
    assert "FOOTCTL_DEBUG=1" in told
    assert "Traceback" not in told
    monkeypatch.setenv("FOOTCTL_DEBUG", "1")
    assert door.main(["fail"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in(monkeypatch, KeyboardInterrupt())
    assert door.main(["fail"]) == 6
    assert "Traceback" not in capsys.readouterr().err


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m footctl programs schema | head -c 10"
    answer = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert not answer.stderr


def test_no_colour_when_piped() -> None:
    assert "\x1b" not in run("programs", "list").stdout


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    told = subprocess.run([sys.executable, "-m", "footctl", "--help"], stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (told.returncode, told.stderr) == (0, "")
