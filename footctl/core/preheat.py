"""How long a basin takes to warm up: an estimate from litres, watts and losses, good to a tenth. It is told nothing by any sensor."""

from __future__ import annotations

from math import inf, log

ROOM_C = 24.0  # water from the tap left standing, and the room [ENG]
WATER_J_K_L = 4178 * 0.993  # heat capacity of a litre near 38 °C [GK]
VESSEL_J_K = 1800.0  # wall 1.5 kJ/K and element 300 J/K [ENG]
LOSS_W_K = 4.1  # 60-70 W at 40 °C in a 24 °C room: surface, wall and evaporation together [GK]
SETTLE_S = 50.0  # element, sensor pocket and the last tenth of a degree [CALC]


def seconds(volume_l: float, heater_w: float, from_c: float, to_c: float) -> float:
    """Time from `from_c` to `to_c`; 0 when it is warm enough, infinite when the heater cannot get there."""
    if to_c <= from_c:
        return 0.0
    start = heater_w - LOSS_W_K * (from_c - ROOM_C)
    end = heater_w - LOSS_W_K * (to_c - ROOM_C)
    if end <= 0:
        return inf
    return (volume_l * WATER_J_K_L + VESSEL_J_K) / LOSS_W_K * log(start / end) + SETTLE_S
