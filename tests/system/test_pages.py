"""How-to pages, done as they say; the files that they show are right."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from footctl.core.fields import SCENE_PATTERN
from footctl.run import settings
from footctl.run.presets import list_programs, load_program
from tests.system.pages import Reader

pytestmark = pytest.mark.system

PAGES = ("settings.md", "reminders.md", "share-programs.md")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    made = Reader(tmp_path)
    yield made
    made.end()


@pytest.mark.parametrize("name", PAGES)
def test_every_step_of_a_page(reader: Reader, checkout: Path, name: str) -> None:
    reader.follow(checkout / "docs" / "how-to" / name)
    assert len(reader.done) >= 2


@pytest.mark.parametrize("name", ["settings.md", "light-and-music.md"])
def test_the_settings_that_a_page_shows_are_right(checkout: Path, tmp_path: Path, name: str) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", (checkout / "docs" / "how-to" / name).read_text(), flags=re.DOTALL)
    (tmp_path / "shown.toml").write_text(shown)
    assert settings.load(tmp_path / "shown.toml", {}).scenes


def test_every_variable_is_named(checkout: Path) -> None:
    page = (checkout / "docs" / "how-to" / "settings.md").read_text()
    for variable in (key.variable for key in settings.KEYS if key.in_environment):
        assert f"`{variable}`" in page


def test_the_scenes_of_the_presets_are_named(checkout: Path) -> None:
    page = (checkout / "docs" / "how-to" / "light-and-music.md").read_text()
    for row in list_programs():
        profile = load_program(row["name"])
        for scene in {profile.scene, *(phase.scene for phase in profile.phases)} - {None}:
            assert f"`{scene}`" in page
            assert re.fullmatch(SCENE_PATTERN, str(scene))
            assert f"`{row['name']}`" in page


def test_the_schema_that_editors_are_told_of_is_there(checkout: Path) -> None:
    assert (checkout / "docs" / "reference" / "program.schema.json").exists()
    assert tomllib.loads('#:schema ./program.schema.json\nname = "x"\n') == {"name": "x"}
