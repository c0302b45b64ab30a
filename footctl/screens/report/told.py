"""Skin findings and notes that matter, with their dates and what became of their red flags. Knows no journal."""

from __future__ import annotations

from collections.abc import Sequence

from footctl.core.findings import Finding
from footctl.core.redflags import Flag, flags
from footctl.screens import pasts
from footctl.screens.report import html
from footctl.screens.report.html import heading, paragraph

ROWS_MOST = 8  # the newest; more would make a third page
KINDS = ("skin", "note")  # what raises a flag by itself, whatever is usual for the person


def acknowledged(told: Sequence[Finding], standing: Sequence[Flag]) -> list[Flag]:
    """The flags that skin and notes raised and that somebody read since: such as block stand until then."""
    now = {flag.rule.key for flag in standing}
    raised = flags([one for one in told if one.kind in KINDS], {}, {}, 0)
    return [flag for flag in raised if flag.rule.blocks and flag.rule.key not in now]


def rows(told: Sequence[Finding], standing: Sequence[Flag]) -> list[tuple[str, str, str]]:
    """When, what, and what became of its flags: of each skin check that found something, and of each note that raises a flag."""
    now = {flag.rule.key: flag for flag in standing}
    found = []
    for one in told:
        raised = flags([one], {}, {}, one.at) if one.kind in KINDS else []
        if raised or (one.kind == "skin" and one.what != "ok"):
            what = pasts.skin(one.what, one.foot) if one.kind == "skin" else "; ".join(flag.because for flag in raised)
            became = dict.fromkeys(_became(flag, now.get(flag.rule.key)) for flag in raised)
            found.append((pasts.moment(one.at), what, ", ".join(became)))
    return found


def _became(flag: Flag, now: Flag | None) -> str:
    if now is None:
        return "acknowledged" if flag.rule.blocks else "stands no more"
    return "stands" if now.at == flag.at else "told again since"


def table(told: Sequence[Finding], standing: Sequence[Flag]) -> str:
    """All that as a section; "" when nothing was found and nobody looked."""
    found = rows(told, standing)
    skin = [one for one in told if one.kind == "skin"]
    fine = sum(one.what == "ok" for one in skin)
    lines = [f"{fine} of {len(skin)} skin checks found nothing new."] if skin else []
    lines += [f"{len(found) - ROWS_MOST} earlier findings are not shown."] if len(found) > ROWS_MOST else []
    made = html.table(("when", "what was told", "red flag"), found[-ROWS_MOST:]) + paragraph(" ".join(lines), "small")
    return heading("Skin and red flags") + made if made else ""
