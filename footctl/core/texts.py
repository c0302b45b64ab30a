"""What a plan tells the person, in plain words: filling, drying, oil, ending. Words only; who hears which is the planner's business."""

from __future__ import annotations

from footctl.core.oils import mixture

WRIST_WARM_C = 34.0  # water that feels neither warm nor cool at the wrist [GK]

FEET_IN_BATH = "Put {feet} in the water."
FEET_ON_ROLLER = "Put {feet} on the roller, relaxed and flat."
STILL_WET = "Your feet were in the water a short while ago. Dry them well, also between the toes."
DRY = "Take your feet out and dry them well, also between the toes."
SKIN_CHECK = "Look at both soles and between the toes, with a mirror if that helps. If there is a blister, red spot or wound, stop here."
SKIN_CHECK_AFTER = (
    "Take your feet away and look at them again, also between the toes. If there is a blister, another colour, new numbness, or redness"
    " that stays longer than half an hour: no more massage, and have them seen today or tomorrow."
)
SKIN_CHECK_NAME = "skin check"  # a program's own confirmed prompt is one when its name begins so
OIL = "If you like, rub in a little oil: {oil}, {least:g}-{most:g} drops in {carrier_ml:g} ml; not between the toes, not on broken skin."
BY_HAND = "By hand: "
FINISH = "Take your feet away. Sit a minute before you stand up. Empty, clean and dry the basin."
FINISH_SLOWLY = "Take your feet away. Sit a minute, dry the floor, then stand up slowly, holding on. Empty, clean and dry the basin."

HYGIENE = "wash feet and hands first; do not use it on skin that was shaved in the last 24 h"  # boils after shaving, Winthrop 2002 [S]
FILL = "fill the basin to the mark ({litres:g} L) with wrist-warm water, about 34 °C: then it is ready in about {minutes:.0f} min"
UNSCREENED = "nobody answered the health questions, so the sensitive limits hold; to change that: `footctl person screen NAME`"
MENTHOL = "{oil} can mask heat and pain: only after the soak, and no hotter than planned"
WARM_ROOM = "keep the room comfortably warm and the floor dry"
SENSITIVE_OIL = "in the sensitive tier the oil is not warmed"
NUTS = "no almond or other nut oil as the carrier, because of the nut allergy: read the bottle"

SALT = "Epsom salt, if you like it and the basin may have it: stir about {grams:.0f} g into the {litres:g} L. Not on broken skin."

CARRIER_ML = 30.0
SALT_G_L = 30.0  # half a cup in a basin of five litres, as packets say [GK]


def feet(sides: frozenset[str]) -> str:
    """ "both feet" or "your left foot"."""
    return "both feet" if len(sides) == 2 else f"your {min(sides)} foot"


def oil(name: str) -> str:
    """What to do with the oil of a program, with the drops for the carrier."""
    mixed = mixture(name, CARRIER_ML)
    return OIL.format(oil=name, least=mixed.least, most=mixed.most, carrier_ml=CARRIER_ML)
