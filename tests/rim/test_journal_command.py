"""`footctl journal` and `footctl report` as they are typed: every verb, every refusal, and a page that needs nothing but a browser."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from footctl.cli.main import main
from footctl.core.events import Pain
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.profile import parse_program
from footctl.core.view import Outcome
from footctl.run import telemetry
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger
from tests.rim.test_chronicle import at as a_massage
from tests.rim.views import an_identity

NOW = 1_760_000_000.0
DAY_S = 86_400


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def anna(journal: Journal) -> int:
    return journal.screened("Anna", "{}", replaces=True, what="").id


def a_session(journal: Journal, name: str, person: int | None, days_ago: float = 0.0, kind: str = "completed", simulator: int = 0) -> str:
    then = Journal(clock=lambda: journal.clock() - days_ago * DAY_S)
    ledger = Ledger(then, name, person, "evening-unwind")
    identity = an_identity(simulator=simulator, serial="FT-7")
    for number in range(50):
        ledger(a_massage(number / 5, kpa=20.0 + number % 5, identity=identity, water_max_c=38.2, pressure_max_kpa=24.0))
    if kind == "pain":
        ledger.note(109.9, b"", [Pain()], b"")
    ending = Outcome(kind, "it was <b>enough</b>", off_confirmed=True)
    ledger.close(a_massage(10.0, identity=identity, outcome=ending, water_max_c=38.2, pressure_max_kpa=24.0))
    return name


# ------------------------------------------------------------------------------------------------------------- looking


def test_an_empty_journal_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no session yet" in typed(capsys, "journal", "list")[1]
    assert typed(capsys, "journal", "list", "--json")[:2] == (0, "[]\n")
    assert "no session yet" in typed(capsys, "journal", "show")[2]
    assert "no session" in typed(capsys, "report")[2]
    assert "no ratings of nobody named yet" in typed(capsys, "journal", "trend")[1]
    assert typed(capsys, "journal", "flags")[1] == "nothing stands for nobody named\n"


def test_a_line_a_session(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(22):
        a_session(journal, f"s{number:02}", anna, days_ago=40 - number)
    a_session(journal, "sim", None, simulator=1)
    code, out, _ = typed(capsys, "journal", "list")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 22
    assert lines[0].split()[:4] == ["when", "id", "program", "person"]
    assert "(sim)" in lines[-2]
    assert "and 3 earlier" in lines[-1]
    assert len(typed(capsys, "journal", "list", "--all", "--real")[1].splitlines()) == 23
    assert len(typed(capsys, "journal", "list", "--since", "612h", "--person", "anna")[1].splitlines()) == 1 + 7
    told = json.loads(typed(capsys, "journal", "list", "--person", "-", "--json")[1])
    assert [(one["id"], one["simulated"], one["person"], one["outcome"]) for one in told] == [("sim", True, None, "completed")]


@pytest.mark.parametrize("since", ["soon", "8 moons", "2026-13-01"])
def test_a_time_that_is_none(since: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["journal", "list", "--since", since])
    assert left.value.code == 2


def test_one_session_whole(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "hurt", anna, kind="pain")
    typed(capsys, "journal", "rate", "pain=3", "--skin", "ok", "--note", "a note")
    code, out, _ = typed(capsys, "journal", "show")
    assert code == 0
    for piece in ("pain: it was", "left arch, 24 kPa, kneading", "left arch: at most 16.8 kPa", "pain in the feet 3", "a note", "skin: "):
        assert piece in out
    told = json.loads(typed(capsys, "journal", "show", "hurt", "--json")[1])
    assert told["pains"][0]["pressure_kpa"] == 24.0
    assert told["plan"]["limits"] == {"pressure_max": 50_000}


# ------------------------------------------------------------------------------------------------------------- saying


def test_rating_refuses_what_makes_no_sense(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna)
    for words in (("pain=12",), ("joy=1",), ("--skin", "rash"), ()):
        code, _, err = typed(capsys, "journal", "rate", *words)
        assert code == 2
        assert err
    assert typed(capsys, "journal", "pain")[0] == 2
    assert typed(capsys, "journal", "pain", "--score", "3")[0] == 2
    assert json.loads(typed(capsys, "journal", "list", "--json")[1])[0]["scores"] == {}


def test_before_and_after(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna)
    assert typed(capsys, "journal", "rate", "--before", "pain=6")[0] == 0
    assert typed(capsys, "journal", "rate", "--session", "s", "pain=3", "comfort=8")[0] == 0
    assert "6 → 3" in typed(capsys, "journal", "list")[1]
    told = json.loads(typed(capsys, "journal", "rate", "stress=2", "--json")[1])
    assert told == {"session": "s", "scores": {"stress": 2}, "skin": [], "note": ""}


def test_a_red_flag_is_shown_where_it_is_told_and_stands_until_it_is_read(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    typed(capsys, "person", "screen", "cleo", "--otherwise-no")
    cleo = journal.person("cleo")
    assert cleo is not None
    a_session(journal, "s", cleo.id)
    run = ("run", "quick-break", "--person", "cleo", "--daily-ok", "--sim", "--speed", "max", "--yes", "--json")
    assert typed(capsys, *run)[0] == 0
    out = typed(capsys, "journal", "rate", "--session", "s", "--skin", "wound:left")[1]
    assert "! A wound, an ulcer or broken skin" in out
    assert "no session until it is acknowledged" in out
    assert "within one working day" in typed(capsys, "journal", "flags")[1]
    code, out, err = typed(capsys, *run)
    assert (code, json.loads(out)["outcome"]) == (5, "refused")
    assert "not for cleo now. A wound" in err
    assert typed(capsys, "journal", "flags", "--acknowledge", "wound")[0] == 2
    assert typed(capsys, "journal", "flags", "--acknowledge", "wound", "--confirm")[0] == 0
    assert json.loads(typed(capsys, "journal", "flags", "--json")[1]) == []
    assert typed(capsys, *run)[0] == 0
    assert typed(capsys, "journal", "flags", "--acknowledge", "wound", "--confirm")[0] == 2


def test_notes_of_a_session_and_of_a_person(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna)
    assert typed(capsys, "journal", "note", "new shoes", "--person", "anna")[:2] == (0, "kept, for Anna\n")
    assert typed(capsys, "journal", "note", "burning feet at night")[0] == 0
    flags = json.loads(typed(capsys, "journal", "flags", "--json")[1])
    assert [(flag["rule"], flag["blocks"]) for flag in flags] == [("burning", False)]


def test_a_note_of_a_person_shows_its_red_flags_at_once(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("journal", "note", "--person", "Anna", "I have chest pain and a blister")
    code, out, err = typed(capsys, *words)
    assert (code, err) == (0, "")
    assert out.startswith("kept, for Anna\n! Sudden breathlessness or chest pain")
    assert "! A blister" in out
    assert "no session until it is acknowledged" in out
    code, out, err = typed(capsys, *words, "--json")
    assert json.loads(out) == {"person": "Anna"}
    assert "! A blister" in err


def test_words_about_the_body_that_raise_nothing_point_to_the_skin_check(
    journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]
) -> None:
    a_session(journal, "s", anna)
    for words in (("note", "my foot is funny"), ("note", "my foot is funny", "--person", "anna"), ("rate", "--note", "my foot is funny")):
        out = typed(capsys, "journal", *words)[1]
        assert "only partly understood" in out
        assert "footctl journal rate --skin" in out
    for words in (("note", "slept well"), ("note", "my foot is numb"), ("rate", "pain=3")):
        assert "only partly understood" not in typed(capsys, "journal", *words)[1]
    _, out, err = typed(capsys, "journal", "note", "my foot is funny", "--json")
    assert json.loads(out)["note"] == "my foot is funny"
    assert "only partly understood" in err


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody at a terminal, who types this and then leaves."""
    monkeypatch.setattr("footctl.screens.keys.somebody_there", lambda: True)
    return lambda lines: monkeypatch.setattr("sys.stdin", io.StringIO(lines))


