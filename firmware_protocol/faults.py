"""The numbered fault catalogue: what can be wrong, how serious it is, how it ends, what a person should do.

A fault's number is its row in the safety case (F01 … F52); numbers from 60 on are not failures of a part. Three classes:
TRIP forces the safe state and stays until a person clears it; INTERLOCK forces a safe output while its cause lasts;
WARNING is told and not acted upon.
"""

TRIP = 1
INTERLOCK = 2
WARNING = 3

NONE = 0
SENSOR_OPEN = 1
SENSOR_SHORT = 2
SENSORS_DIFFER = 3
SENSOR_SLOW = 4
HEATER_STUCK_ON = 5
HEATER_DEAD = 6
SENSOR_DETACHED = 7
SENSOR_STALE = 8
HOT_FILL = 9
PUMP_DEAD = 10
LOW_WATER = 11
LEAK = 12
TIPPED = 13
OVER_TEMPERATURE = 15
DOSE_SPENT = 16
STALLED = 17
OVER_PRESSURE = 18
CELL_DRIFT = 19
CELL_OPEN = 20
CELLS_DIFFER = 21
DWELL = 24
NO_FOOT = 25
FOOT_ABSENT = 26
SECOND_OBJECT = 27
HEAT_UNDER_PRESSURE = 28
LINK_LOST = 29
LINK_LATE = 31
LINK_NOISY = 34
REPLAYED = 35
HOST_HUNG = 38
CALIBRATION_LOST = 42
CALIBRATION_BAD = 43
CHECK_MISSED = 48
NOT_ARMED = 50
INTRUDER = 51
STOPPED = 60
PAIN = 61
SESSION_OVER = 62

