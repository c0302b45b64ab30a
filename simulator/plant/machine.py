"""The whole physical thing, feet included: a foot is in the bath, on the roller, or somewhere else."""

from __future__ import annotations

from simulator.describe import DeviceSpec, Scenario
from simulator.plant.bath import STEP_S, Bath
from simulator.plant.massager import Massager, Tissue

BATH = "bath"
ROLLER = "roller"
ELSEWHERE = "elsewhere"


class Plant:
    """`places` says where the left and the right foot are.

    `presence` is what the presence sensors say: foot in bath left 1, right 2, on roller left 4, right 8. `step_s` is the rollers'; the
    bath, in which nothing is quicker than seconds, takes steps of twice that.
    """

    __slots__ = ("bath", "massager", "places", "presence")

    def __init__(
        self,
        spec: DeviceSpec,
        scenario: Scenario,
        *,
        feet_c: float = 28.0,
        perfusion_w_k: float = 6.0,
        firmness: float = 1.0,
        step_s: float = STEP_S,
    ) -> None:
        self.bath = Bath(
            spec.bath,
            water_c=scenario.water_c,
            room_c=scenario.room_c,
            humidity=scenario.humidity,
            volume_l=scenario.volume_l,
            feet_c=feet_c if scenario.feet_c is None else scenario.feet_c,
            perfusion_w_k=perfusion_w_k,
            step_s=2 * step_s,
        )
        tissue = Tissue(spec.tissue, int(spec.roller.carriage_mm))
        self.massager = Massager(spec.roller, tissue, firmness=firmness, step_s=step_s)
        self.places = [ELSEWHERE, ELSEWHERE]
        self.presence = 0

    def put(self, side: int, place: str) -> None:
        """Move one foot; side 0 is left, 1 right."""
        if self.places[side] == place:
            return
        self.places[side] = place
        self.presence &= ~(5 << side)
        if place == BATH:
            self.presence |= 1 << side
        elif place == ROLLER:
            self.presence |= 4 << side
        self.bath.put_foot(side, place == BATH)
        self.massager.put_foot(side, place == ROLLER)
