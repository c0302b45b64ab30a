"""A program written as data is the same program, whatever layout, comments and quotes its file had."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from footctl.core.profile import parse_program
from footctl.core.tabled import written

LAVISH = '''\ufeff# a comment that nobody should have to trust
name = """Two
lines"""
summary = 'say "hi" \\ there ü'
tier = "standard"   # another
version = 1_0
[[phase]]
pressure.from = "5 kPa"
pressure.to = "0.1 mmHg"
kind = 'massage'
zones = [
  "arch",   # the arch
  "heel",
]
technique = "rolling"
for = "2 min"
[[phase]]
kind = "prompt"
confirm = false
for = "30 s"
text = "a\\tb"
'''


def test_comments_and_layout_go_and_values_stay() -> None:
    lavish = LAVISH.replace('name = """Two\nlines"""', 'name = "Two lines"').replace("a\\tb", "a b")
    text = written(lavish)
    assert "comment" not in text
    assert "#" not in text
    assert parse_program(text, "x").model_dump() == parse_program(lavish, "x").model_dump()
    assert 'pressure = { from = "5 kPa", to = "0.1 mmHg" }' in text
    assert written(text) == text


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)
PRESSURE = st.one_of(st.just('"12 kPa"'), st.just('{ from = "5 kPa", to = "90 mmHg" }'), st.just('{ to = "5 kPa", from = "0.5 kPa" }'))


@settings(max_examples=50)
@given(TEXT, TEXT, PRESSURE, st.booleans(), st.integers(1, 100))
def test_any_right_program_comes_back_the_same(name: str, text: str, pressure: str, quoted: bool, speed: int) -> None:
    def string(value: str) -> str:
        if quoted and "'" not in value:
            return f"'{value}'"
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    source = f'name = {string(name)}\ntier = "standard"\n[[phase]]\nkind = "massage"\ntechnique = "press"\nzones = ["ball"]\n'
    source += f'speed = {speed}\nfor = "1 min"\npressure = {pressure}\n[[phase]]\nkind = "rest"\nfor = "9 s"\ntext = {string(text)}\n'
    profile = parse_program(source, "x")
    again = parse_program(written(profile.text), "x")
    assert again.model_dump() == profile.model_dump()
