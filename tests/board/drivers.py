"""The board's drivers against the fake pins, one by one: run under real MicroPython by test_drivers. In the MicroPython subset."""

import binascii
import os
import struct

import flash
import keys
import pins
from board import Board, describe
from cells import Cells
from heater import Heater
from machine import Pin
from motors import Motors
from panel import Panel
from pinwire import line

from firmware.device import calibration


def high(pin):
    return line.out_levels >> pin & 1


def test_heater_duty():
    heater = Heater()
    heater.set(0, 300, 1)
    assert high(pins.HEATER_ENABLE) and high(pins.HEATER), "the relay first, then the switch"
    on = 0
    for now in range(0, 20000, 10):
        heater.often(now)
        on += high(pins.HEATER)
    assert on == 600, on  # 30 % of 2,000 looks
    heater.set(20010, 300, 0)
    assert not high(pins.HEATER) and not high(pins.HEATER_ENABLE), "a duty without the relay is none"
    heater.set(20020, 0, 1)
    heater.often(20030)
    assert not high(pins.HEATER)


def test_a_flickering_duty_heats_no_more_than_it_says():
    for duty in (1, 20, 300):
        for apart in (5, 50, 130, 1990):  # from one flicker to the next
            heater = Heater()
            on = []
            wanted = 0
            for now in range(0, 60000, 5):
                if now % apart == 0:
                    wanted = 0 if wanted else duty
                    heater.set(now, wanted, 1)
                else:
                    heater.often(now)
                on.append(high(pins.HEATER))
            for begun in range(0, len(on) - 400, 100):
                window = on[begun : begun + 400]  # two seconds
                assert sum(window) * 5 <= duty * 2 + 2 * 5, (duty, apart, begun, sum(window))
            assert sum(on) * 5 <= duty * 60 + 30 * 5, (duty, apart, sum(on))
            assert sum(on), (duty, apart)


def test_heater_current():
    heater = Heater()
    heater.set(0, 500, 1)
    assert heater.measured(2000) == 4000, "2,000 counts are 8 A; half of the time"
    heater.often(1500)
    assert heater.measured(0) == 4000, "what flowed while it was on still counts"
    heater.set(2000, 0, 1)
    assert heater.measured(0) == 0, "off is off at once"
    assert heater.measured(2000) == 8000, "a fused switch shows"


def test_cells():
    cells = Cells()
    line.cells = (512 * 100, -512 * 100, 0x7FFFFF, -0x800000)
    line.conversions = 1
    assert cells.poll()
    assert not cells.poll(), "one conversion is fetched once"
    counts = list(cells.take())
    assert counts[0] == 100 and counts[1] == -100, counts
    assert counts[2] > 16000 and counts[3] < -16000, counts
    for _ in range(5):
        cells.take()
    assert cells.silent == 5
    seen = set()
    for turn in range(2, 40):
        line.conversions = turn
        line.cells = (51200 + turn * 7 % 64, 0, 0, 0)
        cells.poll()
        seen.add(cells.take()[0])
    assert len(seen) > 3, "noise in the low bits shows as noise of a few counts"
    line.cells = (51200, 0, 0, 0)
    still = set()
    for turn in range(40, 60):
        line.conversions = turn
        cells.poll()
        still.add(cells.take()[0])
    assert len(still) == 1, "a frozen cell stays frozen"


def test_motors():
    motors = Motors()
    motors.set(1, -30000, 15000, 0, 1)
    assert line.duties[pins.CARRIAGE_PWM] == 32767 and not high(pins.CARRIAGE_UP)
    assert line.duties[pins.LEFT_PWM] == 65535 and high(pins.LEFT_UP)
    assert line.duties[pins.RIGHT_PWM] == 0
    assert high(pins.MOTOR_ENABLE) and high(pins.PUMP)
    for _ in range(40):
        line.on_turn(None)
    for _ in range(10):
        rpm = motors.count()
    assert rpm == 2400, rpm
    for _ in range(10):
        rpm = motors.count()
    assert rpm == 0


def test_panel():
    panel = Panel()
    panel.show(3, 1)
    line.switches = 0x55
    assert panel.read() == 0x8455, "the lamps and the buzzer that are on read as on"
    assert line.port_b == 1 << 2 | 1 << 7
    panel.show(0, 0)
    assert line.port_b == 0

    def broken(*words):
        raise OSError(5)

    read = panel._bus.readfrom_mem_into
    panel._bus.readfrom_mem_into = broken
    assert panel.read() == 0xFFFF and panel.dead
    panel._bus.readfrom_mem_into = read
    assert panel.read() == 0x55 and not panel.dead
    write = panel._bus.writeto_mem
    panel._bus.writeto_mem = broken
    for _ in range(20):
        panel.show(0, 0)
    line.switches = 0x00  # as an expander reads that lost its supply, and with it the pull-ups
    assert panel.read() == 0xFFFF and panel.dead, "an expander that cannot be told to pull up is not believed"
    panel._bus.writeto_mem = write
    panel.show(0, 0)
    assert panel.read() == 0x00 and not panel.dead
    line.switches = 0xFFFF
    assert Panel().read() == 0x40FF, "all inputs open, all outputs off"