def test_rating_asks_and_keeps_each_answer(
    journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], typing: Callable[[str], None]
) -> None:
    a_session(journal, "s", anna)
    typing("3\n8\nblisters\n\nfine\n")
    code, out, _ = typed(capsys, "journal", "rate")
    assert (code, out.startswith("kept, for evening-unwind of"), "! A blister" in out) == (0, True, True)
    typing("4\n")
    code, out, err = typed(capsys, "journal", "rate", "--session", "s", "--before")
    assert (code, out.startswith("kept, for")) == (6, True)
    assert "kept: pain 4; the rest later: footctl journal rate --before --session s" in err
    typing("5\n")
    code, out, _ = typed(capsys, "journal", "rate", "--json")
    assert (code, json.loads(out)["scores"]) == (6, {"pain": 5})
    typing("")
    code, out, err = typed(capsys, "journal", "rate")
    assert (code, out) == (6, "")
    assert "nothing was kept; later: footctl journal rate" in err
    typing("\n\n\n\n")
    assert typed(capsys, "journal", "rate")[:2] == (0, "nothing was said, so nothing was kept\n")


def test_a_fever_alone_is_a_red_flag(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna)
    out = typed(capsys, "journal", "rate", "--skin", "fever")[1]
    assert "! Fever or shivering" in out
    assert "no session until it is acknowledged" in out


