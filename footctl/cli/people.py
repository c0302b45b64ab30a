"""What `footctl person` does: the health questions, what follows from the answers, who is known, and forgetting somebody altogether."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from footctl.cli import comfort
from footctl.cli.listing import columns, document
from footctl.core.caps import natural
from footctl.core.person import TIERS
from footctl.core.questions import GROUPS, QUESTIONS, UNSURE
from footctl.core.screening import SILENT, Verdict
from footctl.errors import SessionEnded, UsageError
from footctl.run import persons
from footctl.run.journal import Journal
from footctl.run.persons import Standing, day_words, moment_words, standing
from footctl.screens.ink import Ink
from footctl.screens.keys import somebody_there
from footctl.screens.units import chosen

NOT_ADVICE = "This is not medical advice. Unsure? The stricter limits hold, and a podiatrist knows more."


def run(args: argparse.Namespace) -> int:
    """Do one of them."""
    if args.verb == "questions":
        return _questions(args)
    with Journal() as journal:
        return _VERBS[args.verb](journal, args)


# ------------------------------------------------------------------------------------------------------------ screening


def _screen(journal: Journal, args: argparse.Namespace) -> int:
    day = persons.today()
    name = persons.named(args.name)
    answers = persons.read_answers(args.answers, day) if args.answers else {}
    answers |= dict(persons.answer(text, day) for text in args.answer)
    if args.otherwise_no:
        answers = persons.rest_no(answers, day)
    if not answers:
        if not somebody_there():
            hint = "--answer KEY=ANSWER, --answers FILE; footctl person questions shows them all"
            raise UsageError("nobody is here to answer: standard input is no terminal", hint)
        from footctl.cli import asking

        asking.say(f"Health questions for {name}. Ctrl-C leaves, and keeps nothing.")
        asking.say(NOT_ADVICE)
        answers = asking.full_form(day)
        asking.say()
    return _show_standing(journal, persons.screen(journal, name, answers), args)


def _loosen(journal: Journal, args: argparse.Namespace) -> int:
    now = standing(journal, args.name)
    if args.confirm:
        return _show_standing(journal, persons.loosen(journal, args.name), args)
    if args.json:
        return _show_standing(journal, now, args)
    if now.proposed is None:
        print(f"nothing of {now.row.name} waits to be loosened")
        return 0
    print(_waiting(now))
    return 0


def _waiting(now: Standing) -> str:
    assert now.proposed is not None
    name = _quoted(now.row.name)
    return (
        f"  now        {persons.summary(now.verdict)}\n  would be   {persons.summary(now.proposed)}\n"
        f"  Until somebody confirms that, the stricter of both holds: footctl person loosen {name} --confirm"
    )


# ------------------------------------------------------------------------------------------------------------ looking


def _show(journal: Journal, args: argparse.Namespace) -> int:
    return _show_standing(journal, standing(journal, args.name), args, whole=True)


def _comfort(journal: Journal, args: argparse.Namespace) -> int:
    return comfort.run(journal, standing(journal, args.name), args)


def _show_standing(journal: Journal, now: Standing, args: argparse.Namespace, whole: bool = False) -> int:
    if args.json:
        print(document(_record(journal, now)))
        return 0
    ink = Ink(sys.stdout)
    verdict = now.verdict
    until = f" · until {day_words(verdict.until)}" if verdict.until is not None and not verdict.refused else ""
    head = f"{now.row.name} · {persons.summary(verdict)}{until}"
    print((ink.bad if verdict.refused else ink.bold)(head))
    for because in verdict.because:
        if because.said == SILENT:
            continue
        ends = f"  (until {day_words(because.until)})" if because.until is not None else ""
        print(f"  {because.sentence}{ends}")
    if not verdict.refused:
        print(f"  {_limits(verdict)}")
    if verdict.again:
        print(ink.warn(f"  Not answered, or too long ago; the stricter line counts: {', '.join(verdict.again)}"))
    if now.proposed is not None:
        print(ink.warn("The newer answers would allow more than those before."))
        print(_waiting(now))
    if whole:
        _print_more(journal, now)
    elif not verdict.refused:
        print(ink.dim(f"  Use it: footctl run --person {_quoted(now.row.name)}"))
    return 0


def _print_more(journal: Journal, now: Standing) -> None:
    day = journal.day(now.row.id)
    tier = TIERS[now.verdict.tier]
    print(
        f"  in the last 24 h: {day.use.soak_s / 60:.0f} of {tier.soak_day_s / 60:.0f} min in the water,"
        f" {day.use.massage_s / 60:.0f} of {tier.massage_day_s / 60:.0f} min of massage (each foot),"
        f" dose {day.use.dose_cem43:.3f} of {tier.dose_day:g} CEM43 min"
    )
    print("answers")
    print(columns([[f"  {key}", persons.said_words(said), day_words(said.on)] for key, said in now.answers.items()]))
    print("written down")
    print(columns([[f"  {moment_words(one.at)}", one.what] for one in journal.happenings(now.row.id)]))


def _limits(verdict: Verdict) -> str:
    """The limits that people ask for, in one line."""
    caps = dict(TIERS[verdict.tier].caps)
    for name in ("water_setpoint_max", "soak_time", "pressure_max"):
        caps[name] = min(caps[name], verdict.limits.get(name, caps[name]))
    water = f"water at most {natural('water_setpoint_max', caps['water_setpoint_max']):g} °C for {caps['soak_time'] / 60:g} min"
    press = f"pressure at most {natural('pressure_max', caps['pressure_max']):g} kPa"
    if verdict.no_water or not TIERS[verdict.tier].water:
        water = "no water"
    if verdict.no_massage or (TIERS[verdict.tier].needs_statement and verdict.statement is None):
        press = "no massage" + ("" if verdict.no_massage else " without a clinician's dated statement")
    return chosen().words(f"{water} · {press}")


def _record(journal: Journal, now: Standing) -> dict[str, Any]:
    day = journal.day(now.row.id)
    return {
        "name": now.row.name,
        **_verdict_record(now.verdict),
        "proposed": None if now.proposed is None else _verdict_record(now.proposed),
        "screened": moment_words(now.newest.made),
        "answers": {key: {"said": persons.said_words(said), "on": day_words(said.on)} for key, said in now.answers.items()},
        "day": {**day.use._asdict(), "clock_backwards": day.newest is not None},
        "log": [{"at": moment_words(one.at), "what": one.what} for one in journal.happenings(now.row.id)],
    }


def _verdict_record(verdict: Verdict) -> dict[str, Any]:
    return {
        "result": "refused" if verdict.refused else verdict.tier,
        "tier": verdict.tier,
        "refused": list(verdict.refused),
        "no_water": list(verdict.no_water),
        "no_massage": list(verdict.no_massage),
        "excluded_feet": sorted(verdict.feet),
        "excluded_zones": sorted(verdict.zones),
        "without": sorted(verdict.without),
        "limits": dict(verdict.limits),
        "statement": None if verdict.statement is None else day_words(verdict.statement),
        "usual_pain": verdict.usual_pain,
        "until": None if verdict.until is None else day_words(verdict.until),
        "again": list(verdict.again),
        "because": [
            {
                "question": one.question,
                "said": one.said,
                "sentence": one.sentence,
                "until": None if one.until is None else day_words(one.until),
                "source": one.source,
            }
            for one in verdict.because
        ],
    }


def _list(journal: Journal, args: argparse.Namespace) -> int:
    known = [standing(journal, row.name) for row in journal.persons()]
    if args.json:
        keys = ("name", "result", "tier", "until", "screened", "proposed")
        print(document([{key: record[key] for key in keys} for record in (_record(journal, one) for one in known)]))
    elif not known:
        print("nobody was screened here yet: footctl person screen NAME")
    else:
        print(columns([_row(one) for one in known]))
    return 0


def _row(now: Standing) -> list[str]:
    until = "" if now.verdict.until is None else f"until {day_words(now.verdict.until)}"
    return [now.row.name, persons.summary(now.verdict), until, "looser answers wait" if now.proposed is not None else ""]


def _questions(args: argparse.Namespace) -> int:
    if args.json:
        rows = [
            {
                "key": question.key,
                "group": question.group,
                "question": question.words,
                "answers": ["0-10" if question.is_scale else choice.key for choice in question.choices or (None,)] + [UNSURE]
                if question.is_scale
                else [*(choice.key for choice in question.choices), UNSURE],
                "consequences": {choice.key: choice.why for choice in question.choices if choice.why},
                "daily": question.daily,
                "source": question.source,
            }
            for question in QUESTIONS
        ]
        print(document(rows))
        return 0
    for group, title in GROUPS.items():
        print(title)
        for question in QUESTIONS:
            if question.group == group:
                answers = "0-10" if question.is_scale else " | ".join(choice.key for choice in question.choices)
                print(f"  {question.key:<15} {question.words}  [{answers} | {UNSURE}]")
                for choice in question.choices:
                    if choice.why:
                        print(f"      {choice.key}: {choice.why.format(feet='left foot, right foot or both', zones='the zones named')}")
    print("\nA date, a foot or zones follow a colon: diabetes=checked:2026-05-31 · wound=yes:left · spots=yes:toes,heel")
    return 0


# ------------------------------------------------------------------------------------------------------------ undoing


def _forget(journal: Journal, args: argparse.Namespace) -> int:
    row = standing(journal, args.name).row
    if not args.yes and somebody_there():
        from footctl.cli import asking

        asking.say(f"This deletes {row.name}: answers, sessions, everything. Records that --record wrote are files of yours and stay.")
        if persons.named(asking.read_line("Type the name to confirm: ") or "-") != row.name:
            raise SessionEnded("not confirmed", "nothing was deleted")
    journal.forget(row.id)
    print(document({"forgotten": row.name}) if args.json else f"{row.name} is forgotten")
    return 0


def _redate(journal: Journal, args: argparse.Namespace) -> int:
    now = moment_words(int(journal.clock()))
    if not args.confirm:
        print(f"This computer's clock says {now}. If that is right, --confirm lets sessions dated later count as of now.")
        return 0
    count = journal.redated(f"clock confirmed at {now}; what was dated later counts as of now")
    print(document({"sessions": count}) if args.json else f"{count} session{'s' * (count != 1)} dated later than {now} count as of now")
    return 0


def _quoted(name: str) -> str:
    return name if name.isalnum() else f"'{name}'"


_VERBS = {"screen": _screen, "show": _show, "list": _list, "comfort": _comfort, "loosen": _loosen, "forget": _forget, "redate": _redate}
