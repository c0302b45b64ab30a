"""The bath as heat stores: element, water at the inlet and at the far end, vessel, two feet; the room takes what is lost.

One step is one device tick. Every flow moves heat from one store to another or through the ledger, so the balance closes by
construction; the ledger is what a test compares with the stores. Knows nothing of sensors or of what switches the heater.
A litre of water counts as a kilogram.
"""

from __future__ import annotations

from math import exp

from simulator.describe import BathSpec

WATER_J_KG_K = 4178.0  # [GK] at 38 C
VAPOUR_J_KG = 2.41e6  # heat of evaporation at 37 C [GK]
CORE_C = 36.5  # what blood brings to the feet [GK]
STEP_S = 0.05
DRY_OFF_KG = 0.001  # evaporated water leaves in steps of a gram: 0.02 % of the heat capacity


def vapour_kpa(celsius: float) -> float:
    """Saturation vapour pressure over water, Magnus form (Alduchov and Eskridge 1996) [GK]. `Bath.step` has it inline."""
    return 0.61094 * exp(17.625 * celsius / (celsius + 243.04))


class Bath:
    """Temperatures in °C, heats in J. `perfusion_w_k` warms both feet together from inside.

    `inlet_c` and `far_c` are the two ends of the water, `water_c` their mean.
    """

    __slots__ = (
        "spec", "step_s", "room_c", "volume_l", "pump", "bubbles", "in_bath", "fused",
        "element_c", "water_c", "half_c", "vessel_c", "left_c", "right_c",
        "heater_j", "body_j", "lost_j", "poured_j", "evaporated_kg",
        "_room_kpa", "_perfusion", "_air", "_evaporated_j",
        "_k_element", "_k_water", "_k_half", "_k_vessel", "_k_foot",
        "_g_element", "_g_mixing", "_g_surface", "_g_vapour", "_g_vessel", "_g_wall", "_cutout", "_cutout_element",
        "_g_left", "_g_right", "_a_left", "_a_right",
    )  # fmt: skip

    def __init__(
        self,
        spec: BathSpec,
        *,
        water_c: float,
        room_c: float = 24.0,
        humidity: float = 0.5,
        volume_l: float | None = None,
        feet_c: float = 28.0,
        perfusion_w_k: float = 6.0,
        step_s: float = STEP_S,
    ) -> None:
        self.spec = spec
        self.step_s = step_s
        self.room_c = room_c
        self.volume_l = spec.volume_l if volume_l is None else volume_l
        self.pump = False
        self.bubbles = False
        self.in_bath = [False, False]
        self.fused = False
        self.element_c = self.water_c = self.vessel_c = water_c
        self.half_c = 0.0  # half of inlet minus far end
        self.left_c = self.right_c = feet_c
        self.heater_j = self.body_j = self.lost_j = self.poured_j = self.evaporated_kg = 0.0
        self._room_kpa = humidity * vapour_kpa(room_c)
        self._perfusion = perfusion_w_k / 2
        # Out of the water a foot keeps the temperature that it came with: what blood brings, air takes.
        self._air = self._perfusion * max(CORE_C - feet_c, 0.1) / max(feet_c - room_c, 1.0)
        self._evaporated_j = 0.0
        self.couple()

    @property
    def inlet_c(self) -> float:
        return self.water_c + self.half_c

    @property
    def far_c(self) -> float:
        return self.water_c - self.half_c

    @property
    def level_ok(self) -> bool:
        """The level switch."""
        return self.volume_l >= self.spec.least_l

    @property
    def stored_j(self) -> float:
        """Heat in all stores, from 0 °C."""
        spec = self.spec
        foot = spec.feet_j_k / 2
        return (
            spec.element_j_k * self.element_c
            + WATER_J_KG_K * self.volume_l * self.water_c
            + spec.vessel_j_k * self.vessel_c
            + foot * (self.left_c + self.right_c)
        )

    def switch(self, *, pump: bool, bubbles: bool = False) -> None:
        """Pump and air on or off."""
        self.pump = pump
        self.bubbles = bubbles
        self.couple()

    def put_foot(self, side: int, in_bath: bool) -> None:
        """Side 0 is left, 1 right."""
        self.in_bath[side] = in_bath
        self.couple()

    def pour(self, litres: float, celsius: float) -> None:
        """Somebody adds water; it mixes at once."""
        total = self.volume_l + litres
        self.water_c = (self.water_c * self.volume_l + celsius * litres) / total
        self.volume_l = total
        self.poured_j += WATER_J_KG_K * litres * celsius
        self.couple()

    def drain(self, litres: float) -> None:
        """Water leaves with its heat. Never more than there is but a glass."""
        litres = min(litres, self.volume_l - 0.2)
        self.volume_l -= litres
        self.poured_j -= WATER_J_KG_K * litres * self.water_c
        self.couple()

    def couple(self) -> None:
        """Work out the step's coefficients; call after a change of spec-like fields."""
        spec = self.spec
        dt = self.step_s
        capacity = WATER_J_KG_K * self.volume_l
        foot = (spec.feet_pump_w_k if self.pump else spec.feet_w_k) / 2
        self._g_element = spec.element_w_k * min(1.0, self.volume_l / spec.element_covered_l)
        self._g_mixing = spec.mixing_pump_w_k if self.pump else spec.mixing_w_k
        self._g_vessel = spec.vessel_w_k
        self._g_wall = spec.wall_w_k
        self._cutout = spec.cutout_c
        self._cutout_element = spec.cutout_element_c
        self._g_surface = spec.surface_m2 * spec.convection_w_m2k
        self._g_vapour = spec.surface_m2 * spec.evaporation_w_m2kpa * (spec.bubbles_evaporate if self.bubbles else 1.0)
        self._g_left, self._a_left = (foot, 0.0) if self.in_bath[0] else (0.0, self._air)
        self._g_right, self._a_right = (foot, 0.0) if self.in_bath[1] else (0.0, self._air)
        self._k_element = dt / spec.element_j_k
        self._k_water = dt / capacity
        # The ends exchange 2 G half_c; each holds half of the water. Exact for the step, however fast they mix.
        self._k_half = 1.0 - exp(-4.0 * self._g_mixing * dt / capacity)
        self._k_vessel = dt / spec.vessel_j_k
        self._k_foot = 2.0 * dt / spec.feet_j_k

    def step(self, heat_w: float) -> None:
        """Advance by step_s with this heater power, in watts of electricity."""
        dt = self.step_s
        room = self.room_c
        water = self.water_c
        half = self.half_c
        element = self.element_c
        vessel = self.vessel_c
        left = self.left_c
        right = self.right_c
        if self.fused:
            heat_w = 0.0
        to_water = self._g_element * (element - water - half)
        to_vessel = self._g_vessel * (water - vessel)
        wall = self._g_wall * (vessel - room)
        vapour = self._g_vapour * (0.61094 * exp(17.625 * water / (water + 243.04)) - self._room_kpa)
        surface = self._g_surface * (water - room)
        perfusion = self._perfusion
        to_left = self._g_left * (water - left)
        to_right = self._g_right * (water - right)
        air_left = self._a_left * (left - room)
        air_right = self._a_right * (right - room)
        body_left = perfusion * (CORE_C - left)
        body_right = perfusion * (CORE_C - right)
        self.element_c = element = element + self._k_element * (heat_w - to_water)
        self.water_c = water + self._k_water * (to_water - to_vessel - surface - vapour - to_left - to_right)
        self.half_c = half = half + self._k_half * (0.25 * to_water / self._g_mixing - half)
        self.vessel_c = vessel + self._k_vessel * (to_vessel - wall)
        k_foot = self._k_foot
        self.left_c = left + k_foot * (to_left + body_left - air_left)
        self.right_c = right + k_foot * (to_right + body_right - air_right)
        self.heater_j += dt * heat_w
        self.body_j += dt * (body_left + body_right)
        self.lost_j += dt * (wall + surface + vapour + air_left + air_right)
        self._evaporated_j = gone = self._evaporated_j + dt * vapour
        if gone > DRY_OFF_KG * VAPOUR_J_KG:
            self._dry_off()
        if water + half > self._cutout or element > self._cutout_element:
            self.fused = True

    def _dry_off(self) -> None:
        self._evaporated_j -= DRY_OFF_KG * VAPOUR_J_KG
        self.evaporated_kg += DRY_OFF_KG
        self.volume_l = max(self.volume_l - DRY_OFF_KG, DRY_OFF_KG)
        self.poured_j -= WATER_J_KG_K * DRY_OFF_KG * self.water_c
        self.couple()
