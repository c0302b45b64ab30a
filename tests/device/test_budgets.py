"""What a session uses up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.device.budgets import Budgets, dose_rate
from firmware_protocol import limits

CAPS = list(limits.ABSOLUTE)


def exact(cdeg: int) -> float:
    base = 0.5 if cdeg >= 4300 else 0.25
    return 1e9 / 300 * base ** ((4300 - cdeg) / 100)


def test_dose_is_never_less_than_the_law_and_hardly_more() -> None:
    for cdeg in range(2500, 6001):
        assert exact(cdeg) * (1 - 1e-6) - 1 <= dose_rate(cdeg) <= exact(cdeg) * 1.02 + 4


def test_dose_outside_the_table() -> None:
    assert dose_rate(2499) == 0
    assert dose_rate(9000) == dose_rate(6000)


@pytest.mark.parametrize(("celsius", "minutes", "cem43"), [(43, 1, 1.0), (42, 4, 1.0), (41, 20, 1.25), (40, 20, 0.3125), (39, 10, 0.0391)])
def test_published_doses(celsius: int, minutes: int, cem43: float) -> None:
    assert dose_rate(celsius * 100) * minutes * 300 / 1e9 == pytest.approx(cem43, rel=0.01)


def counted(budgets: Budgets, seconds: int, presence: int = 0, **how: int) -> Budgets:
    for _ in range(seconds * 5):
        budgets.count(200, bool(how.get("running", 1)), presence, presence & 3, 3800, bool(how.get("heating", 0)), how.get("massaged", 0))
    return budgets


def test_preheat_counts_until_a_foot_comes() -> None:
    budgets = counted(Budgets(CAPS), 100, heating=1)
    assert (budgets.preheat_ms, budgets.session_ms) == (100_000, 0)
    counted(budgets, 50, presence=1, heating=1)
    assert (budgets.preheat_ms, budgets.session_ms, budgets.soak_ms, budgets.unasked_ms) == (100_000, 50_000, 50_000, 50_000)
    budgets.checked()
    assert budgets.unasked_ms == 0


def test_feet_count_apart() -> None:
    budgets = counted(Budgets(CAPS), 10, presence=4, massaged=1)
    counted(budgets, 20, presence=8, massaged=2)
    counted(budgets, 30, presence=12, massaged=3)
    assert (budgets.left_ms, budgets.right_ms, budgets.massage_ms) == (40_000, 50_000, 60_000)


def test_nothing_but_dose_counts_while_nothing_runs() -> None:
    budgets = counted(Budgets(CAPS), 100, presence=3, running=0)
    assert (budgets.session_ms, budgets.soak_ms, budgets.feet_seen) == (0, 0, False)
    assert budgets.dose > 0


def test_limits() -> None:
    caps = list(CAPS)
    budgets = Budgets(caps)
    counted(budgets, 10, presence=7, massaged=1, heating=1)
    spent = (budgets.session_spent, budgets.heat_spent, budgets.massage_spent(3), budgets.check_due, budgets.check_missed)
    assert not any(spent)
    caps[limits.CHECK_IN] = 10
    assert budgets.check_due
    assert not budgets.check_missed
    caps[limits.CHECK_ANSWER] = 0
    assert budgets.check_missed
    caps[limits.SESSION_TIME] = 10
    assert budgets.session_spent
    caps[limits.SOAK_TIME] = 10
    assert budgets.heat_spent
    caps[limits.MASSAGE_FOOT] = 10
    assert [budgets.massage_spent(feet) for feet in (1, 2, 3)] == [True, False, True]
    caps[limits.MASSAGE_TOTAL] = 10
    assert budgets.massage_spent(2)
    budgets = Budgets(caps)
    caps[limits.PREHEAT_TIME] = 5
    assert counted(budgets, 5, heating=1).heat_spent


def test_a_new_session_starts_new_counts_only_after_an_end_or_when_nobody_is_there() -> None:
    budgets = counted(Budgets(CAPS), 60, presence=3)
    budgets.renew()
    counted(budgets, 30, presence=3)
    assert budgets.soak_ms == 90_000
    counted(budgets, 59)
    assert budgets.soak_ms == 90_000
    counted(budgets, 1)
    assert budgets.soak_ms == 0
    counted(budgets, 60, presence=3)
    budgets.finish()
    budgets.renew()
    assert budgets.soak_ms == budgets.dose == 0


@given(st.lists(st.tuples(st.integers(0, 15), st.booleans(), st.integers(2000, 6000)), max_size=60))
def test_dose_never_falls_within_a_session(rows: list[tuple[int, bool, int]]) -> None:
    budgets = Budgets(CAPS)
    last = 0
    for presence, running, cdeg in rows:
        budgets.count(200, running, presence, presence & 3, cdeg, True, presence >> 2)
        assert budgets.dose >= last
        last = budgets.dose


def test_massage_in_all_counts_each_foot() -> None:
    caps = list(limits.ABSOLUTE)
    caps[limits.MASSAGE_TOTAL] = 10
    budgets = Budgets(caps)
    for _ in range(4):
        budgets.count(1000, True, 12, 0, 3000, False, 3)
    assert not budgets.massage_spent(3)
    budgets.count(1000, True, 12, 0, 3000, False, 1)
    assert not budgets.massage_spent(3)
    budgets.count(1000, True, 12, 0, 3000, False, 2)
    assert budgets.massage_spent(3)
    assert budgets.massage_ms == 6000
