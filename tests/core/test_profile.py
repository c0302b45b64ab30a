"""Program files: what is read, and every mistake in one error with file, line, key, value and what is allowed."""

import tomllib
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from firmware_protocol.messages import TECHNIQUES
from footctl.core.profile import MAX_BYTES, MAX_LINE, MAX_PHASES, MassagePhase, Profile, PromptPhase, SoakPhase, StretchPhase, parse_program
from footctl.core.profile_errors import flagged, line_of, not_toml, shown
from footctl.errors import ProfileError

HEAD = 'name = "Test"\ntier = "standard"\n'
SOAK = '[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "10 min"\n'
MASSAGE = '[[phase]]\nkind = "massage"\ntechnique = "kneading"\nzones = ["arch"]\npressure = "20 kPa"\nfor = "4 min"\n'
REST = '[[phase]]\nkind = "rest"\nfor = "1 min"\n'


def program(text: str | bytes) -> Profile:
    return parse_program(text, "mine/test.toml")


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        program(text)
    assert "left as it is" in caught.value.hint
    lines = str(caught.value).split("\n")
    assert all(line.startswith("mine/test.toml:") for line in lines)
    return [line.removeprefix("mine/test.toml:") for line in lines]


def mistake(text: str | bytes) -> str:
    (line,) = mistakes(text)
    return line


def test_a_whole_program() -> None:
    text = (
        HEAD
        + 'summary = "S"\noil = "lavender"\nauthor = "me"\nlicense = "CC0"\nversion = 2\nfor_whom = "a"\nnot_for = "b"\nbased_on = "c"\n'
        '[[phase]]\nkind = "soak"\nname = "warm"\nwater = "100 F"\nfor = "12 min"\nramp = "1 C/min"\nbubbles = true\n'
        '[[phase]]\nkind = "prompt"\ntext = "Dry."\n'
        '[[phase]]\nkind = "prompt"\ntext = "Wait."\nconfirm = false\nfor = "30 s"\n'
        '[[phase]]\nkind = "massage"\ntechnique = "press"\nzones = ["heel", "arch"]\npressure = { from = "15 kPa", to = "120 mmHg" }\n'
        'speed = 55\nfor = "4 min"\nramp = "5 kPa/s"\nfeet = ["left"]\n'
        '[[phase]]\nkind = "stretch"\nfor = "1 min"\npressure = "8 kPa"\n'
        '[[phase]]\nkind = "guided"\ntext = "Roll a ball."\nfor = "2 min"\n' + REST
    )
    profile = program(text)
    soak, dry, _, massage, stretch, _, rest = profile.phases
    assert isinstance(soak, SoakPhase)
    assert (soak.name, soak.for_s, soak.ramp, soak.bubbles) == ("warm", 720, 1.0, True)
    assert soak.water == pytest.approx(37.78, abs=0.01)
    assert isinstance(dry, PromptPhase)
    assert dry.confirm
    assert isinstance(massage, MassagePhase)
    assert massage.zones == {"heel", "arch"}
    assert (massage.pressure.start_kpa, massage.pressure.end_kpa, massage.ramp, massage.speed) == (15.0, 15.99864, 5.0, 55)
    assert isinstance(stretch, StretchPhase)
    assert stretch.pressure is not None
    assert stretch.pressure.start_kpa == stretch.pressure.end_kpa == 8.0
    assert rest.for_s == 60
    assert (profile.program, profile.source, profile.text) == ("test", "mine/test.toml", text)


def test_defaults_are_the_gentle_ones() -> None:
    soak, massage = program(HEAD + SOAK + MASSAGE).phases
    assert isinstance(soak, SoakPhase)
    assert (soak.ramp, soak.bubbles, soak.name) == (None, False, None)
    assert isinstance(massage, MassagePhase)
    assert (massage.speed, massage.feet, massage.ramp) == (40, {"left", "right"}, None)


def test_the_short_name_is_the_files() -> None:
    assert parse_program(HEAD + REST, "C:\\mine\\x.toml").program == "x"
    assert parse_program(HEAD + REST, "quick-break").program == "quick-break"


