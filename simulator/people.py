"""Virtual people at the device. They follow the lamp as a real person does, feel pressure and heat, and press the device's buttons.

They see the lamp and which part of the machine is live, nothing that goes over the wire. A person is deterministic by seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from firmware_protocol import messages
from footctl.errors import UsageError
from simulator.plant.machine import BATH, ELSEWHERE, ROLLER

if TYPE_CHECKING:
    from simulator.board import Board

LOOK_MS = 200  # how often a person looks and feels
BETWEEN_FEET_MS = 800  # the right foot follows the left [ENG]
PRESS_MS = 300  # a short press of a button [ENG]
HOLD_MS = 3300  # the button that arms wants three seconds
AGAIN_MS = 5000  # a press without effect is repeated [ENG]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a person brings. `reaction_s` from seeing or feeling to acting; `perfusion_w_k` warms both feet; `firmness` of the tissue.

    `answers` False: does not react to a check-in (asleep, elsewhere). `sits` False: only a hand, for the button that arms.
    """

    summary: str
    feet_c: float = 28.0
    perfusion_w_k: float = 6.0  # 3-10 W/K, less in poor circulation [ENG]
    firmness: float = 1.0
    pain_kpa: float = 105.0  # 98-125 kPa on 1 cm2 hurt half of healthy people [CALC]
    pain_c: float = 43.0  # pain in adult skin just above it, Martin & Falder 2017 [S]
    reaction_s: tuple[float, float] = (1.0, 3.0)
    answers: bool = True
    sits: bool = True


NEVER = float("inf")

PEOPLE: Mapping[str, Traits] = {
    "adult": Traits("a healthy adult"),
    "cold-feet": Traits("poor circulation, feet of 22 C", feet_c=22.0, perfusion_w_k=3.0),
    "frail": Traits("older, slow, softer feet", feet_c=26.0, perfusion_w_k=4.0, firmness=0.8, pain_kpa=70.0, reaction_s=(3.0, 8.0)),
    "tender": Traits("feels pain early: 18 kPa under the roller", pain_kpa=18.0),
    "numb": Traits("feels neither pressure nor heat", pain_kpa=NEVER, pain_c=NEVER, reaction_s=(2.0, 5.0)),
    "asleep": Traits("puts the feet in, then answers nothing", answers=False),
}


HAND = Traits("nobody, but a hand at the button that arms", pain_kpa=NEVER, pain_c=NEVER, answers=False, sits=False)


def traits(name: str) -> Traits:
    """A person by name. Raises UsageError for a name that does not exist."""
    if name not in PEOPLE:
        raise UsageError(f"no virtual person is called {name!r}", f"there are: {', '.join(PEOPLE)}, none")
    return PEOPLE[name]


class Person:
    """Somebody with `traits` at a board. `step` is called every LOOK_MS. `arms`: holds the button when the lamp asks for it."""

    __slots__ = ("traits", "dozing", "arms", "_dice", "_saw", "_moves", "_answer_ms", "_hurts_ms")

    def __init__(self, who: Traits, seed: int, arms: bool = True) -> None:
        self.traits = who
        self.arms = arms
        self.dozing = False  # sees, feels and does nothing
        self._dice = Random(seed)
        self._saw = (messages.LAMP_OFF, False, False)
        self._moves: list[tuple[int, int, str]] = []  # (when, side, place)
        self._answer_ms: int | None = None
        self._hurts_ms: int | None = None

    def step(self, now_ms: int, board: Board) -> None:
        """Look, feel, act."""
        if self.dozing:
            return
        inputs = board.inputs
        sees = (board.lamp, bool(inputs.heater_contact), bool(inputs.motor_contact))
        if sees != self._saw:
            if self.arms and sees[0] == messages.LAMP_HOLD_TO_ARM != self._saw[0]:
                at = now_ms + self._reaction_ms()
                board.press("arm", at, at + HOLD_MS)
            self._saw = sees
            self._decide(now_ms, board, *sees)
        while self._moves and now_ms >= self._moves[0][0]:
            _, side, place = self._moves.pop(0)
            board.plant.put(side, place)
        if self._answer_ms is not None and now_ms >= self._answer_ms:
            board.press("arm", now_ms, now_ms + PRESS_MS)
            self._answer_ms = now_ms + AGAIN_MS
        self._feel(now_ms, board)

    def _decide(self, now_ms: int, board: Board, lamp: int, heater_live: bool, motor_live: bool) -> None:
        self._answer_ms = None
        if not self.traits.sits:
            return
        if lamp == messages.LAMP_CHECK_IN:
            if self.traits.answers:
                self._answer_ms = now_ms + self._reaction_ms()
        elif lamp == messages.LAMP_FEET_IN:
            if motor_live:
                self._walk(now_ms, board, ROLLER)
            elif heater_live:
                self._walk(now_ms, board, BATH)
        elif lamp in (messages.LAMP_FEET_OUT, messages.LAMP_FAULT):
            self._walk(now_ms, board, ELSEWHERE)

    def _walk(self, now_ms: int, board: Board, place: str) -> None:
        at = now_ms + self._reaction_ms()
        self._moves = [(at + BETWEEN_FEET_MS * side, side, place) for side in (0, 1) if board.plant.places[side] != place]

    def _reaction_ms(self) -> int:
        return int(1000 * self._dice.uniform(*self.traits.reaction_s))

    def _feel(self, now_ms: int, board: Board) -> None:
        plant = board.plant
        who = self.traits
        hurts = plant.massager.left.kpa >= who.pain_kpa or plant.massager.right.kpa >= who.pain_kpa
        if not hurts and plant.bath.water_c >= who.pain_c:
            hurts = BATH in plant.places
        if not hurts:
            self._hurts_ms = None
        elif self._hurts_ms is None:
            self._hurts_ms = now_ms + self._reaction_ms() // 4  # pain is quicker than a lamp [ENG]
        elif now_ms >= self._hurts_ms:
            board.press("stop", now_ms, now_ms + PRESS_MS)
            self._hurts_ms = now_ms + AGAIN_MS
