"""Every answer has its consequence; not sure, not answered and out of date never help; one more adverse answer never loosens."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.limits import CAPS
from firmware_protocol.messages import TECHNIQUES, ZONES
from footctl.core.person import STRICTEST_FIRST, TIERS, Person
from footctl.core.questions import BY_KEY, DAILY_LINE, GROUPS, PAIN_MOST, QUESTIONS, SCALE_DAYS, SENSITIVE_PRESSURE, UNSURE, Question
from footctl.core.screening import SILENT, Given, Verdict, ever_loosens, join, judge, last_day, loosens, person, stricter_person, wrong

TODAY = 739_000
FEET = frozenset(("left", "right"))
ASKED = [question for question in QUESTIONS if not question.only_daily]
CHOSEN = [question for question in QUESTIONS if not question.is_scale]

HEALTHY = {question.key: Given(number=0, on=TODAY) if question.is_scale else Given("no", TODAY) for question in ASKED}


def answered(day: int = TODAY, /, **changes: Given) -> Verdict:
    """A healthy adult's verdict but for these answers."""
    return judge({**HEALTHY, **changes}, day)


def said(choice: str, **more: object) -> Given:
    return Given(choice, **{"on": TODAY, **more})  # type: ignore[arg-type]  # fields by name, as a caller writes them


def whole(verdict: Verdict) -> dict[str, object]:
    """What it allows, without the words."""
    return {
        "tier": verdict.tier,
        "refused": bool(verdict.refused),
        "no_water": bool(verdict.no_water),
        "no_massage": bool(verdict.no_massage),
        "feet": verdict.feet,
        "zones": verdict.zones,
        "without": verdict.without,
        "limits": dict(verdict.limits),
        "nuts": verdict.nuts,
    }


FINE = whole(Verdict())


def test_a_healthy_adult_is_standard_for_a_year() -> None:
    verdict = answered()
    assert whole(verdict) == FINE
    assert verdict.because == ()
    assert verdict.again == ()
    assert verdict.until == TODAY + 365
    assert verdict.usual_pain == 0


PRESSURES: dict[str, object] = {"limits": SENSITIVE_PRESSURE}
BABY: dict[str, object] = {"limits": {**SENSITIVE_PRESSURE, "water_setpoint_max": 3800, "soak_time": 900}, "without": frozenset(("press",))}
CONSEQUENCES: dict[tuple[str, str], dict[str, object]] = {
    ("diabetes", "checked"): {"tier": "sensitive"},
    ("diabetes", "unchecked"): {"tier": "no_soak"},
    ("diabetes", "lost"): {"tier": "no_soak"},
    **{(key, "yes"): {"tier": "no_soak"} for key in ("circulation", "ulcer", "charcot", "amputation", "new_numbness")},
    **{(key, "yes"): {"no_water": True, "feet": FEET} for key in ("wound", "infection")},
    **{
        (key, "yes"): {"refused": True}
        for key in (
            "clot", "cold_foot", "hot_foot", "fever", "gout", "injury", "stroke", "heart", "tumour", "alcohol", "child", "needs_help",
        )
    },
    **{(key, "yes"): PRESSURES for key in ("bleeding", "bones", "veins", "lymph", "implant")},
    ("pregnancy", "first_trimester"): {**BABY, "no_massage": True},
    ("pregnancy", "later"): BABY,
    **{(key, "yes"): {"tier": "sensitive"} for key in ("heat", "over_65", "dizzy")},
    ("spots", "yes"): {**PRESSURES, "zones": frozenset(("toes",))},
    ("nuts", "yes"): {"nuts": True},
    ("statement", "yes"): {},
}  # fmt: skip
HARMLESS = ("no", "cleared", "healed")


def _given(key: str, choice: str) -> Given:
    return said(choice, zones=frozenset(("toes",)) if (key, choice) == ("spots", "yes") else frozenset())


@pytest.mark.parametrize(("key", "choice"), [(question.key, choice.key) for question in CHOSEN for choice in question.choices])
def test_every_answer_has_its_consequence(key: str, choice: str) -> None:
    expected = {} if choice in HARMLESS else CONSEQUENCES[key, choice]
    verdict = answered(**{key: _given(key, choice)})
    assert whole(verdict) == {**FINE, **expected}
    assert [one.question for one in verdict.because] == ([key] if expected else [])
    for one in verdict.because:
        assert one.sentence
        assert one.source
        assert "{" not in one.sentence