def test_a_mark_in_front_is_no_text() -> None:
    assert program(("\ufeff" + HEAD + REST).encode()).name == "Test"


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        program(HEAD + REST).name = "x"  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            HEAD + SOAK.replace("38 C", "45 C"),
            '5: phase 1: water = "45 C" is beyond the cap (tier standard); allowed in tier standard: 30 C to 40 C',
        ),
        (HEAD + SOAK.replace("38 C", "29 C"), '5: phase 1: water = "29 C" is below the least; allowed in tier standard: 30 C to 40 C'),
        (HEAD + SOAK.replace("38 C", "104 C"), "if that is Fahrenheit, write 104 F"),
        (HEAD + SOAK.replace('"38 C"', "104"), "5: phase 1: water = 104 has no unit and looks like Fahrenheit; write 104 F"),
        (HEAD + SOAK.replace("38 C", "104"), '5: phase 1: water = "104" has no unit and looks like Fahrenheit; write 104 F'),
        (HEAD + SOAK.replace('"38 C"', "nan"), "5: phase 1: water = nan has no unit"),
        (HEAD + SOAK.replace("38 C", "nan C"), "is not a water temperature"),
        (HEAD + SOAK.replace('"38 C"', "inf"), "water = inf has no unit"),
        (HEAD + SOAK.replace('"38 C"', "true"), "water = true is not a water temperature"),
        (HEAD + SOAK.replace('"38 C"', "[1]"), "5: phase 1: water is not a water temperature"),
        (HEAD + SOAK.replace('"38 C"', "1979-05-27"), "water = 1979-05-27 is not a water temperature"),
        (HEAD + SOAK.replace("10 min", "0 min"), '6: phase 1: for = "0 min" must be more than zero'),
        (HEAD + SOAK.replace("10 min", "-4 min"), '6: phase 1: for = "-4 min" must be more than zero'),
        (HEAD + SOAK.replace("10 min", "21 min"), "is beyond the cap (tier standard); allowed in tier standard: 0 min to 20 min"),
        (
            HEAD + SOAK + "watr = 1\n",
            "7: phase 1: watr is an unknown key; did you mean water? allowed are name, scene, kind, water, for, ramp, bubbles",
        ),
        (HEAD + SOAK + "zzzzz = 1\n", "7: phase 1: zzzzz is an unknown key; allowed are"),
        (HEAD + SOAK + '"a\\u001bb" = 1\n', 'phase 1: "a\\x1bb" is an unknown key'),
        (HEAD + SOAK + "bubbles = 1\n", "7: phase 1: bubbles = 1 must be true or false"),
        (HEAD + SOAK.replace('for = "10 min"\n', ""), "3: phase 1: for is missing"),
        (
            HEAD + SOAK.replace('kind = "soak"', 'kind = "soka"'),
            '4: phase 1: kind = "soka" is not known, did you mean soak?; allowed are soak, prompt, massage',
        ),
        (HEAD + SOAK.replace('kind = "soak"', "kind = 3"), "4: phase 1: kind = 3 is not known; allowed are soak"),
        (HEAD + SOAK.replace('kind = "soak"\n', ""), "3: phase 1: kind is missing; write one of soak, prompt"),
        (HEAD + MASSAGE.replace("kneading", "stretch"), '5: phase 1: technique = "stretch" is not known; allowed are'),
        (HEAD + MASSAGE.replace('["arch"]', '["arch", "toe"]'), '6: phase 1: zones has "toe"; allowed are toes, ball, arch, heel, ankle'),
        (HEAD + MASSAGE.replace('["arch"]', '["arch", "arch"]'), "zones names something twice"),
        (HEAD + MASSAGE.replace('["arch"]', "[]"), "zones is not a list of names"),
        (HEAD + MASSAGE.replace('["arch"]', '"arch"'), 'zones = "arch" is not a list of names; write ["arch", "heel"]'),
        (HEAD + MASSAGE + "feet = [[1]]\n", "feet has a list; allowed are left, right"),
        (HEAD + MASSAGE + "speed = true\n", "9: phase 1: speed = true must be a whole number"),
        (HEAD + MASSAGE + "speed = 40.0\n", "speed = 40.0 must be a whole number"),
        (HEAD + MASSAGE + "speed = 0\n", "speed = 0 is too small; allowed is 1 or more"),
        (HEAD + MASSAGE + "speed = 101\n", "speed = 101 is too large; allowed is 100 or less"),
        (
            HEAD + MASSAGE.replace("20 kPa", "51 kPa"),
            'pressure = "51 kPa" is beyond the cap (tier standard); allowed in tier standard: 0 kPa to 50 kPa',
        ),
        (HEAD + MASSAGE.replace("20 kPa", "-1 kPa"), 'pressure = "-1 kPa" is below the least'),
        (HEAD + MASSAGE.replace("20 kPa", "0 kPa"), 'pressure = "0 kPa" presses nothing'),
        (HEAD + MASSAGE.replace('"20 kPa"', '{ from = "0 kPa", to = "0 kPa" }'), "7: phase 1: pressure presses nothing"),
        (HEAD + MASSAGE.replace('"20 kPa"', '{ from = "9 kPa" }'), "7: phase 1: pressure.to is missing"),
        (HEAD + MASSAGE.replace('"20 kPa"', '{ from = "9 kPa", to = "60 kPa" }'), '7: phase 1: pressure.to = "60 kPa" is beyond the cap'),
        (
            HEAD + MASSAGE.replace('"20 kPa"', '{ from = "9 kPa", to = "9 kPa", at = 1 }'),
            "pressure.at is an unknown key; allowed are from, to",
        ),
        (HEAD + MASSAGE + 'ramp = "11 kPa/s"\n', "allowed in tier standard: 0 kPa/s to 10 kPa/s"),
        (HEAD + '[[phase]]\nkind = "prompt"\ntext = "a"\nconfirm = false\n', "3: phase 1 would never end"),
        (HEAD + '[[phase]]\nkind = "prompt"\ntext = "a"\nfor = "5 s"\n', "3: phase 1 has confirm and `for`"),
        (HEAD + '[[phase]]\nkind = "prompt"\ntext = "a\\u001b[2J"\n', '5: phase 1: text = "a\\x1b[2J" has control characters'),
        (HEAD + '[[phase]]\nkind = "prompt"\ntext = " "\n', "is empty; write some text"),
        (HEAD + f'[[phase]]\nkind = "prompt"\ntext = "{"a" * 601}"\n', "is too long; allowed are 600 characters"),
        (HEAD + '[[phase]]\nkind = "prompt"\ntext = 3\n', "text = 3 must be text in quotes"),
        (HEAD, "1: phase is missing"),
        (HEAD + "phase = []\n", "3: phase has 0 phases; allowed are 1 to 64"),
        (HEAD + "phase = 3\n", "3: phase = 3 must be [[phase]] tables"),
        (HEAD + "phase = [3]\n", "3: phase 1 = 3 must be a table"),
        (HEAD + "[phase]\n", "phase = a table must be [[phase]] tables"),
        (HEAD + REST * (MAX_PHASES + 1), "phase has 65 phases; allowed are 1 to 64"),
        (HEAD.replace("standard", "gold") + REST, "2: tier = \"gold\" is not known; allowed are 'standard', 'sensitive' or 'no_soak'"),
        (HEAD.replace('"standard"', '["standard"]') + SOAK, "2: tier = a list is not known"),
        (HEAD + 'oil = "snake"\n' + REST, '3: oil = "snake" is not known'),
        (HEAD + 'scene = "Lights off; rm"\n' + REST, '3: scene = "Lights off; rm" is no scene; write a short name of small letters'),
        (HEAD + REST + "scene = 3\n", "6: phase 1: scene = 3 must be text"),
        (HEAD + "version = 0\n" + REST, "3: version = 0 is too small"),
        (HEAD + f"version = {'9' * 50}\n" + REST, "3: version = 99999"),
        (
            HEAD.replace("standard", "sensitive") + SOAK,
            '"38 C" is beyond the cap (tier sensitive); allowed in tier sensitive: 32 C to 36 C',
        ),
        (HEAD + SOAK + SOAK + SOAK, "14: phase 3: for: all soaking together takes 30 min; allowed are 20 min in all (tier standard)"),
        (HEAD + MASSAGE * 4, "26: phase 4: for: all massage of the left foot takes 16 min; allowed are 15 min"),
        (
            HEAD.replace("standard", "sensitive") + MASSAGE.replace("4 min", "10 min") + REST.replace("1 min", "31 min"),
            "the whole program takes 41 min",
        ),
    ],
)
def test_a_mistake_is_named(text: str, line: str) -> None:
    assert line in "\n".join(mistakes(text))


