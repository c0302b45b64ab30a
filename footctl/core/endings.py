"""How sessions end, in words: from a latched fault, a refusal of the device, a plan that must not run."""

from __future__ import annotations

from firmware_protocol import faults, limits, messages
from footctl.core.differences import next_step
from footctl.core.differences import refused as refused_words
from footctl.core.events import CapsRead, Identified, Refused
from footctl.core.plan import Plan
from footctl.core.view import Outcome

CLEAR_HINT = "when the cause is gone: footctl clear"
_PERMISSIVES = dict(enumerate(row[1] for row in messages.PERMISSIVES))
_REASONS = {row[0]: row[1] for row in messages.REASONS}
BY_PERSON = (faults.PAIN, faults.STOPPED)  # latched while we are there, they are an end that somebody wanted, before the start too
_LINKS = dict.fromkeys((faults.LINK_LOST, faults.LINK_LATE, faults.LINK_NOISY, faults.HOST_HUNG), "link_lost")
_KINDS = {faults.STOPPED: "stopped", **_LINKS}


def hurts(why: str = "pain was reported") -> Outcome:
    """Somebody, or a score, says that it hurts."""
    return Outcome("pain", why, "look at the foot; " + CLEAR_HINT, faults.PAIN)


def latched(fault: int) -> Outcome:
    """The device latched `fault` while a session was on. Pain sounds the same whoever told first, the person or the device."""
    if fault == faults.PAIN:
        return hurts()
    row = faults.BY_CODE.get(fault)
    reason = row[3] if row else f"the device reports the unknown fault {fault}"
    hint = row[4] if row and fault != faults.STOPPED else CLEAR_HINT
    return Outcome(_KINDS.get(fault, "tripped"), reason, hint, fault)


def warned(fault: int) -> str:
    """What the device tells and nobody need act upon, as a sentence."""
    row = faults.BY_CODE.get(fault)
    return f"{row[3]}: {row[4]}" if row else f"the device reports the unknown warning {fault}"


def found_latched(fault: int) -> Outcome:
    """The device was latched before the session began."""
    row = faults.BY_CODE.get(fault)
    reason = f"the device is latched: {row[3] if row else f'fault {fault}'}"
    return Outcome("refused", reason, f"{row[4]}; {CLEAR_HINT}" if row else CLEAR_HINT, fault)


def why(refused: Refused) -> str:
    """One sentence for a NAK."""
    text = _REASONS.get(refused.reason, "for a reason that this version does not know")
    if refused.reason == "not_permitted":
        text = _PERMISSIVES.get(refused.limit, text)
    elif refused.reason == "loosens" and 0 <= refused.limit < len(limits.CAPS):
        text = f"{limits.CAPS[refused.limit][0]} would allow more than the device's own cap"
    return f"the device refused {refused.message}: {text} ({refused.reason}, {refused.limit})"


def not_allowed(plan: Plan) -> Outcome:
    """The plan has refusals."""
    return Outcome("refused", "; ".join(refused_words(plan.refused)), next_step(plan.refused))


def slipped(active: int) -> str:
    """Why the device let go of an output by itself, without a latch; `active` is what holds there."""
    row = faults.BY_CODE.get(active)
    if row is None or active in _LINKS:
        return "the device switched off because it did not hear from us in time"
    return f"the device switched off: {row[3]}"


def unfit(identity: Identified, caps: CapsRead) -> str:
    """Why a device's cap table cannot be trusted, "" when it can.

    It is not the one that the device named when it greeted, a cap is missing, or one is looser than the absolute one (F45, F46).
    """
    if caps.digest != identity.caps_hash:
        return f"{identity.serial} sent another cap table than the one that it greeted with"
    for number, row in enumerate(limits.CAPS):
        value = caps.values.get(row[0])
        if value is None:
            return f"{identity.serial} does not name its cap {row[0]}; a missing cap is no cap"
        if limits.loosens(number, value, row[3]):
            return f"{identity.serial} allows {row[0]} = {value} {row[1]}; the absolute cap is {row[3]}"
    return ""
