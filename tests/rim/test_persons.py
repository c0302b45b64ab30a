"""Persons: answers typed, filed and kept; what holds today; loosening in two steps; the form on a terminal; the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footctl.cli import asking, sitting
from footctl.cli.main import main
from footctl.core.person import Person
from footctl.core.questions import BY_KEY, DAILY_LINE, QUESTIONS, UNSURE
from footctl.core.screening import Given, judge, loosens
from footctl.errors import DeviceRefused, SessionEnded, UsageError
from footctl.run import persons
from footctl.run.journal import Journal, connect
from footctl.run.persons import Standing, day_words, from_json, loosen, read_answers, rest_no, screen, standing, to_json

TODAY = date(2026, 11, 22).toordinal()
HEALTHY = rest_no({}, TODAY)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "today", lambda: TODAY)


@pytest.fixture
def kept() -> Journal:
    return Journal()


def an(text: str) -> dict[str, Given]:
    """Answers as they are typed, with a space between them."""
    return dict(persons.answer(one, TODAY) for one in text.split())


# ------------------------------------------------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clot=no", Given("no", TODAY)),
        ("clot=N", Given("no", TODAY)),
        ("clot= Yes ", Given("yes", TODAY)),
        ("clot=?", Given(UNSURE, TODAY)),
        ("diabetes=checked", Given("checked", TODAY)),
        ("diabetes=checked:2026-05-02", Given("checked", TODAY, day=date(2026, 5, 2).toordinal())),
        ("wound=yes:left", Given("yes", TODAY, feet=frozenset(("left",)))),
        ("wound=yes:both", Given("yes", TODAY, feet=frozenset(("left", "right")))),
        ("wound=yes:", Given("yes", TODAY)),
        ("spots=yes:toes, heel", Given("yes", TODAY, zones=frozenset(("toes", "heel")))),
        ("usual_pain=4", Given("", TODAY, number=4)),
        ("usual_pain=no", Given("", TODAY, number=0)),
        ("usual_pain=?", Given(UNSURE, TODAY)),
    ],
)
def test_answers_as_they_are_typed(text: str, expected: Given) -> None:
    assert persons.answer(text, TODAY) == (text.partition("=")[0], expected)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("clot", "is no answer", "--answer diabetes=no"),
        ("cloth=no", "no question 'cloth'", "did you mean clot?"),
        ("qqq=no", "no question 'qqq'", "footctl person questions"),
        ("clot=maybe", "not 'maybe'", "questions"),
        ("usual_pain=11", "0 to 10", ""),
        ("usual_pain=3.5", "0 to 10", ""),
        ("usual_pain=-1", "0 to 10", ""),
        ("diabetes=checked:2026-13-01", "is no date", "2026-05-31"),
        ("diabetes=checked:soon", "no date, foot or zone", "toes"),
        ("diabetes=checked:2027-01-01", "has not come yet", ""),
        ("spots=yes", "say which zones", ""),
        ("statement=yes", "say its date", ""),
    ],
)
def test_answers_that_are_none(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        persons.answer(text, TODAY)
    assert hint in raised.value.hint


def test_answers_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "anna.toml"
    file.write_text('clot = "no"\nover_65 = true\nusual_pain = 3\nspots = "yes:toes"\nstatement = 2026-10-01\n')
    assert read_answers(file, TODAY) == an("clot=no over_65=yes usual_pain=3 spots=yes:toes statement=yes:2026-10-01")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'clot = "maybe"\ncloth = "no"\nusual_pain = 3.5\n', "'maybe'.*'cloth'.*3.5"),
        (b"clot = \n", "is no TOML"),
        (b'clot = "\xff"\n', "is no TOML"),
        (b"#" * 70_000, "at most 65536"),
        (b"[clot]\nx = 1\n", 'a text like "no"'),
        (b"clot = 2026-01-01T00:00:00\n", 'a text like "no"'),
    ],
)
def test_a_file_with_mistakes_tells_them_all(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "anna.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_answers(file, TODAY)
    with pytest.raises(UsageError, match="No such file"):
        read_answers(tmp_path / "other.toml", TODAY)


def _typed() -> st.SearchStrategy[dict[str, Given]]:
    days = st.integers(TODAY - 900, TODAY)

    def one(key: str) -> st.SearchStrategy[Given]:
        question = BY_KEY[key]
        if question.is_scale:
            return st.builds(Given, st.just(""), days, number=st.integers(0, 10)) | st.builds(Given, st.just(UNSURE), days)
        details = {"spots": ":toes,heel", "wound": ":left", "statement": ":2020-01-31", "diabetes": ":2021-02-03"}
        words = [choice.key + (details.get(key, "") if choice.asks else "") for choice in question.choices]
        return st.tuples(st.sampled_from([*words, UNSURE]), days).map(lambda said: persons.given(key, *said))

    return st.fixed_dictionaries({}, optional={question.key: one(question.key) for question in QUESTIONS})


@settings(max_examples=50)
@given(_typed())
def test_what_is_kept_is_what_was_said(answers: dict[str, Given]) -> None:
    assert from_json(to_json(answers)) == answers


def test_what_cannot_be_read_any_more_counts_as_not_answered() -> None:
    kept = {
        "clot": {"said": "no", "on": "2026-11-22"},
        "gone": {"said": "no", "on": "2026-11-22"},
        "fever": {"said": "rather not", "on": "2026-11-22"},
        "gout": {"said": "no", "on": "yesterday"},
        "heart": "no",
        "stroke": {"said": "no"},
    }
    assert from_json(json.dumps(kept)) == an("clot=no")


@pytest.mark.parametrize("name", ["", "  ", "-x", "a\nb\x00", "x" * 61, "\x1b[31mred"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(UsageError, match="is no name"):
        persons.named(name)


def test_names_are_tidied() -> None:
    assert persons.named("  Anna \t Maria ") == "Anna Maria"
    assert persons.named("Zoe\u0308") == "Zoë"


# ------------------------------------------------------------------------------------------------------------ two steps


def log(kept: Journal, now: Standing) -> list[str]:
    return [one.what for one in kept.happenings(now.row.id)]


def test_the_first_screening_holds_at_once(kept: Journal) -> None:
    now = screen(kept, "Anna", HEALTHY)
    assert (now.verdict.tier, now.proposed) == ("standard", None)
    assert now.person().tier == "standard"
    assert log(kept, now) == ["answered 34 of 36 questions: tier standard"]


def test_stricter_answers_hold_at_once_and_looser_ones_wait(kept: Journal) -> None:
    screen(kept, "Anna", HEALTHY)
    now = screen(kept, "anna", an("circulation=yes"))
    assert (now.verdict.tier, now.proposed) == ("no_soak", None)
    now = screen(kept, "Anna", an("circulation=no"))
    assert now.verdict.tier == "no_soak"
    assert now.proposed is not None
    assert now.proposed.tier == "standard"
    assert standing(kept, "ANNA").verdict.tier == "no_soak"
    now = loosen(kept, "Anna")
    assert (now.verdict.tier, now.proposed) == ("standard", None)
    assert log(kept, now)[-1] == "loosened: tier no_soak became tier standard"
    assert "waits to be confirmed" in log(kept, now)[-2]
    with pytest.raises(UsageError, match="nothing of Anna waits"):
        loosen(kept, "Anna")


def test_one_step_is_never_enough_whatever_is_mixed_in(kept: Journal) -> None:
    """A stricter answer beside a looser one, taken back while the looser one still waits."""
    screen(kept, "Anna", {**HEALTHY, **an("ulcer=yes")})
    now = screen(kept, "Anna", an("ulcer=no wound=yes:left"))
    assert now.verdict.tier == "no_soak"
    assert now.verdict.no_water
    now = screen(kept, "Anna", an("wound=healed"))
    assert now.verdict.tier == "no_soak"
    assert now.verdict.no_water
    assert now.verdict.feet == {"left"}
    assert persons.summary(loosen(kept, "Anna").verdict) == "tier standard"


@pytest.mark.parametrize("steps", [("clot=no", "alcohol=yes"), ("clot=no alcohol=yes",), ("clot=cleared pain_now=9",)])
def test_a_refusal_that_ends_by_itself_hides_none_that_lasts(kept: Journal, steps: tuple[str, ...]) -> None:
    screen(kept, "Anna", HEALTHY)
    screen(kept, "Anna", an("clot=yes"))
    for step in steps:
        now = screen(kept, "Anna", an(step))
        assert now.verdict.refused
        assert now.proposed is not None
    later = standing(kept, "Anna", TODAY + 1)
    assert persons.summary(later.verdict) == "refused"
    assert later.proposed is not None
    assert persons.summary(later.proposed) == "tier standard"
    assert "waits to be confirmed" in log(kept, later)[-1]


def test_a_drink_leaves_nothing_to_confirm(kept: Journal) -> None:
    screen(kept, "Anna", HEALTHY)
    now = screen(kept, "Anna", an("alcohol=yes"))
    assert now.verdict.refused
    assert now.proposed is None
    later = standing(kept, "Anna", TODAY + 1)
    assert (persons.summary(later.verdict), later.proposed) == ("tier standard", None)


def test_the_same_answers_in_time_prolong_and_too_late_they_wait(kept: Journal) -> None:
    screen(kept, "Anna", HEALTHY)
    day = TODAY + 300
    assert screen(kept, "Anna", rest_no({}, day), day).proposed is None
    assert standing(kept, "Anna", TODAY + 400).verdict.tier == "standard"
    day = TODAY + 700
    for answers in ({"alcohol": persons.given("alcohol", "yes", day)}, {}):
        assert screen(kept, "Anna", rest_no(answers, day), day).proposed is not None
    assert standing(kept, "Anna", day + 1).verdict.tier == "sensitive"


CHANGES = [f"{key}={said}" for key in ("ulcer", "fever", "bleeding", "alcohol", "new_numbness") for said in ("yes", "no", "?")]
CHANGES += [f"diabetes={said}" for said in ("no", "checked", "unchecked")] + [f"pain_now={said}" for said in ("0", "9", "?")]
CHANGES += ["wound=yes:left", "wound=healed"]
AT_ONCE = st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3).map(" ".join)
ANSWERS = st.lists(st.tuples(st.integers(0, 2), AT_ONCE), min_size=1, max_size=6)
LATER = (0, 1, 2, 31, 60)  # days; a check without a date is over after 30, and nothing that a healthy adult answered before 90


@settings(max_examples=25)
@given(ANSWERS)
def test_without_loosen_nothing_ever_loosens(said: list[tuple[int, str]]) -> None:
    """Neither on the day of the answers nor on any later one."""
    with TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as kept:
        screen(kept, "Anna", HEALTHY)
        day = TODAY
        for pause, text in said:
            day += pause
            before = [standing(kept, "Anna", day + later).verdict for later in LATER]
            now = screen(kept, "Anna", dict(persons.answer(one, day) for one in text.split()), day)
            assert not loosens(now.verdict, judge(now.answers, day))
            for later, was in zip(LATER, before, strict=True):
                assert not loosens(standing(kept, "Anna", day + later).verdict, was)


def test_answers_that_overtake_the_second_step(kept: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    screen(kept, "Anna", {**HEALTHY, **an("ulcer=yes")})
    old = screen(kept, "Anna", an("ulcer=no"))
    screen(kept, "Anna", an("fever=yes"))
    monkeypatch.setattr(persons, "standing", lambda journal, name: old)
    with pytest.raises(UsageError, match="screened again just now"):
        loosen(kept, "Anna")


def test_whom_the_journal_knows_and_whom_not(kept: Journal) -> None:
    eager = Person("zoe\u0308 ", "standard", screened=True)
    assert persons.as_known(eager) == eager
    screen(kept, "Zoë", {**HEALTHY, **an("over_65=yes")})
    screen(kept, "Zoë", an("over_65=no"))
    known = persons.as_known(eager)
    assert (known.name, known.tier) == ("Zoë", "sensitive")
    assert known == standing(kept, "Zoë").person()
    assert persons.as_known(Person("Zoë", "no_soak")).tier == "no_soak"
    kept.close()
    kept.file.write_bytes(b"no database at all" * 500)
    with pytest.raises(DeviceRefused, match="what Zoë answered is not known"):
        persons.as_known(known)


def test_an_unknown_name_gets_a_hint(kept: Journal) -> None:
    screen(kept, "Johanna", HEALTHY)
    for name, hint in (("Johana", "did you mean Johanna?"), ("Xi", "footctl person screen 'Xi'")):
        with pytest.raises(UsageError, match="nobody is called") as raised:
            standing(kept, name)
        assert raised.value.hint.startswith(hint)


def test_a_verdict_in_few_words() -> None:
    def told(text: str) -> str:
        return persons.summary(judge({**HEALTHY, **an(text)}, TODAY))

    assert told("fever=yes") == "refused"
    assert told("wound=yes:left spots=yes:toes") == "tier standard, no water, not the left foot, not the toes, own limits"
    assert told("pregnancy=first_trimester") == "tier standard, no massage, own limits"


# ------------------------------------------------------------------------------------------------------------ on a terminal


def reader(*lines: str) -> Callable[[str], str]:
    """Types these lines; the test fails when more are asked for, or fewer."""
    left = list(lines)

    def read(prompt: str) -> str:
        assert left, f"nothing left to say to {prompt!r}"
        return left.pop(0)

    read.left = left  # type: ignore[attr-defined]  # for the test to look at
    return read


def test_a_healthy_adult_answers_six_questions() -> None:
    read = reader("n", "no", "N", "0", "0", "0")
    answers = asking.full_form(TODAY, read)
    assert answers == HEALTHY
    assert not read.left  # type: ignore[attr-defined]  # as above


def test_enter_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert asking.choose("?", reader("", "maybe", "y")) == "yes"
    assert asking.choose("?", reader("?")) == UNSURE
    assert asking.choose("?", reader("?", "n"), unsure=False) == "no"
    assert capsys.readouterr().err.count("Please type y or n") == 3


def test_one_by_one_where_something_applies(capsys: pytest.CaptureFixture[str]) -> None:
    today, health = ["n"], ["n"]
    feet = ["y", "2", "tomorrow", "2026-05-02", "n", "no", "?", "9", "1"]  # diabetes checked; circulation, ulcer, charcot, amputation
    feet[1:1] = ["5"]
    usual, statement = ["3", "x", "2", "?"], ["2", "", "2026-10-01"]
    read = reader(*today, *feet, *health, *usual, *statement)
    answers = asking.full_form(TODAY, read)
    assert not read.left  # type: ignore[attr-defined]  # as above
    assert answers["diabetes"] == Given("checked", TODAY, day=date(2026, 5, 2).toordinal())
    assert answers["charcot"].choice == UNSURE
    assert answers["statement"].day == date(2026, 10, 1).toordinal()
    assert (answers["usual_pain"].number, answers["usual_tingling"].number) == (3, 2)
    assert answers["usual_numbness"].choice == UNSURE
    told = capsys.readouterr().err
    assert "no date, foot or zone" in told
    assert "Please type one of: y, n, ?" in told
    assert "Please type one of: 1, 2, 3, 4, ?" in told
    assert "0 to 10, or unsure" in told


def test_the_daily_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert asking.daily_check(TODAY, reader("n")) == {}
    daily = [question for question in QUESTIONS if question.daily]
    lines = {"wound": ["yes", "left"], "pain_now": ["4"], "fever": ["?"]}
    said = [word for question in daily for word in lines.get(question.key, ["n"])]
    news = asking.daily_check(TODAY, reader("y", *said))
    assert set(news) == {"wound", "pain_now", "fever"}
    assert news["wound"].feet == {"left"}
    assert "numbness" in DAILY_LINE


def test_leaving_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(SessionEnded, match="left before"):
        asking.full_form(TODAY)


# ------------------------------------------------------------------------------------------------------------ the commands


def test_screen_show_list_loosen_forget(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["person", "list"]) == 0
    assert "nobody was screened" in capsys.readouterr().out
    answers = ["--answer", "diabetes=checked:2026-05-02", "--answer", "wound=yes:left"]
    assert main(["person", "screen", "Anna", "--otherwise-no", *answers]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "Anna · tier sensitive, no water, not the left foot · until 2027-05-02"
    assert "no water · pressure at most 20 kPa" in told
    assert "Open skin (left foot)" in told
    assert main(["person", "screen", "anna", "--answer", "wound=healed"]) == 0
    assert "footctl person loosen Anna --confirm" in capsys.readouterr().out
    assert main(["person", "loosen", "Anna"]) == 0
    assert "would be   tier sensitive" in capsys.readouterr().out
    assert main(["person", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["result"], row["proposed"]["no_water"]) == ("Anna", "sensitive", [])
    assert main(["person", "loosen", "Anna", "--confirm"]) == 0
    assert "water at most 36 °C for 10 min" in capsys.readouterr().out
    assert main(["person", "loosen", "Anna"]) == 0
    assert "nothing of Anna waits" in capsys.readouterr().out
    assert main(["person", "show", "Anna"]) == 0
    told = capsys.readouterr().out
    assert "0 of 10 min in the water" in told
    assert "loosened: " in told
    assert main(["person", "list"]) == 0
    assert "tier sensitive" in capsys.readouterr().out
    assert main(["person", "forget", "Anna"]) == 0
    assert main(["person", "show", "Anna"]) == 2


def test_everything_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    def told(*words: str) -> Any:
        assert main(["person", *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    anna = told("screen", "Anna", "--otherwise-no", "--answer", "circulation=yes", "--answer", "statement=yes:2026-10-01")
    assert (anna["result"], anna["statement"]) == ("no_soak", "2026-10-01")
    assert anna["because"][0]["source"]
    assert anna["answers"]["circulation"] == {"said": "yes", "on": "2026-11-22"}
    assert told("loosen", "Anna")["proposed"] is None
    assert told("show", "Anna")["day"] == {"soak_s": 0, "massage_s": 0, "dose_cem43": 0, "clock_backwards": False}
    assert told("screen", "Bo", "--answer", "fever=yes")["result"] == "refused"
    assert {one["key"] for one in told("questions")} == set(BY_KEY)
    assert told("redate", "--confirm") == {"sessions": 0}
    assert told("forget", "Bo") == {"forgotten": "Bo"}


def test_words_for_other_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    for answers, words in (
        ("circulation=yes", "no water · no massage without a clinician's dated statement"),
        ("pregnancy=first_trimester", "water at most 38 °C for 15 min · no massage"),
        ("bleeding=yes", "water at most 40 °C for 20 min · pressure at most 20 kPa"),
    ):
        assert main(["person", "screen", answers, "--otherwise-no", "--answer", answers]) == 0
        assert words in capsys.readouterr().out
    assert main(["person", "screen", "Bo", "--answer", "fever=yes"]) == 0
    told = capsys.readouterr().out
    assert "Bo · refused" in told
    assert "the stricter line counts: alcohol, child" in told
    assert main(["person", "questions"]) == 0
    assert "diabetes=checked:2026-05-31" in capsys.readouterr().out
    assert main(["person", "redate"]) == 0
    assert "clock says" in capsys.readouterr().out


def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["person", "screen", "Anna"]) == 2
    assert "no terminal" in capsys.readouterr().err
    assert main(["person", "show", "Anna"]) == 2


def test_a_form_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "anna.toml"
    file.write_text('over_65 = "yes"\nclot = "yes"\n')
    assert main(["person", "screen", "Anna", "--answers", str(file), "--answer", "clot=no", "--otherwise-no", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == "sensitive"


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    typed = reader(*lines)
    monkeypatch.setattr("footctl.cli.people.somebody_there", lambda: True)
    monkeypatch.setattr("footctl.cli.sitting.somebody_there", lambda: True)
    monkeypatch.setattr(asking, "read_line", typed)
    monkeypatch.setattr(asking.full_form, "__defaults__", (typed,))
    monkeypatch.setattr(asking.daily_check, "__defaults__", (typed,))


def test_the_form_and_forgetting_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on_a_terminal(monkeypatch, "n", "n", "n", "0", "0", "0", "Ana", "Anna")
    assert main(["person", "screen", "Anna"]) == 0
    assert "Anna · tier standard" in capsys.readouterr().out
    assert main(["person", "forget", "anna"]) == 6
    assert "nothing was deleted" in capsys.readouterr().err
    assert main(["person", "forget", "anna"]) == 0


# ------------------------------------------------------------------------------------------------------------ who sits there


class Flags:
    person: str | None = "Anna"
    daily_ok = False
    sim = False


def test_who_sits_there(kept: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    screen(kept, "Anna", {**HEALTHY, **an("over_65=yes")})
    flags: Any = Flags()
    with pytest.raises(DeviceRefused, match="check of the day") as raised:
        sitting.sitter(flags)
    assert "--daily-ok" in raised.value.hint
    flags.daily_ok = True
    who = sitting.sitter(flags)
    assert who.person is not None
    assert (who.person.name, who.person.tier) == ("Anna", "sensitive")
    screen(kept, "Anna", an("fever=yes"))
    with pytest.raises(DeviceRefused, match=r"not for Anna now\. Fever"):
        sitting.sitter(flags)
    flags.person = None
    with pytest.raises(UsageError, match="about a person"):
        sitting.sitter(flags)
    flags.daily_ok = False
    assert sitting.sitter(flags) == sitting.Sitter()


def test_the_check_of_the_day_on_a_terminal(kept: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    screen(kept, "Anna", HEALTHY)
    flags: Any = Flags()
    on_a_terminal(monkeypatch, "n")
    assert sitting.sitter(flags).person == standing(kept, "Anna").person()
    daily = [question for question in QUESTIONS if question.daily]
    on_a_terminal(monkeypatch, "y", *[word for one in daily for word in ({"wound": ["y", "left"], "pain_now": ["0"]}.get(one.key, ["n"]))])
    who = sitting.sitter(flags).person
    assert who is not None
    assert who.excluded_feet == {"left"}
    assert who.no_water
    on_a_terminal(monkeypatch, "y", *[{"fever": "y", "pain_now": "0"}.get(one.key, "n") for one in daily])
    with pytest.raises(DeviceRefused, match="Fever"):
        sitting.sitter(flags)
    assert standing(kept, "Anna").verdict.refused


@pytest.mark.parametrize(("key", "summary"), [("new_numbness", "tier no_soak"), ("pain_now", "refused")])
def test_not_sure_in_the_check_of_the_day(key: str, summary: str, kept: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    screen(kept, "Anna", HEALTHY)
    flags: Any = Flags()
    on_a_terminal(monkeypatch, "y", *["?" if one.key == key else "0" if one.is_scale else "n" for one in QUESTIONS if one.daily])
    if summary == "refused":
        with pytest.raises(DeviceRefused, match=r"not for Anna now\. Not sure how much it hurts"):
            sitting.sitter(flags)
    else:
        assert sitting.sitter(flags).person is not None
    assert persons.summary(standing(kept, "Anna").verdict) == summary


def test_what_a_plan_knows(kept: Journal) -> None:
    flags: Any = Flags()
    row = screen(kept, "Anna", HEALTHY).row
    kept.opened("s", row.id, "p", False)
    connect(kept.file).execute("INSERT INTO use VALUES ('s', ?, 60, 30, 0.1)", (int(kept.clock()) // 60,))
    person, earlier = sitting.planned(flags, simulated=False)
    assert person is not None
    assert earlier is not None
    assert (person.name, earlier.soak_s, earlier.massage_s) == ("Anna", 60, 30)
    assert sitting.planned(flags, simulated=True) == (person, None)
    flags.person = None
    assert sitting.planned(flags, simulated=True) == (None, None)
    person, earlier = sitting.planned(flags, simulated=False)
    assert person is None
    assert earlier is not None
    assert earlier.soak_s == 0


def test_plan_and_run_for_a_person(kept: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    screen(kept, "Anna", {**HEALTHY, **an("circulation=yes")})
    assert main(["plan", "evening-unwind", "--sim", "--person", "anna"]) == 5
    assert "no water in this tier" in capsys.readouterr().out
    assert main(["run", "quick-break", "--sim", "--person", "anna", "--yes", "--json", "--speed", "max"]) == 5
    told = capsys.readouterr()
    assert json.loads(told.out)["outcome"] == "refused"
    assert "--daily-ok" in told.err
    screen(kept, "Bo", {**HEALTHY, **an("over_65=yes")})
    assert main(["run", "quick-break", "--sim", "--person", "bo", "--yes", "--json", "--speed", "max", "--daily-ok"]) == 0
    assert json.loads(capsys.readouterr().out)["tier"] == "sensitive"
    row = kept.person("bo")
    assert row is not None
    assert [(one["simulated"], one["outcome"], one["tier"]) for one in kept.sessions(row.id)] == [(1, "completed", "sensitive")]
    assert kept.day(row.id).use.soak_s == kept.day(row.id).use.massage_s == 0


def test_days_in_words() -> None:
    assert day_words(TODAY) == "2026-11-22"
