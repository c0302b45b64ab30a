"""The table of a session's states and what leads from one to the other, and nothing else.

The only door to the `transitions` library. A plain Machine: no timers, no queue, no callbacks. It is triggered when the state
changes, never as a tick: a trigger costs as much as a whole turn of the host.
"""

from __future__ import annotations

from typing import Any

from transitions import Machine, State

from footctl.core.plan import KINDS
from footctl.core.view import OUTCOMES

STEPS = KINDS
OPENING = ("connecting", "planning", "ready")
PROVING = ("preflight", "proving")
STATES = (*OPENING, "watching", *PROVING, *STEPS, "paused", "stopping", *OUTCOMES)

_RUNNING = (*STEPS, "paused")
_HALTS = (*OPENING, "watching", *PROVING, *_RUNNING)

# (trigger, from, to). A step is entered from any other: the plan, not the machine, knows their order; a pause returns to its step.
TABLE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("identified", ("connecting",), "planning"),
    ("watch", ("planning",), "watching"),
    ("planned", ("planning",), "ready"),
    ("begin", ("ready",), "preflight"),
    ("prove", ("preflight",), "proving"),
    *((kind, ("proving", *_RUNNING), kind) for kind in STEPS),
    ("pause", tuple(kind for kind in STEPS if kind != "finish"), "paused"),
    ("halt", _HALTS, "stopping"),
    ("completed", ("finish",), "completed"),
    ("refused", (*OPENING, *PROVING, "stopping"), "refused"),  # from stopping: the proof failed with an enable closed
    ("link_lost", ("stopping", *_HALTS), "link_lost"),
    ("stopped", ("stopping",), "stopped"),
    ("pain", ("stopping",), "pain"),
    ("tripped", ("stopping",), "tripped"),
)


_WAYS = frozenset((trigger, source) for trigger, sources, _ in TABLE for source in sources)


class Stage:
    """Holds the state. `go` fires a trigger; False, and nothing changed, when the table has no such way from here."""

    def __init__(self) -> None:
        self.state = "connecting"
        self._machine = Machine(
            model=None,
            states=[State(name) for name in STATES],
            transitions=[{"trigger": trigger, "source": list(source), "dest": dest} for trigger, source, dest in TABLE],
            initial="connecting",
            auto_transitions=False,
        )
        self._model = _Model()
        self._machine.add_model(self._model)

    def __deepcopy__(self, memo: dict[int, Any]) -> Stage:
        """A copy stands where this one does; the table need not be copied."""
        other = Stage()
        other.state = other._model.state = self.state
        return other

    def go(self, trigger: str) -> bool:
        """Fire `trigger`."""
        if (trigger, self.state) not in _WAYS:
            return False
        self._model.trigger(trigger)
        self.state = self._model.state
        return True


class _Model:
    """What `transitions` decorates with a method for every trigger."""

    state: str
    trigger: Any


def mermaid() -> str:
    """The table as a Mermaid state diagram. Ways that many states share are drawn from a group."""
    lines = ["stateDiagram-v2", "    [*] --> connecting", '    state "a step" as step {']
    lines += [f"        {kind}" for kind in STEPS]
    lines.append("    }")
    for trigger, sources, dest in TABLE:
        for source in _grouped(sources):
            to = "step" if dest in STEPS and source in ("step", "paused", "proving") else dest
            line = f"    {source} --> {to}: {'next step' if to == 'step' else trigger}"
            if line not in lines:
                lines.append(line)
    lines += [f"    {outcome} --> [*]" for outcome in OUTCOMES]
    return "\n".join(lines) + "\n"


def _grouped(sources: tuple[str, ...]) -> list[str]:
    """Replace the steps among `sources` by the group when all of them, or all but finish, are there."""
    if set(STEPS[:-1]) <= set(sources):
        return [source for source in sources if source not in STEPS] + ["step"]
    return list(sources)
