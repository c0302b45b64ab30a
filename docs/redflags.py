"""The page of the red flags, from the table that the core applies."""

from __future__ import annotations

from footctl.core.change import SOURCE
from footctl.core.findings import OFTEN, RECENT_S, SEVERE, SKIN
from footctl.core.redflags import HOW_SOON, RULES, Rule

ABOUT = f"""What people score, write and see after a session is looked through for signs that somebody should look at the foot.
`footctl journal rate`, `note` and `pain` show at once what stands; `footctl journal flags` shows it later, and the report has it on its
first page. Those that *block* let no session of that person begin until somebody says that it was looked at:
`footctl journal flags --acknowledge RULE`. What is told anew raises a flag again; those that do not block are forgotten after
{RECENT_S // 86_400} days.

Words in notes count unless a *no* stands before them (“no blister”). What is told of simulated sessions never blocks a real one.

**footctl diagnoses nothing, and none of these rules has been reviewed by a podiatrist yet.** [S] read in the source named, [GK] general
knowledge, [ENG] an engineering choice.
"""

ALSO = {
    "sepsis": "a wound, burn, hot foot or black skin, and within three days a fever",
    "numb": "a numbness score 2 points above the usual one, or above the one before",
    "severe": f"a pain score of {SEVERE} or more",
    "growing": "three pain scores in a row before sessions clearly above the usual one",
    "worse_after": "two of the last three sessions with 2 points more pain after than before",
    "same_place": f"the pain key pressed {OFTEN} times at one place within {RECENT_S // 86_400} days",
}


def page() -> str:
    """Every rule with what raises it, what to do, how soon, and its ground."""
    lines = [ABOUT]
    for soon in HOW_SOON:
        lines += ["", f"## {soon[0].upper()}{soon[1:]}", "", "| rule | raised by | what to do | blocks | ground |", "|---|---|---|---|---|"]
        lines += [_row(rule) for rule in RULES if rule.soon == soon]
    lines += ["", "## What a skin check can find", "", "| word | |", "|---|---|"]
    lines += [f"| `{key}` | {words} |" for key, words in SKIN.items()]
    return "\n".join([*lines, "", "## Which change matters", "", SOURCE[0].upper() + SOURCE[1:] + "."]) + "\n"


def _row(rule: Rule) -> str:
    raised = [f"skin check: {', '.join(rule.skin)}"] if rule.skin else []
    raised += [ALSO[rule.key]] if rule.also is not None else []
    raised += ["words in a note"] if rule.words else []
    return f"| **{rule.title}** (`{rule.key}`) | {'; '.join(raised)} | {rule.do} | {'yes' if rule.blocks else ''} | {rule.source} |"
