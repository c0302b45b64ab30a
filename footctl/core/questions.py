"""The health questions: what each answer means, why, for how long, and on what ground. Data; footctl.core.screening applies it.

It is not medical advice, and its rows need review by a podiatrist before use on people. Markings of sources: [S] seen in the source
named, [GK] general knowledge, [ENG] engineering choice that no published source gives.

A date is a day's ordinal (datetime.date.toordinal): the core has no calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from footctl.core.person import TIERS

YEAR = 365
UNDATED = 30  # a check whose date nobody says may be nearly a year old [ENG]
PREGNANCY = 294  # 42 weeks [GK]
PAIN_MOST = 8  # at this much nobody starts, whatever is usual; whoever cannot say how much it hurts counts as this [ENG]
PAIN_RISE = 2  # nor at this much above the usual [S: Farrar 2001]; [ENG]

# What the sensitive tier makes of pressure: strength, speed, dwell, the trip behind them. Times are no pressures and stay.
GENTLE = ("pressure_max", "pressure_trip", "dwell", "dwell_off", "pressure_ramp", "soft_start", "force_differ", "force_differ_part")

# Lists of contraindications [S: droracle.ai/articles/202521, ascensionselfcare.com, clinicwala.com, spencermassage.com; for compression
# manualslib.com/manual/2820023], exclusions of studies [S: th4.ilovetranslation.com 8vPqN2y8I9w], and NICE NG19 on how soon a foot must
# be seen [S: as summarised at gpnotebook.com and lindermyers.co.uk].
LISTS = "contraindication lists [S: droracle.ai/articles/202521, ascensionselfcare.com, clinicwala.com]"
STUDY = "excluded from massage studies [S: th4.ilovetranslation.com 8vPqN2y8I9w]"
NG19 = "NICE NG19 [S: as summarised at gpnotebook.com]"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an answer does. Everything it leaves out it leaves as it is; effects only tighten.

    `spares`: the feet, or zones, that the answer names are left alone. `gentle`: the sensitive tier's pressures. `without`: techniques.
    """

    tier: str = "standard"
    refused: bool = False
    no_water: bool = False
    no_massage: bool = False
    spares: bool = False
    gentle: bool = False
    without: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict)
    nuts: bool = False


NOTHING = Effect()


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer. `why`: a sentence for the person, empty when there is no effect; {feet} and {zones} are filled in.

    `days`: how long it holds, None until it is answered otherwise. `then`: what it turns into after that; empty: it stays, and must be
    asked again. `asks`: what else belongs to it: "feet", "zones", "seen_on" (a day in the past, from which `days` count) or "due_on"
    (a day to come, on which it ends).
    """

    key: str
    words: str
    effect: Effect = NOTHING
    why: str = ""
    days: int | None = YEAR
    then: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `unsure`: the choice that "not sure" and no answer count as; the number, on a scale; empty: they count as nothing.

    `daily`: asked again when somebody says that something is new today; `only_daily`: asked only then, so no answer counts as nothing.
    A scale has no choices.
    """

    key: str
    group: str
    words: str
    choices: tuple[Choice, ...]
    source: str
    unsure: str = "yes"
    daily: bool = False
    only_daily: bool = False

    @property
    def is_scale(self) -> bool:
        """Answered with a number from 0 to 10."""
        return not self.choices

    def choice(self, key: str) -> Choice | None:
        """The choice called so."""
        return next((choice for choice in self.choices if choice.key == key), None)


UNSURE = "unsure"
SCALE_MOST = 10
NO = Choice("no", "no")


def _red_flag(key: str, words: str, why: str, source: str = LISTS, daily: bool = True) -> Question:
    refused = Choice("yes", "yes", Effect(refused=True), f"{why} Not before a professional has cleared it.", days=None)
    cleared = Choice("cleared", "it was so, and a professional has cleared it")
    return Question(key, "today", words, (NO, refused, cleared), source, daily=daily)


def _gentle(key: str, words: str, what: str, source: str = STUDY) -> Question:
    yes = Choice("yes", "yes", Effect(gentle=True), f"{what}: gentle pressures only, unless a clinician allows more.")
    cleared = Choice("cleared", "yes, and a clinician allows ordinary pressure")
    return Question(key, "health", words, (NO, yes, cleared), source)


def _no_soak(key: str, words: str, why: str, source: str) -> Question:
    return Question(key, "feet", words, (NO, Choice("yes", "yes", Effect("no_soak"), why, days=None)), source)


