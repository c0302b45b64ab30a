"""Each mishap does what its sentence says, to a mind that knows nothing of it, and leaves no trace when it is mended at once."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from firmware_protocol import faults
from footctl.core.host import Host
from footctl.core.pump import turn
from footctl.pytest_plugin import Massager
from simulator import mishaps
from simulator.world import World

PROGRAM = """
name = "Soak and press"
tier = "standard"

[[phase]]
kind = "soak"
water = "36 C"
for = "5 min"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "20 kPa"
for = "3 min"
"""
IN_SOAK = 300.0
IN_MASSAGE = 540.0

# what happens, when, how the session ends, which fault the device keeps, whether everything can be read back as off
STORIES = (
    ("sensor-open", IN_SOAK, "tripped", faults.SENSOR_OPEN, True),
    ("sensor2-open", IN_MASSAGE, "tripped", faults.SENSOR_OPEN, True),
    ("sensor-short", IN_SOAK, "tripped", faults.SENSOR_SHORT, True),
    ("sensor-offset", IN_SOAK, "tripped", faults.SENSORS_DIFFER, True),
    ("converter-frozen", IN_SOAK, "tripped", faults.SENSOR_STALE, False),
    ("heater-welded", IN_SOAK, "tripped", faults.HEATER_STUCK_ON, True),
    ("relays-welded", IN_SOAK, "tripped", faults.HEATER_STUCK_ON, False),
    ("low-water", IN_SOAK, "tripped", faults.LOW_WATER, True),
    ("level-switch", IN_SOAK, "tripped", faults.LOW_WATER, True),
    ("tilt", IN_MASSAGE, "tripped", faults.TIPPED, True),
    ("foot-trapped", IN_MASSAGE, "tripped", faults.OVER_PRESSURE, True),
    ("button-stuck", IN_MASSAGE, "pain", faults.PAIN, True),
    ("link-silent", IN_MASSAGE, "link_lost", faults.LINK_LOST, False),
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.toml"
    path.write_text(PROGRAM)
    return path


@pytest.mark.parametrize(("name", "at_s", "kind", "fault", "off"), STORIES, ids=[story[0] for story in STORIES])
def test_it_ends_the_session(massager: Massager, program: Path, name: str, at_s: float, kind: str, fault: int, off: bool) -> None:
    massager.fault(name, at_s=at_s)
    view = massager.run(program)
    assert view.outcome is not None
    assert view.outcome.kind == kind
    massager.world.advance(massager.world.now + 10)
    assert massager.world.device.cause == fault
    assert view.outcome.off_confirmed is off
    inputs = massager.world.board.inputs
    assert not inputs.motor_contact
    assert inputs.heater_contact == (name == "relays-welded")
    assert massager.world.plant.massager.left.kpa < 4
    assert massager.world.plant.massager.right.kpa < 4


def test_power_that_blinks_restarts_the_device(massager: Massager, program: Path) -> None:
    massager.fault("power-blink", at_s=IN_MASSAGE)
    view = massager.run(program)
    assert view.outcome is not None
    assert "restarted" in view.outcome.reason
    assert massager.world.board.mishaps == {}


@pytest.mark.parametrize("name", ["sensor-stuck", "pump-dead", "heater-dead", "cell-drift", "foot-withdrawn", "wet-floor", "motor-welded"])
def test_whatever_happens_the_session_ends_by_itself(massager: Massager, program: Path, name: str) -> None:
    massager.fault(name, at_s=IN_MASSAGE)
    assert massager.run(program).outcome is not None


@pytest.mark.parametrize(("name", "warmer"), [("hot-refill", True), ("cold-refill", False)])
def test_a_refill_mixes(massager: Massager, name: str, warmer: bool) -> None:
    before = massager.world.plant.bath.water_c
    massager.fault(name)
    assert (massager.world.plant.bath.water_c > before) is warmer


def _bytes(world: World) -> bytes:
    """What a looker-on hears in ten seconds."""
    heard = b""
    host = Host(nonce=5, role="observer")

    def note(now: float, data_in: bytes, operator: object, data_out: bytes) -> None:
        nonlocal heard
        heard += data_in

    for step in range(1, 51):
        turn(host, world, world.now + 0.2 if step > 1 else world.now, note=note)
    return heard


@pytest.mark.parametrize("name", [name for name, row in mishaps.TABLE.items() if row.make().lasts])
def test_mended_at_once_it_leaves_no_trace(name: str) -> None:
    world = World(seed=4)
    world.advance(5.0)
    other = copy.deepcopy(world)
    mishaps.happen(world, name)
    mishaps.mend(world, name)
    mishaps.mend(world, name)
    assert _bytes(world) == _bytes(other)


@pytest.mark.parametrize("name", mishaps.TABLE)
def test_a_world_with_a_mishap_can_be_copied(name: str) -> None:
    world = World(seed=4)
    world.advance(5.0)
    mishaps.happen(world, name)
    other = copy.deepcopy(world)
    assert _bytes(world) == _bytes(other)
