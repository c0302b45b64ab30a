"""Does the water do what the heater and the basin promise? Slopes, gains and counts that stand still, looked at once a second.

It knows watts and litres, and only judges what lasts: a reading out of range or two sensors apart are caught elsewhere, sooner.
Integers only. Temperatures here are sums of five readings, so that noise of a count averages out.
"""

from firmware.device.thermostat import LOSS_MW_K, ROOM_CDEG, VESSEL_J_K, WATER_J_K_DL
from firmware_protocol import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Body, Inputs
    from firmware.device.sensors import Sensors

READS = 5  # readings in a sum, one second
BACK = 32  # so many sums are kept: HALF_S, LONG_S and GAIN_S back from the newest
HALF_S = 5
LONG_S = 10
LIVE_PM = 200  # below this duty a still reading may be still water (F08)
FROZEN_MS = 60000
HOT_CDEG_MIN = 300  # faster than the heater can, by this: somebody pours (F09)
STABLE_S = 30
GRACE_S = 30  # after the first START: pockets still follow what was filled in
STABLE_CDEG = 15
FAST_PM = 1200  # of full power in as little water as the level switch lets pass: there is less (F11) [CALC]
FAST_S = 5
STEADY_PM = 800  # low water warms as fast in the second five seconds as in the first; what was poured in comes to rest
OFF_MS = 18000  # element and pockets have given off what they held: less than 0.25 C is still to come (F05) [CALC]
STUCK_CDEG = 30
OWN_CDEG = 3400  # feet cannot warm water beyond this [ENG]
FULL_PM = 800  # F04 and F06 judge at this duty and above
FULL_S = 55  # before it, a cold element and the pockets delay what is seen
GAIN_S = 30  # after it stopped, element and pockets still give 0.2 C in the next 30 s, and less than is promised from 23 s on [CALC]
WINDOW_S = 58
WEAK_PM = 300  # of what watts, litres and losses promise
APART_CDEG = 50  # one sensor has gained this, the other less than so much of it (F04); pockets lag 6 to 10 s
APART_PM = 600
QUIET_MS = 180000  # after a foot moved: cold feet take 200-400 W at first [CALC]
JUMP_CDEG = 40  # one sensor against the other in five seconds: other guards judge that
FALL_CDEG = 20  # in five seconds and more than feet or room can take: somebody poured cold water in


