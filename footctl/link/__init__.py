"""Bytes in, bytes out: serial, TCP and BLE carriers behind one Transport."""
