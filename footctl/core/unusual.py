"""What is out of the ordinary in a program from somebody else: sentences to read before it is kept. It refuses nothing; the gate does that.

It judges values beside the caps of the program's own tier, the order of phases, and what the texts talk people into. No person, no device.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from footctl.core.fields import gate_of
from footctl.core.profile import MassagePhase, Profile, SoakPhase, StretchPhase
from footctl.core.quantities import show_time

NEAR_PART = 0.9  # of a cap: what gets that close deserves a look [ENG]
NEAR_C = 0.5  # °C below the cap of water [ENG]
SUDDEN_PART = 0.6  # of the cap, from the first stroke on and without growing [ENG]
FAST_PCT = 70  # every preset strokes at 50 or less [ENG]
SHORT_S = 15.0  # a phase over before it is felt
MANY_PHASES = 20  # presets have 4 to 10

# words that have no place in a program: where to look, what to pay, what to type, and being talked out of stopping
_TALK = tuple(
    (re.compile(pattern, re.I), words)
    for pattern, words in (
        (r"https?:|www\.|\b[a-z0-9-]+\.(?:com|net|org|io|ru|cn|info|shop|app)\b", "names an address in the network"),
        (r"\b(?:sudo|curl|wget|pip|powershell|rm -|chmod)\b", "asks to type a command"),
        (r"\bfootctl (?:run|set|clear|config|device|person|programs)\b", "asks to type a command"),
        (r"\b(?:pay|buy|order|subscribe|donate|password|credit card|e-?mail)\b", "is about money or accounts"),
        (
            r"(?:ignore|endure|push through|bite through|no) (?:the |any )?pain|(?:do not|don't|never) (?:stop|press stop)",
            "talks you out of stopping; pain always ends a session here",
        ),
        (r"\b(?:hotter|boiling|kettle|more hot water|hot refill)\b", "speaks of hotter water; nothing may be added to a bath"),
        (
            r"\b(?:medication|dose of|insulin|tablets?|cures?|heals?|guaranteed)\b",
            "makes a medical promise or speaks of medicines",
        ),
    )
)


def unusual(profile: Profile, presets: Collection[str] = ()) -> list[str]:
    """Sentences, in the order of the file; none when there is nothing to say. `presets`: the titles of the programs that ship."""
    return [*_about(profile, presets), *_values(profile), *_order(profile), *_words(profile)]


def _about(profile: Profile, presets: Collection[str]) -> list[str]:
    told = []
    if profile.name.casefold() in {name.casefold() for name in presets}:
        told.append(f'it calls itself "{profile.name}", like a program that ships with footctl')
    missing = [
        words
        for words, value in (
            ("who made it", profile.author),
            ("whom it is for", profile.for_whom),
            ("whom it is not for", profile.not_for),
            ("what it is based on", profile.based_on),
            ("under what licence", profile.license),
        )
        if value is None
    ]
    if missing:
        told.append(f"it does not say {', '.join(missing)}")
    scenes = dict.fromkeys(one for one in (profile.scene, *(phase.scene for phase in profile.phases)) if one)
    if scenes:
        told.append(f"it names scenes ({', '.join(scenes)}): your settings say which commands of yours that runs, if any")
    if profile.oil in ("peppermint", "eucalyptus"):
        told.append(f"its oil is {profile.oil}, which can mask heat and pain")
    if len(profile.phases) > MANY_PHASES:
        told.append(f"it has {len(profile.phases)} phases; presets have 4 to 10")
    return told


def _values(profile: Profile) -> list[str]:
    gate = gate_of(profile.tier)
    told = []
    seconds = sum(phase.for_s or 0.0 for phase in profile.phases)
    if seconds >= NEAR_PART * gate.cap("session_time").value:
        told.append(f"it takes {show_time(seconds)}, nearly the longest session of its tier")
    for number, phase in enumerate(profile.phases, 1):
        where = f"phase {number} ({phase.name or phase.kind})"
        if phase.for_s is not None and phase.for_s < SHORT_S:
            told.append(f"{where}: takes only {show_time(phase.for_s)}")
        if isinstance(phase, SoakPhase):
            hottest = gate.cap("water_setpoint_max").value
            if phase.water > hottest - NEAR_C:
                told.append(f"{where}: water of {phase.water:.1f} °C, at most {hottest:g} °C are allowed in its tier")
            longest = gate.cap("soak_time").value
            if phase.for_s >= NEAR_PART * longest:
                told.append(f"{where}: a soak of {show_time(phase.for_s)}, at most {show_time(longest)} are allowed in its tier")
        elif isinstance(phase, MassagePhase | StretchPhase) and phase.pressure is not None:
            told += [f"{where}: {words}" for words in _pressing(phase, gate.cap("pressure_max").value)]
    return told


def _pressing(phase: MassagePhase | StretchPhase, most: float) -> list[str]:
    told = []
    assert phase.pressure is not None
    start, end = phase.pressure.start_kpa, phase.pressure.end_kpa
    if max(start, end) >= NEAR_PART * most:
        told.append(f"presses with {max(start, end):g} kPa, at most {most:g} kPa are allowed in its tier")
    elif start >= SUDDEN_PART * most and start >= end:
        told.append(f"begins at once with {start:g} kPa instead of growing")
    if phase.speed > FAST_PCT:
        told.append(f"strokes at {phase.speed} % of the fastest")
    if len(phase.feet) == 1:
        told.append(f"massages the {min(phase.feet)} foot only")
    return told


def _order(profile: Profile) -> list[str]:
    phases = profile.phases
    soaks = [index for index, phase in enumerate(phases) if isinstance(phase, SoakPhase)]
    presses = [index for index, phase in enumerate(phases) if isinstance(phase, MassagePhase | StretchPhase)]
    told = []
    if len(soaks) > 1:
        told.append(f"it soaks {len(soaks)} times")
    if soaks and presses and presses[0] < soaks[-1]:
        told.append("it massages before it soaks")
    if presses and presses[-1] == len(phases) - 1:
        told.append("it ends with pressure, without a rest")
    if not soaks and not presses:
        told.append("it neither soaks nor massages")
    return told


def _words(profile: Profile) -> list[str]:
    texts = [("its description", " ".join(text for text in (profile.name, profile.summary, profile.for_whom, profile.not_for) if text))]
    for number, phase in enumerate(profile.phases, 1):
        text = " ".join(part for part in (phase.name, None if isinstance(phase, SoakPhase | MassagePhase) else phase.text) if part)
        texts.append((f"phase {number} ({phase.name or phase.kind})", text))
    return [f"{where}: its text {words}" for where, text in texts for pattern, words in _TALK if pattern.search(text)]