def test_where_it_hurt(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna, kind="pain")
    assert json.loads(typed(capsys, "journal", "pain", "--where", "right heel", "--score", "6", "--json")[1])["foot"] == "right"
    assert "right heel" in typed(capsys, "person", "comfort", "anna")[1]
    assert typed(capsys, "journal", "pain", "--mistake")[0] == 0
    assert typed(capsys, "person", "comfort", "anna")[1].startswith("nothing was learned of Anna yet")


def test_lifting_what_was_learned(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna, kind="pain")
    typed(capsys, "journal", "pain", "--where", "left.heel")
    assert json.loads(typed(capsys, "person", "comfort", "anna", "--json")[1])[0]["place"] == "left.heel."
    for words in (
        ("--to", "20kPa"), ("--raise", "left.heel"), ("--raise", "left.heel", "--to", "5kPa", "--confirm"),
        ("--raise", "heel", "--confirm"), ("--raise", "elbow", "--confirm"), ("--raise", "right.heel", "--confirm"),
        ("--raise", "left.heel", "--to", "20", "--confirm"),
        ("--raise", "water", "--to", "37C", "--confirm"), ("--raise", "both.heel", "--confirm"),
    ):  # fmt: skip
        assert typed(capsys, "person", "comfort", "anna", *words)[0] == 2, words
    assert typed(capsys, "person", "comfort", "anna", "--raise", "left.heel", "--to", "20kPa", "--confirm")[0] == 0
    assert "20.0 kPa" in typed(capsys, "person", "comfort", "anna")[1]
    code, out, _ = typed(capsys, "person", "comfort", "anna", "--raise", "left heel", "--confirm", "--json")
    assert (code, json.loads(out)["now"]) == (0, None)


# ------------------------------------------------------------------------------------------------------------- over weeks


