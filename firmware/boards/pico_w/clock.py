"""Milliseconds since power-up, for as long as the power lasts, from a counter that wraps."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable


class Clock:
    """`ticks_ms` and `ticks_diff` as in MicroPython's `time`; the counter wraps after twelve days, `now` never."""

    def __init__(self, ticks_ms: "Callable[[], int]", ticks_diff: "Callable[[int, int], int]") -> None:
        self._ticks = ticks_ms
        self._diff = ticks_diff
        self._last = ticks_ms()
        self._now = 0

    def now(self) -> int:
        """Never goes back."""
        ticks = self._ticks()
        self._now += self._diff(ticks, self._last)
        self._last = ticks
        return self._now
