"""The page of the health questions, from the table that the core applies."""

from __future__ import annotations

from footctl.core.person import TIERS
from footctl.core.questions import DAILY_LINE, GROUPS, QUESTIONS, Choice, Question

ABOUT = f"""`footctl person screen NAME` asks these questions; `footctl person questions` lists them with the words to answer in a script.
The answers give a tier ({", ".join(f"`{tier}`" for tier in TIERS)}) or a refusal, feet and zones to leave alone, and limits of one's own.
Each answer only tightens. *Not sure* and no answer count as the strictest line; an answer that is too old keeps what it forbids and
holds the sensitive limits until it is given again. What would allow more than before waits for `footctl person loosen NAME --confirm`.

Before each session of a named person one line is asked: “{DAILY_LINE}” `--daily-ok` says no to it; `--yes` does not.

**None of this has been reviewed by a podiatrist yet, and none of it is medical advice.** [S] read in the source named, [GK] general
knowledge, [ENG] an engineering choice.
"""


def page() -> str:
    """Every question, answer, consequence, how long it holds, and its ground."""
    lines = [ABOUT]
    for group, title in GROUPS.items():
        lines += ["", f"## {title}", "", "| key | question | answer | what follows | holds | ground |", "|---|---|---|---|---|---|"]
        for question in QUESTIONS:
            if question.group == group:
                lines += _rows(question)
    return "\n".join(lines) + "\n"


def _rows(question: Question) -> list[str]:
    key = f"`{question.key}`" + (" (daily)" if question.daily else "")
    if question.is_scale:
        follows = "pain that is well above the usual: not today" if question.daily else "a baseline"
        return [f"| {key} | {question.words} | 0-10 | {follows} | | {question.source} |"]
    rows = []
    for choice in question.choices:
        unsure = ", not sure" if choice.key == question.unsure else ""
        follows = choice.why.format(feet="the foot named, or both", zones="the zones named, or all").replace("|", "/") or "–"
        asked, ground = (f"{key} | {question.words}", question.source) if choice is question.choices[0] else (" | ", "")
        rows.append(f"| {asked} | `{choice.key}`{unsure}: {choice.words} | {follows} | {_holds(choice)} | {ground} |")
    return rows


def _holds(choice: Choice) -> str:
    if choice.days is None:
        return "until answered otherwise"
    if choice.days == 0:
        return "that day"
    ends = {"seen_on": " from the day named", "due_on": ", at most to the day named"}.get(choice.asks, "")
    return f"{choice.days} days{ends}" + (f", then `{choice.then}`" if choice.then else "")
