"""The host's second look at everything: what the device reads and what the program asks. It may veto or lower, never raise.

The device has its own supervisor, which does not trust this one; this one does not trust the device's readings to make sense.
Each guard is a few comparisons on a sample, five a second. The first fault is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from firmware_protocol import faults, limits
from footctl.core.commands import Command, SetMassage, SetWater, TooHard, TooWarm
from footctl.core.dose import Dose
from footctl.core.events import Event, Identified, Sample, Tripped
from footctl.core.guards import Guards
from footctl.core.plan import Plan
from footctl.core.preheat import WATER_J_K_L

HELD_S = 2.0  # over the trip limit for so long (safety case F15)
TWICE_S = 0.6  # two samples over the higher limit, so far apart
FROZEN_S = 1.5  # the sample counter stands still (F08)
BLIND_S = 2.0  # no good water reading while heat is asked for (F01, F02)
OFF_S = 20.0  # the heater is known to be off for so long, then the slope is watched (F05)
SLOPE_S = 20.0
SLOPE_C = 0.3  # in SLOPE_S: 500 W in 6 L gain 0.4 [CALC]
WEAK_S = 60.0  # full duty for so long must warm the water (F06)
WEAK_DUTY = 0.8
WEAK_PART = 0.3  # of what watts and litres promise, the losses taken off [ENG]
SETTLED_S = 180.0  # after feet moved: cold feet take 200-400 W at first [CALC]
FAST_S = 20.0  # twice in a row so much faster than the heater can in the litres that the device says: there is less water (F11)
FAST_PART = 1.5
FAST_NOISE_C = 0.1
LATELY_S = 2.0  # ten samples: over so long a poured litre shows its rate, and noise does not [ENG]
POUR_S = 60.0  # what warms faster than the heater can for longer than this is no water that somebody pours [ENG]
VESSEL_J_K = 1500.0  # the default device's vessel [ENG]
LOSS_W_K = 4.5  # 60-70 W at 16 K over the room [GK]
ROOM_C = 20.0  # cooler than most rooms where feet are bathed, so that the loss is not taken for too small
ALLOWANCE_C = 0.005  # a twentieth of the wire's rounding of pressures and temperatures


class Supervisor:
    """Watches one session. `fault`: the first thing that was wrong, None so far. `dose`: CEM43 of the session."""

    def __init__(self) -> None:
        self.fault: Tripped | None = None
        self.dose = Dose(limits.ABSOLUTE[limits.WATER_TRIP] / 100)
        self._plan: Plan | None = None
        self._guards = Guards(0.0, {})
        self._capacity_j_k = 0.0
        self._heater_w = 0.0
        self._trip_c = self._trip_now_c = 0.0
        self._feet = (frozenset[str](), frozenset[str]())
        self._feet_moved_at = 0.0
        self._hot_since: float | None = None
        self._very_hot_since: float | None = None
        self._counter = -1
        self._counter_at = 0.0
        self._blind_since: float | None = None
        self._off_since: float | None = None
        self._slope: tuple[float, float] | None = None
        self._earlier = self._lately = (0.0, 0.0)  # when it was how warm: two to four seconds ago, and after that
        self._poured = (-inf, -inf)  # from when to when it got warmer than the heater can make it
        self._full: tuple[float, float] | None = None
        self._fast: tuple[float, float] | None = None
        self._fast_windows = 0

    @property
    def dose_cem43(self) -> float:
        """Equivalent minutes at 43 °C so far."""
        return self.dose.cem43

    def begin(self, now: float, plan: Plan, identity: Identified) -> None:
        """The session starts: from here on `review` judges by this plan."""
        self._plan = plan
        self._guards = Guards(now, plan.limits)
        self._capacity_j_k = identity.volume_l * WATER_J_K_L + VESSEL_J_K
        self._heater_w = float(identity.heater_w)
        self._trip_c = plan.limits.get("water_trip", 0) / 100
        self._trip_now_c = plan.limits.get("water_trip_now", 0) / 100
        self._feet_moved_at = self._counter_at = now

    def review(self, now: float, events: Sequence[Event], commands: list[Command]) -> list[Command]:
        """The commands that may go out. A command beyond the plan's limits is held back and is a fault."""
        plan = self._plan
        if plan is None:
            return commands
        for event in events:
            if type(event) is Sample:
                self._look(now, event, plan)
        if not commands:
            return commands
        return [command for command in commands if self._allowed(command, plan)]

    # --- what the program asks

    def _allowed(self, command: Command, plan: Plan) -> bool:
        fine = True
        if isinstance(command, SetWater):
            fine = command.target_c is None or 0 <= command.target_c <= plan.limits.get("water_setpoint_max", 0) / 100 + ALLOWANCE_C
            if command.ramp_c_min is not None:
                fine = fine and 0 <= command.ramp_c_min <= plan.limits.get("water_ramp", 0) / 100 + ALLOWANCE_C
        elif isinstance(command, SetMassage):
            fine = 0 <= command.pressure_kpa <= plan.limits.get("pressure_max", 0) / 1000 + ALLOWANCE_C
            fine = fine and 0 <= command.ramp_kpa_s <= plan.limits.get("pressure_ramp", 0) / 1000 + ALLOWANCE_C
        elif isinstance(command, TooWarm):  # one more than the limit, which the device must refuse: no more than one
            fine = 0 <= command.water_c <= (plan.limits.get("water_setpoint_max", 0) + 1) / 100 + ALLOWANCE_C
        elif isinstance(command, TooHard):
            fine = 0 <= command.pressure_kpa <= (plan.limits.get("pressure_max", 0) + 1) / 1000 + ALLOWANCE_C
        if not fine:
            self._trip(faults.NONE, f"the program asked for more than the plan allows: {command!r}")
        return fine

    def _trip(self, fault: int, why: str) -> None:
        if self.fault is None:
            self.fault = Tripped(fault, why)

    # --- what the device reads

    def _look(self, now: float, sample: Sample, plan: Plan) -> None:
        hottest = sample.hottest_c
        feet = (sample.in_bath, sample.on_roller)
        if feet != self._feet:
            self._feet = feet
            self._feet_moved_at = now
        dose = self.dose
        dose.add(now, hottest, bool(sample.in_bath))
        if dose.cem43 >= plan.dose_budget_cem43 and sample.in_bath:
            self._trip(faults.DOSE_SPENT, f"the session's heat dose of {plan.dose_budget_cem43:g} CEM43 min is used up")
        if sample.sample != self._counter:
            self._counter = sample.sample
            self._counter_at = now
        elif now - self._counter_at >= FROZEN_S:
            self._trip(faults.SENSOR_STALE, "the sensor readings stopped advancing")
        found = self._guards.look(now, sample)
        if found is not None:
            self._trip(*found)
        if hottest is None:
            self._blind(now, sample)
        else:
            self._blind_since = None
            self._warmth(now, hottest)
            self._heater(now, sample, hottest)

    def _blind(self, now: float, sample: Sample) -> None:
        """No good water reading: only bearable while no heat is asked for."""
        self._hot_since = self._very_hot_since = self._slope = self._full = None
        if sample.setpoint_c is None:
            self._blind_since = None
        elif self._blind_since is None:
            self._blind_since = now
        elif now - self._blind_since >= BLIND_S:
            self._trip(faults.SENSOR_OPEN, "no water sensor has a good reading")

    def _warmth(self, now: float, hottest: float) -> None:
        if hottest < self._trip_c:
            self._hot_since = self._very_hot_since = None
            return
        if self._hot_since is None:
            self._hot_since = now
        elif now - self._hot_since >= HELD_S:
            self._trip(faults.OVER_TEMPERATURE, f"the water has {hottest:.1f} °C; it must stay below {self._trip_c:.1f} °C")
        if hottest < self._trip_now_c:
            self._very_hot_since = None
        elif self._very_hot_since is None:
            self._very_hot_since = now
        elif now - self._very_hot_since >= TWICE_S:
            self._trip(faults.OVER_TEMPERATURE, f"the water has {hottest:.1f} °C; {self._trip_now_c:.1f} °C is never allowed")

    def _heater(self, now: float, sample: Sample, hottest: float) -> None:
        """A heater that is off must not warm the water, one at full duty must."""
        if sample.heater_duty > 0 or sample.heater_enable:
            self._off_since = self._slope = None
        elif self._off_since is None:
            self._off_since = now
        elif now - self._off_since >= OFF_S:
            self._warms(now, hottest, self._slope)
        self._dry(now, sample, hottest)
        if sample.heater_duty < WEAK_DUTY or now - self._feet_moved_at < SETTLED_S:
            self._full = None
        elif self._full is None:
            self._full = now, hottest
        elif now - self._full[0] >= WEAK_S:
            self._weak(now, hottest, self._full)

    def _warms(self, now: float, hottest: float, slope: tuple[float, float] | None) -> None:
        """With the heater off only hot water that is poured in may warm the water (F05, F09)."""
        if slope is None:
            self._earlier = self._lately = self._slope = now, hottest
            return
        if now - self._lately[0] >= LATELY_S:
            self._earlier, self._lately = self._lately, (now, hottest)
        if hottest < slope[1] or now - slope[0] > SLOPE_S:
            self._slope = now, hottest
        elif hottest >= slope[1] + SLOPE_C and now - self._feet_moved_at >= SETTLED_S:
            if self._pours(now, hottest):
                self._slope = None
                self._off_since = now
            else:
                self._trip(faults.HEATER_STUCK_ON, "the water warms although the heater is off")

    def _pours(self, now: float, hottest: float) -> bool:
        """Somebody pours in hot water: the rise is faster than the heater can make it, and not for long."""
        at, before = self._earlier
        if hottest - before <= self._most_c(now - at):
            return False
        first, last = self._poured
        self._poured = first, last = (now if now - last > POUR_S else first), now
        return now - first <= POUR_S

    def _most_c(self, seconds: float) -> float:
        """More than this the heater cannot warm the water in this time, if there is as much of it as the device says."""
        return FAST_PART * self._heater_w * seconds / self._capacity_j_k + FAST_NOISE_C

    def _dry(self, now: float, sample: Sample, hottest: float) -> None:
        """Little water warms quickly."""
        if sample.heater_duty <= 0:
            self._fast = None
            self._fast_windows = 0
        elif self._fast is None:
            self._fast = now, hottest
        elif now - self._fast[0] >= FAST_S:
            most_c = self._most_c(now - self._fast[0])
            self._fast_windows = self._fast_windows + 1 if hottest - self._fast[1] > most_c else 0
            self._fast = now, hottest
            if self._fast_windows == 2:
                self._trip(faults.LOW_WATER, "the water warms faster than the heater can: is there too little of it?")

    def _weak(self, now: float, hottest: float, full: tuple[float, float]) -> None:
        watts = self._heater_w * WEAK_DUTY - LOSS_W_K * max(0.0, hottest - ROOM_C)
        expected = watts * (now - full[0]) / self._capacity_j_k
        self._full = now, hottest
        if expected > 0 and hottest - full[1] < WEAK_PART * expected:
            self._trip(faults.HEATER_DEAD, "the heater does not warm the water: is it broken, or is a sensor out of the water?")