def test_a_tier_that_does_not_exist_leaves_the_absolute_caps() -> None:
    text = HEAD.replace("standard", "gold") + SOAK.replace("38 C", "45 C")
    assert mistakes(text)[1] == '5: phase 1: water = "45 C" is beyond the cap (absolute); allowed at all: 20 C to 41 C'


def test_a_tier_without_water_has_no_soak() -> None:
    lines = mistakes(HEAD.replace("standard", "no_soak") + SOAK)
    assert lines[0] == '5: phase 1: water = "38 C" is not allowed in tier no_soak; leave the phase out'


def test_all_mistakes_at_once_in_the_order_of_lines() -> None:
    text = (
        HEAD
        + "sumary = 1\n"
        + SOAK.replace("38 C", "45 C").replace("10 min", "nan min")
        + "x = 1\n"
        + MASSAGE.replace("arch", "hel")
        + "speed = true\n"
    )
    lines = mistakes(text)
    assert [int(line.split(":")[0]) for line in lines] == [3, 6, 7, 8, 12, 15]


def test_a_file_of_nothing_but_mistakes_is_not_shown_whole() -> None:
    lines = mistakes(HEAD + "".join(f"x{number} = 1\n" for number in range(3000)) + REST)
    assert len(lines) == 41
    assert lines[-1] == " and 2960 more"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", ": is empty; a program has at least name, tier and one [[phase]]"),
        (b" \n\t\n", ": is empty"),
        (b'name = "a"\n\xff\xfe', "2: is not UTF-8 text (byte 0xff)"),
        (b"\x00", '1: "\\x00" is not TOML'),
        (b"a = 1\na = 2", '2: "a = 2" gives a key a second time; give each key once'),
        (b"a = 1\na = 2\nb = 3", '2: "a = 2" gives a key a second time; give each key once'),
        (b"a = [1", '1: "a = [1" is not TOML: Unclosed array'),
        (b"hello\nworld", '1: "hello" is not TOML'),
        (b"a = " + b"\n[" * 20_000, ": is not TOML"),
        (b"a = [\n" + b"[\n" * 20_000, ": is nested too deeply"),
        (b"a = " + b"9" * 900, ":"),
        (b"#" + b"x" * MAX_LINE, "has more than 1000 characters, the most a line may have"),
        (b"#\n" * (MAX_BYTES // 2 + 1), ": has more than 64 KB, the most a program file may have"),
    ],
)
def test_what_is_no_program_at_all(text: bytes, line: str) -> None:
    lines = mistakes(text)
    assert line.removeprefix(":") in lines[0]


