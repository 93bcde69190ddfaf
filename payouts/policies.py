"""What must hold for a move of a payout: about the person first. Each check returns None or raises."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from claims.enums import Payee, State
from config.kernel.permissions import may
from config.kernel.refusals import InvalidInput, SamePerson
from config.kernel.roles import who_has
from payouts.enums import PayoutState
from payouts.refusals import PayoutOutOfDate

if TYPE_CHECKING:
    from claims.models import Claim
    from config.kernel.models import User
    from payouts.models import Payout

PREPARE = "payouts.prepare_payout"

may_prepare = may(PREPARE)
may_approve = may("payouts.approve_payout")
may_release = may("payouts.release_payout")
may_record_bank_return = may("payouts.record_bank_return")


def check_not_its_preparer(payout: "Payout", *, by: "User", at: datetime) -> None:
    """Whoever prepares a payout neither approves nor releases it."""
    if payout.prepared_by_id == by.pk:
        raise SamePerson(did=_("preparation of the payout"), who=who_has("payouts.approve_payout"))


def check_not_its_approver(payout: "Payout", *, by: "User", at: datetime) -> None:
    """Whoever approves a payout does not release it."""
    if payout.approved_by_id == by.pk:
        raise SamePerson(did=_("approval of the payout"), who=who_has("payouts.release_payout"))


def check_still_owed(payout: "Payout", *, by: "User", at: datetime) -> None:
    """The approval binds to what was decided: a case reopened or changed meanwhile owes something else, or nothing."""
    if not is_owed(payout, payout.claim):
        raise PayoutOutOfDate(reference=payout.reference, state=payout.claim.get_state_display())


def check_bank_evidence(payout: "Payout", *, by: "User", at: datetime) -> None:
    """A payout whose fate is unknown leaves that state by the bank's word only."""
    if payout.state == PayoutState.UNKNOWN and not payout.bank_evidence:
        raise InvalidInput(field=_("bank evidence"), why=_("say which statement or answer of the bank shows it."))


def is_owed(payout: "Payout", claim: "Claim") -> bool:
    """Whether the case is approved, by the very decision the payout was prepared for, and pays to the same account."""
    decided = (claim.state, claim.approved_at, claim.decided_fen, claim.payee)
    if decided != (State.APPROVED, payout.decided_at, payout.net_fen, payout.payee):
        return False
    return payout.payee != Payee.MEMBER or claim.membership.member.bank_card in ("", payout.payee_card)
