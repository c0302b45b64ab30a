"""`footctl set`: a flag that is wrong is named as a flag, with what is allowed, before anything is opened."""

from __future__ import annotations

import pytest

from footctl.cli.main import main

WATER = ("--water", "37C", "--for", "5min")
PRESSURE = ("--pressure", "12kPa", "--for", "5min")
NOWHERE = ("--port", "/nowhere", "--yes", "--json")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--water", "45C", "--for", "5min"), ['--water "45C" is beyond the cap (tier standard); allowed in tier standard: 30 C to 40 C']),
        (("--water", "104", "--for", "5min"), ['--water "104" has no unit and looks like Fahrenheit; write 104 F']),
        (("--water", "\udcff\x1b[2J\x7f", "--for", "5min"), [r'--water "\udcff\x1b[2J\x7f" is not a water temperature; write a number']),
        (("--pressure", "60kPa", "--for", "5min"), ['--pressure "60kPa" is beyond the cap (tier standard); allowed', "0 kPa to 50 kPa"]),
        (("--pressure", "0kPa", "--for", "5min"), ['--pressure "0kPa" presses nothing; write more than 0 kPa or leave it out']),
        (("--water", "37C", "--for", "30min"), ['--for "30min" is beyond the cap (tier standard); allowed', "to 20 min"]),
        ((*WATER, "--pressure", "9kPa", "--for", "30min"), ['--for "30min" is beyond the cap (tier standard); allowed', "to 15 min"]),
        (("--water", "37C", "--for", "5"), ['--for "5" has no unit; write a number and a unit (s, min, h)']),
        ((*PRESSURE, "--zone", "knee"), ['--zone has "knee"; allowed are toes, ball, arch, heel, ankle']),
        ((*PRESSURE, "--stroke", "900"), ["--stroke 900 is too large; allowed is 100 or less"]),
    ],
)
def test_a_wrong_flag_is_named(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: list[str]) -> None:
    assert main(["set", *words, *NOWHERE]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 2
    for word in told:
        assert word in err
    assert "phase" not in err
    assert "file" not in err
    assert "nothing was started; see `footctl set --help`" in err


def test_all_wrong_flags_at_once_in_one_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", "--for", "x", "--pressure", "y", "--water", "z", *NOWHERE]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert ["--water" in lines[0], "--pressure" in lines[1], "--for" in lines[2]] == [True, True, True]


def test_flags_that_are_fine_go_on_to_the_link(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", *WATER, "--pressure", "12 kPa", "--zone", "heel", *NOWHERE]) == 4
    assert "no such port" in capsys.readouterr().err


def test_nothing_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", "--for", "5min", *NOWHERE]) == 2
    assert main(["set", *WATER, "--zone", "heel", *NOWHERE]) == 2
    assert "--zone without --pressure" in capsys.readouterr().err
