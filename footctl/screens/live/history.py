"""What the live view remembers of a session: how the water went, the highest pressure of each zone, what happened when.

Fed with views, some of which may be missing: whoever looks slowly sees less often, never something wrong.
"""

from __future__ import annotations

from collections import deque

from footctl.core.notices import newer
from footctl.core.view import View
from footctl.core.wished import wished

WATER_MOST = 4000  # points; at one a second more than the longest session
EVENTS_MOST = 40
GAP_S = 30.0  # between two views; longer, and nobody knows what was in between


class History:
    """`water`: host time, °C, setpoint °C. `peaks`: (side, zone) to kPa. `events`: seconds since Begin, words. `pressed`: kPa s a side."""

    def __init__(self) -> None:
        self.water: deque[tuple[float, float, float | None]] = deque(maxlen=WATER_MOST)
        self.peaks: dict[tuple[str, str], float] = {}
        self.events: deque[tuple[float, str]] = deque(maxlen=EVENTS_MOST)
        self.in_water_s = 0.0
        self.pressed = {"left": 0.0, "right": 0.0}
        self._last: View | None = None
        self._sampled = -1, 0.0  # the newest sample's uptime, and when it was seen

    def see(self, view: View) -> None:
        """Take a view."""
        before, self._last = self._last, view
        sample = view.sample
        if sample is not None and sample.uptime_ms != self._sampled[0]:
            hottest = sample.hottest_c
            if hottest is not None and (not self.water or view.now - self.water[-1][0] >= 1.0):
                self.water.append((view.now, hottest, sample.setpoint_c))
            elapsed = 0.0 if before is None else min(view.now - self._sampled[1], GAP_S)
            self._sampled = sample.uptime_ms, view.now
            if sample.in_bath and view.phases and view.outcome is None:
                self.in_water_s += elapsed
            for side, kpa in (("left", sample.left_kpa), ("right", sample.right_kpa)):
                if kpa is None or not sample.motor_enable:
                    continue
                self.pressed[side] += max(0.0, kpa) * elapsed
                if sample.zone is not None:
                    place = side, sample.zone
                    self.peaks[place] = max(self.peaks.get(place, 0.0), kpa)
        self._happened(before, view)

    def _happened(self, before: View | None, view: View) -> None:
        tell = self.events.append
        for warning in newer(() if before is None else before.warnings, view.warnings):
            tell((view.elapsed_s, f"! {warning}"))
        if before is not None and (words := wished(before, view)):
            tell((view.elapsed_s, words))
        if view.plan is not None and view.step is not None and (before is None or before.step != view.step):
            tell((view.elapsed_s, f"▶ {view.plan.steps[view.step].name}"))
        was = "" if before is None else before.state
        if view.state == "paused" and was != "paused":
            tell((view.elapsed_s, "paused"))
        elif was == "paused" and view.state != "paused" and view.outcome is None and view.state != "stopping":
            tell((view.elapsed_s, "going on"))
        if view.state == "stopping" and was != "stopping":
            tell((view.elapsed_s, "STOP sent"))
        if view.outcome is not None and (before is None or before.outcome is None):
            tell((view.elapsed_s, f"■ {view.outcome.reason}"))
