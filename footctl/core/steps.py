"""One step of the plan while it runs: its clock, what it waits for, what should be at the device meanwhile.

One class a kind of step, in a table by its name. A step sees samples and answers; it knows neither the steps around it
(save what the coming phase needs) nor what a command is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from footctl.core import trajectory
from footctl.core.commands import SetMassage, SetWater
from footctl.core.events import Sample
from footctl.core.levels import ACTIVE, Levels
from footctl.core.plan import Step
from footctl.core.surroundings import NEAR_S, TIMER_MARGIN_S, Surroundings

HEAT_HELD_S = 10.0  # both feet out of the soak: heat off (F26) [ENG]
FEET_GONE_S = 60.0  # and after this the soak is paused [ENG]
OFF_S = 5.0  # a finished device must read off within: release 1 s, the rest for a slow link [ENG]
PRESSURE_GRAIN_KPA = 0.5
POURED = "somebody poured in warm water: feet out until it is stable"
LONG_S = 4 * 3600.0  # no step is longer
SOON_S = 0.2  # how often telemetry comes


class Running:
    """A step under way. Subclasses say what `look` means for their kind.

    `holding`: why the clock waits, "" when it runs. `asks`: kind of the question, or None. `why_not`: why a yes does not count yet.
    `gone`: feet that left and must come back before it goes on. `failed`: why the session cannot go on.
    """

    lamp: ClassVar[str] = "off"
    unsettled = ""  # why it must wait for the water, after which only a person lets it go on
    asks: str | None = None
    live: ClassVar[bool] = False  # heat or pressure may act on the person: check-ins run
    skippable: ClassVar[bool] = True

    def __init__(self, now: float, step: Step, coming: Step | None, keep_warm_c: float | None, around: Surroundings) -> None:
        self.step = step
        self.coming = coming
        self.around = around
        self.keep_warm_c = keep_warm_c
        self.duration_s = step.duration_s
        self.ran_s = 0.0
        self.done = False
        self.holding = ""
        self.why_not = ""
        self.gone: frozenset[str] = frozenset()
        self.failed = ""
        self.began = now
        self._mark = now
        self._levels: Levels | None = None

    def advance(self, now: float) -> None:
        """Let the clock run to `now` by what was true before."""
        if not self.holding:
            self.ran_s += now - self._mark
        self._mark = now

    def look(self, now: float) -> None:
        """Judge what is true now. Called after `advance`, on samples and at deadlines."""
        self.done = self.spent

    def answer(self) -> bool:
        """The person said yes to what this step asks. False when it does not count."""
        if self.asks is None or self.why_not:
            return False
        self.done = True
        return True

    def rest(self, now: float) -> None:
        """The session is paused from now on."""
        self.holding = "paused"

    def wake(self, now: float) -> None:
        """The session goes on."""
        self.holding = ""
        self._mark = now
        self.changed()

    @property
    def spent(self) -> bool:
        """Its time is over."""
        return self.duration_s is not None and self.ran_s >= self.duration_s - NEAR_S

    @property
    def left_s(self) -> float | None:
        """Time left on the clock, None when it waits for a person or a condition."""
        return None if self.duration_s is None else max(0.0, self.duration_s - self.ran_s)

    @property
    def next_deadline(self) -> float | None:
        """When the clock, running on, has reached its end."""
        if self.duration_s is None or self.holding or self.done:
            return None
        return self._mark + (self.duration_s - self.ran_s)

    @property
    def levels(self) -> Levels:
        """What should be at the device."""
        if self._levels is None:
            self._levels = self._make_levels()
        return self._levels

    def changed(self) -> None:
        """Comfort has changed: make the levels anew."""
        self._levels = None

    def _make_levels(self) -> Levels:
        return _warm(self, self.lamp)


def _warm(run: Running, lamp: str) -> Levels:
    """Nothing on, save water that waits for its soak. It may rise at once only while nobody is in it."""
    if run.keep_warm_c is None:
        return Levels(ACTIVE, lamp=lamp)
    around = run.around
    empty = run.step.kind == "preheat" and around.sample is not None and not around.sample.in_bath
    ramp = None if empty else around.limit("water_ramp") / 100
    return Levels(ACTIVE, heater=True, water=SetWater(around.comfort.water_c(run.keep_warm_c), ramp, pump=True), lamp=lamp)


class Preheat(Running):
    """Until the water is in band and has stopped rising; the person's feet are out."""

    lamp = "wait"

    def look(self, now: float) -> None:
        target = self.around.comfort.water_c(self.step.water_c or 0.0)
        hottest = self.around.water.hottest_c
        most_c = self.around.limit("feet_in_max") / 100
        in_band = trajectory.in_band(hottest, target, self.step.band_c)
        self.done = in_band and not self.around.water.unsafe(now, most_c)
        if self.around.nobody_came(now) and not self.done:
            self.failed = "the water did not become ready within the longest preheat time"

    @property
    def left_s(self) -> float | None:
        return None

    @property
    def next_deadline(self) -> float | None:
        return max(self.around.waits_until, self._mark + SOON_S)


