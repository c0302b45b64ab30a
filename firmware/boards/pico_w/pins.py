"""Which pin of the Pico W does what. Numbers only: whoever puts water behind the pins reads this page, too.

Every switch is wired so that a broken wire reads as the careful answer: no water, tilted, wet floor, stop, no foot.
"""

# Converters
WATER1 = 26  # NTC at the inlet
WATER2 = 27  # NTC at the far end
MONITOR = 28  # the common of a 74HC4052: one of four signals
MONITOR_A = 2
MONITOR_B = 3
HEATER_CURRENT = 0  # channels of the 4052
MOTOR_CURRENT = 1
CARRIAGE = 2
REFERENCE = 3  # half of the reference, from two resistors: tells whether the converter lives

# Panel: an MCP23017
SDA = 0
SCL = 1

STOP = 4  # normally closed to ground: pressed, or torn off, is high

# Load cells: four HX711 with one clock
CELL_CLOCK = 6
CELL_DATA = (7, 8, 9, 10)  # left a, left b, right a, right b

# Heater and motors
HEATER = 11  # solid-state switch, high is on
HEATER_ENABLE = 12  # relay in series with it
HEATER_CONTACT = 13  # low while there is voltage behind the relay
MOTOR_ENABLE = 14
MOTOR_CONTACT = 15
PUMP = 16
PUMP_TURNS = 17  # two pulses a turn
CARRIAGE_PWM = 18  # each on a slice of its own
CARRIAGE_UP = 19  # high: towards the heel
LEFT_PWM = 20
LEFT_UP = 21  # high: presses
RIGHT_PWM = 22
RIGHT_UP = 5

# Inputs of the panel, pulled up: bits of port A, and from 8 on of port B. Not 7 and 15: as inputs they may disturb a read
# (data sheet, revision D).
LEVEL = 0  # low while the float is up
WET = 1  # the electrode board pulls it low while the floor is dry
TILT = 2  # low while the basin stands level
BATH_LEFT = 3  # low while there is a foot
BATH_RIGHT = 4
ROLLER_LEFT = 5
ROLLER_RIGHT = 6
ARM = 14  # low while pressed

# The rest of port B: one lamp with its picture for each thing that is asked, bit n for lamp n + 1; and the buzzer.
LAMPS = 6
BUZZER = 7
