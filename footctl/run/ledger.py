"""A session's place in the journal: what earlier ones used up and taught goes in at its start, what happens is written while it runs.

Control never waits for it: views are counted where they come by, a thread writes. What cannot be written is kept, tried again, and
told. The row that says "a session began" is on the disk before anything is switched on, and beside it a spare that needs no new place:
a host that dies and a disk that fills up both leave a trace that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import reduce
from math import inf
from typing import Any

from firmware_protocol import limits
from footctl.core.events import Event, Identified, PainScored, Sample
from footctl.core.plan import Plan
from footctl.core.spent import WORST, Bounds, Meter, Use, by_hand, unseen
from footctl.core.view import View
from footctl.errors import DeviceRefused, JournalError
from footctl.run import flags, lessons
from footctl.run.alive import Alive
from footctl.run.chronicle import Chronicle
from footctl.run.journal import BACKWARDS_S, Day, Journal, Last
from footctl.run.scribe import CLOSE_S, Page, Scribe
from footctl.run.session import Session

EVERY_S = 0.6  # host seconds between two writings: a host that is killed loses less than one
PRESSING = ("massage", "stretch")
READY = "ready"  # the state in which the person is asked to begin


class Ledger:
    """Books one session of `person`; None: nobody was named. Give it every view and every turn's `note`, `close` it with the last view.

    `earlier`: what to post before Begin once the device has said that it is real; `rehearsed`: when it is a simulator, None for nothing.
    `pain_before`: a score told before the start, for the mind as soon as it can judge it.
    `blocked`: why nothing may run on a real device, because of a red flag that nobody has acknowledged; else None.
    `tell`: where trouble is told, from any thread. `lost`: why nothing is counted any more, else "".
    """

    def __init__(
        self,
        journal: Journal,
        session: str,
        person: int | None,
        program: str,
        *,
        simulated: bool = False,
        tell: Callable[[str], None] = print,
    ) -> None:
        self.lost = ""
        self._unwritten = ""
        self._tell = tell
        self._clock = journal.clock
        self._simulated = simulated
        self._meter: Meter | None = None
        self._began = journal.clock()
        self._counted = Use()
        self._minutes: dict[int, Use] = {}
        self._changed: set[int] = set()
        self._next = self._sure_at = 0.0
        self._closed = False
        self._chronicle = Chronicle()
        self._alive = Alive(journal.file, session)  # before the row: one without a holder counts as interrupted
        journal.opened(session, person, program, simulated)
        day = journal.day(person)
        self._ahead = day.newest or 0  # of a clock that ran backwards: what comes now is later than what is there
        self.earlier = lessons.earlier(journal, person, day, day_notes(day, journal.clock()))
        self.rehearsed = lessons.rehearsed(journal, person)
        self.blocked = flags.blocked(journal, person)
        self.pain_before: int | None = None
        self._scribe = Scribe(journal.file, session, person, tell)

    @property
    def trouble(self) -> str:
        """Why something is not written, "" when everything is."""
        lost = self._scribe.lost_s
        given_up = f"{lost:.0f} s of telemetry were given up, because the disk was too slow" if lost else ""
        return self.lost or self._scribe.trouble or self._unwritten or given_up

    def __call__(self, view: View) -> None:
        """Count what `view` shows, and then write down the rest."""
        if view.identity is not None:
            self._simulated = view.identity.simulator > 0
        plan, identity, sample = view.plan, view.identity, view.sample
        counts = False
        try:
            if view.phases and plan is not None and identity is not None and sample is not None:
                counts = True
                if not self.lost:
                    self._count(view, plan, identity, sample)
            self._write_down(lambda: self._chronicle.look(view))
            if counts and (view.now >= self._next or view.outcome is not None):
                self._next = view.now + EVERY_S
                self._scribe.give(self._page(view))
        except Exception as error:  # whatever it is, the person hears of it and the rest counts
            self.lost = self.lost or f"{type(error).__name__}: {error}"

    def _count(self, view: View, plan: Plan, identity: Identified, sample: Sample) -> None:
        if self._meter is None:
            self._meter = Meter(view.now, bounds(plan, identity))
            self._began = max(self._clock(), self._began)
            self._next = self._sure_at = view.now
        self._meter.add(view.now, sample, view.step is not None and plan.steps[view.step].kind in PRESSING)
        self._put_right()
        self._sure_at = view.now

    def _write_down(self, what: Callable[[], None]) -> None:
        """What nobody's limits depend on: where it fails, it is told and left."""
        if self._unwritten:
            return
        try:
            what()
        except Exception as error:
            self._unwritten = f"{type(error).__name__}: {error}"
            with suppress(Exception):
                self._tell(f"what happens is not written down any more, what it uses up is counted: {self._unwritten}")

    def note(self, now: float, data_in: bytes, operator: Sequence[Event], data_out: bytes) -> None:
        """One turn, as the pump tells it."""
        if operator:
            self._write_down(lambda: self._chronicle.note(now, operator))

    def close(self, view: View | None) -> None:
        """The session is over; `view` is its last, None when there was none. Waits for the disk, but not for ever."""
        if self._closed:
            return
        self._closed = True
        try:
            self._scribe.give(self._last_page(view))
        except Exception as error:  # the row stays open then, and counts as one whose host died
            self.lost = self.lost or f"{type(error).__name__}: {error}"
        self._scribe.close(CLOSE_S)
        self._alive.close()

    def _last_page(self, view: View | None) -> Page:
        meter = self._meter
        if self.lost:
            self._book(self._blind(view))
        elif meter is not None and (view is None or view.outcome is None or not view.outcome.off_confirmed):
            self._book(unseen(meter.bounds, meter.elapsed_s, meter.feet_in, meter.celsius, meter.pressed))
        if view is not None:
            self._write_down(lambda: self._chronicle.look(view))
            if view.by_hand and view.plan is not None:
                self._book(by_hand(view.plan, view.phases))
        return self._page(view, ended=self._minute_s)

    @property
    def behind(self) -> bool:
        """True while something waits for the disk."""
        return self._scribe.behind

    # ------------------------------------------------------------------------------------------------ inside

    @property
    def _minute_s(self) -> int:
        """Seconds since 1970, by the clock of the start: it may be put right while a session runs."""
        return int(self._began + (0.0 if self._meter is None else self._meter.elapsed_s))

    @property
    def _minute(self) -> int:
        """Where to book: the latest of what the clocks and the journal say."""
        elapsed_s = 0.0 if self._meter is None else self._meter.elapsed_s
        return int(max(self._minute_s, self._ahead + elapsed_s)) // 60

    @property
    def _used(self) -> Use:
        return reduce(Use.plus, self._minutes.values(), Use())

    def _book(self, use: Use) -> None:
        if self._simulated:
            return  # counts for nobody
        minute = self._minute
        self._minutes[minute] = self._minutes.get(minute, Use()).plus(use)
        self._changed.add(minute)

    def _blind(self, view: View | None) -> Use:
        """What may have been used up since counting failed: feet in at the last temperature until `view`; without it, as long as may be."""
        meter = self._meter
        if view is not None and not view.phases:
            return Use()
        if meter is None:
            return unseen(WORST, 0.0, True, WORST.trip_c, 0, inf if view is None else view.elapsed_s)
        blind_s = inf if view is None else view.now - self._sure_at
        return unseen(meter.bounds, meter.elapsed_s, True, meter.celsius, meter.pressed, blind_s)

    def _put_right(self) -> None:
        """A clock that jumps ahead was wrong before: all of the session is as late as it says now."""
        late = self._clock() - self._minute_s
        if late <= BACKWARDS_S:
            return
        used = self._used
        self._began += late
        self._changed |= set(self._minutes)
        self._minutes = {**dict.fromkeys(self._minutes, Use()), self._minute: used}

    def _page(self, view: View | None, ended: int | None = None) -> Page:
        fields: dict[str, Any] = {"simulated": self._simulated, "ended": ended}
        if view is not None:
            fields["tier"] = view.plan.tier if view.plan else None
            fields["device"] = view.identity.serial if view.identity else None
            fields["outcome"] = view.outcome.kind if view.outcome else None
            fields["reason"] = view.outcome.reason if view.outcome else None
        last = Last(self._used, self._minute, WORST, 0.0, False, WORST.trip_c, 0, ended is not None, self._simulated)
        meter = self._meter
        if meter is not None:
            self._book(meter.use.minus(self._counted))
            self._counted = meter.use
            last = last._replace(use=self._used, minute=self._minute, bounds=meter.bounds)
            last = last._replace(elapsed_s=meter.elapsed_s, feet_in=meter.feet_in, celsius=meter.celsius, pressed=meter.pressed)
            fields.update(asdict(meter.bounds), elapsed_s=last.elapsed_s, feet_in=last.feet_in, celsius=last.celsius, pressed=last.pressed)
        page = Page({minute: self._minutes[minute] for minute in self._changed}, fields, at=int(self._clock()), last=last)
        self._changed = set()
        self._write_down(lambda: page.rows.add(self._chronicle.take()))
        return page