class FeetIn(Running):
    """Until the feet are where the coming phase wants them, the water is safe, and the person says so."""

    lamp = "feet_in"
    asks = "feet_in"
    skippable = False

    def look(self, now: float) -> None:
        coming = self.coming
        heats = coming is not None and coming.water_c is not None
        missing = self.around.missing(self.step.feet if coming is None else coming.feet, heats)
        water, most_c = self.around.water, self.around.limit("feet_in_max") / 100
        self.why_not = "" if not heats else water.unsafe(now, most_c) if missing else water.too_warm(most_c)
        if not self.why_not and missing:
            self.why_not = f"{_unseen(missing)} {'in the water' if heats else 'on the roller'} yet"
        if self.around.nobody_came(now) and not self.done:
            self.failed = f"nobody {'stepped in' if missing else 'said that both feet are in'} within the longest preheat time"

    def answer(self) -> bool:
        if not super().answer():
            return False
        self.around.warming_since = None
        return True

    @property
    def next_deadline(self) -> float | None:
        return max(self.around.waits_until, self._mark + SOON_S)

    def _make_levels(self) -> Levels:
        motor = self.coming is not None and self.coming.technique is not None
        levels = _warm(self, self.lamp)
        return Levels(ACTIVE, levels.heater, motor, levels.water, None, self.lamp) if motor else levels


class Soak(Running):
    """The clock runs only in band and with the feet in. Heat is held off while both are out."""

    live = True

    def __init__(self, now: float, step: Step, coming: Step | None, keep_warm_c: float | None, around: Surroundings) -> None:
        super().__init__(now, step, coming, keep_warm_c, around)
        self._empty_since: float | None = None
        self._heat_held = False

    def look(self, now: float) -> None:
        sample = self.around.sample
        missing = self.around.missing(self.step.feet, True)
        target = self.around.comfort.water_c(self.step.water_c or 0.0)
        if missing == self.step.feet:
            if self._empty_since is None:
                self._empty_since = now
        else:
            self._empty_since = None
        self._hold_heat(now)
        if missing:
            self.holding = f"out of the water: {' and '.join(sorted(missing))} foot"
        elif sample is None or not trajectory.in_band(_mean(sample), target, self.step.band_c):
            self.holding = f"the water is not within {self.step.band_c:.1f} °C of {target:.1f} °C"
        else:
            self.holding = ""
        self.done = self.spent or self.around.soaked_s >= self.around.limit("soak_time") - TIMER_MARGIN_S
        self.unsettled = POURED if self.around.water.poured else ""

    def _hold_heat(self, now: float) -> None:
        since = self._empty_since
        held = since is not None and now >= since + HEAT_HELD_S - NEAR_S
        if held != self._heat_held:
            self._heat_held = held
            self.changed()
        self.gone = self.step.feet if since is not None and now >= since + FEET_GONE_S - NEAR_S else frozenset()

    def wake(self, now: float) -> None:
        super().wake(now)
        self._empty_since = None
        self._heat_held = False
        self.gone = frozenset()
        self.unsettled = ""

    @property
    def next_deadline(self) -> float | None:
        if self._empty_since is not None:
            return self._empty_since + (FEET_GONE_S if self._heat_held else HEAT_HELD_S)
        return super().next_deadline

    def _make_levels(self) -> Levels:
        if self._heat_held:
            return Levels(ACTIVE, heater=True, lamp="feet_in")
        step = self.step
        target = self.around.comfort.water_c(step.water_c or 0.0)
        return Levels(ACTIVE, heater=True, water=SetWater(target, step.ramp_c_min, True, step.bubbles), lamp=self.lamp)


def _unseen(feet: frozenset[str]) -> str:
    """The beginning of a sentence about one foot or both."""
    return f"the {min(feet)} foot is not seen" if len(feet) == 1 else "no foot is seen"


def _mean(sample: Sample) -> float | None:
    """What the thermostat holds to the setpoint: the mean of the good sensors."""
    if sample.water_c is None or sample.water2_c is None:
        return sample.hottest_c
    return (sample.water_c + sample.water2_c) / 2


class Dry(Running):
    """Feet out, dried, confirmed; its least time counts from the moment that the feet are out."""

    lamp = "feet_out"
    asks = "dry"
    skippable = False

    def look(self, now: float) -> None:
        sample = self.around.sample
        wet = sample is None or (bool(sample.in_bath) and not self.around.shared_place)
        self.holding = "the feet are still in the water" if wet else ""
        if wet:
            self.ran_s = 0.0
            self.why_not = self.holding
        elif self.ran_s < self.step.least_s - NEAR_S:
            self.why_not = f"wait {self.step.least_s - self.ran_s:.0f} s more: skin must be dry before pressure"
        else:
            self.why_not = ""

    @property
    def next_deadline(self) -> float | None:
        if self.holding or self.ran_s >= self.step.least_s - NEAR_S:
            return None
        return self._mark + (self.step.least_s - self.ran_s)