# (code, name, class, what happened, what to do)
# fmt: off
FAULTS = (
    (SENSOR_OPEN, "sensor_open", TRIP, "a water sensor is disconnected",
     "check the sensor's plug and cable; do not use the basin until it reads again"),
    (SENSOR_SHORT, "sensor_short", TRIP, "a water sensor is shorted",
     "check the sensor's cable for water; do not use the basin until it reads again"),
    (SENSORS_DIFFER, "sensors_differ", TRIP, "the two water sensors disagree",
     "stir the water; if it comes back, calibrate or replace a sensor"),
    (SENSOR_SLOW, "sensor_slow", TRIP, "the water sensors follow the heater far too slowly",
     "clean the sensors and see that they sit in the water; if it comes back, replace them"),
    (HEATER_STUCK_ON, "heater_stuck_on", TRIP, "the heater gets current or warms the water although it is off",
     "take the feet out, unplug the basin, have the heater relay replaced"),
    (HEATER_DEAD, "heater_dead", TRIP, "the heater does not warm the water although it is on",
     "finish without heat; have the heater and its cable checked"),
    (SENSOR_DETACHED, "sensor_detached", TRIP, "a water sensor does not seem to be in the water",
     "fill to the mark, push the sensor back into its place, then clear"),
    (SENSOR_STALE, "sensor_stale", TRIP, "the sensor readings stopped changing",
     "switch the device off and on; if it comes back, have it repaired"),
    (HOT_FILL, "hot_fill", INTERLOCK, "the water gets warmer than the heater can make it: somebody added hot water",
     "keep the feet out, add cold water if it is too warm, wait until it is stable"),
    (PUMP_DEAD, "pump_dead", TRIP, "the pump stands still although it should run",
     "look for hair or lint at the pump, then clear"),
    (LOW_WATER, "low_water", TRIP, "there is too little water over the heater",
     "fill to the mark, look for a leak, then clear"),
    (LEAK, "leak", TRIP, "there is water under the basin",
     "step out, unplug the basin with dry hands, dry the floor, look for the leak"),
    (TIPPED, "tipped", TRIP, "the basin is tilted",
     "unplug it, set it level on a dry floor, refill, then clear"),
    (OVER_TEMPERATURE, "over_temperature", TRIP, "the water is warmer than its trip limit",
     "take the feet out, add cold water, then clear"),
    (DOSE_SPENT, "dose_spent", TRIP, "the session's heat dose is used up",
     "enough warmth for today; clear to go on without heat"),
    (STALLED, "stalled", TRIP, "a motor of the roller is blocked, or its belt slips",
     "take the feet off and look for what blocks it or slips, then clear"),
    (OVER_PRESSURE, "over_pressure", TRIP, "the roller pressed harder than its trip limit",
     "check that the foot lies freely, then clear"),
    (CELL_DRIFT, "cell_drift", TRIP, "an unloaded pressure sensor does not read zero",
     "take the feet off the roller and run the calibration"),
    (CELL_OPEN, "cell_open", TRIP, "a pressure sensor is disconnected or stuck",
     "have the load cell and its cable checked"),
    (CELLS_DIFFER, "cells_differ", TRIP, "the two pressure sensors of a foot disagree",
     "check for something under the roller; calibrate or replace a load cell"),
    (DWELL, "dwell", INTERLOCK, "the roller pressed one spot for its longest time",
     "nothing; it lets go and moves on"),
    (NO_FOOT, "no_foot", INTERLOCK, "there is no foot where the roller should press",
     "put the foot on its place"),
    (FOOT_ABSENT, "foot_absent", INTERLOCK, "a foot is not where it should be",
     "put the foot back on its place"),
    (SECOND_OBJECT, "second_object", TRIP, "there is something else than one person's two feet at the device",
     "keep children and pets away from the basin, then clear"),
    (HEAT_UNDER_PRESSURE, "heat_under_pressure", INTERLOCK, "the roller presses while the water is warm, for too long",
     "nothing; the heater waits until the roller lets go"),
    (LINK_LOST, "link_lost", TRIP, "the controller fell silent",
     "check the cable or the radio and the controlling program, then clear"),
    (LINK_LATE, "link_late", TRIP, "what the controller says comes too late",
     "use a cable or come closer, look for what delays the link, then clear"),
    (LINK_NOISY, "link_noisy", TRIP, "too much of what the controller says arrives broken",
     "replace the cable or come closer, then clear"),
    (REPLAYED, "replayed", WARNING, "somebody sends the device orders that were recorded or forged; it took none of them",
     "end the session if it is not yours; who has your device's key can be kept out with a new one"),
    (HOST_HUNG, "host_hung", TRIP, "the controller's loop stands still",
     "restart the controlling program, then clear"),
    (CALIBRATION_LOST, "calibration_lost", WARNING, "the stored calibration is damaged; the strictest limits hold",
     "run the calibration again"),
    (CALIBRATION_BAD, "calibration_bad", INTERLOCK, "the stored calibration is implausible",
     "run the calibration again; the device does not start until then"),
    (CHECK_MISSED, "check_missed", TRIP, "nobody answered the device's check-in",
     "see whether the person is well; clear when they want to go on"),
    (NOT_ARMED, "not_armed", INTERLOCK, "the device waits for its button to be held before anything starts",
     "hold the device's button for three seconds"),
    (INTRUDER, "intruder", WARNING, "somebody without the device's key tries to control it; it took no order from them",
     "look who is near, or in your network; nothing was changed"),
    (STOPPED, "stopped", TRIP, "somebody pressed stop",
     "clear when you want to go on"),
    (PAIN, "pain", TRIP, "pain was reported",
     "look at the foot; clear when it is well and you want to go on"),
    (SESSION_OVER, "session_over", TRIP, "the longest session time is over",
     "that is all for now; clear before the next session"),
)
# fmt: on

BY_CODE = {row[0]: row for row in FAULTS}


def name(code: int) -> str:
    """The fault's name; `fault_N` for a number that this version does not know."""
    row = BY_CODE.get(code)
    return row[1] if row else "fault_%d" % code