def test_the_table_is_complete_and_has_a_source_and_a_reason_a_row() -> None:
    rows = {(question.key, choice.key) for question in CHOSEN for choice in question.choices}
    assert {row for row in rows if row[1] not in HARMLESS} == set(CONSEQUENCES)
    assert len(BY_KEY) == len(QUESTIONS)
    for question in QUESTIONS:
        assert question.source
        assert question.words.endswith("?")
        assert question.group in GROUPS
        assert question.is_scale == (question.key in SCALE_DAYS)
        for choice in question.choices:
            assert bool(choice.why) == ((question.key, choice.key) in CONSEQUENCES and question.key != "statement")
            assert choice.effect.tier in STRICTEST_FIRST
            assert choice.then in ("", *(other.key for other in question.choices))
            assert choice.effect.without <= set(TECHNIQUES)
            assert set(choice.effect.limits) <= {row[0] for row in CAPS}
        if question.is_scale:
            assert question.unsure in ("", str(PAIN_MOST))
            assert bool(question.unsure) == question.only_daily
        else:
            assert question.choice(question.unsure) is not None
    for word in ("wound", "swelling", "fever", "numbness", "pain", "alcohol"):
        assert word in DAILY_LINE


@pytest.mark.parametrize("question", CHOSEN, ids=lambda question: question.key)
def test_not_sure_and_not_answered_are_as_strict_as_the_strictest_answer(question: Question) -> None:
    rest = {key: one for key, one in HEALTHY.items() if key != question.key}
    silent, unsure = judge(rest, TODAY), judge({**rest, question.key: said(UNSURE)}, TODAY)
    for choice in question.choices:
        if choice.key != "yes" or question.key != "statement":
            assert not loosens(unsure, judge({**rest, question.key: _given(question.key, choice.key)}, TODAY))
    if question.key != "statement":
        assert "Not sure" in unsure.because[0].sentence
        assert unsure.because[0].said == UNSURE
    if question.only_daily:  # nobody was asked
        assert whole(silent) == FINE
        return
    assert whole(silent) == whole(unsure)
    if question.key != "statement":
        assert "Not answered" in silent.because[0].sentence
        assert silent.because[0].said == SILENT
        assert question.key in silent.again


@pytest.mark.parametrize("usual", [Given(number=0, on=TODAY), Given(number=7, on=TODAY), said(UNSURE)])
def test_not_sure_how_much_it_hurts_is_too_much_today(usual: Given) -> None:
    most = answered(usual_pain=usual, pain_now=Given(number=PAIN_MOST, on=TODAY))
    unsure = answered(usual_pain=usual, pain_now=said(UNSURE))
    assert unsure.refused
    assert whole(unsure) == whole(most)
    assert unsure.refused[0].startswith("Not sure how much it hurts, so it counts as 8 of 10")
    assert unsure.because[0].said == UNSURE
    assert not answered(TODAY + 1, usual_pain=usual, pain_now=said(UNSURE)).refused


def test_nobody_answered_anything_is_refused() -> None:
    verdict = judge({}, TODAY)
    assert verdict.refused
    assert verdict.tier == "no_soak"
    assert verdict.feet == FEET
    assert verdict.zones == frozenset(ZONES)
    assert {"usual_pain", "usual_tingling", "usual_numbness"} <= set(verdict.again)


def test_one_foot_and_some_zones() -> None:
    verdict = answered(wound=said("yes", feet=frozenset(("left",))), spots=said("yes", zones=frozenset(("heel", "toes"))))
    assert verdict.feet == {"left"}
    assert "(left foot)" in verdict.no_water[0]
    assert any("toes, heel left alone" in one.sentence for one in verdict.because)
    assert "(both feet)" in answered(wound=said("yes")).no_water[0]


# --------------------------------------------------------------------------------------------------- time


def test_a_check_of_the_feeling_holds_a_year_from_its_day() -> None:
    checked = said("checked", day=TODAY - 100)
    assert answered(diabetes=checked).because[0].until == TODAY + 265
    assert judge({**HEALTHY, "diabetes": checked}, TODAY + 265).tier == "sensitive"
    assert judge({**HEALTHY, "diabetes": checked}, TODAY + 266).tier == "no_soak"
    assert answered(diabetes=said("checked", day=TODAY - 366)).tier == "no_soak"
    assert answered(TODAY + 30, diabetes=said("checked")).tier == "sensitive"
    assert answered(TODAY + 31, diabetes=said("checked")).tier == "no_soak"


