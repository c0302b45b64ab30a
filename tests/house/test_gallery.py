"""The gallery shows the presets as they are: drawn from what ships now, every picture there, and a session goes as its picture says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import gallery
from footctl.run.presets import list_programs, load_program


def test_the_pictures_are_fresh() -> None:
    assert gallery.stale() == []
    assert gallery.main(["--check"]) == 0


def test_every_preset_has_its_pictures_and_they_are_drawings() -> None:
    text = gallery.PAGE.read_text(encoding="utf-8")
    for row in list_programs():
        soaks = any(phase.kind == "soak" for phase in load_program(row["name"]).phases)
        for picture in ("water", "pressure") if soaks else ("pressure",):
            name = f"{row['name']}-{picture}.svg"
            assert f"(gallery/{name})" in text
            assert (gallery.PICTURES / name).read_text(encoding="utf-8").startswith("<svg")
    assert len(list(gallery.PICTURES.iterdir())) == text.count("(gallery/")


def test_a_change_of_a_program_or_of_its_plan_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "gallery.md"
    page.write_text(gallery.PAGE.read_text(encoding="utf-8").replace(gallery.digests()["quick-break"], "0" * 16), encoding="utf-8")
    monkeypatch.setattr(gallery, "PAGE", page)
    assert gallery.stale() == ["quick-break"]
    assert gallery.main(["--check"]) == 1
    page.unlink()
    assert len(gallery.stale()) == len(list_programs())


@pytest.mark.slow
def test_a_session_goes_as_its_picture_says() -> None:
    pictures, ending = gallery.session(load_program("quick-break"))
    assert list(pictures) == ["pressure"]
    assert f"; {ending} -->" in gallery.PAGE.read_text(encoding="utf-8")
