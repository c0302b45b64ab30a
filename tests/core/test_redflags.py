"""When to seek help: every rule has something that raises it, and something near it that does not."""

from __future__ import annotations

import pytest

from footctl.core.findings import DAY_S, SKIN, Finding, has_word
from footctl.core.redflags import BY_KEY, RULES, Flag, flags

T = 1_760_000_000
NOW = T + 25 * DAY_S


def skin(what: str, at: int = T, foot: str = "left") -> Finding:
    return Finding(at, "skin", what, foot=foot)


def note(text: str, at: int = T) -> Finding:
    return Finding(at, "note", text)


def score(what: str, number: int | None, day: int = 0, moment: str = "before") -> Finding:
    return Finding(T + day * DAY_S, "score", what, number, moment=moment)


def pain(place: str, day: int = 0, number: int | None = None) -> Finding:
    return Finding(T + day * DAY_S, "pain", place, number)


def raised(*told: Finding, **usual: int) -> list[str]:
    return [flag.rule.key for flag in flags(told, usual, {}, NOW)]


def test_what_does_not_block_is_forgotten_after_a_month() -> None:
    told = [note("burning feet"), score("pain", 9), skin("blister")]
    assert [flag.rule.key for flag in flags(told, {}, {}, T + 29 * DAY_S)] == ["blister", "severe", "burning"]
    assert [flag.rule.key for flag in flags(told, {}, {}, T + 31 * DAY_S)] == ["blister"]


# ------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("text", ["A blister on the heel", "blisters!", "not sure, a blister?", "no wound but a blister", "No. Blister"])
def test_a_word_is_seen(text: str) -> None:
    assert raised(note(text)) == ["blister"]


@pytest.mark.parametrize("text", ["no blister", "No new blister today", "without any blisters", "didn't get a blister", "blistering"])
def test_a_denied_word_is_not(text: str) -> None:
    assert raised(note(text)) == []


def test_an_apostrophe_of_a_phone() -> None:
    assert has_word("I can\u2019t breathe well", BY_KEY["breath"].words)


# ------------------------------------------------------------------------------------------------------------- rules

WORDS = {
    "breath": ("suddenly short of breath", "fresh breath of air"),
    "collapse": ("I fainted afterwards", "faint smell of lavender"),
    "cold_foot": ("left foot cold and blue", "cold evening"),
    "clot": ("my calf is swollen and calf pain", "calves felt good"),
    "hot_foot": ("a red hot swollen foot", "warm feet"),
    "wound": ("it bled a little", "wound the clock"),
    "burn": ("burnt my heel", "sunburn on the nose"),
    "blister": ("blister", "bliss"),
    "colour": ("toes still red", "red socks"),
    "numb": ("I can't feel my toes", "as numb as always"),
    "burning": ("burning soles at night", "candle burned"),
}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.words], ids=lambda rule: rule.key)
def test_words_raise_a_rule(rule: object) -> None:
    key = getattr(rule, "key", "")
    yes, no = WORDS[key]
    assert key in raised(note(yes))
    assert key not in raised(note(no)) or key == "wound"  # a verb that sounds alike: better once too often


@pytest.mark.parametrize("what", [what for what in SKIN if what not in ("ok", "fever")])
def test_every_finding_of_the_skin_blocks(what: str) -> None:
    found = flags([skin(what)], {}, {}, NOW)
    assert len(found) == 1
    assert found[0].rule.blocks
    assert found[0].because == f"skin check: {SKIN[what]}, left foot"
    assert found[0].rule.do
    assert found[0].rule.source


def test_a_fine_skin_and_a_cold_raise_nothing() -> None:
    assert raised(skin("ok"), skin("fever"), note("lovely")) == []