class Told(Running):
    """Prompt, guided, stretch by hand, rest: text and time. A yes ends it where it is confirmed or has no time of its own."""

    lamp = "wait"

    def __init__(self, now: float, step: Step, coming: Step | None, keep_warm_c: float | None, around: Surroundings) -> None:
        super().__init__(now, step, coming, keep_warm_c, around)
        if step.confirm:
            self.duration_s = None
            self.asks = "prompt"
        elif step.duration_s is None:
            self.duration_s = step.least_s

    def look(self, now: float) -> None:
        super().look(now)
        early = self.asks is not None and self.ran_s < self.step.least_s - NEAR_S
        self.why_not = f"wait {self.step.least_s - self.ran_s:.0f} s more" if early else ""

    @property
    def next_deadline(self) -> float | None:
        if self.why_not:
            return self._mark + (self.step.least_s - self.ran_s)
        return super().next_deadline


class Massage(Running):
    """Pressure along its trajectory while the feet are on the roller. A foot that leaves pauses the session."""

    live = True

    def __init__(self, now: float, step: Step, coming: Step | None, keep_warm_c: float | None, around: Surroundings) -> None:
        super().__init__(now, step, coming, keep_warm_c, around)
        # A level changes only so often: half a kPa is less than a person feels [ENG], and every change costs a turn of the host.
        span = abs(step.pressure_to_kpa - step.pressure_from_kpa)
        self._quantum_s = max(1.0, (step.duration_s or 0.0) * PRESSURE_GRAIN_KPA / span) if span else LONG_S
        self._holds_s = 0.0  # the level does not change by itself before its clock shows this

    def look(self, now: float) -> None:
        super().look(now)
        self.gone = self.around.missing(self.step.feet, False)
        if self.ran_s + NEAR_S >= self._holds_s:
            self.changed()

    @property
    def most_kpa(self) -> float:
        """What firmer may reach."""
        return max(self.step.most_kpa, self.step.pressure_to_kpa)

    def _pressure(self) -> float:
        ran, step = self.ran_s + NEAR_S, self.step
        quantum = self._quantum_s
        planned = trajectory.pressure_kpa(step, int(ran / quantum) * quantum)
        cap = self.most_kpa if ran >= step.soft_s else min(step.soft_kpa, self.most_kpa)
        return int(self.around.comfort.pressure_kpa(planned, cap) * 100 + NEAR_S) / 100

    @property
    def next_deadline(self) -> float | None:
        end = super().next_deadline
        if end is None:
            return None
        change = self._mark + (self._change_s() - self.ran_s)
        return change if change < end else end

    def _change_s(self) -> float:
        """What its clock shows when the level changes next."""
        ran, soft_s = self.ran_s + NEAR_S, self.step.soft_s
        change = (int(ran / self._quantum_s) + 1) * self._quantum_s
        return soft_s if ran < soft_s < change else change

    def _make_levels(self) -> Levels:
        step = self.step
        self._holds_s = self._change_s()
        massage = SetMassage(step.feet, step.zones, step.technique or "", self._pressure(), step.ramp_kpa_s, step.speed_pct)
        return Levels(ACTIVE, motor=True, massage=massage, lamp=self.lamp)


class Stretch(Massage):
    """A stretch by the device."""


class Finish(Running):
    """Everything off in good order, seen to be off, and the lamp tells the person. A lamp that does not come keeps nobody."""

    lamp = "feet_out"
    skippable = False

    def look(self, now: float) -> None:
        sample = self.around.sample
        late = self.ran_s >= OFF_S - NEAR_S
        self.done = sample is not None and sample.is_off and sample.state == "idle" and (sample.lamp == self.lamp or late)
        if not self.done and late:
            self.failed = "the device did not read back that everything is off"

    @property
    def left_s(self) -> float | None:
        return None

    @property
    def next_deadline(self) -> float | None:
        return self._mark + max(OFF_S - self.ran_s, SOON_S)

    def _make_levels(self) -> Levels:
        return Levels(lamp=self.lamp)


_KINDS: Mapping[str, type[Running]] = {
    "preheat": Preheat,
    "feet_in": FeetIn,
    "soak": Soak,
    "dry": Dry,
    "prompt": Told,
    "massage": Massage,
    "stretch": Stretch,
    "guided": Told,
    "rest": Told,
    "finish": Finish,
}


def run(now: float, steps: tuple[Step, ...], index: int, around: Surroundings) -> Running:
    """Step `index` of `steps`, begun at `now`."""
    step = steps[index]
    kind = Told if step.kind == "stretch" and step.technique is None else _KINDS[step.kind]
    coming = next((later for later in steps[index + 1 :] if later.water_c is not None or later.technique is not None), None)
    return kind(now, step, coming, _kept_warm(steps, index), around)


def _kept_warm(steps: tuple[Step, ...], index: int) -> float | None:
    """The water to hold during step `index`: warmed by a preheat before it, soaked in after it."""
    for earlier in steps[index::-1]:
        if earlier.kind == "preheat":
            return next((later.water_c for later in steps[index:] if later.kind == "soak"), None)
        if earlier.kind == "soak":
            break
    return None
