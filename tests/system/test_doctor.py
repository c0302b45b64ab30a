"""What `footctl doctor` says about ports, sessions and sockets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.processes import Footctl, Served, Spawn, until

pytestmark = pytest.mark.system


def _found(footctl: Footctl, *words: str) -> dict[str, dict[str, str]]:
    answer = footctl("doctor", "--json", *words)
    assert answer.returncode == 0, answer.stdout
    return {finding["told"]: finding for finding in json.loads(answer.stdout)}


def test_a_port_that_is_asked_about(footctl: Footctl, tmp_path: Path) -> None:
    assert _found(footctl, "--port", str(tmp_path / "none"))[f"{tmp_path / 'none'}: no such port"]["remedy"]
    assert f"{tmp_path} is no serial port" in _found(footctl, "--port", str(tmp_path))


def test_a_busy_port_and_by_whom(serve: Callable[..., Served], spawn: Spawn, footctl: Footctl) -> None:
    served = serve()
    session = spawn("run", "quick-break", *served.run)
    until(lambda: served.status["feet"]["left"] == "roller", "the session runs")
    found = _found(footctl, "--port", served.address)
    [busy] = [told for told in found if "in use by" in told]
    assert f"({session.pid})" in busy
    assert f"quick-break runs on {served.address}" in found
    assert f"served at {served.address}, speed 10" in found


def test_a_runtime_folder_that_was_not_taken(footctl: Footctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir()
    os.chmod(tmp_path / "open", 0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "open"))
    assert any("was not taken" in told for told in _found(footctl))
