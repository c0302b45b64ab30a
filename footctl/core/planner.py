"""From a program, a person and a device to a plan: phases become steps, every value goes through the gate, each difference is told.

Total: whatever comes in, a Plan comes out; what must not run is in its `refused`. It knows no time and no readings; what earlier
sessions used up comes as one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from footctl.core import preheat, texts
from footctl.core.allowed import Allowed
from footctl.core.budget import DAY, SHORTEST_S, Budgets, left_of_the_day
from footctl.core.caps import Gate, Layer
from footctl.core.dose import SENSOR_MARGIN_C, cem43
from footctl.core.events import Earlier, Identified
from footctl.core.fields import PressureRange
from footctl.core.fit import fit, session_s
from footctl.core.learned import RULE, Ceilings
from footctl.core.person import DRY_S, TIERS, Person, stricter
from footctl.core.plan import Plan, Step
from footctl.core.profile import GuidedPhase, MassagePhase, Phase, Profile, PromptPhase, SoakPhase, StretchPhase
from footctl.core.told import Told, listed

LEASES = ("release_lease", "heat_lease", "setpoint_lease")
PROOF_MS = 1000  # before the device latches, what opens by itself must have been seen to [ENG]
SOFT_START_PART = 0.5  # of the pressure cap [ENG]
_AFTER_SOAK = dict.fromkeys(("pressure_max", "pressure_trip"), "wet skin has less shear tolerance [ENG]")


def make_plan(
    profile: Profile,
    person: Person,
    identity: Identified,
    caps: Mapping[str, int],
    earlier: Earlier | None = None,
    start_phase: int | None = None,
) -> Plan:
    """The plan of `profile` for `person` on the device with `identity` and cap table `caps`, from phase `start_phase` (from 0) on."""
    planning = _Planning(profile, person, identity, caps, earlier or Earlier())
    return planning.plan(start_phase or 0)


class _Planning:
    def __init__(self, profile: Profile, person: Person, identity: Identified, caps: Mapping[str, int], earlier: Earlier) -> None:
        self.profile = profile
        self.person = person
        self.identity = identity
        self.caps = caps
        self.tier = TIERS[stricter(person.tier if person.tier in TIERS else "no_soak", profile.tier)]
        own = TIERS.get(person.tier, TIERS["no_soak"])
        program = TIERS[profile.tier]
        self.gate = Gate(
            (
                Layer("device", caps, dict.fromkeys(caps, f"cap table of {identity.model} {identity.serial}")),
                Layer(f"tier {own.name}", own.caps, own.sources),
                Layer("person", person.limits, _why(person, person.limits), complete=False),
                Layer("program", program.caps, dict.fromkeys(program.caps, f"the program is for tier {program.name}")),
            )
        )
        wet = self.gate.tightened(Layer(f"tier {self.tier.name} after a soak", self.tier.after_soak, _AFTER_SOAK, complete=False))
        self.wet_gate = wet.tightened(Layer("person after a soak", person.after_soak, _why(person, person.after_soak), complete=False))
        self.day = Layer(DAY, left_of_the_day(own, earlier), complete=False)
        self.budgets = Budgets(self.gate, own, earlier)
        self.learned = Ceilings(earlier.ceilings, earlier.reasons)
        self.told = Told()
        self.allowed = Allowed(self.told, person, self.tier, identity, self.gate)
        self.steps: list[Step] = []
        self.notes: list[str] = [*earlier.notes, *person.notes]
        self.dose = 0.0
        self.preheat_s = 0.0
        self.soaked = False
        self.wet_s = self._still_wet_s(earlier.since_soak_s)  # of an earlier session; what soaks in this one has its own
        self.place: str | None = None
        self.soft_left = 0.0
        self.dry_pressure = False  # some phase presses on skin that was not soaked

    # ---------------------------------------------------------------------------------------------- the whole

    def plan(self, start: int) -> Plan:
        phases = self.profile.phases
        self.allowed.device(self.caps)
        self.allowed.anything()
        if not 0 <= start < len(phases):
            self.told.refuse("start", "start phase", str(start + 1), "program", f"the program has {len(phases)} phases")
            start = 0
        self.soaked = any(isinstance(phase, SoakPhase) for phase in phases[:start])
        if self.soaked or not self._presses(start):
            self.wet_s = 0.0
        wet = self.soaked = self.soaked or self.wet_s > 0
        merged = -1
        for index in range(start, len(phases)):
            phase = phases[index]
            if wet and not self._soak_follows(index):
                merged = index if self._dry(index) else -1
                wet = False
            if index != merged:
                wet = self._phase(index, phase) or wet
        if wet:
            self._dry(len(phases))
        self._look_at_the_skin()
        self.steps.append(Step("finish", "finish", text=texts.FINISH if self.tier.name == "standard" else texts.FINISH_SLOWLY))
        cap = self.gate.cap("session_time")
        self.steps, cuts, enough = fit(self.steps, cap.value)
        for name, asked, left in cuts:
            self.told.lower(name, "time s", asked, left, cap.rule, cap.source)
        if not enough:
            self.told.refuse("program", "time s", session_s(self.steps), cap.rule, cap.source)
        if not self.told.refused and not self._something_left(phases[start:]):
            self.told.refuse("program", "phases", "all", "program", "for this person and device nothing of it is left")
        return self._finished()

    def _still_wet_s(self, since_s: float | None) -> float:
        """How much longer skin counts as wet, where that has a rule. A time that is no sensible number counts as just now."""
        if since_s is None or not (self.tier.dry_s or self.person.after_soak):
            return 0.0
        return max(0.0, DRY_S - since_s) if since_s >= 0 else DRY_S

    def _presses(self, start: int) -> bool:
        return any(isinstance(phase, MassagePhase | StretchPhase) for phase in self.profile.phases[start:])

    def _look_at_the_skin(self) -> None:
        """In a tier of skin checks: one before the first massage and one after the last, unless the program has them there."""
        pressing = [index for index, step in enumerate(self.steps) if step.technique is not None]
        if not pressing or not self.tier.skin_checks:
            return
        first, last = pressing[0] - 1, pressing[-1] + 1  # what is before the first is the question for feet on the roller
        if not any(step.check for step in self.steps[last:]):
            name = f"{texts.SKIN_CHECK_NAME} after"
            self.steps.insert(last, Step("prompt", name, text=texts.SKIN_CHECK_AFTER, confirm=True, check=True))
        if not any(step.check for step in self.steps[:first]):
            self.steps.insert(first, Step("prompt", texts.SKIN_CHECK_NAME, text=texts.SKIN_CHECK, confirm=True, check=True))

    def _something_left(self, phases: tuple[Phase, ...]) -> bool:
        asked = any(isinstance(phase, SoakPhase | MassagePhase | StretchPhase) for phase in phases)
        return not asked or any(step.kind in ("soak", "massage", "stretch") for step in self.steps)

    def _phase(self, index: int, phase: Phase) -> bool:
        """Add a phase's steps. True when the feet are wet after it."""
        match phase:
            case SoakPhase():
                return self._soak(index, phase)
            case PromptPhase():
                confirm, name = phase.confirm, phase.name or "prompt"
                check = self.tier.skin_checks and confirm and name.casefold().startswith(texts.SKIN_CHECK_NAME)
                self.steps.append(Step("prompt", name, phase.for_s, phase=index, text=phase.text, confirm=confirm, check=check))
            case MassagePhase():
                self._massage(index, phase, phase.technique, phase.pressure, phase.ramp)
            case StretchPhase():
                self._stretch(index, phase)
            case GuidedPhase():
                self.steps.append(Step("guided", phase.name or "by hand", phase.for_s, phase=index, text=phase.text))
                self.place = None  # hands reach the feet, so the feet are not on the roller
            case _:
                self.steps.append(Step("rest", phase.name or "rest", phase.for_s, phase=index, text=phase.text))
        return False

    def _finished(self) -> Plan:
        steps = self.steps
        self._tell()
        waters = [step.water_c for step in steps if step.kind == "soak" and step.water_c is not None]
        pressed = dict.fromkeys(("left", "right"), 0.0)
        for step in steps:
            for side in step.feet:
                pressed[side] += (step.duration_s or 0.0) * (step.pressure_from_kpa + step.pressure_to_kpa) / 2
        budget = self.gate.cap("pressure_max").value * self.gate.cap("massage_foot").value
        return Plan(
            program=self.profile.program,
            title=self.profile.name,
            tier=self.tier.name,
            steps=() if self.told.refused else tuple(steps),
            lowered=tuple(self.told.lowered),
            refused=tuple(self.told.refused),
            limits=self._limits(),
            water_max_c=max(waters, default=None),
            pressure_max_kpa=max((max(step.pressure_from_kpa, step.pressure_to_kpa) for step in steps), default=0.0),
            preheat_s=self.preheat_s,
            duration_s=sum(step.duration_s or step.least_s for step in steps),
            dose_cem43=self.dose,
            dose_budget_cem43=self.budgets.dose_total,
            pressure_time_part=max(pressed.values()) / budget if budget else 0.0,
            notes=tuple(self.notes),
        )

    def _limits(self) -> dict[str, int]:
        """Caps for the device. After-soak caps hold from the start when nothing presses before the soak: limits never loosen.

        What is left of the rolling 24 h is a cap of this session too: extending a phase or a host that hangs never passes it.
        """
        gate = (self.gate if self.dry_pressure or not self.soaked else self.wet_gate).tightened(self.day)
        gate = self.learned.soaking(gate) if self.soaked else gate
        most = {name: value for name, value in gate.limits().items() if name in self.caps}
        room = max(0, most.get("abort_lease", 0) - PROOF_MS)
        return {name: min(value, room) if name in LEASES else value for name, value in most.items()}

    # ---------------------------------------------------------------------------------------------- phases

    def _soak(self, index: int, phase: SoakPhase) -> bool:
        name = phase.name or "soak"
        sides = self.allowed.feet(name, frozenset(("left", "right")))
        if not self.allowed.soak(name) or not sides:
            return False
        water = self.told.value(name, "water °C", phase.water, self.gate.least("water_setpoint_min", phase.water))
        water = min(water, self._most(name, "water °C", "water_setpoint_max", phase.water, self.learned.soaking(self.gate)))
        if water < (least := self.gate.cap("water_setpoint_min")).value:
            self.told.refuse(name, "water °C", phase.water, least.rule, "no temperature is left between the least and the most")
            return False
        seconds = self.told.time(name, phase.for_s, self.budgets.soak(phase.for_s), self.budgets.soak_gone)
        seconds = self._within_dose(name, seconds, water + SENSOR_MARGIN_C)
        if seconds < SHORTEST_S:
            return False
        warm_up = preheat.seconds(self.identity.volume_l, self.identity.heater_w, preheat.ROOM_C, water)
        if not self._can_heat(name, warm_up, water):
            return False
        ramp_c_min = self._most(name, "ramp °C/min", "water_ramp", phase.ramp or self.gate.cap("water_ramp").value)
        self.dose += self.budgets.soaked(seconds, water + SENSOR_MARGIN_C)
        if self.place != "bath":
            self._salt(name)
            self.steps.append(Step("preheat", "preheat", water_c=water, feet=frozenset()))
            text = texts.FEET_IN_BATH.format(feet=texts.feet(sides))
            self.steps.append(Step("feet_in", "feet in", text=text, confirm=True, water_c=water, feet=sides))
            self.preheat_s = self.preheat_s or warm_up
        self.place = "bath"
        self.soaked = True
        self.wet_s = 0.0
        self.steps.append(
            Step("soak", name, seconds, phase=index, water_c=water, ramp_c_min=ramp_c_min, bubbles=self._bubbles(name, phase), feet=sides)
        )
        return True

    def _salt(self, soak: str) -> None:
        """Salt dries skin and stings wounds that may not be felt: only the standard tier has it."""
        litres = self.identity.volume_l
        if self.profile.salt and self.tier.name == "standard":
            text = texts.SALT.format(grams=litres * texts.SALT_G_L, litres=litres)
            self.steps.append(Step("prompt", "salt", text=text, confirm=True))
        elif self.profile.salt:
            self.told.lower(soak, "salt", "on", "off", f"tier {self.tier.name}", "it dries skin and stings what is not felt [ENG]")

    def _can_heat(self, name: str, warm_up: float, water: float) -> bool:
        cap = self.gate.cap("preheat_time")
        wrist_warm = preheat.seconds(self.identity.volume_l, self.identity.heater_w, texts.WRIST_WARM_C, water)
        if wrist_warm > cap.value:
            asked = warm_up if isfinite(warm_up) else "never"
            self.told.refuse(name, "preheat s", asked, cap.rule, f"{self.identity.heater_w} W are too few for {self.identity.volume_l:g} L")
            return False
        return True

    def _bubbles(self, name: str, phase: SoakPhase) -> bool:
        if phase.bubbles and "bubbles" not in self.identity.features:
            self.told.lower(name, "bubbles", "on", "off", "device", "the device makes no bubbles")
            return False
        return phase.bubbles

    def _dry(self, index: int) -> bool:
        """The step after a soak: out of the water, dry, with oil where the program has one and nothing heats afterwards.

        A confirmed prompt at `index` becomes part of it; True when there is one.
        """
        after = self.profile.phases[index:]
        prompt = after[0] if after and isinstance(after[0], PromptPhase) and after[0].confirm else None
        words = [texts.STILL_WET if self.wet_s else texts.DRY]
        if self.tier.dry_s:
            words.append(texts.SKIN_CHECK)
        if prompt:
            words.append(prompt.text)
        oil = self.profile.oil if not any(isinstance(phase, SoakPhase) for phase in after) else None
        if oil:
            words.append(texts.oil(oil))
        name = "dry + oil" if oil else "dry"
        least_s = min(self.tier.dry_s, self.wet_s or DRY_S) if self._presses(index) else 0.0
        phase = index if prompt else None
        check = self.tier.skin_checks
        self.steps.append(Step("dry", name, least_s=least_s, phase=phase, text=" ".join(words), confirm=True, check=check))
        self.place = None
        return prompt is not None

    def _soak_follows(self, index: int) -> bool:
        """True when the next phase that is no prompt soaks: feet stay in."""
        for phase in self.profile.phases[index:]:
            if not isinstance(phase, PromptPhase):
                return isinstance(phase, SoakPhase)
        return False

    def _stretch(self, index: int, phase: StretchPhase) -> None:
        if "stretch" in self.identity.techniques and self.allowed.has_roller:
            gentle = min(TIERS["no_soak"].pressure_default_kpa, self.gate.cap("pressure_max").value)
            self._massage(index, phase, "stretch", phase.pressure or PressureRange.model_construct(start_kpa=gentle, end_kpa=gentle), None)
            return
        sides = self.allowed.feet(phase.name or "stretch", phase.feet)
        if sides:
            text = texts.BY_HAND + phase.text
            self.steps.append(Step("stretch", phase.name or "stretch", phase.for_s, phase=index, text=text, feet=sides))
            self.place = None

    def _massage(
        self, index: int, phase: MassagePhase | StretchPhase, technique: str, pressure: PressureRange, ramp: float | None
    ) -> None:
        name = phase.name or f"{listed(phase.zones, ' + ')} {technique}"
        if not self.allowed.press(name):
            return
        sides = self.allowed.feet(name, phase.feet)
        zones = self.allowed.zones(name, phase.zones)
        known = self.allowed.technique(name, technique)
        if not sides or not zones or not known:
            return
        spared = self.learned.spared(sides, zones, known)
        if spared:
            why = "hurt so easily that they are left alone"
            self.told.lower(name, "zones", listed(zones), listed(zones - spared) or "none", RULE, why)
            zones -= spared
        if not zones:
            return
        gate = self.learned.pressing(self.wet_gate if self.soaked else self.gate, sides, zones, known)
        start, end = self._pressures(name, pressure, gate)
        seconds = self.told.time(name, phase.for_s, self.budgets.massage(phase.for_s, sides), self.budgets.massage_gone)
        if seconds < SHORTEST_S or max(start, end) <= 0:
            return
        steepest = self.gate.cap("pressure_ramp").value
        ramp_kpa_s = self._most(name, "ramp kPa/s", "pressure_ramp", steepest if ramp is None else ramp)
        self.budgets.massaged(seconds, sides)
        self.dry_pressure = self.dry_pressure or not self.soaked
        self._onto_roller(sides)
        soft = min(self.soft_left, seconds)
        self.soft_left -= soft
        kind = "stretch" if technique == "stretch" else "massage"
        text = phase.text if isinstance(phase, StretchPhase) else None
        step = Step(
            kind, name, seconds, phase=index, text=text, feet=sides, zones=zones, technique=known,
            pressure_from_kpa=start, pressure_to_kpa=end, ramp_kpa_s=ramp_kpa_s, speed_pct=float(phase.speed),
            most_kpa=gate.cap("pressure_max").value, soft_s=soft, soft_kpa=gate.cap("pressure_max").value * SOFT_START_PART,
        )  # fmt: skip
        self.steps.append(step)

    def _pressures(self, name: str, asked: PressureRange, gate: Gate) -> tuple[float, float]:
        """Both ends of the range through the gate; told once, for the higher of those that are lowered."""
        most = self._most(name, "pressure kPa", "pressure_max", max(asked.start_kpa, asked.end_kpa), gate)
        return min(asked.start_kpa, most), min(asked.end_kpa, most)

    def _onto_roller(self, sides: frozenset[str]) -> None:
        place = "roller " + " ".join(sorted(sides))
        if self.place != place:
            text = texts.FEET_ON_ROLLER.format(feet=texts.feet(sides))
            self.steps.append(Step("feet_in", "feet on roller", text=text, confirm=True, feet=sides))
            self.place = place
            self.soft_left = self.gate.cap("soft_start").value

    def _most(self, phase: str, what: str, cap: str, asked: float, gate: Gate | None = None) -> float:
        answer = (gate or self.gate).most(cap, asked)
        if answer.rule == RULE:
            self.learned.tell(answer.source)
        return self.told.value(phase, what, asked, answer)

    def _within_dose(self, phase: str, seconds: float, celsius: float) -> float:
        """As much of `seconds` at `celsius` as the dose budget allows."""
        asked = cem43([(seconds, celsius)])
        answer = self.budgets.dose(asked)
        if not answer.lowered:
            return seconds
        given = answer.given or 0.0
        seconds *= given / asked
        if seconds < SHORTEST_S:
            self.told.refuse(phase, "dose CEM43", asked, answer.rule, answer.source)
        else:
            self.told.lower(phase, "dose CEM43", asked, given, answer.rule, answer.source)
        return seconds

    # ---------------------------------------------------------------------------------------------- words

    def _tell(self) -> None:
        kinds = {step.kind for step in self.steps}
        self.notes += self.learned.told
        if not self.person.screened:
            self.notes.append(texts.UNSCREENED)
        self.notes.append(texts.HYGIENE)
        if "soak" in kinds:
            water = next(step.water_c for step in self.steps if step.kind == "soak")
            litres, watts = self.identity.volume_l, self.identity.heater_w
            minutes = preheat.seconds(litres, watts, texts.WRIST_WARM_C, water or 0.0) / 60
            self.notes.append(texts.FILL.format(litres=litres, minutes=max(1.0, minutes)))
            self.notes.append(texts.WARM_ROOM)
        if self.profile.oil in ("peppermint", "eucalyptus"):
            self.notes.append(texts.MENTHOL.format(oil=self.profile.oil))
        if self.profile.oil and self.tier.dry_s:
            self.notes.append(texts.SENSITIVE_OIL)
        if self.profile.oil and self.person.nuts:
            self.notes.append(texts.NUTS)


def _why(person: Person, caps: Mapping[str, int]) -> dict[str, str]:
    return {name: person.reasons.get(name, f"set for {person.name}") for name in caps}
