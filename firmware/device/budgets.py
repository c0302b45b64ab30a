"""What a session has used up: minutes in the water, under the roller, of preheating, in all; heat dose; time since a yes.

It counts and compares. Going away does not give anything back: a new session starts new counts only after an orderly end,
or once nobody has been at the device for a minute.
"""

from firmware_protocol import limits

AWAY_MS = 60000  # a foot that is only taken out for a moment is not a new session [ENG]
SENSOR_CDEG = 50  # uncertainty of the reading, added before the dose is summed [ENG]

# CEM43: minutes at 43 C; half for each degree above, a quarter below (Sapareto and Dewey 1984 [GK]). Here in 1e-9 CEM43 per
# 200 ms at 43 C and 1, 2, 3 quarters of a degree below it, then above it. Straight lines between them lie above the curve.
DOSE_BELOW = (3333333, 2357023, 1666667, 1178511)
DOSE_ABOVE = (3333334, 3964025, 4714046, 5605976)
DOSE_MS = 200
DOSE_FROM_CDEG = 2500
DOSE_TO_CDEG = 6000


def _quarter(cdeg: int) -> int:
    """The rate at a whole quarter of a degree, rounded up below 43 C."""
    quarters = (cdeg - 4300) // 25
    if quarters >= 0:
        return DOSE_ABOVE[quarters & 3] << (quarters >> 2)
    return (DOSE_BELOW[-quarters & 3] >> 2 * (-quarters >> 2)) + 1


DOSE_RATES = tuple([_quarter(cdeg) for cdeg in range(DOSE_FROM_CDEG, DOSE_TO_CDEG + 26, 25)])


def dose_rate(cdeg: int) -> int:
    """1e-9 CEM43 that DOSE_MS at this temperature are worth; nothing below 25 C, at most the rate of 60 C."""
    if cdeg < DOSE_FROM_CDEG:
        return 0
    cdeg = min(cdeg, DOSE_TO_CDEG)
    at = (cdeg - DOSE_FROM_CDEG) // 25
    low = DOSE_RATES[at]
    return low + (DOSE_RATES[at + 1] - low) * ((cdeg - DOSE_FROM_CDEG) % 25) // 25


class Budgets:
    """Times in ms. `feet_seen`: a foot has been at the device since the counts began."""

    __slots__ = (
        "session_ms", "soak_ms", "preheat_ms", "left_ms", "right_ms", "massage_ms", "dose", "unasked_ms", "feet_seen",
        "_caps", "_renew", "_finished", "_away_ms",
    )  # fmt: skip

    def __init__(self, caps: "list[int]") -> None:
        self._caps = caps
        self._away_ms = 0
        self._begin()

    def _begin(self) -> None:
        self.session_ms = self.soak_ms = self.preheat_ms = self.left_ms = self.right_ms = self.massage_ms = self.dose = self.unasked_ms = 0
        self.feet_seen = self._renew = self._finished = False

    def finish(self) -> None:
        """The session came to an orderly end."""
        self._finished = True

    def renew(self) -> None:
        """A new session asks for new counts."""
        self._renew = True
        if self._finished:
            self._begin()

    def checked(self) -> None:
        """A person said yes."""
        self.unasked_ms = 0

    def count(self, dt_ms: int, running: bool, presence: int, bath_feet: int, hottest_cdeg: int, heating: bool, massaged: int) -> None:
        """Add dt_ms. `running`: active or paused; `massaged`: feet under the roller, 1 left, 2 right."""
        if presence:
            self._away_ms = 0
            if running:
                self.feet_seen = True
        else:
            self._away_ms += dt_ms
            if self._renew and self._away_ms >= AWAY_MS:
                self._begin()
        if bath_feet:
            self.dose += dose_rate(hottest_cdeg + SENSOR_CDEG) * dt_ms // DOSE_MS
        if not running:
            return
        if not self.feet_seen:
            if heating:
                self.preheat_ms += dt_ms
            return
        self.session_ms += dt_ms
        if bath_feet:
            self.soak_ms += dt_ms
        if massaged:
            self.massage_ms += dt_ms
            if massaged & 1:
                self.left_ms += dt_ms
            if massaged & 2:
                self.right_ms += dt_ms
        if massaged or (heating and bath_feet):
            self.unasked_ms += dt_ms

    @property
    def session_spent(self) -> bool:
        """The longest session is over."""
        return self.session_ms >= self._caps[limits.SESSION_TIME] * 1000

    @property
    def dose_spent(self) -> bool:
        """The session's heat dose is used up."""
        return self.dose >= self._caps[limits.THERMAL_DOSE] * 1000000

    @property
    def heat_spent(self) -> bool:
        """No more heat in this session: soak, preheat or dose is used up."""
        caps = self._caps
        return (
            self.soak_ms >= caps[limits.SOAK_TIME] * 1000
            or (not self.feet_seen and self.preheat_ms >= caps[limits.PREHEAT_TIME] * 1000)
            or self.dose_spent
        )

    def massage_spent(self, feet: int) -> bool:
        """No more massage of one of these feet in this session."""
        most = self._caps[limits.MASSAGE_FOOT] * 1000
        return (
            self.left_ms + self.right_ms >= self._caps[limits.MASSAGE_TOTAL] * 1000
            or (feet & 1 != 0 and self.left_ms >= most)
            or (feet & 2 != 0 and self.right_ms >= most)
        )

    @property
    def check_due(self) -> bool:
        """A person must say yes."""
        return self.unasked_ms >= self._caps[limits.CHECK_IN] * 1000

    @property
    def check_missed(self) -> bool:
        """Nobody said yes in time."""
        return self.unasked_ms >= (self._caps[limits.CHECK_IN] + self._caps[limits.CHECK_ANSWER]) * 1000
