"""Essential oils: how many drops in how much carrier, and what to mind. Amounts are the article's: 3 to 5 drops a tablespoon of carrier.

Words and numbers for people; no device takes oil.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DROPS_PER_ML = (3 / 15, 5 / 15)  # 3-5 drops a tablespoon of carrier oil
CARRIER_ML = 5.0, 500.0  # from, to; below it there is no whole drop

OILS: Mapping[str, str] = {
    "lavender": "relaxes",
    "peppermint": "refreshes, feels cool",
    "eucalyptus": "for tension, feels cool",
}
COOLING = ("peppermint", "eucalyptus")

ALWAYS = (
    "Never undiluted on skin. Not between the toes, not on broken, red or sore skin, and never before heat.",
    "Try a little on the inside of your arm first; leave it out when it itches or turns red within a day.",
    "Wipe soles and floor before you stand up: oil is slippery.",
)
MENTHOL = "It feels cool and can hide heat and pain: only after the soak."
NUTS = "No almond or other nut oil as the carrier for whoever is allergic to nuts: read the bottle."
SENSITIVE = "In the sensitive tier it is not warmed; when sensation is reduced, plain unscented cream is the safer choice."


@dataclass(frozen=True, slots=True)
class Mixture:
    """Whole drops, from and to, of `oil` in the carrier; `sentence` says it, `warnings` what to mind."""

    oil: str
    carrier_ml: float
    least: int
    most: int
    warnings: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What to do."""
        drops = f"{self.most}" if self.least == self.most else f"{self.least}-{self.most}"
        drops += " drop" if self.most == 1 else " drops"
        return f"{self.oil}: {drops} in {self.carrier_ml:g} ml of carrier oil, like jojoba or sunflower ({OILS[self.oil]})"


def mixture(oil: str, carrier_ml: float, sensitive: bool = False, nuts: bool = True) -> Mixture:
    """The drops for `carrier_ml`: rounded down, so that it is never stronger than the most."""
    most = int(carrier_ml * DROPS_PER_ML[1] + 1e-9)
    least = min(most, max(1, round(carrier_ml * DROPS_PER_ML[0])))
    warnings = [ALWAYS[0]]
    if oil in COOLING:
        warnings.append(MENTHOL)
    if sensitive:
        warnings.append(SENSITIVE)
    if nuts:
        warnings.append(NUTS)
    return Mixture(oil, carrier_ml, least, most, (*warnings, *ALWAYS[1:]))
