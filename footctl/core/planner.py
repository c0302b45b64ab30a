"""From a program, a person and a device to a plan: phases become steps, every value goes through the gate, each difference is told.

Total: whatever comes in, a Plan comes out; what must not run is in its `refused`. It knows no time and no readings; what earlier
sessions used up comes as one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

from firmware_protocol.limits import ABSOLUTE, CAPS, loosens
from firmware_protocol.messages import ZONES
from footctl.core import preheat, texts
from footctl.core.budget import SHORTEST_S, Budgets
from footctl.core.caps import Answer, Gate, Layer
from footctl.core.dose import SENSOR_MARGIN_C, cem43
from footctl.core.events import Earlier, Identified
from footctl.core.fields import PressureRange
from footctl.core.person import TIERS, Person, stricter
from footctl.core.plan import Limited, Plan, Step
from footctl.core.profile import GuidedPhase, MassagePhase, Phase, Profile, PromptPhase, RestPhase, SoakPhase, StretchPhase

QUESTION_S = 60.0  # a person takes about this long to read, do and confirm; the device's session timer runs meanwhile [ENG]
INSTEAD = ("rolling", "kneading", "circular")  # for a technique that the device lacks; never press, which stands still [ENG]
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
                Layer("person", person.limits, dict.fromkeys(person.limits, f"set for {person.name}"), complete=False),
                Layer("program", program.caps, dict.fromkeys(program.caps, f"the program is for tier {program.name}")),
            )
        )
        self.wet_gate = self.gate.tightened(Layer(f"tier {self.tier.name} after a soak", self.tier.after_soak, _AFTER_SOAK, complete=False))
        self.budgets = Budgets(self.gate, own, earlier)
        self.lowered: list[Limited] = []
        self.refused: list[Limited] = []
        self.steps: list[Step] = []
        self.notes: list[str] = []
        self.dose = 0.0
        self.preheat_s = 0.0
        self.soaked = False
        self.place: str | None = None
        self.soft_left = 0.0
        self.dry_pressure = False  # some phase presses on skin that was not soaked

    # ---------------------------------------------------------------------------------------------- the whole

    def plan(self, start: int) -> Plan:
        phases = self.profile.phases
        self._check_device()
        if not 0 <= start < len(phases):
            self._refuse("start", "start phase", str(start + 1), "program", f"the program has {len(phases)} phases")
            start = 0
        self.soaked = any(isinstance(phase, SoakPhase) for phase in phases[:start])
        wet = self.soaked
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
        self._fit_session()
        if not self.refused and not self._something_left(phases[start:]):
            self._refuse("program", "phases", "all", "program", "for this person and device nothing of it is left")
        return self._finished()

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
                self.steps.append(Step("prompt", name, phase.for_s, phase=index, text=phase.text, confirm=confirm))
            case MassagePhase():
                self._massage(index, phase, phase.technique, phase.pressure, phase.ramp)
            case StretchPhase():
                self._stretch(index, phase)
            case GuidedPhase():
                self.steps.append(Step("guided", phase.name or "by hand", phase.for_s, phase=index, text=phase.text))
                self.place = None  # hands reach the feet, so the feet are not on the roller
            case RestPhase():
                self.steps.append(Step("rest", phase.name or "rest", phase.for_s, phase=index, text=phase.text))
        return False

    def _finished(self) -> Plan:
        steps = self.steps
        slow = self.tier.name != "standard"
        if not self.refused:
            steps.append(Step("finish", "finish", text=texts.FINISH_SLOWLY if slow else texts.FINISH))
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
            steps=() if self.refused else tuple(steps),
            lowered=tuple(self.lowered),
            refused=tuple(self.refused),
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
        """Caps for the device. After-soak caps hold from the start when nothing presses before the soak: limits never loosen."""
        gate = self.gate if self.dry_pressure or not self.soaked else self.wet_gate
        return {name: value for name, value in gate.limits().items() if name in self.caps}

    def _check_device(self) -> None:
        for index, row in enumerate(CAPS):
            value = self.caps.get(row[0])
            if type(value) is int and loosens(index, value, ABSOLUTE[index]):
                self._refuse("device", f"cap {row[0]}", value, "absolute", "the device's own caps are looser than the absolute ones")

    # ---------------------------------------------------------------------------------------------- phases

    def _soak(self, index: int, phase: SoakPhase) -> bool:
        name = phase.name or "soak"
        sides = self._sides(name, frozenset(("left", "right")))
        if not self._may_soak(name) or not sides:
            return False
        water = self._least(name, "water °C", "water_setpoint_min", phase.water)
        water = min(water, self._most(name, "water °C", "water_setpoint_max", phase.water))
        if water < (least := self.gate.cap("water_setpoint_min")).value:
            self._refuse(name, "water °C", phase.water, least.rule, "no temperature is left between the least and the most")
            return False
        seconds = self._time(name, phase.for_s, self.budgets.soak(phase.for_s), self.budgets.soak_gone)
        seconds = self._within_dose(name, seconds, water + SENSOR_MARGIN_C)
        if seconds < SHORTEST_S:
            return False
        warm_up = preheat.seconds(self.identity.volume_l, self.identity.heater_w, preheat.ROOM_C, water)
        if not self._can_heat(name, warm_up, water):
            return False
        ramp_c_min = self._most(name, "ramp °C/min", "water_ramp", phase.ramp or self.gate.cap("water_ramp").value)
        self.dose += self.budgets.soaked(seconds, water + SENSOR_MARGIN_C)
        if self.place != "bath":
            self.steps.append(Step("preheat", "preheat", water_c=water, feet=frozenset()))
            text = texts.FEET_IN_BATH.format(feet=texts.feet(sides))
            self.steps.append(Step("feet_in", "feet in", text=text, confirm=True, water_c=water, feet=sides))
            self.preheat_s = self.preheat_s or warm_up
        self.place = "bath"
        self.soaked = True
        self.steps.append(
            Step("soak", name, seconds, phase=index, water_c=water, ramp_c_min=ramp_c_min, bubbles=self._bubbles(name, phase), feet=sides)
        )
        return True

    def _may_soak(self, name: str) -> bool:
        statement = "water is refused in this tier: burns that are not felt, skin that does not heal"
        if not self.tier.water:
            self._refuse(name, "phase kind", "soak", f"tier {self.tier.name}", statement)
        elif self.person.no_water:
            self._refuse(name, "phase kind", "soak", "person", self.person.no_water)
        elif not self.identity.places & {"bath", "shared"} or self.identity.heater_w <= 0:
            self._refuse(name, "phase kind", "soak", "device", "the device has no heated bath")
        elif self.identity.volume_l < (least := self.gate.cap("volume_min")).value:
            self._refuse(name, "volume L", self.identity.volume_l, least.rule, least.source)
        else:
            return True
        return False

    def _can_heat(self, name: str, warm_up: float, water: float) -> bool:
        cap = self.gate.cap("preheat_time")
        wrist_warm = preheat.seconds(self.identity.volume_l, self.identity.heater_w, texts.WRIST_WARM_C, water)
        if wrist_warm > cap.value:
            asked = warm_up if isfinite(warm_up) else "never"
            self._refuse(name, "preheat s", asked, cap.rule, f"{self.identity.heater_w} W are too few for {self.identity.volume_l:g} L")
            return False
        return True

    def _bubbles(self, name: str, phase: SoakPhase) -> bool:
        if phase.bubbles and "bubbles" not in self.identity.features:
            self._lower(name, "bubbles", "on", "off", "device", "the device makes no bubbles")
            return False
        return phase.bubbles

    def _dry(self, index: int) -> bool:
        """The step after a soak: out of the water, dry, with oil where the program has one and nothing heats afterwards.

        A confirmed prompt at `index` becomes part of it; True when there is one.
        """
        after = self.profile.phases[index:]
        pressed = any(isinstance(phase, MassagePhase | StretchPhase) for phase in after)
        prompt = after[0] if after and isinstance(after[0], PromptPhase) and after[0].confirm else None
        words = [texts.DRY]
        if self.tier.dry_s:
            words.append(texts.SKIN_CHECK)
        if prompt:
            words.append(prompt.text)
        oil = self.profile.oil if not any(isinstance(phase, SoakPhase) for phase in after) else None
        if oil:
            words.append(texts.oil(oil))
        name = "dry + oil" if oil else "dry"
        least_s = self.tier.dry_s if pressed else 0.0
        self.steps.append(Step("dry", name, least_s=least_s, phase=index if prompt else None, text=" ".join(words), confirm=True))
        self.place = None
        return prompt is not None

    def _soak_follows(self, index: int) -> bool:
        """True when the next phase that is no prompt soaks: feet stay in."""
        for phase in self.profile.phases[index:]:
            if not isinstance(phase, PromptPhase):
                return isinstance(phase, SoakPhase)
        return False

    def _stretch(self, index: int, phase: StretchPhase) -> None:
        if "stretch" in self.identity.techniques and self.identity.places & {"roller", "shared"}:
            gentle = min(TIERS["no_soak"].pressure_default_kpa, self.gate.cap("pressure_max").value)
            self._massage(index, phase, "stretch", phase.pressure or PressureRange.model_construct(start_kpa=gentle, end_kpa=gentle), None)
            return
        sides = self._sides(phase.name or "stretch", phase.feet)
        if sides:
            text = texts.BY_HAND + phase.text
            self.steps.append(Step("stretch", phase.name or "stretch", phase.for_s, phase=index, text=text, feet=sides))
            self.place = None

    def _massage(
        self, index: int, phase: MassagePhase | StretchPhase, technique: str, pressure: PressureRange, ramp: float | None
    ) -> None:
        name = phase.name or f"{' + '.join(_in_order(phase.zones))} {technique}"
        if not self._may_press(name):
            return
        sides = self._sides(name, phase.feet)
        zones = self._zones(name, phase.zones)
        known = self._technique(name, technique)
        if not sides or not zones or not known:
            return
        gate = self.wet_gate if self.soaked else self.gate
        start, end = self._pressures(name, pressure, gate)
        seconds = self._time(name, phase.for_s, self.budgets.massage(phase.for_s, sides), self.budgets.massage_gone)
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
            soft_s=soft, soft_kpa=gate.cap("pressure_max").value * SOFT_START_PART,
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

    def _may_press(self, name: str) -> bool:
        if self.tier.needs_statement and not self.person.statement:
            why = "massage needs a clinician's dated statement in this tier"
            self._refuse(name, "phase kind", "massage", f"tier {self.tier.name}", why)
        elif self.person.no_massage:
            self._refuse(name, "phase kind", "massage", "person", self.person.no_massage)
        elif not self.identity.places & {"roller", "shared"}:
            self._refuse(name, "phase kind", "massage", "device", "the device has no roller")
        else:
            return True
        return False

    def _zones(self, name: str, asked: frozenset[str]) -> frozenset[str]:
        for have, rule, source in (
            (asked - self.person.excluded_zones, "person", "zones to leave alone"),
            (asked & self.identity.zones, "device", "the device does not reach the others"),
        ):
            if have != asked:
                self._lower_or_refuse(name, "zones", asked, have, rule, source)
                asked = have
        return asked

    def _sides(self, name: str, asked: frozenset[str]) -> frozenset[str]:
        have = asked - self.person.excluded_feet
        if have != asked:
            self._lower_or_refuse(name, "feet", asked, have, "person", "feet to leave alone")
        return have

    def _technique(self, name: str, asked: str) -> str | None:
        if asked in self.identity.techniques:
            return asked
        instead = next((known for known in INSTEAD if known in self.identity.techniques), None)
        if instead is None:
            self._refuse(name, "technique", asked, "device", "the device knows no technique that could stand in")
        else:
            self._lower(name, "technique", asked, instead, "device", "the device does not know it")
        return instead

    # ---------------------------------------------------------------------------------------------- limits

    def _most(self, phase: str, what: str, cap: str, asked: float, gate: Gate | None = None) -> float:
        return self._given(phase, what, asked, (gate or self.gate).most(cap, asked))

    def _least(self, phase: str, what: str, cap: str, asked: float) -> float:
        return self._given(phase, what, asked, self.gate.least(cap, asked))

    def _given(self, phase: str, what: str, asked: float, answer: Answer) -> float:
        """The answer's value, with the difference told; a refusal is told too and counts as zero."""
        if answer.given is None:
            self._refuse(phase, what, asked, answer.rule, answer.source)
            return 0.0
        if answer.lowered:
            self._lower(phase, what, asked, answer.given, answer.rule, answer.source)
        return answer.given

    def _time(self, phase: str, asked: float, answer: Answer, gone: bool) -> float:
        """The same for a time. A day that is used up (`gone`) refuses; too little of the session left leaves the phase out (0)."""
        if gone:
            self._refuse(phase, "time s", asked, answer.rule, answer.source)
            return 0.0
        if answer.given is None or answer.given >= SHORTEST_S or not answer.lowered:
            return self._given(phase, "time s", asked, answer)
        self._lower(phase, "time s", asked, 0.0, answer.rule, answer.source)
        return 0.0

    def _within_dose(self, phase: str, seconds: float, celsius: float) -> float:
        """As much of `seconds` at `celsius` as the dose budget allows."""
        asked = cem43([(seconds, celsius)])
        answer = self.budgets.dose(asked)
        if not answer.lowered:
            return seconds
        given = answer.given or 0.0
        seconds *= given / asked
        if seconds < SHORTEST_S:
            self._refuse(phase, "dose CEM43", asked, answer.rule, answer.source)
        else:
            self._lower(phase, "dose CEM43", asked, given, answer.rule, answer.source)
        return seconds

    def _lower_or_refuse(self, phase: str, what: str, asked: frozenset[str], have: frozenset[str], rule: str, source: str) -> None:
        if have:
            self._lower(phase, what, ", ".join(_in_order(asked)), ", ".join(_in_order(have)), rule, source)
        else:
            self._refuse(phase, what, ", ".join(_in_order(asked)), rule, source)

    def _lower(self, phase: str, what: str, asked: float | str, given: float | str, rule: str, source: str) -> None:
        self.lowered.append(Limited(phase, what, asked, given, rule, source))

    def _refuse(self, phase: str, what: str, asked: float | str, rule: str, source: str) -> None:
        self.refused.append(Limited(phase, what, asked, None, rule, source))

    # ---------------------------------------------------------------------------------------------- the session's time

    def _fit_session(self) -> None:
        """Cut rests, then guided phases, then what presses, from the end, until the session's time is enough. Prompts count as a minute."""
        cap = self.gate.cap("session_time")
        over = self._session_s() - cap.value
        for kinds in (("rest", "prompt"), ("guided", "stretch"), ("massage",)):
            for index in range(len(self.steps) - 1, -1, -1):
                step = self.steps[index]
                if over > 0 and step.kind in kinds and step.duration_s:
                    left = max(step.duration_s - over, 0.0)
                    left = left if left >= SHORTEST_S else 0.0
                    over -= step.duration_s - left
                    self._lower(step.name, "time s", step.duration_s, left, cap.rule, cap.source)
                    self.steps[index] = replace(step, duration_s=left)
        self.steps = self._without_empty()
        if over > 0:
            self._refuse("program", "time s", self._session_s(), cap.rule, cap.source)

    def _without_empty(self) -> list[Step]:
        """The steps without those cut to nothing, and without feet on a roller that does nothing."""
        kept: list[Step] = []
        for step in reversed(self.steps):
            if step.duration_s == 0 or (step.kind == "feet_in" and step.water_c is None and (not kept or kept[-1].technique is None)):
                continue
            kept.append(step)
        return kept[::-1]

    def _session_s(self) -> float:
        """First feet in to end: what steps take, and a minute for each question."""
        seconds = 0.0
        begun = False
        for step in self.steps:
            if begun:
                seconds += step.duration_s or max(step.least_s, QUESTION_S)
            begun = begun or step.kind == "feet_in"
        return seconds

    # ---------------------------------------------------------------------------------------------- words

    def _tell(self) -> None:
        kinds = {step.kind for step in self.steps}
        if not self.person.screened:
            self.notes.append(texts.UNSCREENED)
        self.notes.append(texts.HYGIENE)
        if "soak" in kinds:
            water = next(step.water_c for step in self.steps if step.kind == "soak")
            litres, watts = self.identity.volume_l, self.identity.heater_w
            minutes = preheat.seconds(litres, watts, texts.WRIST_WARM_C, water or 0.0) / 60
            self.notes.append(texts.FILL.format(litres=litres, minutes=minutes))
            self.notes.append(texts.WARM_ROOM)
        if self.profile.oil in ("peppermint", "eucalyptus"):
            self.notes.append(texts.MENTHOL.format(oil=self.profile.oil))
        if self.profile.oil and self.tier.dry_s:
            self.notes.append(texts.SENSITIVE_OIL)


def _in_order(names: frozenset[str]) -> list[str]:
    """Zones from toes to ankle, feet left to right."""
    order = (*ZONES, "left", "right")
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))
