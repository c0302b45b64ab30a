"""One step of the plan while it runs: its clock, what it waits for, what should be at the device meanwhile.

One class a kind of step, in a table by its name. A step sees samples and answers; it knows neither the steps around it
(save what the coming phase needs) nor what a command is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from footctl.core import trajectory
from footctl.core.comfort import Comfort
from footctl.core.commands import SetMassage, SetWater
from footctl.core.events import Identified, Sample
from footctl.core.levels import ACTIVE, Levels
from footctl.core.plan import Plan, Step
from footctl.core.preheat import WATER_J_K_L

NEAR_S = 1e-6  # two sums of the same times differ by rounding; this much early is on time
STABLE_S = 30.0  # water is safe to enter when it has not risen for so long [ENG]
POUR_C_MIN = 3.0  # faster than the heater can, by this: somebody pours (F09)
POUR_S = 10.0
JUMP_C = 0.4  # between two samples: a sensor's doing, not the water's, which its pocket shows within 8 s [CALC]
TAP_C = 20.0  # of cold water; most taps are colder, so a little less does [ENG]
RISE_C = 0.5  # by more than the band's half width [ENG]
HEAT_HELD_S = 10.0  # both feet out of the soak: heat off (F26) [ENG]
FEET_GONE_S = 60.0  # and after this the soak is paused [ENG]
TIMER_MARGIN_S = 2.0  # what the device's own timers would latch ends by itself so much earlier [ENG]
OFF_S = 5.0  # a finished device must read off within: release 1 s, the rest for a slow link [ENG]
PRESSURE_GRAIN_KPA = 0.5
POURED = "somebody poured in warm water: feet out until it is stable"
LONG_S = 4 * 3600.0  # no step is longer
SOON_S = 0.2  # how often telemetry comes


class Water:
    """Is the water safe to step into, and to stay in? Follows the hottest sensor; only a rise counts, feet cool it.

    `litres` and `heater_w` as the device says: how fast the heater can warm it, and how much cold water helps.
    `poured`: it got warmer than the heater can make it, and has not been stable since (F09).
    """

    __slots__ = ("_faster_c", "_from", "_low", "_since", "hottest_c", "litres", "poured")

    def __init__(self, litres: float, heater_w: float) -> None:
        self.hottest_c: float | None = None
        self.litres = litres
        self.poured = False
        self._low = -300.0
        self._since = 0.0
        heater_c = heater_w / (WATER_J_K_L * litres) * POUR_S if litres > 0 else 0.0
        self._faster_c = POUR_C_MIN / 60 * POUR_S + heater_c
        self._from: tuple[float, float] | None = None  # since when it is watched, and how warm it was

    def see(self, now: float, hottest_c: float | None) -> None:
        """A reading at `now`."""
        before, self.hottest_c = self.hottest_c, hottest_c
        jumped = hottest_c is None or before is None or abs(hottest_c - before) > JUMP_C
        if hottest_c is None or self._from is None or jumped or hottest_c < self._from[1]:
            self._from = None if hottest_c is None else (now, hottest_c)
        elif hottest_c - self._from[1] > self._faster_c:
            self.poured = True
            self._from = now, hottest_c
        elif now - self._from[0] >= POUR_S:
            self._from = now, hottest_c
        if hottest_c is None or hottest_c > self._low + RISE_C:
            self._low = -300.0 if hottest_c is None else hottest_c
            self._since = now
        elif hottest_c < self._low:
            self._low = hottest_c
        if now >= self._since + STABLE_S:
            self.poured = False

    def too_warm(self, most_c: float) -> str:
        """Why nobody may be in it, "" when it is cool enough."""
        if self.hottest_c is None:
            return "the water's temperature is unknown"
        if self.hottest_c > most_c:
            cold = self._cold(self.hottest_c, most_c)
            return f"the water has {self.hottest_c:.1f} °C; at most {most_c:.1f} °C is safe to step into{cold}"
        return ""

    def _cold(self, hottest_c: float, most_c: float) -> str:
        """How much cold water makes it half a degree cooler than it may be."""
        want_c = most_c - 0.5
        if self.litres <= 0 or want_c <= TAP_C:
            return ""
        litres = self.litres * (hottest_c - want_c) / (hottest_c - TAP_C)
        return f": take out {litres:.1f} L and put in as much cold water" if litres >= 0.05 else ""

    def unsafe(self, now: float, most_c: float) -> str:
        """Why nobody may step in, "" when it is safe."""
        if now < self._since + STABLE_S - NEAR_S:
            return self.too_warm(most_c) or "the water is not stable yet"
        return self.too_warm(most_c)


class Surroundings:
    """What steps share: the plan, the device's places, the newest sample, the person's wishes."""

    __slots__ = ("_seen_at", "comfort", "plan", "sample", "shared_place", "soaked_s", "warming_since", "water")

    def __init__(self, plan: Plan, comfort: Comfort, identity: Identified) -> None:
        self.plan = plan
        self.comfort = comfort
        self.shared_place = "shared" in identity.places
        self.sample: Sample | None = None
        self.water = Water(identity.volume_l, float(identity.heater_w))
        self.soaked_s = 0.0  # feet in the water so far, whatever the phase
        self.warming_since: float | None = None  # heat is on, or an enable is closed, for somebody who is not there yet
        self._seen_at = 0.0

    def limit(self, name: str) -> int:
        """A cap in the wire's units; one that is missing is zero."""
        return self.plan.limits.get(name, 0)

    def see(self, now: float, sample: Sample) -> None:
        """Take the newest sample."""
        if self.sample is not None and self.sample.in_bath:
            self.soaked_s += now - self._seen_at
        self._seen_at = now
        self.sample = sample
        self.water.see(now, sample.hottest_c)

    def nobody_came(self, now: float) -> bool:
        """True when what waits for a person has waited as long as a preheat may last."""
        if self.warming_since is None:
            self.warming_since = now
        return now >= self.waits_until - NEAR_S

    @property
    def waits_until(self) -> float:
        """When `nobody_came` becomes true."""
        return (self.warming_since or 0.0) + self.limit("preheat_time") - TIMER_MARGIN_S

    def missing(self, feet: frozenset[str], heats: bool) -> frozenset[str]:
        """The feet that are not on their place: in the bath when the phase `heats`, else on the roller."""
        if self.sample is None:
            return feet
        there = self.sample.in_bath if heats else self.sample.on_roller
        if self.shared_place:
            there = self.sample.in_bath | self.sample.on_roller
        return feet - there


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
