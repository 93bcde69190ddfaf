"""The page of a second look: the file first, an own decision, and only then what was decided.

Whoever has it, or could still be given it, is shown neither the decision nor why the case was drawn before an own one
was stated: both would tell.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from claims.enums import LookAnswer, Mistake, Post, SampleReason, Settlement, Verdict
from claims.forms import words
from claims.forms.quality import Answer, Conclude, Give, Settle, StateOwn
from claims.models import SecondLook
from claims.panels import cover, evidence, papers
from claims.panels.case_panels import disease_name
from claims.services import looking
from config.kernel.display import day, yuan_or_dash
from config.kernel.models import User
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels, once
from config.kernel.permissions import may

FILE = {"papers": papers.papers, "evidence": evidence.read}
"""The panels of the case that its second look shows as well, as they were at the decision: not what came of it.

Not its cover: that says when the membership ended, and that of who received aid ends with it. What third parties said
before the decision is added by those who send them out.
"""


def is_shown(row: SecondLook, by: User) -> bool:
    """Whether this reader may see the decision: before the own one was stated, nobody who could be given the look."""
    return row.stated_at is not None or not by.has_perm(looking.LOOK)


def status(row: SecondLook) -> tuple[str, str]:
    """How far it has come, as a key and in words."""
    if row.nobody_since is not None:
        return "nobody", gettext("nobody may look at it")
    if row.given_to_id is None:
        return "drawn", gettext("drawn, given to nobody")
    if row.stated_at is None:
        return "given", gettext("given")
    if row.looked_at is None:
        return "stated", gettext("own decision stated")
    if row.settled_at is None and row.answer == LookAnswer.CONTESTED:
        return "contested", gettext("contested")
    return "done", gettext("looked at")


def facts(row: SecondLook, look: Look) -> dict[str, Any]:
    claim = once(row, looking.as_decided)
    return {
        "claim": claim,
        "disease": disease_name(claim.disease),
        "facts": words.facts(claim.facts),
        "tier": yuan_or_dash(claim.membership.tier_fen),
        "lines": cover.lines_of(claim),
        "is_own": row.given_to_id == look.by.pk and row.stated_at is None,
    }


def decision(row: SecondLook, look: Look) -> dict[str, Any]:
    if not is_shown(row, look.by):
        return {"is_hidden": True, "is_own": row.given_to_id == look.by.pk}
    return {
        "is_hidden": False,
        "row": row,
        "outcome": row.get_outcome_display(),
        "detail": _detail(row.outcome, row.amount_fen, row.ground),
        "later": looking.came_later(row),
        "why": [_why(reason, row.figures.get(reason, {})) for reason in row.reasons],
    }


def _detail(outcome: str, fen: int | None, ground: str) -> str:
    return yuan_or_dash(fen) if outcome == Verdict.AID else words.code(ground)


def _why(reason: str, figures: dict[str, Any]) -> str:
    """A reason of the drawing with the figures that made it one."""
    label = str(SampleReason(reason).label)
    if not figures:
        return label
    if reason == SampleReason.HIGH_AMOUNT:
        told = {name: yuan_or_dash(figures[name]) for name in ("value", "mean", "bound")}
    else:
        told = {name: gettext("%(days)s days") % {"days": figures[name]} for name in ("value", "mean", "bound")}
    said = gettext("%(value)s, where the plan's average was %(mean)s and the bound %(bound)s") % told
    return f"{label}: {said}"


def own(row: SecondLook, look: Look) -> dict[str, Any]:
    return {
        "row": row,
        "outcome": row.get_own_outcome_display(),
        "detail": _detail(row.own_outcome, row.own_fen, row.own_ground),
        "agreement": row.get_agreement_display(),
    }


def finding(row: SecondLook, look: Look) -> dict[str, Any]:
    return {"row": row, "is_answerable": looking.is_answerable(row)}


add_panels(
    SecondLook,
    Panel(
        name="facts",
        title=_("What was decided on"),
        template="desk/look/facts.html",
        read=facts,
        permission="claims.view_material",
        place=10,
    ),
    Panel(
        name="own",
        title=_("The second one's own decision"),
        template="desk/look/own.html",
        read=own,
        permission="claims.view_secondlook",
        place=70,
        when=lambda row: row.stated_at is not None,
    ),
    Panel(
        name="decision",
        title=_("What was decided"),
        template="desk/look/decision.html",
        read=decision,
        permission="claims.view_secondlook",
        place=75,
    ),
    Panel(
        name="finding",
        title=pgettext_lazy("second look", "What was found"),
        template="desk/look/finding.html",
        read=finding,
        permission="claims.view_secondlook",
        place=80,
        when=lambda row: row.looked_at is not None,
    ),
)


def give(row: SecondLook, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> SecondLook:
    return looking.give(row.pk, to=said["to"], by=by, at=at)


def state_own(row: SecondLook, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> SecondLook:
    own = {"fen": said["amount"], "ground": said["ground"], "reason": said["reason"]}
    return looking.state_own(row.pk, outcome=Verdict(said["outcome"]), **own, by=by, at=at)


def conclude(row: SecondLook, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> SecondLook:
    return looking.conclude(
        row.pk,
        post=Post(said["post"]) if said["post"] else None,
        kind=Mistake(said["kind"]) if said["kind"] else None,
        is_serious=said["is_serious"],
        finding=said["finding"],
        by=by,
        at=at,
    )


def answer(row: SecondLook, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> SecondLook:
    return looking.answer(row.pk, said=LookAnswer(said["said"]), text=said["text"], by=by, at=at)


def settle(row: SecondLook, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> SecondLook:
    return looking.settle(row.pk, settled=Settlement(said["settled"]), reason=said["reason"], by=by, at=at)


add_moves(
    SecondLook,
    Move(
        name="state-own",
        label=_("State your own decision"),
        consequence=_(
            "Decide as if nobody had: you are shown what was decided after it is saved, and you cannot change it then."
        ),
        form=StateOwn,
        perform=state_own,
        when=lambda row: row.stated_at is None and row.given_to_id is not None,
        checks=(looking.check_may_state,),
    ),
    Move(
        name="conclude",
        label=_("Say what you found"),
        consequence=_("It changes nothing of the case. Whoever decided it can accept or contest what you found."),
        form=Conclude,
        perform=conclude,
        when=lambda row: row.stated_at is not None and row.looked_at is None,
        checks=(looking.check_may_conclude,),
    ),
    Move(
        name="answer",
        label=_("Accept or contest"),
        consequence=_("Once. What you contest is settled by a supervisor who is neither of you."),
        form=Answer,
        perform=answer,
        when=lambda row: row.looked_at is not None and row.answered_at is None and looking.is_answerable(row),
        checks=(looking.check_may_answer,),
    ),
    Move(
        name="settle",
        label=_("Settle"),
        consequence=_("What falls counts in no figure of errors any more; everything that was said stays to be read."),
        form=Settle,
        perform=settle,
        when=lambda row: row.answer == LookAnswer.CONTESTED and row.settled_at is None,
        checks=(looking.check_may_settle,),
    ),
    Move(
        name="give",
        label=_("Give to somebody"),
        consequence=_("Only to somebody who had no part in the case and never looked at it; he has fourteen days."),
        form=Give,
        perform=give,
        when=lambda row: row.stated_at is None,
        checks=(may("claims.draw_sample"),),
    ),
)


def until(row: SecondLook) -> str:
    """The day by which it is to be done; empty where it is nobody's yet."""
    return day(row.due_on) if row.due_on else ""
