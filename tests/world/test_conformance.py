"""The conformance test on a virtual clock: our device passes, and each of many broken ones fails for its own reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from firmware_protocol import limits
from footctl.errors import UsageError
from footctl.run.conformance import report, suite
from footctl.run.conformance.checks import ordered
from footctl.run.conformance.peer import Broken as NoSession
from footctl.run.conformance.peer import T, Talk, Untested
from simulator.board import Access
from simulator.world import World
from tests.world.broken import DEVICES


def converse(world: World, talk: Talk[T], lines: int, first: int = 0) -> T:
    """Run checks on the world's clock."""
    ports = [world.peer(first + number) for number in range(lines)]
    turn = next(talk)
    while True:
        port = ports[turn.line]
        if turn.data:
            port.write(world.now, turn.data)
        while not (data := port.read(world.now)) and world.now < turn.until:
            port.run(turn.until)
        try:
            turn = talk.send((world.now, data))
        except StopIteration as end:
            found: T = end.value
            return found


def judge(
    world: World, *, lines: int = 2, simulator: bool = True, seed: int = 1, first: int = 0, key: bytes | None = None
) -> Sequence[suite.Verdict]:
    """All checks."""
    told: list[suite.Verdict] = []
    talk = suite.run(lines, simulator_allowed=simulator, seed=seed, checks=ordered(), tell=told.append, key=key)
    assert converse(world, talk, lines, first) == told
    return told


def world() -> World:
    """Every line a cable."""
    return World(person=None)


def in_the_air(person: str | None = "adult") -> World:
    """No line is a cable; somebody, when there is one, holds the button."""
    return World(person=person, access=Access(0, KEY, bytes(32)), arms=person is not None)


OF_THE_AIR = {one.name for one in ordered() if one.paragraph.startswith("13.")}
KEY = bytes(range(16))


@pytest.mark.parametrize(("person", "untested"), [("adult", {"no-simulator", "overtaken"}), (None, None)])
def test_our_device_conforms_where_anybody_may_be_in_range(person: str | None, untested: set[str] | None) -> None:
    verdicts = judge(in_the_air(person), first=1, key=KEY)
    assert not failed(verdicts)
    told = {one.check.name: one.why for one in verdicts if one.outcome == "untested"}
    if untested is None:
        assert "holds the device's button" in told["lease-stages"]
    else:
        assert set(told) == untested


def test_without_the_key_nothing_of_it_is_judged() -> None:
    here = World(person=None, access=Access(0, KEY, bytes(32)))
    with pytest.raises(Untested, match="needs the device's key"):
        judge(here, first=1)


def failed(verdicts: Sequence[suite.Verdict]) -> dict[str, str]:
    return {one.check.name: one.why for one in verdicts if one.outcome == "failed"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_our_device_conforms(seed: int) -> None:
    verdicts = judge(world(), seed=seed)
    assert not failed(verdicts)
    untested = {one.check.name for one in verdicts if one.outcome == "untested"}
    assert untested == {"no-simulator"} | OF_THE_AIR


def test_over_one_line_nothing_is_passed_over_in_silence() -> None:
    verdicts = judge(world(), lines=1)
    assert not failed(verdicts)
    told = {one.check.name: one.why for one in verdicts if one.outcome == "untested"}
    assert set(told) == {"no-simulator", "no-session", "second-controller"} | OF_THE_AIR
    assert "second connection" in told["no-session"]


@pytest.mark.parametrize("name", DEVICES)
def test_a_broken_device_fails_for_its_reason(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = DEVICES[name]
    here = in_the_air() if row.air else world()
    row.change(here.device, monkeypatch)
    verdicts = judge(here, simulator=name != "claims to be simulated", first=int(row.air), key=KEY if row.air else None)
    found = set(failed(verdicts))
    assert row.fails <= found if row.anywhere else row.fails == found


def test_no_check_is_one_that_nothing_fails() -> None:
    broken = [name for row in DEVICES.values() for name in row.fails]
    assert set(broken) == {one.name for one in ordered()}
    assert all(row.fails for row in DEVICES.values())


def test_a_device_whose_own_caps_are_tighter_conforms() -> None:
    here = world()
    tight = {limits.RELEASE_LEASE: 600, limits.SETPOINT_LEASE: 900, limits.HEAT_LEASE: 1200, limits.ABORT_LEASE: 2000}
    here.device.body.caps = tuple(tight.get(number, value) for number, value in enumerate(limits.ABSOLUTE))
    here.device.begin_session()
    assert not failed(judge(here))


def test_a_device_that_says_nothing_gives_no_session() -> None:
    here = world()
    here.mute = True
    with pytest.raises(NoSession, match="Hello was not"):
        judge(here)


def test_the_device_is_left_idle_and_off() -> None:
    here = world()
    judge(here)
    assert here.device.state == 0
    assert not here.device.outputs.heater_enable
    assert not here.device.outputs.motor_enable


def test_names_are_each_there_once_and_paragraphs_are_on_the_page(checkout: object) -> None:
    checks = ordered()
    assert len({one.name for one in checks}) == len(checks)
    page = (checkout / "firmware_protocol" / "PROTOCOL.md").read_text("utf-8")  # type: ignore[operator]
    assert [one.paragraph for one in checks if f"**{one.paragraph}**" not in page] == []


def test_the_reports_say_the_same(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    DEVICES["clamps the water"].change(here.device, monkeypatch)
    verdicts = judge(here)
    about = {"serial": "SIM-0001", "protocol": "1.1"}
    for name in ("out.json", "out.xml"):
        report.write(tmp_path / name, about, verdicts)  # type: ignore[operator]
    told = json.loads((tmp_path / "out.json").read_text())  # type: ignore[operator]
    assert told["conforms"] is False
    assert told["failed"] == 2
    tree = ElementTree.fromstring((tmp_path / "out.xml").read_text())  # type: ignore[operator]
    assert tree.get("failures") == "2"
    messages = [node.get("message") for node in tree.iter("failure")]
    assert any(text.startswith("PROTOCOL.md 9.2:") for text in messages if text)
    assert len(list(tree.iter("testcase"))) == len(verdicts) == len(told["checks"])
    assert "NO  9.2" in "\n".join(report.line(one) for one in verdicts)


def test_a_report_must_say_what_it_is(tmp_path: object) -> None:
    with pytest.raises(UsageError, match="what should it be"):
        report.check_name(tmp_path / "out.txt")  # type: ignore[operator]
    with pytest.raises(UsageError, match="no folder"):
        report.check_name(tmp_path / "nowhere" / "out.xml")  # type: ignore[operator]
