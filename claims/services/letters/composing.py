"""What a letter says, in the language that is active: made of its kind, its facts and the head of its case alone."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from claims.enums import AppealFinding, Channel, LetterKind, ObjectionFinding, ObjectionKind, State
from claims.models import Letter
from config.kernel.civil import civil_date
from config.kernel.display import day, language, said, yuan, yuan_or_dash
from config.kernel.printing import Part, Sheet
from members.services.templates import APPEAL_FINDINGS, CODES, FAULTS, FOOTER, OBJECTION_FINDINGS, OBJECTIONS

Facts = dict[str, Any]


def compose(letter: Letter) -> Sheet:
    """The whole letter; its addressee is masked. Reads the case's membership, member and plan, and nothing else."""
    membership = letter.claim.membership
    title, parts = KINDS[LetterKind(letter.kind)](letter.facts)
    return Sheet(
        head=str(membership.plan),
        title=title,
        details=(
            (pgettext("letter", "Date"), _day(civil_date(letter.written_at).isoformat())),
            (pgettext("letter", "Case number"), letter.claim.number),
            (pgettext("letter", "To"), str(membership.member)),
        ),
        parts=parts,
        sign_off=(str(membership.plan), pgettext("letter", "The case desk")),
        footer=FOOTER,
    )


def _supplement(facts: Facts) -> tuple[str, tuple[Part, ...]]:
    asked = Part(
        paragraphs=(_("To examine your case we still need the papers named here. Please send all of them in one go."),),
        items=tuple(_gap(code, facts) for code in facts["codes"]),
    )
    after = _("If something cannot be had, tell us why. A person decides how the case goes on; nothing ends by itself.")
    if not (until := facts.get("until")):
        return _("Papers that are still missing"), (asked, Part((after,)))
    when = _("Please send them by the end of %(day)s. The case waits for them until then.") % {"day": _day(until)}
    return _("Papers that are still missing"), (asked, Part((when, after)))


def _gap(code: str, facts: Facts) -> str:
    fault = faults_in(facts).get(code)
    if fault is None:
        return _word(code)
    return _("%(paper)s: what you sent could not be accepted, because %(fault)s") % {
        "paper": _word(code),
        "fault": FAULTS.get(fault, fault),
    }


def faults_in(facts: Facts) -> dict[str, str]:
    """What is wrong with the papers sent back, by their code: the code of the fault, or the note that explains it."""
    return facts.get("faults", {}) | facts.get("notes", {})


def _refusal(facts: Facts) -> tuple[str, tuple[Part, ...]]:
    ground = _("We have examined your case. No aid can be given in it, on this ground: %(ground)s.")
    parts = [Part((ground % {"ground": _word(facts["ground"])},))]
    led = [sentence(finding) for finding in facts.get("because", [])] or [facts.get("reason", "")]
    if any(led):
        parts.append(Part(items=tuple(led), heading=_("What led to this")))
    return _("No aid in your case"), (*parts, *_clauses(facts), _remedies(facts))


def _clauses(facts: Facts) -> tuple[Part, ...]:
    """Each clause in full, in the version that binds the member."""
    named = _("Clause %(number)s of your covenant (version %(version)s)")
    return tuple(
        Part((facts["texts"][number][language()],), heading=named % {"number": number, "version": facts["covenant"]})
        for number in facts.get("clauses", ())
    )


def _remedies(facts: Facts) -> Part:
    """SR-26 to SR-28: three ways, with their last day and the deposit."""
    told = {"day": _day(facts.get("until")), "deposit": yuan(facts.get("deposit_fen") or 0)}
    return Part(
        paragraphs=(_("You may choose one of these ways until the end of %(day)s:") % told,),
        items=(
            _("Appeal online with new evidence: somebody who had no part in this decision decides anew."),
            _(
                "Ask for medical arbitration by an independent body: it begins when the deposit of %(deposit)s is "
                "paid, which you get back if the decision is changed."
            )
            % told,
            _("Bring a lawsuit before the court that is competent."),
        ),
        heading=_("What you can do"),
    )