def test_old_answers_keep_what_they_forbid_and_hold_at_least_the_sensitive_limits() -> None:
    late = answered(TODAY + 366)
    assert late.tier == "sensitive"
    assert {"diabetes", "clot", "usual_pain"} <= set(late.again)
    assert late.until is None
    assert late.usual_pain is None
    assert SENSITIVE_PRESSURE.items() <= answered(TODAY + 400, bleeding=said("yes")).limits.items()
    assert answered(TODAY + 4000, circulation=said("yes")).tier == "no_soak"
    assert "circulation" not in answered(TODAY + 4000, circulation=said("yes")).again
    assert answered(TODAY + 4000, clot=said("yes")).refused


def test_answers_from_days_to_come_are_old_answers() -> None:
    assert judge(HEALTHY, TODAY - 1).tier == "sensitive"


def test_alcohol_is_gone_tomorrow_and_a_child_is_not_grown_up() -> None:
    assert answered(alcohol=said("yes")).refused
    assert whole(answered(TODAY + 1, alcohol=said("yes"))) == FINE
    assert answered(alcohol=said("yes")).until == TODAY + 365
    assert answered(TODAY + 1, child=said("yes")).refused


def test_a_pregnancy_ends_at_its_day_at_most() -> None:
    choice = BY_KEY["pregnancy"].choice("later")
    assert choice is not None
    assert last_day(choice, said("later", day=TODAY + 20)) == TODAY + 20
    assert last_day(choice, said("later", day=TODAY + 900)) == last_day(choice, said("later")) == TODAY + 203
    over = answered(TODAY + 21, pregnancy=said("later", day=TODAY + 20))
    assert over.tier == "sensitive"
    assert over.limits["water_setpoint_max"] == 3800


def test_a_statement_counts_for_a_year_and_only_with_its_date() -> None:
    assert answered(statement=said("yes", day=TODAY - 10)).statement == TODAY - 10
    assert answered(TODAY + 356, statement=said("yes", day=TODAY - 10)).statement is None
    assert answered(statement=said("yes")).statement is None
    assert answered(statement=said("yes", day=TODAY + 1)).statement is None
    assert answered(statement=said("no")).statement is None
    assert judge({}, TODAY).statement is None


@pytest.mark.parametrize(("usual", "now", "refused"), [(0, 1, 0), (0, 2, 1), (5, 6, 0), (5, 7, 1), (7, 8, 1), (9, 8, 1)])
def test_pain_now(usual: int, now: int, refused: int) -> None:
    answers = {"usual_pain": Given(number=usual, on=TODAY), "pain_now": Given(number=now, on=TODAY)}
    assert bool(answered(**answers).refused) == refused
    assert not answered(TODAY + 1, **answers).refused


def test_an_unknown_usual_pain_counts_as_none() -> None:
    pain = {"pain_now": Given(number=2, on=TODAY + 91), "usual_pain": Given(number=5, on=TODAY)}
    assert answered(TODAY + 91, **pain).refused
    assert "usual_pain" in answered(TODAY + 91, **pain).again


@pytest.mark.parametrize("key", ["usual_numbness", "usual_tingling"])
def test_numb_feet_are_noticed_wherever_they_are_told(key: str) -> None:
    assert answered(**{key: Given(number=1, on=TODAY)}).tier == "no_soak"
    assert answered(**{key: said(UNSURE)}).tier == "no_soak"
    assert answered(**{key: Given(number=1, on=TODAY), "diabetes": said("checked", day=TODAY)}).tier == "sensitive"


# --------------------------------------------------------------------------------------------------- join and order

ANY_DAY = st.integers(TODAY - 800, TODAY + 2)


def _answers(question: Question, days: st.SearchStrategy[int] = ANY_DAY) -> st.SearchStrategy[Given]:
    if question.is_scale:
        return st.builds(Given, number=st.integers(0, 10), on=days) | st.builds(Given, st.just(UNSURE), days)
    keys = [choice.key for choice in question.choices]
    feet = st.frozensets(st.sampled_from(["left", "right"]))
    zones = st.frozensets(st.sampled_from(ZONES))
    return st.builds(Given, st.sampled_from([*keys, UNSURE, "nonsense"]), days, st.none() | ANY_DAY, feet, zones)


