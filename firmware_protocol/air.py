"""How the byte stream travels over BLE: the Nordic UART Service, the advertised name, the longest write. Knows nothing about radios."""

SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"  # advertised, because the name is often missing
TO_DEVICE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"  # the host writes, with or without response
TO_HOST = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"  # the device notifies
NAME = "Footbath-"
LONGEST = 244  # bytes in one write or notification; beyond 510 they can vanish without a word, whatever the MTU is [ENG]


def name_of(serial: str) -> str:
    """The advertised name of the device with this serial number."""
    return NAME + serial[-4:]