QUESTIONS: tuple[Question, ...] = (
    # ------------------------------------------------------------------------------------------------------------ today
    Question(
        "alcohol", "today", "Alcohol or sedatives today?",
        (NO, Choice("yes", "yes", Effect(refused=True), "Alcohol or sedatives dull what warns you of heat and pain. Not today.", days=0, then="no")),
        LISTS, daily=True,
    ),
    Question(
        "child", "today", "Under 14 years old?",
        (NO, Choice("yes", "yes", Effect(refused=True), "Not for children under 14.", days=None)),
        "[ENG]",
    ),
    Question(
        "needs_help", "today", "Unable to take the feet out and walk away without help?",
        (NO, Choice("yes", "yes", Effect(refused=True), "Whoever cannot take the feet out alone cannot leave when it gets too warm.", days=None)),
        LISTS,
    ),
    _red_flag(
        "clot", "A clot in a leg, known or suspected; or one leg or calf newly swollen or painful?",
        "Possible clot (thrombosis): be seen today. With sudden breathlessness or chest pain, call an ambulance.",
    ),
    _red_flag(
        "cold_foot", "A foot that is cold and pale or blue, has black skin, or hurts while you rest?",
        "A foot without blood is an emergency: call an ambulance or go to hospital now.", NG19,
    ),
    _red_flag(
        "hot_foot", "A foot that is red, hot and swollen?",
        "A red, hot, swollen foot may be a Charcot foot or a deep infection: be seen within one working day, today if you also have a fever; walk as little as you can.",
        f"{NG19}; Charcot until shown otherwise [S: iatrox.com]",
    ),
    _red_flag("fever", "A fever, 38 °C or more?", "Fever: with a wound or a red foot be seen at once, otherwise wait until it is gone.", STUDY),
    _red_flag("gout", "Acute gout, or an inflamed joint in a foot?", "An inflamed joint: be seen within some days."),
    _red_flag(
        "injury", "A fracture or bad sprain of a foot or leg, or leg surgery in the last 6 weeks?",
        "Fracture, sprain or fresh surgery of the leg: if nobody has looked at it, be seen today.", STUDY,
    ),
    _red_flag("stroke", "A stroke or heart attack in the last months?", "Recent stroke or heart attack: ask your doctor at the next visit.", daily=False),
    _red_flag(
        "heart", "Heart failure or high blood pressure that is not under control?",
        "Heart or blood pressure not under control: see your doctor this week; breathless at rest, call an ambulance.", daily=False,
    ),
    _red_flag("tumour", "A tumour in a foot or leg?", "Tumour where the massage would press: ask whoever treats it.", daily=False),
    Question(
        "wound", "today", "An open wound, blister, burn or fresh surgery on a foot?",
        (
            NO,
            Choice(
                "yes", "yes", Effect(no_water=True, spares=True),
                "Open skin ({feet}): no water, and that foot is left alone until it has healed. With diabetes be seen within one working day.",
                days=None, asks="feet",
            ),
            Choice("healed", "there was, and it has healed"),
        ),
        f"{LISTS}; {NG19}", daily=True,
    ),
    Question(
        "infection", "today", "Athlete's foot, or another infection of the skin of a foot or leg?",
        (
            NO,
            Choice(
                "yes", "yes", Effect(no_water=True, spares=True),
                "Infected skin ({feet}): no water, and that foot is left alone until it has healed. Show it to a professional; "
                "a spreading redness today.",
                days=None, asks="feet",
            ),
            Choice("healed", "there was, and it has healed"),
        ),
        f"shared basins spread it [S: Winthrop NEJM 2002]; {LISTS}", daily=True,
    ),
    Question(
        "new_numbness", "today", "New numbness or tingling, or less feeling than before?",
        (
            Choice("no", "no", days=None),
            Choice("yes", "yes", Effect("no_soak"), "New numbness: no water until the feeling in the feet was checked. See someone this week.", days=None),
            Choice("cleared", "there was, and the feeling was checked since", days=None),
        ),
        "heat that is not felt burns [S: 6 s at 51 °C scored 0 of 10 with a past painless ulcer]", daily=True, only_daily=True,
    ),
    Question(
        "pain_now", "today", "Pain now, 0 (none) to 10 (the worst)?", (), "rise of 2 points matters [S: Farrar 2001]; [ENG]",
        unsure=str(PAIN_MOST), daily=True, only_daily=True,
    ),
    # ------------------------------------------------------------------------------------------------- feeling, circulation
    Question(
        "diabetes", "feet", "Diabetes, or feet that are numb or tingle?",
        (
            NO,
            Choice(
                "checked", "yes, and a professional checked within 12 months that I feel touch on each toe", Effect("sensitive"),
                "Diabetes or numb feet, the feeling checked: the sensitive limits.", then="unchecked", asks="seen_on",
            ),
            Choice("unchecked", "yes, and that was not checked", Effect("no_soak"),
                   "Diabetes or numb feet, the feeling not checked within 12 months: no water until it is.", days=None),
            Choice("lost", "yes, and the feeling is lost or less", Effect("no_soak"), "Feeling is lost: water could burn unnoticed, so none.", days=None),
        ),
        "CDC and NIDDK: do not soak [S: drugotc.com quoting US CDC; webmd.com]; 4 in 10 preventable burns of diabetic feet were hot soaks [S: sma.org]",
        unsure="unchecked",
    ),
    _no_soak(
        "circulation", "Poor circulation in the legs (PAD)?", "Poor circulation: warmth asks for blood that cannot come, so no water.",
        "[S: cttii.com], [GK]",
    ),
    _no_soak("ulcer", "A foot ulcer, ever?", "A foot ulcer in the past: no water.", "skin that failed once fails again [GK]; trial exclusions [S: abmp.com article 1404]"),
    _no_soak("charcot", "A Charcot foot, ever?", "Charcot foot: no water.", "Thai-massage trial exclusions [S: abmp.com article 1404]"),
    _no_soak("amputation", "An amputation of a toe, foot or leg?", "Amputation: no water.", "amputees' feet are the ones most at risk [GK]"),
    Question(
        "statement", "feet", "A clinician's dated statement that massage is allowed?",
        (Choice("no", "no", days=None), Choice("yes", "yes", then="no", asks="seen_on")),
        "massage without water where feeling or blood is lost [ENG]", unsure="no",
    ),
    # ------------------------------------------------------------------------------------------------------------ health
    Question(
        "pregnancy", "health", "Pregnant?",
        (
            NO,
            Choice(
                "first_trimester", "yes, up to week 13",
                Effect(no_massage=True, gentle=True, without=frozenset(("press",)), limits={"water_setpoint_max": 3800, "soak_time": 900}),
                "Pregnancy, first 13 weeks: no massage, water at most 38 °C for 15 min. Ask your clinician.", days=PREGNANCY, asks="due_on",
            ),
            Choice(
                "later", "yes, later than week 13",
                Effect(gentle=True, without=frozenset(("press",)), limits={"water_setpoint_max": 3800, "soak_time": 900}),
                "Pregnancy: no compression, so no standing pressure and only gentle strokes; water at most 38 °C for 15 min. Ask your clinician.",
                days=PREGNANCY - 13 * 7, asks="due_on",
            ),
        ),
        "body below 38.9 °C [S: pubmed 16998815]; a foot bath heats far less [ENG]; lists for massage [S: spencermassage.com]",
        unsure="first_trimester",
    ),
    _gentle("bleeding", "Blood thinners, or a bleeding disorder?", "Blood thinners or a bleeding disorder"),
    _gentle("bones", "Severe osteoporosis?", "Brittle bones"),
    _gentle("veins", "Severe varicose veins, or an inflamed vein?", "Veins", LISTS),
    _gentle("lymph", "Lymphoedema?", "Lymphoedema", LISTS),
    _gentle("implant", "An implant in a leg or foot?", "An implant", LISTS),
    Question(
        "heat", "health", "Heat makes you unwell, as with multiple sclerosis?",
        (NO, Choice("yes", "yes", Effect("sensitive"), "Sensitive to heat: the sensitive limits.")), LISTS,
    ),
    Question(
        "over_65", "health", "Over 65?",
        (NO, Choice("yes", "yes", Effect("sensitive"), "Over 65: the sensitive limits, and stand up slowly at the end.", days=None)),
        "older people feel less of the warmth [S: ci.nii.ac.jp 120006890294]",
    ),
    Question(
        "dizzy", "health", "Dizzy when you stand up?",
        (NO, Choice("yes", "yes", Effect("sensitive"), "Dizzy on standing: the sensitive limits; sit a minute at the end, then stand up slowly.")),
        "warm feet and a fall of blood pressure: autonomic neuropathy [GK]",
    ),
    Question(
        "spots", "health", "Spots that nothing should press: a corn, bunion, scar, sore nail?",
        (NO, Choice("yes", "yes", Effect(spares=True, gentle=True), "Sore spots: {zones} left alone, gentle pressures elsewhere.", asks="zones")),
        "[ENG]",
    ),
    Question(
        "nuts", "health", "Allergic to nuts?",
        (NO, Choice("yes", "yes", Effect(nuts=True), "Nut allergy: no almond oil.", days=None)),
        "almond oil is the usual carrier [GK]",
    ),
    # ------------------------------------------------------------------------------------------------------------ as usual
    Question("usual_pain", "usual", "Pain in the feet on an ordinary day, 0 (none) to 10 (the worst)?", (), "the baseline of the pain rules [ENG]", unsure=""),
    Question("usual_tingling", "usual", "Tingling on an ordinary day, 0 to 10?", (), "baseline [ENG]", unsure=""),
    Question("usual_numbness", "usual", "Numbness on an ordinary day, 0 to 10?", (), "baseline [ENG]", unsure=""),
)  # fmt: skip

BY_KEY: Mapping[str, Question] = {question.key: question for question in QUESTIONS}
GROUPS: Mapping[str, str] = {
    "today": "Now and in the last days",
    "feet": "Feeling and circulation",
    "health": "Health",
    "usual": "On an ordinary day",
}
SCALE_DAYS: Mapping[str, int] = {"usual_pain": 90, "usual_tingling": 90, "usual_numbness": 90, "pain_now": 0}

DAILY_LINE = "Anything new: wound, swelling, fever, numbness, more pain, alcohol or sedatives?"

SENSITIVE_PRESSURE: Mapping[str, int] = {name: TIERS["sensitive"].caps[name] for name in GENTLE}
SENSITIVE_WET: Mapping[str, int] = TIERS["sensitive"].after_soak
