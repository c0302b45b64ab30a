"""The host's mind. No asyncio, no clock, no files, no logging, no randomness."""
