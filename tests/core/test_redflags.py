"""When to seek help: every rule has something that raises it, and something near it that does not."""

from __future__ import annotations

import pytest

from footctl.core.findings import DAY_S, SKIN, Finding, has_word
from footctl.core.redflags import BY_KEY, RULES, Flag, flags, only_partly_understood, skin_named

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


# ------------------------------------------------------------------------------------------------------------- as lay people write

LAY = {
    "breath": (
        ("my chest hurts", "pain in my chest", "trouble breathing", "hard to breathe", "breathing is difficult", "my chest feels tight",
         "I couldn't get enough air", "a terrible pain went through my chest", "chest pain: yes", "cant breathe",
         "I can hardly breathe", "could not catch my breath"),
        ("no chest pain", "my chest does not hurt", "no trouble breathing", "no pain in my chest", "chest pain: none",
         "it was not hard to breathe", "my chest is fine, no pain", "foot pain, chest fine"),
    ),
    "collapse": (("I fainted", "felt faint", "blacked out"), ("did not faint", "nobody fainted, no faintness", "never passed out")),
    "cold_foot": (
        ("my toe went black", "toes are blue", "foot is ice cold", "purple toe", "black toe", "my left foot has turned white",
         "the foot is cold and looks pale", "no pain and my toes are blue",
         "no swelling of the foot and toes are blue", "I have no idea why my toe is blue", "ice-cold foot",
         "not only my toe is blue", "one foot is blue and cold"),
        ("toes are not blue", "no black toes", "my foot is not ice cold", "black socks on my feet", "feet in ice cold water",
         "my feet are white and wrinkled", "toes neither blue nor black", "my toes are not numb or blue", "blue shoes, feet fine"),
    ),
    "fever": (
        ("I have a fever and chills", "feverish", "shivering", "a high temperature", "temperature of 38.5"),
        ("no fever", "I do not have a fever", "no fever or chills", "fever: no", "without chills", "water temperature of 38"),
    ),
    "clot": (
        ("left foot is swollen", "swollen ankle", "my calf hurts", "swelling of the right foot", "pain in my leg", "the leg is painful",
         "sore calf"),
        ("not swollen", "my foot is not swollen", "no swollen ankle", "my calf does not hurt", "no redness, swelling or blisters",
         "no swelling in the feet", "the swelling is gone from my foot", "feet are neither swollen nor red"),
    ),
    "infection": (
        ("infected toe", "red streak up the leg", "my toe looks infected", "an infection at the heel", "a red line up from the ankle"),
        ("toe is not infected", "no infection in my foot", "no red streak", "isn't infected"),
    ),
    "hot_foot": (
        ("the foot is red and hot", "a red hot toe", "red, warm and swollen foot", "foot: red, hot", "my ankle is warm and red",
         "one foot is warmer than the other"),
        ("the foot is not red and hot", "no red hot foot", "foot red from the hot water", "warm feet", "feet are red and warm"),
    ),
    "wound": (
        ("a sore on my toe", "a cut on my sole", "skin came off", "I cut my toe", "my toe is bleeding", "blood on the towel",
         "cracked heel", "the skin is peeling", "no pain and a wound", "sores between my toes"),
        ("no sore on my toe", "no cuts on my foot", "skin did not come off", "my toe is sore", "a sore toe", "cut the foot bath short",
         "not bleeding", "no open sores", "I cut my toenails", "good for the blood in my feet"),
    ),
    "burn": (
        ("water burned me", "I got burnt", "a burn on my heel", "my toe was burned", "scalded", "burnt my heel", "it burned my foot",
         "burn on foot", "burned myself"),
        ("the water has not burned me", "no burn on my heel", "not scalded", "no burns", "my foot was not burned"),
    ),
    "blister": (("two blisters", "no pain and a blister", "never had such a blister"), ("no blister", "blisters: none", "blister? no")),
    "colour": (
        ("redness for an hour", "my foot stayed red", "the redness lasted two hours", "bruise on my foot", "a rash",
         "a dark spot on my sole", "redness does not go away", "redness after one hour", "skin changed colour"),
        ("no redness for an hour", "no bruise", "redness was gone after 10 minutes", "no rash", "not discoloured"),
    ),
    "numb": (
        ("my toes feel numb", "foot went numb", "no feeling in my left foot", "I do not feel my toes any more", "numbness in my heel",
         "I don\u2019t feel my left foot", "my foot fell asleep", "unable to feel my foot", "loss of feeling", "not very numb toes"),
        ("my toes are not numb", "no numb toes", "feet as numb as always", "no numbness in my feet", "toes are no longer numb",
         "my toes feel less numb", "I can feel my toes", "I can't feel any pain in my foot", "no loss of feeling",
         "usual numbness in the toes", "I fell asleep with my feet in the water"),
    ),
    "burning": (("my feet are burning",), ("feet are not burning", "no burning")),
}  # fmt: skip


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, (told, _) in LAY.items() for text in told])
def test_what_lay_people_write_raises_the_fitting_flag(key: str, text: str) -> None:
    assert key in raised(note(text))
    assert not only_partly_understood(text)


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, (_, denied) in LAY.items() for text in denied])
def test_what_lay_people_deny_does_not(key: str, text: str) -> None:
    assert key not in raised(note(text))


