"""Between two looks at everything the supervisor only glances at counts and switches: what it then leaves out must not be there."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.device.body import Body, Inputs, Outputs
from firmware.device.budgets import Budgets
from firmware.device.massage import Massage
from firmware.device.sensors import Sensors
from firmware.device.supervisor import Supervisor
from firmware.device.thermostat import Thermostat
from firmware_protocol import limits

COUNTS = st.integers(0, 4095) | st.integers(1400, 2100)
CELLS = st.integers(-500, 4000) | st.integers(-60, 60)
FLAG = st.integers(0, 9).map(lambda dice: int(dice == 0))
LIVE = st.integers(0, 9).map(lambda dice: int(dice > 0))
MOMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "water1_adc": COUNTS, "water2_adc": COUNTS, "left_a": CELLS, "left_b": CELLS, "right_a": CELLS, "right_b": CELLS,
            "level_ok": LIVE, "tilt": FLAG, "wet_floor": FLAG, "motor_ma": st.integers(0, 3000), "heater_ma": st.integers(0, 300),
            "pump_rpm": st.integers(0, 2400), "sample": st.integers(0, 1), "crowded": FLAG, "paused": FLAG, "running": LIVE,
            "due": LIVE, "enable": LIVE, "duty": st.integers(0, 1000), "dt": st.sampled_from((50, 50, 200, 1000, 3000)),
            "times": st.integers(1, 8),
        }
    ),
    max_size=12,
)  # fmt: skip


def watched(moments: list[dict[str, int]], everything: bool, two: bool) -> list[int]:
    body = Body()
    if not two:
        body.features &= ~1
    caps = list(limits.ABSOLUTE)
    sensors = Sensors(body)
    supervisor = Supervisor(body, sensors, caps, Budgets(caps), Thermostat(body), Massage(body, caps))
    if everything:
        supervisor._slow = supervisor._rows
    supervisor.heater_closed = supervisor.motor_closed = True
    inputs, out = Inputs(), Outputs()
    now, told = 0, []
    for moment in moments:
        for _ in range(moment["times"]):
            now += moment["dt"]
            for name in Inputs.__slots__:
                if name in moment:
                    setattr(inputs, name, moment[name])
            inputs.sample = (now // 50 * moment["sample"]) & 0xFF
            supervisor.crowded, supervisor.paused = bool(moment["crowded"]), bool(moment["paused"])
            out.heater_pm = moment["duty"]
            out.heater_enable = out.motor_enable = out.pump = moment["enable"]
            told.append(supervisor.watch(now, moment["dt"], inputs, out, bool(moment["running"]), bool(moment["due"])))
    return told


@given(MOMENTS, st.booleans())
def test_a_glance_overlooks_nothing(moments: list[dict[str, int]], two: bool) -> None:
    assert watched(moments, False, two) == watched(moments, True, two)
