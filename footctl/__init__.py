"""footctl: a controller for foot massagers with a warm-water basin.

    async with footctl.connect("sim") as massager:
        await massager.run("evening-unwind")

Nothing is loaded before it is used: this module runs on every import.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from footctl.api import Massager, connect
    from footctl.errors import FootctlError

__all__ = ["FootctlError", "Massager", "__version__", "connect"]

_HOMES = {"connect": "footctl.api", "Massager": "footctl.api", "FootctlError": "footctl.errors"}


def __getattr__(name: str) -> "Any":
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'footctl' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