FORMS = st.fixed_dictionaries({}, optional={question.key: _answers(question) for question in QUESTIONS})
MOSTLY_HEALTHY = st.fixed_dictionaries({}, optional={question.key: _answers(question) for question in QUESTIONS[::3]}).map(
    lambda some: {**HEALTHY, **some}
)
ADVERSE = [
    (question.key, choice.key)
    for question in CHOSEN
    for choice in question.choices
    if choice.key not in HARMLESS and question.key != "statement"
]


@settings(max_examples=100)
@given(FORMS | MOSTLY_HEALTHY, st.sampled_from(ADVERSE), st.sampled_from(HARMLESS))
def test_an_adverse_answer_never_loosens_what_a_harmless_one_gives(
    answers: dict[str, Given], adverse: tuple[str, str], harmless: str
) -> None:
    key, choice = adverse
    fine = harmless if BY_KEY[key].choice(harmless) else "no"
    before = judge({**answers, key: said(fine)}, TODAY)
    after = judge({**answers, key: _given(key, choice)}, TODAY)
    assert not loosens(after, before)
    assert not loosens(join(after, before), after)


@settings(max_examples=100)
@given(FORMS | MOSTLY_HEALTHY, FORMS | MOSTLY_HEALTHY, st.integers(0, 900))
def test_the_join_is_stricter_than_both_and_the_order_is_one(one: dict[str, Given], other: dict[str, Given], later: int) -> None:
    a, b = judge(one, TODAY), judge(other, TODAY + later)
    both = join(a, b)
    assert not loosens(both, a)
    assert not loosens(both, b)
    assert not loosens(a, a)
    assert whole(join(b, a)) == whole(both)
    assert whole(join(both, a)) == whole(both)
    if not loosens(a, b):
        assert whole(both) == whole(a)


TODAYS = {question.key: _answers(question, st.just(TODAY)) for question in CHOSEN if question.key not in ("new_numbness", "statement")}


@settings(max_examples=100)
@given(st.fixed_dictionaries({}, optional=TODAYS), st.sampled_from(sorted(TODAYS)))
def test_forgetting_an_answer_never_loosens(some: dict[str, Given], key: str) -> None:
    answers = {**HEALTHY, **some}
    fewer = {name: one for name, one in answers.items() if name != key}
    assert not loosens(judge(fewer, TODAY), judge(answers, TODAY))


def test_what_ends_by_itself_hides_nothing_that_lasts() -> None:
    red = {**HEALTHY, "clot": said("yes")}
    drunk = {**HEALTHY, "alcohol": said("yes")}
    assert not loosens(judge(drunk, TODAY), judge(red, TODAY))
    assert ever_loosens(drunk, [red], TODAY)
    assert ever_loosens(drunk, [red, drunk], TODAY)
    assert not ever_loosens({**red, "alcohol": said("yes")}, [red, drunk], TODAY)
    assert not ever_loosens(drunk, [HEALTHY], TODAY)
    assert not ever_loosens({**HEALTHY, "pain_now": Given(number=9, on=TODAY)}, [HEALTHY], TODAY)
    assert ever_loosens(drunk, [{**HEALTHY, "alcohol": said(UNSURE)}], TODAY)


def test_it_is_noticed_on_the_very_day() -> None:
    """After a year everything is too old and sensitive, so the days before that must be looked at."""
    chosen = {question.key: HEALTHY[question.key] for question in CHOSEN if not question.only_daily}
    old = {**chosen, "over_65": said("yes")}
    assert ever_loosens({**chosen, "alcohol": said("yes")}, [old], TODAY)
    assert ever_loosens({**chosen, "over_65": said("no", on=TODAY + 5)}, [old], TODAY)


def test_to_be_asked_again_is_no_loosening_unless_it_is_too_late() -> None:
    def at(day: int) -> dict[str, Given]:
        return {key: replace(one, on=day) for key, one in HEALTHY.items()}

    assert not ever_loosens({**HEALTHY, "clot": said("no", on=TODAY + 200)}, [HEALTHY], TODAY + 200)
    assert not ever_loosens({**at(TODAY + 60), "usual_pain": Given(number=0, on=TODAY + 60)}, [HEALTHY], TODAY + 60)
    assert ever_loosens({**at(TODAY + 60), "usual_pain": Given(number=1, on=TODAY + 60)}, [HEALTHY], TODAY + 60)
    late = at(TODAY + 366)
    assert ever_loosens(late, [HEALTHY], TODAY + 366)
    assert ever_loosens({**late, "alcohol": said("yes", on=TODAY + 366)}, [HEALTHY], TODAY + 366)


