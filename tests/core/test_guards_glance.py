"""The host's guards go through their rows only when something looks odd: what they then leave out must not be there."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from footctl.core.guards import Guards
from tests.core.desk import BOTH, CAPS, NOBODY, sample

PRESSURE = st.none() | st.sampled_from((0.0, 0.0, 0.0, 1.9, 2.5, 4.2, 30.0, 70.0))
WATER = st.none() | st.sampled_from((38.0, 38.0, 38.01, 37.9, 36.9, 35.0, 41.0))
SEEN = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {
                "water_c": WATER, "water2_c": WATER, "left_kpa": PRESSURE, "right_kpa": PRESSURE, "level_ok": st.integers(0, 5).map(bool),
                "pump": st.booleans(), "heater_enable": st.booleans(), "heater_duty": st.sampled_from((0.0, 0.1, 1.0)),
                "motor_enable": st.booleans(), "on_roller": st.sampled_from((NOBODY, BOTH)), "in_bath": st.sampled_from((NOBODY, BOTH)),
                "position_mm": st.sampled_from((0, 100)), "zone": st.sampled_from((None, "arch")),
                "setpoint_c": st.sampled_from((None, 40.0)),
            }
        ),
        st.sampled_from((0.2, 0.2, 1.0, 20.0)),
        st.integers(1, 10),
    ),
    max_size=10,
)  # fmt: skip
LIMITS = st.sampled_from(
    ({**CAPS, "massage_foot": 5, "heat_under_pressure": 3500}, {**CAPS, "dwell": 1000}, {**CAPS, "water_differ_trip": 0}, {})
)


def found(seen: Any, limits: Any, everything: bool) -> list[Any]:
    guards = Guards(0.0, limits)
    now, told = 0.0, []
    for values, span_s, times in seen:
        for _ in range(times):
            now += span_s
            guards._timing = guards._timing or everything
            told.append(guards.look(now, sample(**values)))
    return told


TOUCHED: dict[str, Any] = {"left_kpa": None, "right_kpa": 1.9, "zone": "arch"}
LET_GO: dict[str, Any] = {"left_kpa": 0.0, "right_kpa": 0.0, "motor_enable": True}


@example([({}, 0.2, 1), (TOUCHED, 0.2, 1), (LET_GO, 0.2, 9)], {})
@given(SEEN, LIMITS)
def test_a_glance_overlooks_nothing(seen: Any, limits: Any) -> None:
    assert found(seen, limits, False) == found(seen, limits, True)
