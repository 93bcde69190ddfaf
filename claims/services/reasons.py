"""What a move cannot do without: reasons, and facts that can be read."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from claims.models import Assessment
from claims.policies import not_accepted
from claims.rules.facts import FactsInvalid
from config.kernel.refusals import InvalidInput
from members.rules.findings import REJECT_CODES

AGAINST_PASSING = ("reject", "wait")
AGAINST_PUBLISHING = ("refer",)
AGAINST_REFUSING = ("refer", "wait", "need", "accept")
"""Outcomes of the assessment against which a decision needs a reason (AMB-17, AMB-18)."""


def required(reason: str) -> str:
    """The reason, or `InvalidInput` when nothing was written."""
    if not reason.strip():
        raise InvalidInput(field=_("Reason"), why=_("write down why; it stays with the case."))
    return reason


def looked_for(contrary: str) -> str:
    """What was looked for against a refusal, or `InvalidInput` when nothing was written."""
    if not contrary.strip():
        raise InvalidInput(field=_("Contrary evidence"), why=_("write down what you looked for, and what came of it."))
    return contrary


def check_reason_against(said: Assessment, outcomes: tuple[str, ...], reason: str) -> None:
    """To go on against such an outcome takes a reason (`NotAccepted`)."""
    if said.outcome in outcomes and not reason.strip():
        raise not_accepted(said, _("give the reason for which you decide so."))


def check_ground(said: Assessment, ground: str, reason: str) -> None:
    """A refusal has a reject code, and a reason where the rules do not propose a refusal (AMB-17, AMB-18)."""
    if ground not in {code.value for code in REJECT_CODES}:
        raise InvalidInput(field=_("Ground"), why=_("choose the ground on which the covenant gives no aid."))
    if said.outcome in AGAINST_REFUSING:
        required(reason)


@contextmanager
def read_as_input() -> Iterator[None]:
    """Facts that the rules cannot read are `InvalidInput`, with the path to what is wrong."""
    try:
        yield
    except FactsInvalid as error:
        raise InvalidInput(field=error.path, why=error.why) from error
