"""The tutorial, done as it says: every command typed, every key pressed, every line compared."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_tree import tracked
from tests.system.pages import Reader, commands, pattern, pieces

pytestmark = [pytest.mark.system, pytest.mark.slow]

LAUNCHER = "#!{python}\nimport sys\nfrom footctl.cli.main import main\nsys.exit(main())\n"


def clone(checkout: Path, target: Path) -> None:
    """What `git clone` gives, of the tree as it is now, with an environment that has what `make` would install: lent, not downloaded."""
    for path in [*tracked(checkout), *_new(checkout)]:
        copy = target / path.relative_to(checkout)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    environment = target / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, capture_output=True)
    python = environment / "bin" / "python"
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    lent = dict.fromkeys((str(target), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (site / "lent.pth").write_text("\n".join(lent) + "\n")
    launcher = environment / "bin" / "footctl"
    launcher.write_text(LAUNCHER.format(python=python))
    launcher.chmod(0o755)
    (environment / ".installed").touch()


def _new(checkout: Path) -> list[Path]:
    """Modules that are not under version control yet."""
    command = ["git", "ls-files", "-z", "--others", "--exclude-standard", "--", "*.py"]
    listed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    return [checkout / name for name in listed.stdout.split("\0") if name]


@pytest.fixture
def reader(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PATH", os.environ["PATH"])  # put back what the page changes
    made = Reader(tmp_path, {"git clone ADDRESS footctl": lambda reader: clone(checkout, reader.place / "footctl")})
    yield made
    made.end()


def test_every_step_of_it(reader: Reader, checkout: Path) -> None:
    reader.follow(checkout / "docs" / "tutorial" / "first-session.md")
    place = reader.place
    assert "too firm in the left arch" in (place / "report.html").read_text(encoding="utf-8")
    assert not (place / "foot").exists(), "the port is gone with its device"
    for word in ("make demo", "footctl clear --port foot", "footctl report --out report.html"):
        assert word in reader.done


def test_what_a_page_may_leave_open() -> None:
    import re

    assert re.fullmatch(pattern(["a … c", "…", "end"]), "a b c\nanything\nmore\nend\n")
    assert re.fullmatch(pattern(["a … c", "…", "end"]), "a b c\nend\n")
    assert not re.fullmatch(pattern(["a … c", "end"]), "a b c\nmore\nend\n")
    assert list(commands("$ one\nx\ny\n$ two\n")) == [("one", ["x", "y"]), ("two", [])]


def test_no_command_of_the_page_is_outside_a_block(checkout: Path) -> None:
    page = checkout / "docs" / "tutorial" / "first-session.md"
    shown = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("$ ")]
    run = [command for piece in pieces(page) if piece.kind == "console" for command, _ in commands(piece.text)]
    assert run == [line[2:] for line in shown]
    assert len(run) >= 14
