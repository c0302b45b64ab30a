"""What a device is called on the air, and how much goes into one write."""

from firmware_protocol import air, framing


def test_the_name_ends_in_the_serial_numbers_end() -> None:
    assert air.name_of("FB-0042") == "Footbath-0042"
    assert air.name_of("7") == "Footbath-7"


def test_three_characteristics_of_one_service() -> None:
    uuids = {air.SERVICE, air.TO_DEVICE, air.TO_HOST}
    assert len(uuids) == 3
    assert len({uuid[8:] for uuid in uuids}) == 1


def test_a_frame_fits_into_one_write() -> None:
    assert framing.WIRE_MAX <= air.LONGEST <= 244
