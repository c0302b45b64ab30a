"""The device: its mind in `device`, and in `boards` the bodies that carry it."""
