"""The pictures of docs/pictures: each has its text, each is shown on a page, and the live view still has the parts that they show."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from footctl.screens.plain import HELP, KEYS

NAMES = ("live-start", "live-soak", "live-massage", "live-pain", "live-by-hand")


def words(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\xa0", " "))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_what_its_text_says(name: str, checkout: Path) -> None:
    folder = checkout / "docs" / "pictures"
    svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
    drawn = words("".join(html.unescape(part) for part in re.findall(r"<text[^>]*>([^<]*)</text>", svg)))
    for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        for part in re.split(r"\s{2,}", line.strip()):
            assert words(part) in drawn


def test_pages_show_pictures_that_exist(checkout: Path) -> None:
    shown = re.compile(r"\((?:\.\./)*pictures/([\w.-]+)\)")
    told = {name for page in (checkout / "docs").rglob("*.md") for name in shown.findall(page.read_text("utf-8"))}
    assert told >= {"live-start.svg", "live-massage.svg", "live-pain.svg", "live-by-hand.svg"}
    assert all((checkout / "docs" / "pictures" / name).exists() for name in told)


def test_the_page_names_every_key(checkout: Path) -> None:
    page = (checkout / "docs" / "how-to" / "follow-a-session.md").read_text("utf-8")
    table = page[page.index("| key |") : page.index("No key types text")]
    for line in HELP:
        assert line.split("  ")[0].replace("SPACE", "space").replace(" or ", ", ") in table, line
    text = (checkout / "docs" / "pictures" / "live-massage.txt").read_text("utf-8")
    assert KEYS in text
