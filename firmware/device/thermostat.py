"""The bath thermostat: setpoint with a rate of change, then PI with feed-forward and anti-windup. Integers only.

Steps five times a second. Knows the basin's litres and watts, nothing of permissives: it proposes a duty, the supervisor lowers it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Body

FULL_PM = 1000
STEP_MS = 200

WATER_J_K_DL = 418  # of a decilitre
VESSEL_J_K = 1500  # [ENG]
# Element (12 s) and sensor pocket (8 s) answer about 20 s late [ENG]. A proportional loop through that lag is well damped when
# it closes the error at 1/50 a second: 20 watts a kelvin for each kJ/K of water and vessel [CALC].
GAIN_W_KJ = 20
LOSS_MW_K = 4200  # to the room, wall and surface together: 65 W at 16 K [GK]
ROOM_CDEG = 2400
INTEGRAL_S = 150  # slower than the lags, faster than the feet warm [ENG]
BAND_CDEG = 50  # farther off than this the integral rests: it would only wind up
# Two feet at 28 C draw 200-400 W at first and less as they warm over a few minutes [CALC]: part of it ahead of the error.
FOOT_W = 100
FOOT_FADE_S = 90
RAMP_PART_PM = 800  # of the power that a moving setpoint needs; all of it would arrive late at the ramp's end


class Thermostat:
    """`target_cdeg` is asked for, `setpoint_cdeg` moves there; 0 is no heat. `duty_pm` is what the last step proposed."""

    __slots__ = (
        "target_cdeg", "setpoint_cdeg", "ramp_cdeg_min", "duty_pm",
        "_gain", "_store", "_loss", "_watt", "_part", "_integral", "_foot", "_feet",
    )  # fmt: skip

    def __init__(self, body: "Body") -> None:
        capacity = body.volume_dl * WATER_J_K_DL + VESSEL_J_K
        watts = max(body.heater_w, 1)
        # All gains give duty in millionths, so that small ones do not vanish.
        self._gain = capacity * GAIN_W_KJ * 10 // watts  # a cdeg of error
        self._store = capacity * 10000 // (60 * watts)  # a cdeg/min of ramp
        self._loss = LOSS_MW_K * 10 // watts  # a cdeg above the room
        self._watt = 1000000 // watts
        self._feet = 0
        self.clear()

    def clear(self) -> None:
        """No heat; what was learned is forgotten."""
        self.target_cdeg = self.setpoint_cdeg = self.ramp_cdeg_min = self.duty_pm = 0
        self._part = self._integral = self._foot = 0

    def set(self, target_cdeg: int, ramp_cdeg_min: int, water_cdeg: int) -> None:
        """What the water should be. From no heat the setpoint starts at the water's own temperature; ramp 0 moves it at once."""
        if not target_cdeg:
            self.clear()
            return
        if not self.setpoint_cdeg:
            self.setpoint_cdeg = min(target_cdeg, water_cdeg)
            self._integral = 0
        self.target_cdeg = target_cdeg
        self.ramp_cdeg_min = ramp_cdeg_min
        if not ramp_cdeg_min:
            self.setpoint_cdeg = target_cdeg
            self._part = 0

    def step(self, dt_ms: int, water_cdeg: int, feet: int) -> int:
        """Advance by dt_ms with the water at water_cdeg and so many feet in it; gives the duty in permille."""
        if feet > self._feet:
            self._foot = (feet - self._feet) * FOOT_W * self._watt
        elif not feet:
            self._foot = 0
        self._feet = feet
        setpoint = self.setpoint_cdeg
        if not setpoint:
            self.duty_pm = 0
            return 0
        moving = 0
        if setpoint != self.target_cdeg:
            moving = self._slew(dt_ms)
            setpoint = self.setpoint_cdeg
        error = setpoint - water_cdeg
        ahead = self._loss * max(setpoint - ROOM_CDEG, 0) + moving * self._store * RAMP_PART_PM // 1000
        if self._foot:
            self._foot -= self._foot * dt_ms // (FOOT_FADE_S * 1000)
            ahead += self._foot
        push = self._gain * error
        duty = push + ahead + self._integral
        if moving:
            pass  # a ramp's lag is no loss that has to be learned
        elif -BAND_CDEG < error < BAND_CDEG:
            # The integral stands still while it would push a full or empty duty farther.
            if 0 < duty < 1000000 or (duty <= 0) == (error > 0):
                self._integral += push * dt_ms // (INTEGRAL_S * 1000)
        if duty <= 0:
            self.duty_pm = 0
        elif duty >= 1000000:
            self.duty_pm = FULL_PM
        else:
            self.duty_pm = duty // 1000
        return self.duty_pm

    def _slew(self, dt_ms: int) -> int:
        """Move the setpoint; gives its rate in cdeg/min."""
        self._part += self.ramp_cdeg_min * dt_ms
        whole = self._part // 60000
        self._part -= whole * 60000
        away = self.target_cdeg - self.setpoint_cdeg
        if away > 0:
            self.setpoint_cdeg += min(whole, away)
            return self.ramp_cdeg_min
        self.setpoint_cdeg -= min(whole, -away)
        return -self.ramp_cdeg_min
