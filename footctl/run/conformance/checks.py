"""All checks, in the order of PROTOCOL.md's chapters. Importing the pages enters them into the table."""

from footctl.run.conformance import guarded_checks, lease_checks, session_checks, stop_checks, wire_checks
from footctl.run.conformance.suite import CHECKS, Check

PAGES = (wire_checks, session_checks, lease_checks, stop_checks, guarded_checks)


def ordered() -> list[Check]:
    """By paragraph."""
    return sorted(CHECKS, key=lambda one: tuple(int(part) for part in one.paragraph.split(".")))
