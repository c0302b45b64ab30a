"""The table of checks and how they are run: each from a fresh session, each with the paragraph of PROTOCOL.md that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

from firmware_protocol import messages
from footctl.run.conformance.peer import Broken, Peer, Talk, Untested


@dataclass(slots=True)
class Bench:
    """What a check gets: a line, a second one where there are two, and what the device said about itself at the beginning."""

    peer: Peer
    other: Peer | None
    identity: Any
    caps: tuple[int, ...]
    simulator_allowed: bool = False
    dice: Random = None  # type: ignore[assignment]


Body: TypeAlias = Callable[[Bench], Talk[None]]


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is stable; `text` says what must be so."""

    name: str
    paragraph: str
    text: str
    body: Body


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` is passed, failed or untested; `why` says more about the last two."""

    check: Check
    outcome: str
    why: str
    seconds: float


CHECKS: list[Check] = []


def check(paragraph: str, text: str) -> Callable[[Body], Body]:
    """Enter a check into the table."""

    def enter(body: Body) -> Body:
        CHECKS.append(Check(body.__name__.strip("_").replace("_", "-"), paragraph, text, body))
        return body

    return enter


def run(
    lines: int,
    *,
    simulator_allowed: bool,
    seed: int,
    tell: Callable[[Verdict], None],
    checks: Iterable[Check] | None = None,
    key: bytes | None = None,
) -> Talk[list[Verdict]]:
    """Run them all; `tell` hears of each verdict. `key` is the device's, for links that want proof. Broken when nobody answers at all."""
    dice = Random(seed)
    peer, other = (Peer(line, dice.getrandbits, key) for line in (0, 1))
    identity = yield from peer.fresh()
    caps = _values((yield from peer.do(messages.GetCaps())))
    verdicts = []
    for one in CHECKS if checks is None else checks:
        bench = Bench(peer, other if lines > 1 else None, identity, caps, simulator_allowed, dice)
        begin = peer.now
        outcome, why = "passed", ""
        try:
            yield from peer.fresh()
            before = peer.broken_frames
            yield from one.body(bench)
            if peer.broken_frames > before:
                outcome, why = "failed", f"2.1 every frame of the device decodes; {peer.broken_frames - before} did not"
        except Broken as broken:
            outcome, why = "failed", str(broken)
        except Untested as missing:
            outcome, why = "untested", str(missing)
        verdicts.append(Verdict(one, outcome, why, peer.now - begin))
        tell(verdicts[-1])
    yield from _leave(peer)
    return verdicts


def _values(caps: Any) -> tuple[int, ...]:
    return tuple(int.from_bytes(caps.values[at : at + 4], "little", signed=True) for at in range(0, len(caps.values), 4))


def values(caps: Any) -> tuple[int, ...]:
    """The numbers of a CAPS."""
    if not isinstance(caps, messages.Caps):
        raise Broken("GET_CAPS is answered with CAPS")
    return _values(caps)


def _leave(peer: Peer) -> Talk[None]:
    """As it was found: idle, nothing latched, nobody's."""
    try:
        yield from peer.fresh()
        yield from peer.surely(messages.Finish())
    except Broken:
        return  # it was told above
