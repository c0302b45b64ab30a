"""The caps by name: unit, and where each number comes from. For a desk only; `limits` fetches CAPS when it is asked for.

Markings of sources: [S] seen in the source named, [GK] general knowledge, [CALC] computed, [ENG] engineering choice
that no published source gives. All of them need review by a podiatrist and a safety engineer before use on people.
"""

from firmware_protocol import limits

# In the order of limits.ROWS: name, unit, source.
_WORDS = (
    ("water_setpoint_max", "cdeg", "41 C x 40 min trial, Liao 2008 [S]; IEC 60601-1 2nd ed. applied part 41 C [S]"),
    ("water_setpoint_min", "cdeg", "below this nobody asks for a warm bath [ENG]"),
    ("heat_cut_above", "cdeg", "heater off above setpoint + this [ENG]"),
    ("water_trip", "cdeg", "held 2 s; 43 C x 20 min provoked burns in volunteers [S]"),
    ("water_trip_now", "cdeg", "two samples 0.6 s apart [ENG]"),
    ("feet_in_max", "cdeg", "feet may not enter warmer water [ENG]"),
    ("soak_time", "s", "foot-bath trials of 20-40 min [S]"),
    ("thermal_dose", "mCEM43", "van Rhoon 2013: 2 CEM43, uncontrolled exposure [S]"),
    ("pressure_max", "Pa", "half of what hurts half of healthy people on 1 cm2 [CALC]"),
    ("pressure_trip", "Pa", "three samples at 20 Hz; mechanical limit 80 kPa [ENG]"),
    ("dwell", "ms", "above 4.3 kPa on one spot; foot pumps press 3 s [S]"),
    ("dwell_off", "ms", "relief after a full dwell [ENG]"),
    ("pressure_ramp", "Pa/s", "faster indentation is noticed later, Xiong 2011 [S]"),
    ("soft_start", "s", "first seconds of massage at no more than half the cap [ENG]"),
    ("water_ramp", "cdeg/min", "feet in; the power limit of 500 W in 4 L [CALC]"),
    ("massage_foot", "s", "self-massage trials, 15 min a foot [S]"),
    ("massage_total", "s", "two feet [CALC]"),
    ("session_time", "s", "first feet-in to end, prompts and pauses included [ENG]"),
    ("preheat_time", "s", "500 W needs 15 min for 6 L [CALC]"),
    ("check_in", "s", "2 CEM43 at 42 C take 8 min [CALC]"),
    ("check_answer", "s", "time to answer a check-in [ENG]"),
    ("release_lease", "ms", "heartbeat lost: roller released [ENG]"),
    ("heat_lease", "ms", "heartbeat lost: heater off; Klipper MAX_HEAT_TIME 3.0 s [S]"),
    ("abort_lease", "ms", "heartbeat lost: latched; ArduPilot FS_GCS_TIMEOUT 5 s [S]"),
    ("setpoint_lease", "ms", "heartbeat lost: setpoints forgotten; Klipper 3.0 s [S]"),
    ("water_differ_off", "cdeg", "two sensors apart for 10 s: heater off [ENG]"),
    ("water_differ_trip", "cdeg", "two sensors apart for 2 s: latched [ENG]"),
    ("force_differ", "Pa", "two load cells of a foot apart for 0.3 s [ENG]"),
    ("force_differ_part", "permille", "the same, of the larger reading [ENG]"),
    ("volume_min", "dl", "2 L: a stuck 500 W heater gains 3.6 C/min [CALC]"),
    ("heat_under_pressure", "cdeg", "warmest setpoint while pressed over 4 kPa for 10 s [ENG]"),
)

# name, unit, sense, value, source
CAPS = tuple([(name, unit, sense, value, source) for (name, unit, source), (sense, value) in zip(_WORDS, limits.ROWS)])
assert len(CAPS) == len(_WORDS) == len(limits.ROWS), "every cap has its words"