def test_fever_with_a_wound_is_an_emergency_and_comes_first() -> None:
    assert raised(skin("wound"), skin("fever", T + DAY_S)) == ["sepsis", "wound"]
    assert raised(note("an ulcer"), note("shivering", T - DAY_S)) == ["sepsis", "wound"]
    assert raised(skin("wound"), skin("fever", T + 4 * DAY_S)) == ["wound"]


def test_numbness_that_grew() -> None:
    assert raised(score("numbness", 3), score("numbness", 5, 7)) == ["numb"]
    assert raised(score("numbness", 3), score("numbness", None, 3), score("numbness", 4, 7)) == []
    assert raised(score("numbness", 6), numbness=3) == ["numb"]
    assert raised(score("numbness", 6), numbness=6) == []
    assert raised(score("numbness", 3), score("numbness", 1, 7)) == []


def test_severe_pain() -> None:
    assert raised(score("pain", 8)) == ["severe"]
    assert raised(pain("left.heel", number=9)) == ["severe"]
    assert raised(score("pain", 7), score("stress", 9), pain("left.heel")) == []


def test_pain_before_sessions_that_grew() -> None:
    grown = [score("pain", 6, day) for day in (1, 4, 8)]
    assert raised(score("pain", 3), *grown) == ["growing"]
    assert raised(*grown, pain=3) == ["growing"]
    assert raised(*grown, pain=6) == []
    assert raised(score("pain", 3), *grown[:2]) == []
    assert raised(score("pain", 3), grown[0], grown[1], score("pain", 6, 60)) == []


def test_more_pain_after_than_before() -> None:
    def session(day: int, before: int, after: int) -> list[Finding]:
        return [score("pain", before, day), Finding(T + day * DAY_S + 3000, "score", "pain", after, moment="after")]

    assert raised(*session(0, 2, 4), *session(2, 3, 3), *session(4, 1, 3)) == ["worse_after"]
    assert raised(*session(0, 2, 4), *session(2, 3, 3), *session(4, 1, 2)) == []
    assert raised(score("pain", 5, 0, "after"), score("pain", 5, 1, "after")) == []


def test_pain_at_one_place_again_and_again() -> None:
    assert raised(pain("left.heel"), pain("left.heel", 9), pain("right.arch", 10), pain("left.heel", 20)) == ["same_place"]
    assert raised(pain("left.heel"), pain("left.heel", 9), pain("left.heel", 40)) == []
    assert raised(pain(""), pain("", 1), pain("", 2)) == []


def test_what_was_read_is_quiet_until_something_new_comes() -> None:
    old = skin("blister")
    assert flags([old], {}, {"blister": T}, NOW) == []
    assert [flag.rule.key for flag in flags([old, skin("blister", T + 60)], {}, {"blister": T}, NOW)] == ["blister"]
    assert raised(old, skin("blister", T - 60)) == ["blister"]
    assert flags([old, skin("blister", T - 60)], {}, {}, NOW)[0].at == T


def test_the_most_urgent_comes_first() -> None:
    found = flags([note("burning feet"), skin("wound"), skin("swollen"), skin("cold")], {}, {}, NOW)
    assert [flag.rule.soon for flag in found] == ["now", "today", "within one working day", "within a week"]
    assert [flag.rule.blocks for flag in found] == [True, True, True, False]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([note("short of breath")], "a note says: short of breath"),
        ([skin("wound"), note("fever")], "a note says: fever"),
        ([skin("cold", foot="both")], "skin check: a cold foot that is pale or blue, both feet"),
        ([pain("left.heel", number=9)], "pain at left heel, 9 out of 10"),
        ([pain("", number=9)], "pain at a place not named, 9 out of 10"),
        ([pain("left", day) for day in (0, 1, 2)], "pain at left"),
        ([score("pain", 9)], "pain 9 out of 10, before a session"),
        ([score("pain", 9, moment="")], "pain 9 out of 10"),
    ],
)
def test_the_reason_in_words(told: list[Finding], words: str) -> None:
    found: list[Flag] = flags(told, {}, {}, NOW)
    assert found[0].because == words
