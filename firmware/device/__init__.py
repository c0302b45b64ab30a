"""The device's mind: integers in, integers out, no clock, no pins. Runs on the board and in the simulator."""
