"""Host time: seconds since the start of the program, N times as fast as the wall clock. Knows nothing about wall time or dates.

The axis counts the time that the machine slept (CLOCK_BOOTTIME on Linux, which CLOCK_MONOTONIC does not): a host that was
suspended must see the gap, because the device's clock went on. The mind turns a gap of more than two seconds into an end.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def _with_sleep() -> Callable[[], float]:
    """A clock that goes on while the machine sleeps: BOOTTIME on Linux, MONOTONIC on macOS, the performance counter on Windows."""
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        number = getattr(time, name, None)
        if number is not None:
            return lambda: time.clock_gettime(number)
    return time.perf_counter


class Clock:
    """`now()` in host seconds, from 0.0. `awake` stands still while the machine sleeps, `always` does not; tests give their own."""

    def __init__(
        self, speed: float = 1.0, *, awake: Callable[[], float] = time.monotonic, always: Callable[[], float] | None = None
    ) -> None:
        if not speed > 0:
            raise ValueError(f"speed {speed!r}; a clock goes forward")
        self.speed = speed
        self._awake = awake
        self._always = always or _with_sleep()
        self._start = self._always()
        self._offset = self._start - self._awake()

    def now(self) -> float:
        """Host time, the machine's sleep included."""
        return (self._always() - self._start) * self.speed

    def until(self, moment: float) -> float:
        """Wall seconds until host time `moment`; negative when it is over."""
        return (moment - self.now()) / self.speed

    def slip(self, moment: float) -> None:
        """Host time is `moment` now. Only for a world that lives on this clock and waited for its host."""
        self._start = self._always() - moment / self.speed

    @property
    def slept_s(self) -> float:
        """Seconds that the machine has slept since the start, for telling the person why."""
        return max(0.0, self._always() - self._awake() - self._offset)
