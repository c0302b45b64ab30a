"""Settings: one file, variables that pass over it, every mistake with its line, and no key that loosens anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.cli.main import main
from footctl.errors import SettingsError
from footctl.run import settings

WHOLE = """
units = "F"
program = "quick-break"
person = "Anna"
tcp = "192.168.1.20:4040"
plain = true
speak = true
scene_seconds = 2.5

[scenes]
calm = ["my-lights", "dim"]
end = ["my-lights", "on"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def wrong(file: Path, text: str | bytes, **variables: str) -> str:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as told:
        settings.load(file, variables)
    assert told.value.exit_code == 2
    assert told.value.hint
    return str(told.value)


def test_without_a_file_everything_is_at_its_default(file: Path) -> None:
    now = settings.load(file, {})
    assert (now.units, now.program, now.person, now.device, now.plain, now.scenes) == ("C", None, None, None, False, {})
    assert set(now.origin.values()) == {"default"}


def test_every_key_is_read_and_says_where_it_stands(file: Path) -> None:
    file.write_text(WHOLE)
    now = settings.load(file, {})
    assert (now.units, now.program, now.person, now.device) == ("F", "quick-break", "Anna", ("tcp", "192.168.1.20:4040"))
    assert (now.plain, now.speak, now.scene_seconds) == (True, True, 2.5)
    assert now.scenes == {"calm": ("my-lights", "dim"), "end": ("my-lights", "on")}
    assert now.origin["person"] == f"{file}:4"
    assert now.origin["scenes"] == f"{file}:10"
    assert now.origin["port"] == "default"
    assert {name for name, origin in now.origin.items() if origin == "default"} >= {"port", "ble"}


def test_a_variable_passes_over_the_file_and_an_empty_one_unsets(file: Path) -> None:
    file.write_text(WHOLE)
    now = settings.load(file, {"FOOTCTL_UNITS": "C", "FOOTCTL_PERSON": "", "FOOTCTL_PLAIN": "no", "FOOTCTL_SCENE_SECONDS": "5"})
    assert (now.units, now.person, now.plain, now.scene_seconds) == ("C", None, False, 5.0)
    assert (now.origin["units"], now.origin["person"]) == ("FOOTCTL_UNITS", "default")
    assert settings.load(file, {"FOOTCTL_PORT": "/dev/ttyACM3"}).device == ("port", "/dev/ttyACM3"), "not the address in the file"
    assert settings.load(file, {"FOOTCTL_BLE": "FB-0001"}).device == ("ble", "FB-0001")
    assert settings.load(file, {"FOOTCTL_TCP": ""}).device is None


def test_every_mistake_is_told_at_once_with_file_and_line(file: Path) -> None:
    told = wrong(file, 'units = "K"\ntcp = "nowhere"\nport = "x"\nplane = true\n\n[scenes]\ndim = "lights off"\n', FOOTCTL_PLAIN="maybe")
    lines = told.splitlines()
    assert lines[0].startswith("FOOTCTL_PLAIN='maybe' must be true or false")
    assert lines[1] == f'{file}:1: units = "K" is not known; write "C" or "F"'
    assert lines[2].startswith(f"{file}:2: tcp")
    assert "port and tcp name the usual device more than once" in lines[3]
    assert lines[4].startswith(f"{file}:4: 'plane' is an unknown key; did you mean plain?")
    assert lines[5].startswith(f"{file}:7: scenes has dim, which must be a list of words")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('units = "F', ':1: "units = "F" is not TOML'),
        (b"units = '\xff'", ":1: is not UTF-8"),
        ("x = " + "[" * 5000, "is not TOML"),
        ("#" * (settings.FILE_MOST + 1), "more than 64 KB"),
        ("person = 3", ":1: person = 3 must be text in quotes"),
        ('person = ""', "must be text"),
        ('person = "a\\u001b[2J"', "must be text"),
        ('plain = "yes"', "must be true or false"),
        ("scene_seconds = 0", "from 1 to 60"),
        ("scene_seconds = true", "from 1 to 60"),
        ("scene_seconds = 1e9", "from 1 to 60"),
        ('tcp = "host:70000"', "is no address"),
        ("scenes = 1", "must be a table"),
        ('[scenes]\n"Loud Music" = ["x"]', "small letters"),
        ("[scenes]\ncalm = []", "list of words"),
        ('[scenes]\ncalm = [""]', "list of words"),
        ('[scenes]\ncalm = ["a", 1]', "list of words"),
        ("[scenes]\ncalm = " + json.dumps(["x"] * 65), "64 are allowed"),
    ],
)
def test_what_a_file_must_not_say(file: Path, text: str | bytes, said: str) -> None:
    assert said in wrong(file, text)


