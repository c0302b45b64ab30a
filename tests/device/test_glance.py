"""Between two looks at everything the supervisor only glances at counts and switches: what it then leaves out must not be there."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from firmware.device.body import Body, Inputs, Outputs
from firmware.device.budgets import Budgets
from firmware.device.massage import Massage
from firmware.device.sensors import Sensors
from firmware.device.supervisor import Supervisor
from firmware.device.thermostat import Thermostat
from firmware_protocol import limits, messages

HEALTHY = {
    "water1_adc": 1600, "water2_adc": 1600, "left_a": 0, "left_b": 0, "right_a": 0, "right_b": 0, "level_ok": 1, "tilt": 0, "wet_floor": 0,
    "motor_ma": 300, "heater_ma": 2000, "pump_rpm": 2400, "moves": 1, "crowded": 0, "paused": 0, "running": 1, "due": 1, "enable": 1,
    "duty": 500, "dt": 200, "times": 20,
}  # fmt: skip
COUNTS = st.integers(0, 4095) | st.integers(1400, 2100) | st.sampled_from((815, 816, 3156, 3157))
CELLS = st.integers(-500, 8000) | st.integers(-60, 60)
FLAG = st.just(1)
ODD: dict[str, st.SearchStrategy[int]] = {
    "water1_adc": COUNTS, "water2_adc": COUNTS, "left_a": CELLS, "left_b": CELLS, "right_a": CELLS, "right_b": CELLS,
    "level_ok": st.just(0), "tilt": FLAG, "wet_floor": FLAG, "motor_ma": st.integers(2000, 3000), "heater_ma": st.integers(0, 300),
    "pump_rpm": st.integers(0, 2400), "moves": st.just(0), "crowded": FLAG, "paused": FLAG, "running": st.just(0), "due": st.just(0),
    "enable": st.just(0), "duty": st.sampled_from((0, 199, 200, 1000)), "dt": st.sampled_from((50, 1000, 3000)),
    "times": st.integers(1, 60),
}  # fmt: skip
CHANGE = st.one_of(*(st.tuples(st.just(name), values) for name, values in ODD.items()))
MOMENTS = st.lists(st.lists(CHANGE, max_size=3).map(lambda changes: {**HEALTHY, **dict(changes)}), min_size=1, max_size=5)


def watched(moments: list[dict[str, int]], everything: bool, two: bool) -> list[int]:
    body = Body()
    if not two:
        body.features &= ~messages.SECOND_SENSOR
    caps = list(limits.ABSOLUTE)
    sensors = Sensors(body)
    supervisor = Supervisor(body, sensors, caps, Budgets(caps), Thermostat(body), Massage(body, caps))
    if everything:
        supervisor._slow = supervisor._rows
    supervisor.heater_closed = supervisor.motor_closed = True
    inputs, out = Inputs(), Outputs()
    now, sample, told = 0, 0, []
    for moment in [HEALTHY, *moments]:
        for _ in range(moment["times"]):
            now += moment["dt"]
            sample += moment["moves"]
            for name in Inputs.__slots__:
                if name in moment:
                    setattr(inputs, name, moment[name])
            inputs.sample = sample & 0xFF
            supervisor.crowded, supervisor.paused = bool(moment["crowded"]), bool(moment["paused"])
            out.heater_pm = moment["duty"]
            out.heater_enable = out.motor_enable = out.pump = moment["enable"]
            told.append(supervisor.watch(now, moment["dt"], inputs, out, bool(moment["running"]), bool(moment["due"])))
    return told


def odd(**changes: int) -> list[dict[str, Any]]:
    return [{**HEALTHY, **changes}]


@given(MOMENTS, st.booleans())
@example(odd(water1_adc=1200), True)
@example(odd(water2_adc=1200), True)
@example(odd(water1_adc=1200, water2_adc=1200), True)
@example(odd(water1_adc=1346, water2_adc=1345), True)
@example(odd(water1_adc=1345, water2_adc=1346), True)
@example(odd(water1_adc=1340), False)
@example(odd(water1_adc=3157), False)
@example(odd(water2_adc=3157, water1_adc=3156), True)
@example(odd(water1_adc=1700, times=200), True)
@example(odd(water2_adc=1700, times=200), True)
@example(odd(moves=0, times=9), True)
@example(odd(duty=0, times=20), True)
def test_a_glance_overlooks_nothing(moments: list[dict[str, int]], two: bool) -> None:
    assert watched(moments, False, two) == watched(moments, True, two)


def test_what_is_looked_at_is_found() -> None:
    hard = {"left_a": 9000, "left_b": 9000}
    for changes in ({"water1_adc": 1200}, {"water2_adc": 3157}, {"tilt": 1}, {"level_ok": 0}, {"moves": 0}, hard):
        assert any(watched(odd(**changes), False, True)), changes
