"""What happens in one session, as rows for the journal: phases, events, readings, pains, lessons, scores.

Fed in the loop's thread with views and with what the operator did; keeps only what was not taken yet. Knows no file and no clock but the
session's own: seconds since its begin.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from firmware_protocol import faults
from footctl.core import events
from footctl.core.events import Event, Sample
from footctl.core.learned import Felt, Lesson, Recent, Softened, from_pain
from footctl.core.plan import Plan, Step
from footctl.core.view import View
from footctl.run import telemetry
from footctl.run.record import encode

EVENTS_MOST = 5_000  # of one session; a thing that flickers must not fill the disk
SAME_PAIN_S = 5.0  # the key, the device's button and the ending that follow each other are one pain

# What the operator does, as a kind and words for a person.
DONE: dict[type, tuple[str, str]] = {
    events.Begin: ("begin", "started"),
    events.Yes: ("yes", "yes"),
    events.PauseAsked: ("pause", "pause"),
    events.ResumeAsked: ("resume", "goes on"),
    events.Softer: ("softer", "softer"),
    events.Firmer: ("firmer", "firmer"),
    events.SkipAsked: ("skip", "skipped"),
}


@dataclass(slots=True)
class Pain:
    """One pain: when, who told, what was felt, how strong; `mistake`: nothing hurt."""

    at_s: float
    source: str
    felt: Felt
    score: int | None = None
    mistake: bool = False
    lessons: Sequence[Lesson] = ()


@dataclass(slots=True)
class Rows:
    """What became known since the last taking. `pains`, `lessons`: all so far, None when nothing changed."""

    fields: dict[str, Any] = field(default_factory=dict)
    phases: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    events: dict[int, tuple[float, str, str]] = field(default_factory=dict)
    batches: list[tuple[int, bytes]] = field(default_factory=list)
    scores: list[tuple[str, int]] = field(default_factory=list)  # moment, pain score
    pains: list[Pain] | None = None
    lessons: list[Lesson] | None = None

    def add(self, later: Rows) -> None:
        """Take in what came after."""
        self.fields.update(later.fields)
        self.phases.update(later.phases)
        self.events.update(later.events)
        self.batches += later.batches
        self.scores += later.scores
        self.pains = self.pains if later.pains is None else later.pains
        self.lessons = self.lessons if later.lessons is None else later.lessons


class Chronicle:
    """Follows one session."""

    def __init__(self) -> None:
        self._rows = Rows()
        self._begun_at: float | None = None
        self._view: View | None = None
        self._sample: Sample | None = None
        self._plan: Plan | None = None
        self._count = 0
        self._recent = Recent()
        self._softened: Softened | None = None
        self._pains: list[Pain] = []
        self._lessons: list[Lesson] = []
        self._batch = bytearray()
        self._batch_at = 0

    # ------------------------------------------------------------------------------------------------ what comes in

    def note(self, now: float, operator: Sequence[Event]) -> None:
        """What the operator did in a turn."""
        for event in operator:
            self._did(now, event)

    def look(self, view: View) -> None:
        """A view after a turn."""
        before, self._view = self._view, view
        if view.plan is not self._plan:
            self._plan = view.plan
            self._rows.fields["title"] = view.plan.title if view.plan else None
            self._rows.fields["plan"] = None if view.plan is None else plan_json(view.plan)
        if view.phases and self._begun_at is None:
            self._begun_at = view.now - view.elapsed_s
        if before is None or view.phases != before.phases:
            self._rows.phases.update(
                (number, (one.kind, one.name, round(one.started_s, 3), None if one.ended_s is None else round(one.ended_s, 3), one.outcome))
                for number, one in enumerate(view.phases)
                if before is None or number >= len(before.phases) or one != before.phases[number]
            )
            self._step(self._under_way(view))
        sample = view.sample
        if sample is not None and sample is not self._sample:
            self._read(view, sample)
        if before is not None:
            self._compare(view, before)
        if view.outcome is not None and (before is None or before.outcome is None):
            self._ended(view)

    def take(self) -> Rows:
        """What became known since the last call."""
        rows, self._rows = self._rows, Rows()
        if self._batch:
            rows.batches.append((self._batch_at, telemetry.live(bytes(self._batch))))
            self._batch.clear()
        view = self._view
        if view is not None:
            rows.fields.update(_summary(view))
        return rows

    # ------------------------------------------------------------------------------------------------ inside

    def _at(self, now: float) -> float:
        return 0.0 if self._begun_at is None else max(0.0, now - self._begun_at)

    def _tell(self, now: float, kind: str, words: str) -> None:
        if self._count < EVENTS_MOST:
            self._rows.events[self._count] = (round(self._at(now), 2), kind, words)
            self._count += 1

    def _under_way(self, view: View) -> Step | None:
        return None if view.step is None or view.plan is None else view.plan.steps[view.step]

    def _read(self, view: View, sample: Sample) -> None:
        before, self._sample = self._sample, sample
        if not view.phases or view.outcome is not None:
            return
        came_s = max(0.0, view.elapsed_s - (view.sample_age_s or 0.0))
        if not self._batch:
            self._batch_at = round(came_s * 1000)
        self._batch += telemetry.row(came_s, sample)
        self._recent.add(view.now, sample)
        if self._softened is not None:
            self._softened.add(view.now, sample)
        if sample.fault and (before is None or before.fault != sample.fault):
            self._tell(view.now, "fault", faults.name(sample.fault))

    def _compare(self, view: View, before: View) -> None:
        for text in new_at_the_end(before.warnings, view.warnings):
            self._tell(view.now, "warning", text)
        if view.holding != before.holding:
            self._tell(view.now, "holds" if view.holding else "runs", view.holding or "the clock runs")
        if view.question is not None and (before.question is None or view.question.since != before.question.since):
            self._tell(view.now, "asked", view.question.text)

    def _ended(self, view: View) -> None:
        outcome = view.outcome
        assert outcome is not None
        self._step(None)
        self._tell(view.now, "end", f"{outcome.kind}: {outcome.reason}")
        last = self._pains[-1] if self._pains else None
        if outcome.kind == "pain" and view.phases and (last is None or self._at(view.now) - last.at_s > SAME_PAIN_S):
            self._hurt(view.now, "device", None, None)

    def _step(self, step: Step | None) -> None:
        """Another step is under way: what the one before taught is known now."""
        if self._softened is not None and self._softened.step is step:
            return
        if self._softened is not None and (found := self._softened.lessons()):
            self._lessons += found
            self._learned()
        self._softened = Softened(step) if step is not None and step.technique is not None else None

    def _did(self, now: float, event: Event) -> None:
        match event:
            case events.Pain():
                self._hurt(now, event.by, event.where, event.score)
            case events.PainScored():
                begun = self._begun_at is not None
                self._rows.scores.append(("during" if begun else "before", event.score))
                self._tell(now, "score", f"pain {event.score} out of 10")
            case events.PainTold():
                self._told(now, event)
            case events.StopAsked():
                self._tell(now, "stop", f"stop ({event.why})")
            case events.ExtendAsked():
                self._tell(now, "extend", f"{event.seconds:.0f} s more")
            case events.Softer() | events.Firmer() if self._softened is not None:
                self._softened.press(now, -1 if isinstance(event, events.Softer) else 1)
                self._tell(now, *DONE[type(event)])
            case _ if type(event) in DONE:
                self._tell(now, *DONE[type(event)])
            case _:
                return  # what the rim tells the mind is no act of a person

    def _hurt(self, now: float, source: str, where: str | None, score: int | None) -> None:
        at_s = round(self._at(now), 2)
        step = self._under_way(self._view) if self._view is not None else None
        last = self._pains[-1] if self._pains else None
        if last is None or at_s - last.at_s > SAME_PAIN_S:
            felt = self._recent.felt(step, where)
            self._pains.append(Pain(at_s, source, felt, score, lessons=from_pain(felt, step)))
            self._tell(now, "pain", pain_words(felt, score))
        elif where is not None or score is not None:
            self._place(last, step, where, score)
        self._learned()

    def _told(self, now: float, event: events.PainTold) -> None:
        """Afterwards, about the last pain."""
        if not self._pains:
            return
        last = self._pains[-1]
        step = self._under_way(self._view) if self._view is not None else None
        last.mistake = event.mistake
        self._place(last, step, event.where, event.score)
        self._tell(now, "told", "it was a mistake: nothing hurt" if event.mistake else pain_words(last.felt, last.score))
        self._learned()

    def _place(self, pain: Pain, step: Step | None, where: str | None, score: int | None) -> None:
        if where is not None:
            again = self._recent.felt(step, where)
            felt = pain.felt
            pain.felt = again._replace(pressure_kpa=again.pressure_kpa or felt.pressure_kpa, water_c=again.water_c or felt.water_c)
        pain.score = pain.score if score is None else score
        pain.lessons = () if pain.mistake else from_pain(pain.felt, step)

    def _learned(self) -> None:
        self._rows.pains = list(self._pains)
        self._rows.lessons = [*self._lessons, *(lesson for pain in self._pains if not pain.mistake for lesson in pain.lessons)]


def new_at_the_end(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """What was added to a list that grows at its end and is cut at its beginning."""
    for count in range(len(after) + 1):
        kept = after[: len(after) - count]
        if tuple(before[len(before) - len(kept) :]) == tuple(kept):
            return after[len(kept) :]
    return after


def pain_words(felt: Felt, score: int | None) -> str:
    """Like "pain at the left heel, 22 kPa, 6 out of 10"."""
    place = " ".join(word for word in (felt.foot, felt.zone) if word)
    parts = [f"pain at the {place}" if place else "pain"]
    parts += [] if felt.pressure_kpa is None else [f"{felt.pressure_kpa:.0f} kPa"]
    parts += [] if felt.water_c is None else [f"water {felt.water_c:.1f} °C"]
    parts += [] if score is None else [f"{score} out of 10"]
    return ", ".join(parts)


def plan_json(plan: Plan) -> str:
    """The plan as it was agreed to."""
    steps = [{name: value for name, value in encode(step).items() if value is not None} for step in plan.steps]
    changed = {"lowered": [encode(one) for one in plan.lowered], "refused": [encode(one) for one in plan.refused]}
    return json.dumps({**encode(plan), **changed, "steps": steps, "limits": dict(plan.limits)}, ensure_ascii=False)


def _summary(view: View) -> dict[str, Any]:
    outcome, identity = view.outcome, view.identity
    return {
        "duration_s": round(view.elapsed_s, 1),
        "water_max_c": None if view.water_max_c is None else round(view.water_max_c, 2),
        "pressure_max_kpa": round(view.pressure_max_kpa, 2),
        "dose_cem43": round(view.dose_cem43, 6),
        "model": identity.model if identity else None,
        "firmware": identity.firmware if identity else None,
        "hint": outcome.hint if outcome else None,
        "fault": outcome.fault if outcome else None,
        "off": outcome.off_confirmed if outcome else None,
    }