def test_a_newer_check_of_the_feet_loosens() -> None:
    checked = {**HEALTHY, "diabetes": said("checked", day=TODAY - 20)}
    assert not ever_loosens({**checked, "diabetes": said("checked", day=TODAY - 20, on=TODAY + 9)}, [checked], TODAY + 9)
    assert ever_loosens({**checked, "diabetes": said("checked", day=TODAY - 19)}, [checked], TODAY)
    undated = {**HEALTHY, "diabetes": said("checked")}
    assert ever_loosens({**HEALTHY, "diabetes": said("checked", on=TODAY + 9)}, [undated], TODAY + 9)


FORMS_TODAY = st.fixed_dictionaries({}, optional={question.key: _answers(question, st.just(TODAY)) for question in QUESTIONS[::2]}).map(
    lambda some: {**HEALTHY, **some}
)


@settings(max_examples=100)
@given(FORMS_TODAY, FORMS_TODAY, st.integers(0, 900))
def test_what_never_loosens_does_so_on_no_day(new: dict[str, Given], old: dict[str, Given], later: int) -> None:
    for answers in (new, {**old, "alcohol": said("yes"), "pain_now": Given(number=9, on=TODAY)}):
        if not ever_loosens(answers, [old], TODAY):
            assert not loosens(judge(answers, TODAY + later), judge(old, TODAY + later))


@pytest.mark.parametrize(
    "stricter",
    [
        Verdict(tier="sensitive"), Verdict(refused=("x",)), Verdict(no_water=("x",)), Verdict(no_massage=("x",)),
        Verdict(feet=frozenset(("left",))), Verdict(zones=frozenset(("toes",))), Verdict(without=frozenset(("press",))),
        Verdict(limits={"soak_time": 900}), Verdict(limits={"soft_start": 120}), Verdict(after_soak={"pressure_max": 15_000}),
        Verdict(nuts=True),
    ],
)  # fmt: skip
def test_what_counts_as_loosening(stricter: Verdict) -> None:
    assert loosens(Verdict(), stricter)
    assert not loosens(stricter, Verdict())


def test_caps_loosen_in_their_own_direction() -> None:
    assert loosens(Verdict(limits={"soak_time": 901}), Verdict(limits={"soak_time": 900}))
    assert not loosens(Verdict(limits={"soak_time": 899}), Verdict(limits={"soak_time": 900}))
    assert loosens(Verdict(limits={"soft_start": 60}), Verdict(limits={"soft_start": 120}))
    assert not loosens(Verdict(limits={"soft_start": 121}), Verdict(limits={"soft_start": 120}))
    assert join(Verdict(limits={"soft_start": 60}), Verdict(limits={"soft_start": 120})).limits == {"soft_start": 120}


def test_a_higher_usual_pain_and_a_newer_statement_loosen() -> None:
    assert loosens(Verdict(usual_pain=3), Verdict(usual_pain=2))
    assert loosens(Verdict(usual_pain=1), Verdict())
    assert not loosens(Verdict(usual_pain=2), Verdict(usual_pain=3))
    assert loosens(Verdict(statement=5), Verdict())
    assert loosens(Verdict(statement=5), Verdict(statement=4))
    assert not loosens(Verdict(statement=4), Verdict(statement=5))
    assert join(Verdict(statement=4), Verdict(statement=5)).statement == 4
    assert join(Verdict(statement=4), Verdict()).statement is None


def test_the_reason_of_a_limit_is_that_of_the_stricter_one() -> None:
    mild = Verdict(limits={"soak_time": 900}, reasons={"soak_time": "mild"})
    strong = Verdict(limits={"soak_time": 300}, reasons={"soak_time": "strong"})
    assert join(mild, strong).reasons == join(strong, mild).reasons == {"soak_time": "strong"}


# --------------------------------------------------------------------------------------------------- whom it makes


