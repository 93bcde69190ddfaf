"""What a case has in common with others, on top of its page, and the move that says what came of it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from claims import policies
from claims.enums import UNSETTLED
from claims.forms.weighing import AnswerSignal, found, sentence
from claims.models import Claim
from claims.services import signals
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels, name_verbs

SHOWN = 5
"""Other cases that are named; the rest are counted."""


def read(claim: Claim, look: Look) -> dict[str, Any]:
    known = found(claim)
    total = signals.total(known)
    return {
        "total": total,
        "is_worth_a_look": total >= signals.WORTH_A_LOOK,
        "open": [_row(signal) for signal in known if signal.answer is None],
        "answered": [_row(signal) for signal in known if signal.answer is not None],
    }


def _row(signal: signals.Signal) -> dict[str, Any]:
    return {
        "signal": signal,
        "sentence": sentence(signal),
        "shown": signal.others[:SHOWN],
        "more": max(0, len(signal.others) - SHOWN),
    }


def has_open_signal(claim: Claim) -> bool:
    return claim.state in UNSETTLED and any(signal.answer is None for signal in found(claim))


def answer(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return signals.answer(claim.pk, kind=said["kind"], about=said["about"], note=said["note"], **who)


add_panels(
    Claim,
    Panel(
        name="signals",
        title=_("Signals"),
        template="desk/case/signals.html",
        read=read,
        permission="claims.view_evidence",
        place=5,
    ),
)

add_moves(
    Claim,
    Move(
        name="answer-signal",
        label=_("Answer a signal"),
        consequence=_("What was found is shown beside the signal, which no longer counts. Nothing else changes."),
        form=AnswerSignal,
        perform=answer,
        when=has_open_signal,
        checks=(policies.may_record_evidence,),
    ),
)

name_verbs({"answer_signal": _("Signal answered")})
