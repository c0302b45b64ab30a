"""What a body gives the mind each tick, what it takes from it, and what the body is.

A body is a board with pins or the simulator's virtual board. Integers only. One Inputs and one Outputs are made at start-up
and used again every tick: a board should not allocate 20 times a second.
"""

TICK_MS = 50  # the mind ticks at 20 Hz

CLOSED = 1
OPEN = 0


class Inputs:
    """One scan of the sensors, raw.

    water1_adc, water2_adc   12-bit counts of an NTC at the low side of a divider with 10 k from the reference: warmer is fewer
                             counts; an open sensor reads near 4095, a short near 0. Sensor 1 sits at the inlet, 2 at the far end
    left_a, left_b, right_a, right_b   load-cell counts, zero near 0, about 50 Pa of contact pressure a count, and a noise of about a
                             count: a cell that shows the same for half a second while its motor moves is not alive
    sample                   counts conversions; does not advance when the converter is dead
    level_ok, wet_floor, tilt   switches, 0 or 1
    presence                 foot in bath left 1, right 2, on roller left 4, right 8
    stop_button, arm_button  1 while pressed
    heater_ma                current through the heater, milliamperes, averaged over the period of its duty
    pump_rpm                 pump speed
    heater_contact, motor_contact   read-back of the two enables, 1 closed
    carriage_mm              carriage position from the toes, 0-255
    motor_ma                 motor current, milliamperes, for stall
    """

    __slots__ = (
        "water1_adc", "water2_adc", "left_a", "left_b", "right_a", "right_b", "sample", "level_ok", "wet_floor", "tilt", "presence",
        "stop_button", "arm_button", "heater_ma", "pump_rpm", "heater_contact", "motor_contact", "carriage_mm", "motor_ma",
    )  # fmt: skip

    def __init__(self) -> None:
        self.water1_adc = self.water2_adc = self.left_a = self.left_b = self.right_a = self.right_b = self.sample = 0
        self.level_ok = self.wet_floor = self.tilt = self.presence = self.stop_button = self.arm_button = 0
        self.heater_ma = self.pump_rpm = self.heater_contact = self.motor_contact = self.carriage_mm = self.motor_ma = 0


class Outputs:
    """What the body must do until the next tick. All zero is the safe state.

    heater_pm       heater duty, permille (time-proportioned by the body)
    heater_enable   second relay in series with the heater
    motor_enable    supply of carriage and press motors; open, a spring lifts the rollers within half a second
    pump, bubbles   0 or 1
    carriage_um_s   speed of the carriage, + towards the heel
    left_um_s, right_um_s   speed of the press axes, + presses
    lamp            one of messages.LAMP_*
    buzzer          0 or 1
    """

    __slots__ = (
        "heater_pm", "heater_enable", "motor_enable", "pump", "bubbles", "carriage_um_s", "left_um_s", "right_um_s", "lamp", "buzzer",
    )  # fmt: skip

    def __init__(self) -> None:
        self.heater_pm = self.heater_enable = self.motor_enable = self.pump = self.bubbles = 0
        self.carriage_um_s = self.left_um_s = self.right_um_s = self.lamp = self.buzzer = 0


class Body:
    """What a body is. Fixed at power-up; the defaults are the reference device.

    serial, model, firmware   bytes, ASCII, at most 12, 16 and 12
    boot_id                   random at every power-up (u32)
    simulator                 0 for hardware; a virtual board says its speed
    features, places, zones, techniques   capability bits as in IDENTITY
    volume_dl, least_dl       water when filled to the mark, and at which the level switch opens
    heater_w, pump_rpm        heater power; speed of a healthy pump, 0 when nobody counts its turns
    zone_mm                   for each zone (toes … ankle) the carriage's first and last millimetre
    cell_pa                   pascals a count, (left_a, left_b, right_a, right_b), in thousandths: 50_000 is 50 Pa
    cell_zero                 counts of the unloaded cells
    water_offset_cdeg         calibration of the two water sensors, added to the table's reading
    cables                    bit n: peer n comes over a cable, so whoever speaks there holds the device. Radio and network are no cable
    key                       16 secret bytes of this device, on its label; empty: it has none, and only a cable may control it
    seed                      at least 16 secret bytes, random at every power-up: the nonces are made of them. Without them a key is no use
    calibration               0, or faults.CALIBRATION_LOST when none was found that could be believed
    caps                      the device's own caps, in the order of limits.CAPS; never looser than limits.ABSOLUTE
    """

    def __init__(self) -> None:
        self.serial = b"SIM-0001"
        self.model = b"footbath-5l"
        self.firmware = b"0.1.0"
        self.boot_id = 1
        self.simulator = 0
        self.features = 0x001F
        self.places = 0x03
        self.zones = 0x1F
        self.techniques = 0x1F
        self.volume_dl = 50
        self.least_dl = 30
        self.heater_w = 500
        self.pump_rpm = 2400
        self.zone_mm: "tuple[tuple[int, int], ...]" = ((5, 45), (50, 95), (100, 165), (170, 215), (225, 245))
        self.cell_pa: "tuple[int, ...]" = (50_000, 50_000, 50_000, 50_000)
        self.cell_zero: "tuple[int, ...]" = (0, 0, 0, 0)
        self.water_offset_cdeg: "tuple[int, ...]" = (0, 0)
        self.cables = 0x01
        self.key = b""
        self.seed = b""
        self.calibration = 0
        self.caps: "tuple[int, ...] | None" = None  # None: limits.ABSOLUTE
