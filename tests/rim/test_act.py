"""What a command says to a running session from another terminal, and the exit code it ends with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from footctl.cli import act
from footctl.run import control
from footctl.run.wishes import no


def acted(monkeypatch: pytest.MonkeyPatch, answers: list[dict[str, Any] | None], *words: str) -> int:
    """The exit code when the sessions answer so; None: not at all."""
    told = iter(answers)

    def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
        answer = next(told)
        if answer is None:
            raise TimeoutError
        return answer

    doors = [(Path(str(number)), {"session_id": str(number), "program": "quick-break"}) for number in range(len(answers))]
    monkeypatch.setattr(control, "doors", lambda: doors)
    monkeypatch.setattr(control, "ask", ask)
    parser = argparse.ArgumentParser(prog=f"footctl {words[0]}")
    act.configure(parser)
    return act.run(parser.parse_args(words[1:]))


@pytest.mark.parametrize("words", [("skip",), ("extend", "1min"), ("firmer",), ("resume",), ("yes",)])
def test_a_no_of_the_session_is_told_and_is_5(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert acted(monkeypatch, [no("feet on roller cannot be skipped")], *words) == 5
    assert capsys.readouterr().out == "quick-break: feet on roller cannot be skipped\n"
    assert acted(monkeypatch, [no("feet on roller cannot be skipped")], *words, "--json") == 5
    assert '"error": "feet on roller cannot be skipped"' in capsys.readouterr().out


def test_what_was_done_is_0_and_what_nobody_confirms_is_4(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sure, unsure = {"ok": True, "confirmed": True}, {"ok": True, "confirmed": False}
    assert acted(monkeypatch, [sure], "skip") == 0
    assert capsys.readouterr().out == "quick-break: done\n"
    assert acted(monkeypatch, [{**sure, "told": "softer: now 18 kPa, gentle, 36 % of your limit"}], "softer") == 0
    assert capsys.readouterr().out == "quick-break: softer: now 18 kPa, gentle, 36 % of your limit\n"
    assert acted(monkeypatch, [sure, unsure], "stop", "--session", "quick-break") == 4
    assert "the device has not confirmed it" in capsys.readouterr().out
    assert acted(monkeypatch, [no("…"), None], "stop", "--session", "quick-break") == 4
    assert "the session did not answer" in capsys.readouterr().out


def test_settings_that_are_wrong_hide_no_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("FOOTCTL_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("nonsense", encoding="utf-8")
    told = {"ok": True, "confirmed": True, "told": "stopped; nothing was switched on"}
    assert acted(monkeypatch, [told], "stop", "--session", "quick-break") == 0
    assert "nothing was switched on" in capsys.readouterr().out
    (tmp_path / "config.toml").write_text('units = "F"', encoding="utf-8")
    assert acted(monkeypatch, [{**told, "told": "softer: the water goes to 37.5 °C"}], "softer") == 0
    assert "99.5 °F" in capsys.readouterr().out