@pytest.mark.parametrize("text", ["no chest pain", "my toes are not numb", "no fever", "not swollen", "toe is not infected", "no cuts"])
def test_what_is_denied_raises_nothing_else_either(text: str) -> None:
    assert raised(note(text)) == []


def test_words_about_the_body_that_no_rule_knows_are_only_partly_understood() -> None:
    assert only_partly_understood("my left foot is funny")
    assert only_partly_understood("Breathing exercises")
    assert not only_partly_understood("slept well")
    assert not only_partly_understood("my foot is swollen")


def test_a_long_note_is_read_at_once() -> None:
    """Patterns with gaps must not try every way to fill them."""
    for piece in ("foot ", "red foot hot ", "' ", "foot, ", "not ", "no pain, ", "foot'"):
        raised(note(piece * (4000 // len(piece))))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("blister", ["blister"]), ("blisters", ["blister"]), ("two blisters and redness", ["redness", "blister"]),
        ("a black toe", ["black"]),
        ("a sore on my toe", ["wound"]), ("swelling of my foot", ["swollen"]), ("my toe went purple", ["cold"]), ("shivering", ["fever"]),
        ("no blister", []), ("hm", []), ("ok", []), ("other", ["other"]),
    ],
)  # fmt: skip
def test_findings_of_the_skin_in_peoples_own_words(text: str, found: list[str]) -> None:
    assert skin_named(text) == found


def test_something_new_that_nobody_names_is_to_be_looked_at() -> None:
    assert raised(skin("other")) == ["unsaid"]


def test_a_fever_alone_lets_nothing_begin() -> None:
    (flag,) = flags([skin("fever")], {}, {}, NOW)
    assert (flag.rule.key, flag.rule.blocks) == ("fever", True)


def test_an_infection_with_fever_is_an_emergency() -> None:
    assert raised(note("infected toe and fever"))[0] == "sepsis"
    assert raised(note("a sore on my toe"), note("chills"))[0] == "sepsis"


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
    "fever": ("a fever", "feverfew tea"),
    "infection": ("an infected heel", "an infectious laugh"),
    "burning": ("burning soles at night", "candle burned"),
}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.words], ids=lambda rule: rule.key)
def test_words_raise_a_rule(rule: object) -> None:
    key = getattr(rule, "key", "")
    yes, no = WORDS[key]
    assert key in raised(note(yes))
    assert key not in raised(note(no)) or key == "wound"  # a verb that sounds alike: better once too often


@pytest.mark.parametrize("what", [what for what in SKIN if what != "ok"])
def test_every_finding_of_the_skin_blocks(what: str) -> None:
    found = flags([skin(what)], {}, {}, NOW)
    assert len(found) == 1
    assert found[0].rule.blocks
    assert found[0].because == f"skin check: {SKIN[what]}, left foot"
    assert found[0].rule.do
    assert found[0].rule.source


def test_a_fine_skin_raises_nothing() -> None:
    assert raised(skin("ok"), note("lovely")) == []


def test_fever_with_a_wound_is_an_emergency_and_comes_first() -> None:
    assert raised(skin("wound"), skin("fever", T + DAY_S)) == ["sepsis", "wound", "fever"]
    assert raised(note("an ulcer"), note("shivering", T - DAY_S)) == ["sepsis", "wound", "fever"]
    assert raised(skin("wound"), skin("fever", T + 4 * DAY_S)) == ["wound", "fever"]


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
