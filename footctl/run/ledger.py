"""A session's place in the journal: what earlier ones used up goes in at its start, what it uses up is written while it runs.

Control never waits for it: views are counted where they come by, a thread writes. What cannot be written is kept, tried again, and
told. The row that says "a session began" is on the disk before anything is switched on, so a host that dies leaves a trace that counts.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware_protocol import limits
from footctl.core.events import Earlier, Identified
from footctl.core.plan import Plan
from footctl.core.spent import Bounds, Meter, Use, unseen
from footctl.core.view import View
from footctl.errors import DeviceRefused, JournalError
from footctl.run.journal import Day, Journal, connect, trouble, writing
from footctl.run.session import Session

EVERY_S = 5.0  # host seconds between two writings; the journal fills in twice as much for a host that died
CLOSE_S = 6.0  # how long the end of a session waits for the disk
PRESSING = ("massage", "stretch")


@dataclass(frozen=True, slots=True)
class Page:
    """What one writing makes true. Levels, not changes: written twice, or later together with the next, it says the same."""

    minutes: Mapping[int, Use]
    fields: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """Books one session of `person`; None: nobody was named. Give it every view, `close` it with the last one.

    `earlier`: what to post before Begin once the device has said that it is real. `tell`: where trouble is told, from any thread.
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
        self.trouble = ""  # why something is not written, "" when everything is
        self._file = journal.file
        self._clock = journal.clock
        self._session = session
        self._named = person is not None
        self._simulated = simulated
        self._tell = tell
        self._meter: Meter | None = None
        self._began = journal.clock()
        self._counted = Use()
        self._minutes: dict[int, Use] = {}
        self._changed: set[int] = set()
        self._next = 0.0
        self._closed = False
        journal.opened(session, person, program, simulated)
        day = journal.day(person)
        self.earlier = Earlier(day.use.soak_s, day.use.massage_s, day.use.dose_cem43, notes=day_notes(day, journal.clock()))
        self._pages: queue.SimpleQueue[Page | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._thread.start()

    def __call__(self, view: View) -> None:
        """Count what `view` shows."""
        if view.identity is not None:
            self._simulated = view.identity.simulator > 0
        if self._simulated or not view.phases or view.plan is None or view.identity is None or view.sample is None:
            return
        if self._meter is None:
            self._meter = Meter(view.now, bounds(view.plan, view.identity))
            self._began = self._clock()
            self._next = view.now
        self._meter.add(view.now, view.sample, view.step is not None and view.plan.steps[view.step].kind in PRESSING)
        if view.now >= self._next:
            self._next = view.now + EVERY_S
            self._pages.put(self._page(view))

    def close(self, view: View | None) -> None:
        """The session is over; `view` is its last, None when there was none. Waits for the disk, but not for ever."""
        if self._closed:
            return
        self._closed = True
        meter = self._meter
        if meter is not None and (view is None or view.outcome is None or not view.outcome.off_confirmed):
            self._book(unseen(meter.bounds, meter.elapsed_s, meter.feet_in, meter.celsius, meter.pressed))
        self._pages.put(self._page(view, ended=self._minute_s))
        self._pages.put(None)
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self.trouble = "the disk does not answer"

    # ------------------------------------------------------------------------------------------------ in the loop's thread

    @property
    def _minute_s(self) -> int:
        """Seconds since 1970, by the clock of the start: it may be put right while a session runs."""
        return int(self._began + (0.0 if self._meter is None else self._meter.elapsed_s))

    def _book(self, use: Use) -> None:
        minute = self._minute_s // 60
        self._minutes[minute] = self._minutes.get(minute, Use()).plus(use)
        self._changed.add(minute)

    def _page(self, view: View | None, ended: int | None = None) -> Page:
        fields: dict[str, Any] = {"simulated": self._simulated, "ended": ended}
        if view is not None:
            fields["tier"] = view.plan.tier if view.plan else None
            fields["device"] = view.identity.serial if view.identity else None
            fields["outcome"] = view.outcome.kind if view.outcome else None
            fields["reason"] = view.outcome.reason if view.outcome else None
        meter = self._meter
        if meter is not None:
            self._book(meter.use.minus(self._counted))
            self._counted = meter.use
            bound = meter.bounds
            fields.update(lease_s=bound.lease_s, session_s=bound.session_s, volume_l=bound.volume_l, trip_c=bound.trip_c)
            fields.update(elapsed_s=meter.elapsed_s, feet_in=meter.feet_in, celsius=meter.celsius, pressed=meter.pressed)
        page = Page({minute: self._minutes[minute] for minute in self._changed}, fields)
        self._changed = set()
        return page

    # ------------------------------------------------------------------------------------------------ in the writing thread

    def _write(self) -> None:
        minutes: dict[int, Use] = {}
        fields: dict[str, Any] = {}
        last = False
        while not last:
            page = self._pages.get()
            while page is not None:  # all that waits at once: a slow disk must not fall behind
                minutes.update(page.minutes)
                fields.update(page.fields)
                if self._pages.empty():
                    break
                page = self._pages.get()
            last = page is None
            if not fields:
                continue
            try:
                self._put(minutes, fields)
            except JournalError as error:
                if not self.trouble:
                    self._tell(f"{error}; it is tried again")
                self.trouble = str(error)
            else:
                minutes, fields = {}, {}
                self.trouble = ""

    def _put(self, minutes: Mapping[int, Use], fields: Mapping[str, Any]) -> None:
        db = connect(self._file)
        try:
            with writing(db):
                if fields["simulated"] and fields["ended"] is not None and not self._named:
                    db.execute("DELETE FROM sessions WHERE id = ?", (self._session,))
                    return
                names = ", ".join(f"{name} = ?" for name in fields)
                db.execute(f"UPDATE sessions SET {names} WHERE id = ?", (*fields.values(), self._session))
                for minute, use in minutes.items():
                    db.execute(  # nothing when the person was forgotten meanwhile
                        "INSERT OR REPLACE INTO use SELECT id, ?, ?, ?, ? FROM sessions WHERE id = ?", (minute, *use, self._session)
                    )
        except sqlite3.Error as error:
            raise trouble(self._file, error) from error
        finally:
            db.close()


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
        ledger = self._ledger
        if not self._known and view.identity is not None:
            self._known = True
            if view.identity.simulator:
                pass  # counts for nobody
            elif isinstance(ledger, Ledger):
                self._session.post(ledger.earlier)
            else:
                why = f"what earlier sessions used up is not known: {ledger}"
                self._session.abandon(DeviceRefused(why, ledger.hint))
        if isinstance(ledger, Ledger):
            ledger(view)


def bounds(plan: Plan, identity: Identified) -> Bounds:
    """What the plan's limits promise about a session's end; the absolute cap where one is missing."""
    caps = {row[0]: plan.limits.get(row[0], row[3]) for row in limits.CAPS}
    return Bounds(caps["abort_lease"] / 1000, float(caps["session_time"]), identity.volume_l, caps["water_trip"] / 100)


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