def test_a_person_for_the_session() -> None:
    verdict = answered(
        diabetes=said("checked", day=TODAY),
        wound=said("yes", feet=frozenset(("left",))),
        pregnancy=said("first_trimester"),
        statement=said("yes", day=TODAY - 1),
        usual_pain=Given(number=4, on=TODAY),
        nuts=said("yes"),
    )
    made = person("anna", verdict, lambda day: f"day {day - TODAY}")
    assert (made.name, made.tier, made.screened, made.refused) == ("anna", "sensitive", True, "")
    assert made.excluded_feet == {"left"}
    assert "Open skin" in made.no_water
    assert "Pregnancy" in made.no_massage
    assert made.statement == "day -1"
    assert made.without == {"press"}
    assert made.reasons["press"] == made.no_massage
    assert made.after_soak == TIERS["sensitive"].after_soak
    assert (made.usual_pain, made.nuts) == (4, True)
    assert any(note.endswith("the sensitive limits. (until day 365)") for note in made.notes)
    assert any(note.endswith("one working day.") for note in made.notes)
    refused = person("bo", answered(fever=said("yes")), str)
    assert "Fever" in refused.refused
    assert refused.statement is None


def test_of_what_a_program_says_and_what_they_answered_the_stricter() -> None:
    eager = Person("anna", "standard", screened=True, statement="long ago", usual_pain=9)
    strict = person("anna", judge({}, TODAY), str)
    assert stricter_person(eager, judge({}, TODAY), str) == replace(strict, usual_pain=0)
    assert stricter_person(strict, Verdict(), str) == replace(strict, usual_pain=0)
    cautious = Person(
        "anna", "no_soak", excluded_zones=frozenset(("heel",)), excluded_feet=frozenset(("left",)), no_water="wet", no_massage="sore",
        limits={"soak_time": 60}, after_soak={"dwell": 3}, reasons={"soak_time": "short"}, refused="ill", without=frozenset(("press",)),
        nuts=True, notes=("told",),
    )  # fmt: skip
    assert stricter_person(cautious, Verdict(), str) == replace(cautious, screened=True, usual_pain=0)
    known = answered(spots=said("yes", zones=frozenset(("toes",))), statement=said("yes", day=TODAY), clot=said("yes"))
    both = stricter_person(cautious, known, str)
    assert (both.tier, both.statement, both.limits["soak_time"]) == ("no_soak", None, 60)
    assert both.excluded_zones == {"toes", "heel"}
    assert both.refused.startswith("ill Possible clot")
    assert both.notes[0] == "told"
    assert any("toes left alone" in note for note in both.notes)
    assert SENSITIVE_PRESSURE.items() <= both.limits.items()
    assert stricter_person(eager, known, str).statement == str(TODAY)


# --------------------------------------------------------------------------------------------------- what cannot be an answer


@pytest.mark.parametrize(
    ("key", "answer", "told"),
    [
        ("shoe_size", said("no"), "there is no question"),
        ("usual_pain", Given(number=11, on=TODAY), "from 0 to 10"),
        ("usual_pain", Given(number=-1, on=TODAY), "from 0 to 10"),
        ("usual_pain", said("a lot"), "from 0 to 10"),
        ("diabetes", said("yes"), "no, checked, unchecked, lost or unsure, not 'yes'"),
        ("diabetes", said("no", day=TODAY), "has no date"),
        ("diabetes", said(UNSURE, day=TODAY), "has no date"),
        ("diabetes", said("checked", day=TODAY + 1), "has not come yet"),
        ("pregnancy", said("later", day=TODAY - 1), "is over"),
        ("clot", said("yes", feet=FEET), "not about one foot"),
        ("spots", said("yes"), "say which zones"),
        ("wound", said("yes", zones=frozenset(("toes",))), "not about zones"),
        ("statement", said("yes"), "say its date"),
    ],
)
def test_what_cannot_be_an_answer(key: str, answer: Given, told: str) -> None:
    assert told in wrong(key, answer, TODAY)


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("usual_pain", Given(number=10, on=TODAY)),
        ("usual_pain", said(UNSURE)),
        ("diabetes", said(UNSURE)),
        ("diabetes", said("checked")),
        ("diabetes", said("checked", day=TODAY)),
        ("pregnancy", said("later", day=TODAY)),
        ("wound", said("yes", feet=frozenset(("left",)))),
        ("spots", said("yes", zones=frozenset(("toes",)))),
        ("spots", said("no")),
        ("statement", said("no")),
        ("statement", said("yes", day=TODAY)),
    ],
)
def test_what_can(key: str, answer: Given) -> None:
    assert wrong(key, answer, TODAY) == ""
    assert wrong(key, replace(answer, on=TODAY - 5), TODAY) == ""