def test_a_number_of_thousands_of_digits_across_lines_cannot_be_written() -> None:
    assert "name is missing" in mistakes("a = [" + "9" * 900 + "]")[0]


def test_what_tomllib_says_without_a_place() -> None:
    assert not_toml("x.toml", "a = 1\n", "Exceeds the limit for integer string conversion") == (
        'x.toml:1: "a = 1" is not TOML: Exceeds the limit for integer string conversion'
    )
    assert not_toml("x.toml", "a = 1\n", "Odd (at line 9, column 1)") == 'x.toml:1: "a = 1" is not TOML: Odd'


@pytest.mark.parametrize("hidden", ["\x80", "\x9b", "\x9f", "\u2028", "\u202e", "\u2066", "\u2069"])
def test_what_a_terminal_would_obey_is_not_even_taken_in_a_comment(hidden: str) -> None:
    assert "that a terminal obeys" in mistake(HEAD + SOAK + f"# {hidden}\n")


def test_the_name_of_a_file_is_a_strangers_too() -> None:
    assert parse_program(HEAD + SOAK, "a/\x1b[2Jb.toml").program == "\\x1b[2Jb"


def test_long_and_odd_values_are_shown_short() -> None:
    assert shown("a" * 70) == '"' + "a" * 57 + '…"'
    assert shown(10**70) == "1" + "0" * 59
    assert shown({}) == "a table"


