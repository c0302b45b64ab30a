"""The wire: one byte stream between a host and a foot massager. Pure, and runs on MicroPython. See PROTOCOL.md."""