def test_board_reads_carefully():
    board = Board()
    line.monitored = (0, 0, 0, 2048 << 4)
    line.adc = [1700 << 4, 1800 << 4]
    line.in_levels = 1 << pins.STOP | 1 << pins.HEATER_CONTACT | 1 << pins.MOTOR_CONTACT
    line.switches = 0xFFFF  # every wire torn off
    line.conversions += 1
    board._panel.show(0, 0)
    inputs = board.scan()
    assert (inputs.level_ok, inputs.wet_floor, inputs.tilt, inputs.presence, inputs.stop_button, inputs.arm_button) == (0, 1, 1, 0, 1, 0)
    assert (inputs.heater_contact, inputs.motor_contact) == (0, 0)
    assert (inputs.water1_adc, inputs.water2_adc) == (1700, 1800)
    before = inputs.sample
    line.conversions += 1
    assert board.scan().sample == (before + 1) & 255
    line.monitored = (0, 0, 0, 0)  # the converter measures a known voltage wrong
    line.conversions += 1
    assert board.scan().sample == (before + 1) & 255, "a converter that does not live counts nothing"
    line.switches = 0xFFFF & ~(1 << pins.ARM) & ~(1 << pins.BATH_LEFT)
    assert board.scan().presence == 1 and board._panel.wants_service


def test_flash():
    for name in os.listdir():
        if name.startswith("key.") or name.startswith("calibration."):
            os.remove(name)
    body = describe()
    assert body.calibration == 42 and body.caps is not None, "without a calibration the strictest limits hold"
    key = body.key
    assert len(key) == 16 and key != bytes(16)
    assert keys.load() == key, "made once, kept"
    for turn in (0, 1):
        good = flash.copies("key")[turn]
        for bad in (good[:11], b"", good[:-1] + bytes([good[-1] ^ 1])):  # the power went away in the middle of a write, or a bit fell over
            flash.keep("key", bad, turn)
            assert keys.load() == key, "the other copy is whole"
            flash.keep("key", bad, 1 - turn)
            assert keys.load() == key, "the damaged copy was written anew"
            assert flash.copies("key")[0] == flash.copies("key")[1]
    body.cell_pa = (51000, 52000, 53000, 54000)
    for turn in (0, 1):
        for count in (4, 5):
            flash.keep("calibration", calibration.pack(body, count), count)
        flash.keep("calibration", b"torn", turn)
        assert describe().cell_pa == body.cell_pa
        flash.keep("calibration", b"torn", 1 - turn)
        assert describe().cell_pa == body.cell_pa, "and so is the calibration's"
    flash.keep("calibration", calibration.pack(body, 7), 1)
    body.cell_pa = (55000, 52000, 53000, 54000)
    flash.keep("calibration", calibration.pack(body, 8), 0)
    assert describe().cell_pa == body.cell_pa, "the newer one of two whole copies"
    assert len(set(flash.copies("calibration"))) == 2, "neither is touched"
    flash.keep("key", b"", 0)
    flash.keep("key", b"", 1)
    assert keys.load() != key, "with both gone there is a new one"
    try:
        raise ValueError("first")
    except ValueError as error:
        flash.keep_first("words.txt", error)
    flash.keep_first("words.txt", ValueError("second"))
    with open("words.txt") as file:
        assert "first" in file.read()


def test_a_pin_is_strict():
    try:
        Pin(pins.STOP, Pin.IN).value(1)
    except ValueError:
        return
    raise AssertionError("an input was driven")


def test_a_worn_flash():
    for count in (1, 2):
        flash.keep("worn", b"whole" + struct.pack("<I", binascii.crc32(b"whole")), count)
    flash.keep("worn", b"torn", 0)

    def full(*words):
        raise OSError(28)

    keep = flash.keep
    flash.keep = full
    assert flash.copies("worn")[1][:5] == b"whole", "what cannot be mended can still be read"
    flash.keep = keep


TESTS = (
    test_heater_duty, test_a_flickering_duty_heats_no_more_than_it_says, test_heater_current, test_cells, test_motors, test_panel,
    test_board_reads_carefully, test_flash, test_a_worn_flash, test_a_pin_is_strict,
)  # fmt: skip
for test in TESTS:
    test()
print("done")
