"""The table of states."""

from __future__ import annotations

import copy

from footctl.core.machine import OPENING, STATES, STEPS, TABLE, Stage, mermaid
from footctl.core.view import OUTCOMES


def _reachable(start: str) -> set[str]:
    seen = {start}
    while True:
        more = {dest for _, sources, dest in TABLE if seen & set(sources)} - seen
        if not more:
            return seen
        seen |= more


def test_every_state_can_be_reached_and_only_the_outcomes_are_ends() -> None:
    assert _reachable("connecting") == set(STATES)
    for state in STATES:
        assert (_reachable(state) == {state}) == (state in OUTCOMES)


def test_every_state_that_is_no_end_can_be_halted() -> None:
    halted = {source for trigger, sources, _ in TABLE if trigger == "halt" for source in sources}
    assert halted == set(STATES) - set(OUTCOMES) - {"stopping"}


def test_nothing_leads_back_from_stopping_into_a_session() -> None:
    assert _reachable("stopping") & {*STEPS, *OPENING, "preflight", "paused", "watching"} == set()


def test_every_way_of_the_table_leads_where_it_says() -> None:
    for trigger, sources, dest in TABLE:
        for source in sources:
            stage = Stage()
            stage.state = source
            stage._model.state = source
            assert stage.go(trigger)
            assert stage.state == dest


def test_a_trigger_that_the_table_does_not_have_changes_nothing() -> None:
    stage = Stage()
    assert not stage.go("soak")
    assert not stage.go("no such trigger")
    assert stage.state == "connecting"


def test_a_copied_stage_goes_its_own_way() -> None:
    stage = Stage()
    assert stage.go("identified")
    copied = copy.deepcopy(stage)
    assert copied.go("planned")
    assert (stage.state, copied.state) == ("planning", "ready")


def test_the_diagram_shows_every_state_and_every_end() -> None:
    drawn = mermaid()
    for state in STATES:
        assert state in drawn
    assert drawn.startswith("stateDiagram-v2\n")
    assert drawn.count("--> [*]") == len(OUTCOMES)
    assert len(set(drawn.splitlines())) == len(drawn.splitlines())