def _approval(facts: Facts) -> tuple[str, tuple[Part, ...]]:
    told = {"amount": yuan(facts["fen"]), "day": _day(facts.get("until"))}
    ended = _("The publicity of your case ended without an open objection. You receive aid of %(amount)s.")
    parts = [Part((ended % told,))]
    if steps := facts.get("steps"):
        parts.append(Part(items=tuple(step_line(step) for step in steps), heading=_("How the amount comes about")))
    if facts.get("until"):
        parts.append(Part((_("It is paid to the account that you gave us by the end of %(day)s.") % told,)))
    return _("Aid in your case"), tuple(parts)


def step_line(step: Facts) -> str:
    """One line of the arithmetic with the amount after it."""
    return _("%(step)s: %(amount)s") % {"step": sentence(step), "amount": yuan_or_dash(step["fen"])}


def _objection_result(facts: Facts) -> tuple[str, tuple[Part, ...]]:
    kind, finding = ObjectionKind(facts["kind"]), ObjectionFinding(facts["finding"])
    told = {"kind": OBJECTIONS[kind], "finding": OBJECTION_FINDINGS[finding], "day": _day(facts.get("until"))}
    parts = [Part((_("A member objected to your case: %(kind)s. The finding: %(finding)s.") % told,))]
    if after := _after_an_objection(kind, finding, facts):
        parts.append(Part((after % told,)))
    return _("Result of an objection to your case"), tuple(parts)


def _after_an_objection(kind: ObjectionKind, finding: ObjectionFinding, facts: Facts) -> str:
    if finding is ObjectionFinding.UPHELD:
        if kind is ObjectionKind.FORGERY:
            return _("No aid can be given because of it; a letter of its own says on what ground and what you can do.")
        return _("The final review of your case begins again; you will be told what comes of it.")
    if facts.get("until"):
        return _("The publicity goes on until the end of %(day)s.")
    if facts.get("state") == State.SUSPENDED:
        return _("The publicity still stands still, because of another objection.")
    return ""


def _appeal_result(facts: Facts) -> tuple[str, tuple[Part, ...]]:
    finding = AppealFinding(facts["finding"])
    told = {"finding": APPEAL_FINDINGS[finding], "day": _day(facts.get("filed_on"))}
    told["channel"] = Channel(facts["channel"]).label if "channel" in facts else ""
    decided = _(
        "Your appeal of %(day)s (%(channel)s) was decided by somebody who had no part in the refusal: %(finding)s."
    )
    parts = [Part((decided % told,))]
    if facts.get("reason"):
        parts.append(Part((facts["reason"],), heading=_("Reasons")))
    if finding is AppealFinding.UPHELD:
        if "ground" in facts:
            parts += [*_clauses(facts), _remedies(facts)]
        return _("Result of your appeal"), tuple(parts)
    parts.append(Part((_("The final review of your case begins again; you will be told what comes of it."),)))
    if deposit := facts.get("paid_fen"):
        parts.append(Part((_("You get back the deposit of %(amount)s.") % {"amount": yuan(deposit)},)))
    return _("Result of your appeal"), tuple(parts)


KINDS: dict[LetterKind, Callable[[Facts], tuple[str, tuple[Part, ...]]]] = {
    LetterKind.SUPPLEMENT: _supplement,
    LetterKind.REFUSAL: _refusal,
    LetterKind.APPROVAL: _approval,
    LetterKind.OBJECTION_RESULT: _objection_result,
    LetterKind.APPEAL_RESULT: _appeal_result,
}


def _word(code: str) -> str:
    return str(CODES.get(code, code))


def sentence(found: Mapping[str, Any]) -> str:
    """What a rule found, or a step of the arithmetic, as its reader reads it: codes in words, days written out."""
    params = {name: said(CODES.get(str(fact), fact)) for name, fact in found["params"].items()}
    because: str = found["because"]
    return _(because) % params if because else ""


def _day(iso: str | None) -> str:
    return day(date.fromisoformat(iso)) if iso else "—"
