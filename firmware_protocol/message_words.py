"""What the numbers of messages are called: for screens, pages and logs. For a desk only; `messages` fetches what is asked for."""

STATES = ("idle", "active", "paused", "latched")

# bit n
FLAGS = ("heater_enable", "motor_enable", "pump", "bubbles", "level_ok", "armed", "check_due")
PRESENCE = ("bath_left", "bath_right", "roller_left", "roller_right")
ZONES = ("toes", "ball", "arch", "heel", "ankle")  # zone n
TECHNIQUES = ("kneading", "rolling", "circular", "press", "stretch")  # number n + 1; bit n in IDENTITY

LAMPS = ("off", "wait", "feet_in", "feet_out", "hold_to_arm", "check_in", "fault")
QUALITIES = ("good", "stale", "implausible", "absent")
EVENTS = ("", "yes", "feet", "arming", "latch", "cleared", "intrusion")

# bit n
FEATURES = ("second_sensor", "level_switch", "tilt_switch", "current_sense", "drain", "bubbles", "battery", "arms_by_hand", "wants_proof")
PLACES = ("bath", "roller", "shared")

# By number: name, meaning
REASONS = (
    ("", ""),
    ("unknown_message", "this version has no such message"),
    ("malformed", "the payload is shorter than the message"),
    ("out_of_range", "a value is beyond its cap; `limit` is the cap"),
    ("loosens", "a limit would allow more than the one in force; `limit` is the number of the cap"),
    ("not_controller", "the sender did not say HELLO as controller"),
    ("busy", "another host is the controller"),
    ("latched", "a fault is latched; `limit` is its number"),
    ("not_started", "START comes first"),
    ("not_armed", "the device wants its button held first"),
    ("not_permitted", "a permissive is missing; `limit` is its number in the table of permissives"),
    ("wrong_cause", "CLEAR must name the latched fault; `limit` is its number"),
    ("wrong_version", "the major versions differ; `limit` is the device's"),
    ("not_authenticated", "this carrier wants an authenticated frame"),
    ("unsupported", "the device has no such part"),
    ("by_cable", "this is said over a cable only"),
    ("too_many", "too many proofs that were not the key's; `limit` is how many milliseconds to wait"),
)

PERMISSIVES = (
    ("", ""),
    ("level_low", "not enough water over the heater"),
    ("sensors_bad", "a water sensor has no good reading"),
    ("cells_bad", "a load cell has no good reading or does not read zero unloaded"),
    ("tilted", "the device does not stand level"),
    ("pressed", "a button on the device is held down"),
    ("lease_dead", "no valid heartbeat within the lease"),
    ("too_warm", "the water is above its trip limit"),
    ("heater_live", "the heater draws current although it is off"),
    ("time_spent", "the session's time or dose for this is used up"),
    ("unsettled", "the water got warmer by itself; it must be stable for 30 s"),
    ("foot_missing", "a foot that should be pressed is not on its place"),
    ("uncalibrated", "the stored calibration is implausible"),
)