def test_lines_are_found_in_inline_tables_and_sections_too() -> None:
    text = 'name = "x"\nphase = [{ kind = "rest", for = "1 s" },\n { kind = "rest", fro = "1 s" }]\n'
    assert line_of(text, ["phase", 1, "fro"]) == 3
    assert line_of(text, ["nowhere"]) == 1
    text = '[[phase]]\nkind = "massage"\n[phase.pressure]\nfrom = "1 kPa"\n[[ "phase" ]]\nkind = "rest"\n# for = 3\n'
    assert line_of(text, ["phase", 0, "pressure", "from"]) == 4
    assert line_of(text, ["phase", 0, "pressure"]) == 3
    assert line_of(text, ["phase", 1, "for"]) == 5
    assert line_of(text, ["phase"]) == 1


TOML = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["38 C", "10 min", "20 kPa", "soak", "arch"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["from", "to", "x"]), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["kind", "water", "for", "ramp", "bubbles", "text", "confirm", "technique", "zones", "pressure", "speed", "feet", "name", "x"]


def as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(letter if letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08x}" for letter in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
    return "nan" if value is None else repr(value)


@given(
    st.sampled_from(["standard", "sensitive", "no_soak", "gold"]),
    st.lists(
        st.tuples(
            st.sampled_from(["soak", "prompt", "massage", "stretch", "guided", "rest"]),
            st.dictionaries(st.sampled_from(KEYS), TOML, max_size=5),
        ),
        max_size=3,
    ),
)
def test_any_table_is_a_program_or_a_profile_error(tier: str, phases: list[tuple[str, dict[str, Any]]]) -> None:
    text = f'name = "x"\ntier = "{tier}"\n'
    for kind, fields in phases:
        text += "[[phase]]\n" + "".join(f"{key} = {as_toml(value)}\n" for key, value in ({"kind": kind} | fields).items())
    try:
        tomllib.loads(text)
        program(text)
    except (ProfileError, tomllib.TOMLDecodeError):
        return


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_a_profile_error(data: bytes | str) -> None:
    with pytest.raises(ProfileError):
        program(data)


def test_the_schema_says_what_the_reader_takes() -> None:
    schema = Profile.model_json_schema()
    phases = schema["properties"]["phase"]
    assert (phases["minItems"], phases["maxItems"]) == (1, MAX_PHASES)
    assert schema["additionalProperties"] is False
    soak = schema["$defs"]["SoakPhase"]["properties"]
    assert soak["water"]["type"] == "string"
    assert "for" in soak
    massage = schema["$defs"]["MassagePhase"]["properties"]
    assert massage["zones"]["items"]["enum"] == ["toes", "ball", "arch", "heel", "ankle"]
    assert [one["type"] for one in massage["pressure"]["anyOf"]] == ["string", "object"]


def test_the_files_techniques_are_the_wires_without_stretching() -> None:
    named = get_args(MassagePhase.model_fields["technique"].annotation)
    assert named == tuple(name for name in TECHNIQUES if name != "stretch")


def test_a_program_only_names_scenes() -> None:
    profile = parse_program(HEAD + 'scene = "lights-low"\n' + REST + 'scene = "quiet"\n' + REST, "test.toml")
    assert (profile.scene, [phase.scene for phase in profile.phases]) == ("lights-low", ["quiet", None])


def test_errors_of_a_phase_made_from_flags_name_the_flags() -> None:
    with pytest.raises(ValidationError) as found:
        SoakPhase.model_validate({"kind": "soak", "water": "45 C", "for": "5"}, context={"tier": "standard"})
    told = flagged(found.value.errors(), {"water": "--water", "for": "--for"})
    assert list(told) == ["--water", "--for"]
    assert told["--water"] == '--water "45 C" is beyond the cap (tier standard); allowed in tier standard: 30 C to 40 C'
    assert told["--for"].startswith('--for "5" has no unit')