def rated(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    for number, (before, after) in enumerate([(7, 6), (7, 5), (6, 5), (5, 3), (4, 3), (3, 2)]):
        name = a_session(journal, f"s{number}", anna, days_ago=42 - 7 * number)
        db = journal._db
        for moment, score in (("before", before), ("after", after)):
            db.execute(
                "INSERT INTO ratings (person, session, at, moment, measure, score) SELECT person, id, started, ?, 'pain', ?"
                " FROM sessions WHERE id = ?", (moment, score, name),
            )  # fmt: skip
    capsys.readouterr()


def test_the_trend_is_a_picture_and_a_sentence(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    rated(journal, anna, capsys)
    code, out, _ = typed(capsys, "journal", "trend")
    assert code == 0
    assert "\x1b" not in out
    assert out.count("o") > 6
    assert "pain before sessions 6.7 → 4.0: better (6 ratings)" in out
    assert "Farrar" in out
    told = json.loads(typed(capsys, "journal", "trend", "--since", "20d", "--json")[1])
    change = {"measure": "pain", "moment": "before", "first": 3.5, "last": 3.5, "ratings": 2, "verdict": "too few ratings"}
    assert told["changes"] == [change]
    assert len(told["points"]) == 4
    assert typed(capsys, "journal", "trend", "joy")[0] == 2


def test_a_trend_of_several_people_wants_a_name(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    journal.screened("Bob", "{}", replaces=True, what="")
    a_session(journal, "s", None)
    code, _, err = typed(capsys, "journal", "trend")
    assert code == 2
    assert "--person Anna | Bob" in err


def test_tables_for_other_programs(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rated(journal, anna, capsys)
    table = list(csv.DictReader(io.StringIO(typed(capsys, "journal", "export")[1])))
    assert [(row["pain_before"], row["pain_after"], row["simulated"]) for row in table][:2] == [("7", "6", "0"), ("7", "5", "0")]
    whole = json.loads(typed(capsys, "journal", "export", "--format", "json", "--since", "20d")[1])
    assert len(whole) == 2
    assert whole[0]["phases"][1]["name"] == "arch"
    readings = list(csv.DictReader(io.StringIO(typed(capsys, "journal", "export", "--telemetry", "s0")[1])))
    assert len(readings) == 50
    assert (readings[1]["t_s"], readings[1]["left_kpa"], readings[1]["zone"], readings[1]["motor"]) == ("0.2", "21.0", "arch", "1")
    lines = typed(capsys, "journal", "export", "--telemetry", "s0", "--format", "json")[1].splitlines()
    assert json.loads(lines[0])["right_kpa"] == 1.0
    target = tmp_path / "all.csv"
    assert typed(capsys, "journal", "export", "--to", str(target))[0] == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert typed(capsys, "journal", "export", "--to", str(target))[0] == 2
    assert typed(capsys, "journal", "export", "--to", str(tmp_path / "no" / "x"))[0] == 2


def test_a_spreadsheet_gets_no_formula(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str]) -> None:
    a_session(journal, "s", anna)
    journal._db.execute("UPDATE sessions SET program = '=HYPERLINK(\"x\")'")
    table = list(csv.DictReader(io.StringIO(typed(capsys, "journal", "export")[1])))
    assert table[0]["program"].startswith("'=")


# ------------------------------------------------------------------------------------------------------------- the report


class Page(HTMLParser):
    """Tags that are opened and closed, what they point at, and the words."""

    VOID = ("meta", "br", "use", "path")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href") and value and not value.startswith("#")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def report(capsys: pytest.CaptureFixture[str], target: Path, *words: str) -> tuple[Page, str]:
    code, _, err = typed(capsys, "report", "--out", str(target), *words)
    assert code == 0, err
    text = target.read_text("utf-8")
    page = Page(text)
    assert page.links == []
    assert not page.tags & {"script", "img", "iframe", "link"}
    assert "url(http" not in text
    assert target.stat().st_mode & 0o777 == 0o600
    return page, text


def test_a_page_about_a_session(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    a_session(journal, "earlier", anna, days_ago=7)
    typed(capsys, "journal", "rate", "pain=5")
    a_session(journal, "hurt", anna, kind="pain")
    typed(capsys, "journal", "rate", "--before", "pain=6")
    typed(capsys, "journal", "rate", "pain=3", "--skin", "blister:left", "--note", "<script>alert(1)</script>")
    page, text = report(capsys, tmp_path / "page.html")
    pieces = ("Anna", "pain 6 → 3", "A blister: within one working day", "left arch", "FT-7", "50 kPa", "<script>alert", "been reviewed")
    for piece in pieces:
        assert piece in page.words, piece
    assert text.count("<svg") >= 3
    assert "it was <b>enough</b>" in page.words
    assert len(text) < 400_000
    labels = re.findall(r'aria-label="([^"]*)"', text)
    assert "Contact pressure by zone over the session" in labels


def test_a_page_in_fahrenheit(
    journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_session(journal, "s", anna)
    monkeypatch.setenv("FOOTCTL_UNITS", "F")
    assert "100.8 °F" in typed(capsys, "journal", "show")[1]
    assert "100.8 °F" in report(capsys, tmp_path / "weeks.html", "--since", "1d")[0].words


def test_a_page_about_weeks(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rated(journal, anna, capsys)
    a_session(journal, "hurt", anna, kind="pain")
    page, _ = report(capsys, tmp_path / "weeks.html", "--since", "8w")
    better = "pain before sessions 6.7 → 4.0: better"
    for piece in ("Anna: ", better, "1 ended by pain", "week of", "Farrar", "left arch", "Learned comfort"):
        assert piece in page.words, piece
    assert typed(capsys, "report", "--since", "8w", "s0")[0] == 2
    assert typed(capsys, "report", "--since", "8w", "--person", "-")[0] == 2


def test_long_spans_go_by_month_and_year(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for days in (400, 200, 3):
        a_session(journal, f"s{days}", anna, days_ago=days)
    page, _ = report(capsys, tmp_path / "months.html", "--since", "3y")
    assert "week of" not in page.words
    a_session(journal, "s2000", anna, days_ago=2000)
    assert "week of" not in report(capsys, tmp_path / "years.html", "--since", "9y")[0].words


def test_a_session_without_readings_has_a_page(journal: Journal, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    journal.opened("empty", None, "/somewhere/mine.toml", True)
    page, _ = report(capsys, tmp_path / "page.html")
    assert "interrupted" in page.words
    assert "No readings were kept" in page.words
    assert "no person and no water" in page.words
    assert "mine.toml" in page.words


def test_reports_never_overwrite(
    journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_session(journal, "s", anna)
    for _ in range(2):
        assert typed(capsys, "report")[0] == 0
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["footctl-report-Anna-s-2.html", "footctl-report-Anna-s.html"]
    assert json.loads(typed(capsys, "report", "--out", "x.html", "--json")[1])["file"] == "x.html"
    assert typed(capsys, "report", "--out", "x.html")[0] == 2


def test_the_host_plays_what_the_page_shows() -> None:
    """The pieces above are made by hand; this one is what a real host gives."""
    from footctl.cli.virtual import run_virtual
    from footctl.run.answers import Answers
    from footctl.run.past import batches, find, whole
    from footctl.screens.paper import Paper
    from simulator.world import World

    text = 'name = "Soak"\nsummary = "s"\ntier = "standard"\n[[phase]]\nkind = "soak"\nwater = "36 C"\nfor = "1 min"\n'
    host = Host(nonce=1, profile=parse_program(text, "soak"), person=Person("Anna", "standard", screened=True))
    with Journal() as journal:
        ledger = Ledger(journal, "s", None, "soak", simulated=True)
        paper = Paper(io.StringIO())
        view = run_virtual(host, World(), Answers(), None, paper, ledger.note, ledger)
        paper.close()
        ledger.close(view)
        one = find(journal, "s")
        columns = telemetry.unpack(batches(journal, "s"))
        kept = whole(journal, one)
    assert (one.outcome, one.simulated, one.duration_s) == ("completed", True, pytest.approx(view.elapsed_s, abs=0.1))
    assert {later - earlier for earlier, later in zip(columns["t_ms"], columns["t_ms"][1:], strict=False)} == {200}
    assert max(columns["water"]) / 100 == pytest.approx(one.water_max_c, abs=0.3)
    assert [row["kind"] for row in kept.phases] == [step.kind for step in view.plan.steps] if view.plan else False


def test_a_simulated_session_of_somebody_starts_lower_too(journal: Journal, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    typed(capsys, "person", "screen", "dora", "--otherwise-no")
    dora = journal.person("dora")
    assert dora is not None
    a_session(journal, "hurt", dora.id, kind="pain")
    words = ("quick-break", "--sim", "--person", "dora")
    assert "starting lower in the left arch since today: pain at 24 kPa" in typed(capsys, "plan", *words)[1]
    assert "starting lower" not in typed(capsys, "plan", "quick-break", "--sim")[1]
    code, out, _ = typed(capsys, "run", *words, "--daily-ok", "--speed", "max", "--yes", "--pain-now", "1", "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "completed")
    told = json.loads(typed(capsys, "journal", "show", "--json")[1])
    assert {low["rule"] for low in told["plan"]["lowered"]} == {"learned"}
    assert told["scores"] == {"before": {"pain": 1}}
    assert told["simulated"] is True
    assert journal.day(dora.id).use.massage_s == pytest.approx(20, abs=1)  # the real session's ten seconds on two feet, no more
