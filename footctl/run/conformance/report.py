"""What came of the checks: for people, as JSON, as JUnit for a build server."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from footctl.errors import UsageError
from footctl.run.conformance.suite import Verdict

MARKS = {"passed": "ok", "failed": "NO", "untested": "--"}


def line(verdict: Verdict) -> str:
    """One verdict for a person."""
    text = f"  {MARKS[verdict.outcome]}  {verdict.check.paragraph:<5} {verdict.check.text}"
    return text if not verdict.why else f"{text}\n            {verdict.why}"


def counts(verdicts: Sequence[Verdict]) -> Counter[str]:
    """How many of each outcome."""
    return Counter(verdict.outcome for verdict in verdicts)


def record(about: Mapping[str, Any], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """As one JSON object."""
    told = counts(verdicts)
    rows = [
        {
            "name": one.check.name,
            "paragraph": one.check.paragraph,
            "text": one.check.text,
            "outcome": one.outcome,
            "why": one.why or None,
            "seconds": round(one.seconds, 3),
        }
        for one in verdicts
    ]
    return {**about, **{outcome: told[outcome] for outcome in MARKS}, "conforms": not told["failed"], "checks": rows}


def junit(about: Mapping[str, Any], verdicts: Sequence[Verdict]) -> str:
    """As JUnit XML; a case's class is its paragraph."""
    told = counts(verdicts)
    suite = ElementTree.Element(
        "testsuite",
        name=f"PROTOCOL.md {about['protocol']}",
        tests=str(len(verdicts)),
        failures=str(told["failed"]),
        skipped=str(told["untested"]),
        time=f"{sum(one.seconds for one in verdicts):.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in about.items():
        ElementTree.SubElement(properties, "property", name=name, value=str(value))
    for one in verdicts:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"PROTOCOL.{one.check.paragraph}",
            name=f"{one.check.name}: {one.check.text}",
            time=f"{one.seconds:.3f}",
        )
        if one.outcome != "passed":
            told_as = "failure" if one.outcome == "failed" else "skipped"
            ElementTree.SubElement(case, told_as, message=f"PROTOCOL.md {one.check.paragraph}: {one.why}")
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, "unicode", xml_declaration=True) + "\n"


def _json(about: Mapping[str, Any], verdicts: Sequence[Verdict]) -> str:
    return json.dumps(record(about, verdicts), indent=2, ensure_ascii=False) + "\n"


FORMS: Mapping[str, Callable[[Mapping[str, Any], Sequence[Verdict]], str]] = {".xml": junit, ".json": _json}


def write(path: Path, about: Mapping[str, Any], verdicts: Sequence[Verdict]) -> None:
    """To a file; its name says which: .xml for JUnit, .json for JSON. Raises UsageError."""
    try:
        path.write_text(FORMS[path.suffix](about, verdicts), "utf-8")
    except OSError as error:
        raise UsageError(f"--report {path}: {error.strerror}", "name a file in a folder that exists and that you may write to") from error


def check_name(path: Path) -> None:
    """Raises UsageError for a file whose name does not say what it should hold, before an hour is spent on it."""
    if path.suffix not in FORMS:
        raise UsageError(f"--report {path}: what should it be?", "call it .xml for JUnit or .json for JSON")
    if not path.parent.is_dir():
        raise UsageError(f"--report {path}: there is no folder {path.parent}", "make it first, or name another one")