class Warmth:
    """`step` gives a fault or 0. `settled` False: the water got warmer by itself and has not come to rest since (HOT_FILL)."""

    __slots__ = (
        "settled", "_sensors", "_watts", "_capacity", "_hot", "_fast", "_stuck_most", "_stuck_least", "_stuck_need", "_first",
        "_second", "_at", "_filled", "_sum1", "_sum2", "_reads", "_adc1", "_adc2", "_still1_ms", "_still2_ms", "_fast_s", "_off_ms",
        "_low", "_moved_ms", "_window_s", "_window1", "_window2", "_duty_sum", "_calm", "_calm_s", "_gap", "_grace_s", "_full_s",
    )  # fmt: skip

    def __init__(self, body: "Body", sensors: "Sensors") -> None:
        self._sensors = sensors
        self._watts = body.heater_w
        self._capacity = body.volume_dl * WATER_J_K_DL + VESSEL_J_K
        least = body.least_dl * WATER_J_K_DL + VESSEL_J_K
        # cdeg a minute, in sums of five
        fastest = body.heater_w * 6000 * READS // least
        self._hot = (HOT_CDEG_MIN * READS + fastest) * LONG_S // 60
        self._fast = fastest * FAST_PM // 1000 * HALF_S // 60
        # A pour that has slowed down to the heater's own speed has less than this still to come: pockets lag 8 s [CALC].
        self._stuck_most = fastest * 11 // 10 * HALF_S // 60
        # Half of what it gives the full basin: what was poured in comes to rest, a heater goes on.
        self._stuck_least = body.heater_w * 3000 * READS // self._capacity * HALF_S // 60
        self._stuck_need = max(STUCK_CDEG * READS, self._stuck_most * 13 // 10)
        self._first = [0] * BACK
        self._second = [0] * BACK
        self.settled = True
        self._moved_ms = self._grace_s = 0
        self.restart()

    def restart(self) -> None:
        """What was seen so far says nothing about what comes."""
        self._at = self._filled = self._sum1 = self._sum2 = self._reads = self._fast_s = self._off_ms = self._window_s = 0
        self._still1_ms = self._still2_ms = self._duty_sum = self._calm_s = self._gap = self._full_s = 0
        self._low = self._calm = self._window1 = self._window2 = 0
        self._adc1 = self._adc2 = -1

    def begin(self) -> None:
        """A new session: the water may be anything."""
        self.settled = True
        self.restart()

    def filled(self) -> None:
        """Somebody says that the water is as it should be."""
        self.restart()
        self._grace_s = GRACE_S

    def feet_moved(self) -> None:
        """Feet came or went: for a while they decide what the water does."""
        self._moved_ms = QUIET_MS
        self._window_s = self._full_s = 0

    def step(self, dt_ms: int, inputs: "Inputs", duty_pm: int, heater_closed: bool, feet: int) -> int:
        """Five times a second with the duty that was commanded until now."""
        sensors = self._sensors
        if not sensors.water_ok or sensors.stale:
            self.restart()
            return 0
        first = sensors.water1_cdeg
        second = sensors.water2_cdeg if sensors.two else first
        self._sum1 += first
        self._sum2 += second
        self._moved_ms = max(self._moved_ms - dt_ms, 0)
        self._off_ms = 0 if duty_pm else self._off_ms + dt_ms
        if self._frozen(dt_ms, inputs, duty_pm):
            return faults.SENSOR_STALE
        self._duty_sum += duty_pm
        self._reads += 1
        if self._reads < READS:
            return 0
        first = self._sum1
        second = self._sum2
        duty_pm = self._duty_sum // READS
        self._sum1 = self._sum2 = self._reads = self._duty_sum = 0
        return self._second_over(first, second, duty_pm, heater_closed, feet)

    def _frozen(self, dt_ms: int, inputs: "Inputs", duty_pm: int) -> bool:
        """Not a count in a minute in which the heater was on."""
        live = dt_ms if duty_pm > LIVE_PM else 0
        self._still1_ms += live
        self._still2_ms += live
        if inputs.water1_adc != self._adc1:
            self._adc1 = inputs.water1_adc
            self._still1_ms = 0
        if inputs.water2_adc != self._adc2:
            self._adc2 = inputs.water2_adc
            self._still2_ms = 0
        return self._still1_ms >= FROZEN_MS or (self._sensors.two and self._still2_ms >= FROZEN_MS)

    def _second_over(self, first: int, second: int, duty_pm: int, heater_closed: bool, feet: int) -> int:
        at = self._at
        back5 = at - HALF_S
        back10 = at - LONG_S
        rise = min(first - self._first[back5], second - self._second[back5])
        before = min(self._first[back5] - self._first[back10], self._second[back5] - self._second[back10])
        long = min(first - self._first[back10], second - self._second[back10])
        self._first[at] = first
        self._second[at] = second
        self._at = at + 1 if at + 1 < BACK else 0
        if self._filled < BACK:
            self._filled += 1
        self._settle(first + second)
        if self._grace_s:
            self._grace_s -= 1
        fault = 0
        if self._filled > LONG_S:
            if heater_closed:
                if long > self._hot and not self._grace_s:
                    self.settled = False
                    self._calm_s = 0
                fault = self._low_water(rise, before, duty_pm)
            move1 = first - self._first[back5]
            move2 = second - self._second[back5]
            if max(move1, move2) < -FALL_CDEG * READS or self._jumped(move1 - move2, first - second - self._gap):
                self._window_s = self._full_s = 0
            fault = fault or self._stuck_on(rise, first + second, feet) or self._gain(first, second, duty_pm)
        self._gap = first - second
        return fault

    @staticmethod
    def _jumped(in_five: int, in_one: int) -> bool:
        most = JUMP_CDEG * READS
        return not (-most <= in_five <= most and -most <= in_one <= most)

    def _settle(self, both: int) -> None:
        if -2 * READS * STABLE_CDEG <= both - self._calm <= 2 * READS * STABLE_CDEG:
            self._calm_s += 1
            if self._calm_s >= STABLE_S:
                self.settled = True
        else:
            self._calm = both
            self._calm_s = 0

    def _low_water(self, rise: int, before: int, duty_pm: int) -> int:
        fast = self._fast
        if self.settled and duty_pm >= LIVE_PM and rise > fast and before > fast and rise * 1000 >= before * STEADY_PM:
            self._fast_s += 1
        else:
            self._fast_s = 0
        return faults.LOW_WATER if self._fast_s >= FAST_S else 0

    def _stuck_on(self, rise: int, both: int, feet: int) -> int:
        """The heater has been off long enough, and the water still warms: no faster than the heater could."""
        if self._off_ms < OFF_MS or rise > self._stuck_most or both < self._low or not self._low:
            self._low = both
            return 0
        if feet and both < 2 * READS * OWN_CDEG:
            self._low = both
        return faults.HEATER_STUCK_ON if rise >= self._stuck_least and both - self._low >= 2 * self._stuck_need else 0

    def _gain(self, first: int, second: int, duty_pm: int) -> int:
        """At nearly full duty the water must warm, at both ends alike."""
        if duty_pm < FULL_PM or self._moved_ms:
            self._window_s = self._full_s = 0
            return 0
        self._full_s += 1
        if not self._window_s:
            self._window1 = first
            self._window2 = second
        self._window_s += 1
        gain1 = first - self._window1
        gain2 = second - self._window2
        most = max(gain1, gain2)
        least = min(gain1, gain2)
        if most >= APART_CDEG * READS and 1000 * least < APART_PM * most:
            self._window_s = 0
            one = self._still1_ms if gain1 < gain2 else self._still2_ms
            # A reading that follows late is slow; one that does not move by a count is frozen.
            return faults.SENSOR_STALE if one > LONG_S * 1000 else faults.SENSOR_SLOW
        if self._window_s > WINDOW_S:
            self._window_s = 0
        if self._full_s < FULL_S:
            return 0
        back = self._at - 1 - GAIN_S
        most = max(first - self._first[back], second - self._second[back])
        loss = LOSS_MW_K * max(first // READS - ROOM_CDEG, 0) // 100000
        promised = max(self._watts * FULL_PM // 1000 - loss, 0) * GAIN_S * 100 * READS // self._capacity
        return faults.HEATER_DEAD if most * 1000 < promised * WEAK_PM else 0