def test_commands_from_a_file_that_anybody_may_change_are_not_taken(file: Path) -> None:
    file.write_text(WHOLE)
    file.chmod(0o666)
    with pytest.raises(SettingsError, match="somebody else may change this file"):
        settings.load(file, {})
    file.write_text('units = "F"\n')
    assert settings.load(file, {}).units == "F", "without commands it is no harm"


def test_two_devices_in_the_environment(file: Path) -> None:
    assert "FOOTCTL_PORT and FOOTCTL_BLE" in wrong(file, "", FOOTCTL_PORT="/dev/ttyACM0", FOOTCTL_BLE="FB-0001")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Is a directory"):
        settings.load(tmp_path, {})


@given(st.one_of(st.text(), st.from_regex(r"(units|port|scenes|plain) = .{0,20}", fullmatch=True)))
def test_any_text_is_settings_or_one_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8", errors="replace")
    told = ""
    try:
        settings.load(file, {})
    except SettingsError as error:
        told = str(error)
    assert not told or str(file) in told


def test_no_key_names_a_limit() -> None:
    """Settings are defaults for flags. Whatever decides what a person may get is answered elsewhere."""
    for key in settings.KEYS:
        assert not {"tier", "limit", "cap", "water", "pressure", "yes", "daily", "clear", "dose"} & set(key.name.split("_"))


# ------------------------------------------------------------------------------------------------------------ the command


def test_show_says_what_holds_and_why(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(WHOLE)
    monkeypatch.setenv("FOOTCTL_UNITS", "C")
    monkeypatch.setenv("FOOTCTL_UNIT", "F")
    assert main(["config", "show"]) == 0
    told = capsys.readouterr().out
    assert "FOOTCTL_UNITS" in told
    assert f"{file}:4" in told
    assert "scene calm: my-lights dim" in told
    assert "FOOTCTL_UNIT is not known; did you mean FOOTCTL_UNITS?" in told
    assert main(["config", "show", "--json"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    assert rows["units"] == {"key": "units", "value": "C", "from": "FOOTCTL_UNITS"}
    assert rows["scenes"]["value"]["end"] == ["my-lights", "on"]


def test_path_is_the_platforms_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("FOOTCTL_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "footctl" / "config.toml")


def test_edit_makes_a_file_of_comments_and_checks_what_was_written(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")
    assert main(["config", "edit"]) == 0
    assert "every line is still a comment" in capsys.readouterr().out
    assert file.stat().st_mode & 0o777 == 0o600
    for key in settings.KEYS:
        assert f"# {key.name} = {key.example}" in file.read_text()
    assert settings.load(file, {}) == settings.load(tmp_path / "none.toml", {})
    monkeypatch.setenv("EDITOR", "sh -c 'echo units = 3 >> \"$1\"' sh")
    assert main(["config", "edit"]) == 2
    told = capsys.readouterr().err
    assert "units = 3 is not known" in told
    assert "kept as you wrote it" in told
    monkeypatch.setenv("EDITOR", "false")
    assert main(["config", "edit"]) == 2
    assert "the editor ended with 1" in capsys.readouterr().err
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert main(["config", "edit"]) == 2
    assert "no-such-editor is not here" in capsys.readouterr().err


@pytest.mark.parametrize("key", settings.KEYS, ids=lambda key: key.name)
def test_the_example_of_each_key_is_right(key: settings.Key, file: Path) -> None:
    file.write_text(f"{key.name} = {key.example}\n")
    assert settings.load(file, {}).value(key.name) != settings.Settings().value(key.name) or key.name in ("units", "scene_seconds")


def test_stop_and_pain_never_ask_for_settings(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("units = [")
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    for word in ("stop", "pain"):
        assert main([word]) == 4, "there is no session, which is all that there is to say"
        assert "TOML" not in capsys.readouterr().err
