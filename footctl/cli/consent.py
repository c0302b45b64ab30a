"""A yes that has to be typed before something is done to a device."""

from __future__ import annotations

import sys

from footctl.errors import DeviceRefused


def agreed(question: str, hint: str) -> bool:
    """Whether the line that follows the question is a yes. Raises DeviceRefused with the hint when nobody is there to type it."""
    print(f"{question} [y/N] ", end="", flush=True)
    answer = sys.stdin.readline()
    if not answer:
        print()
        raise DeviceRefused("nobody is here to say yes", hint)
    return answer.strip().lower() in ("y", "yes")