def open_ledger(
    session: str, person: int | str | None, program: str, *, simulated: bool = False, tell: Callable[[str], None] = print
) -> Ledger | JournalError:
    """A ledger in this user's journal, for a person's number or name (a name that nobody has here is nobody's); or why there is none."""
    try:
        with Journal() as journal:
            if isinstance(person, str):
                row = journal.person(person)
                person = None if row is None else row.id
            return Ledger(journal, session, person, program, simulated=simulated, tell=tell)
    except JournalError as error:
        return error


class Books:
    """Stands between a session and its ledger, or the trouble of having none: a real device is not begun without one."""

    def __init__(self, session: Session, ledger: Ledger | JournalError) -> None:
        self._session = session
        self._ledger = ledger
        self._known = False

    def __call__(self, view: View) -> None:
        """Tell the session what earlier ones used up, once the device is known to be real, and count every view."""
        try:
            self._look(view)
        except Exception as error:
            self._lost(view, f"{type(error).__name__}: {error}")
        if isinstance(self._ledger, Ledger) and self._ledger.lost:
            self._lost(view, self._ledger.lost)

    def _lost(self, view: View, why: str) -> None:
        """Nothing real runs on uncounted: not a disk is to blame, which is tried again, but a mistake in here, which would come again."""
        if view.outcome is not None or self._session.stopping or (view.identity is not None and view.identity.simulator):
            return
        why = f"what it uses up cannot be counted: {why}"
        if view.phases:
            self._session.stop(why, "journal")
        else:
            self._session.abandon(DeviceRefused(why, "this is a mistake in footctl: please report it"))

    def _look(self, view: View) -> None:
        ledger = self._ledger
        if not self._known and view.identity is not None:
            self._known = True
            if view.identity.simulator:  # what was used up counts for nobody; what was learned is rehearsed
                if isinstance(ledger, Ledger) and ledger.rehearsed is not None:
                    self._session.post(ledger.rehearsed)
            elif isinstance(ledger, Ledger):
                if ledger.blocked is not None:
                    self._session.abandon(ledger.blocked)
                self._session.post(ledger.earlier)
            else:
                why = f"what earlier sessions used up is not known: {ledger}"
                self._session.abandon(DeviceRefused(why, ledger.hint))
        if isinstance(ledger, Ledger):
            if ledger.pain_before is not None and view.state == READY:
                self._session.post(PainScored(ledger.pain_before))
                ledger.pain_before = None
            ledger(view)


def bounds(plan: Plan, identity: Identified) -> Bounds:
    """What the plan's limits promise about a session's end; the absolute cap where one is missing."""
    caps = {row[0]: plan.limits.get(row[0], row[3]) for row in limits.CAPS}
    session_s = float(caps["session_time"] + caps["preheat_time"])
    return Bounds(caps["abort_lease"] / 1000, session_s, identity.volume_l, caps["water_trip"] / 100)


def day_notes(day: Day, now: float) -> tuple[str, ...]:
    """What the person should hear about the last 24 h."""
    if day.newest is not None:
        days = (day.newest - now) / 86400
        return (f"this computer's clock is {days:.1f} days behind the journal, so everything in the journal counts: set the clock",)
    use = day.use
    if not any(use):
        return ()
    told = [f"{seconds / 60:.0f} min {what}" for seconds, what in ((use.soak_s, "in the water"), (use.massage_s, "of massage, each foot"))]
    return (f"in the last 24 h: {told[0]}, {told[1]}, dose {use.dose_cem43:.3f} CEM43 min",)
