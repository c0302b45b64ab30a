"""PROTOCOL.md: its tables are fresh and all there, its paragraphs are numbered without gaps, what it says about numbers is true."""

from __future__ import annotations

import itertools
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest

from firmware.device import device
from firmware_protocol import exchange, golden, limits, messages, reference

PAGE = Path(reference.PAGE).read_text(encoding="utf-8")


def test_the_page_is_fresh() -> None:
    assert reference.render(PAGE) == PAGE
    assert reference.main(["--check"]) == 0


def test_every_table_is_on_the_page_once() -> None:
    assert sorted(re.findall(r"<!-- table: (\w+) -->", PAGE)) == sorted(reference.tables())
    said = reference.prose()
    for row in messages.TABLE:
        assert f"#### 0x{row.code:02x} {reference.title(row.name)}\n\n{said[row.name][1]}\n" in PAGE
        assert said[row.name][1].endswith(".")


def test_every_message_and_field_has_its_words() -> None:
    said = reference.prose()
    names = {row.name for row in messages.TABLE} | {f"{row.name}.{field}" for row in messages.TABLE for field in row.names}
    assert set(said) == names
    assert all(meaning for _, meaning in said.values())
    assert said["SetBath.ramp_cdeg_min"] == ("cdeg/min", "how fast the setpoint may move; 0: at once (no feet in the water)")


def test_a_stale_page_is_noticed_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("| 0 | idle |", "| 0 | dreaming |"), encoding="utf-8")
    assert reference.main(["--check"], str(page)) == 1
    assert "stale" in capsys.readouterr().out
    assert reference.main([], str(page)) == 0
    assert page.read_text(encoding="utf-8") == PAGE
    with pytest.raises(KeyError, match="nobody makes this"):
        reference.render("<!-- table: nobody makes this --><!-- end -->")


def test_paragraphs_are_numbered_without_gaps_and_references_lead_somewhere() -> None:
    numbers = [tuple(map(int, pair)) for pair in re.findall(r"^\*\*(\d+)\.(\d+)\*\*", PAGE, re.MULTILINE)]
    for before, after in itertools.pairwise(numbers):
        assert after in ((before[0], before[1] + 1), (before[0] + 1, 1)), (before, after)
    known = {f"{chapter}.{number}" for chapter, number in numbers} | set(re.findall(r"^### (15\.\d+)", PAGE, re.MULTILINE))
    for group in re.findall(r"\((?:see )?(\d+\.\d+(?:, \d+\.\d+)*)\)", PAGE):
        assert set(group.split(", ")) <= known, group


def test_the_state_diagram_shows_every_state() -> None:
    diagram = PAGE.split("**7.1**", 1)[1].split("```", 2)[1]
    for state in messages.STATES:
        assert f" {state} " in diagram


def test_times_on_the_page_are_those_of_the_device() -> None:
    assert device.BEAT_MS == limits.TELEMETRY_MS
    assert f"every {exchange.URGENT_MS} ms until it is answered" in PAGE
    assert f"more than {exchange.PAUSE_MS} ms after the one before" in PAGE
    assert f"at least every {limits.HEARTBEAT_MS} ms" in PAGE
    assert f"no more than {limits.FRAME_AGE_MS:,} ms old" in PAGE
    assert exchange.REMEMBERED == 4  # "four at least"
    assert exchange.WINDOW == 128  # "between 1 and 127"


@pytest.mark.parametrize("module", [reference, golden], ids=["reference", "golden"])
def test_the_generators_are_commands(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["", "--check"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(module.__file__), run_name="__main__")
    assert left.value.code == 0


def test_small_spellings() -> None:
    assert reference.title("GetCaps") == "GET_CAPS"
    assert reference.number(65535) == "65,535"
    assert reference.table("a | b", [("x|y", 1)]).splitlines()[-1] == "| x\\|y | 1 |"
