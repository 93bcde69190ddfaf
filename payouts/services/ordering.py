"""The order to pay, before it leaves the house: prepared, approved and released by three people."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import gate as claims_gate
from claims.enums import Payee, State
from claims.models import Claim
from claims.services import paying
from claims.services.reasons import required
from config.kernel.identity import InvalidIdentity, bank_card
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, WrongState
from payouts.enums import BEFORE_THE_BANK, Account, PostingKind
from payouts.gate import moving, opened
from payouts.models import Payout
from payouts.policies import PREPARE, is_owed
from payouts.refusals import PayoutUnderWay
from payouts.services import ledger

DECIDED_ANEW = "案件已重新决定。"
"""A reason stays as it was written, whatever the language of its reader."""


def prepare(
    claim_id: int,
    *,
    payee_name: str = "",
    payee_card: str = "",
    by: User,
    at: datetime,
    version: int | None = None,
) -> Payout:
    """Write the order for what an approved case decided (AMB-26): to the member's own account, or to the one named.

    `payee_name` is read for a guardian or heirs only, `payee_card` for them and for a member who has no card on record.
    An order of an earlier decision that has not left the house is cancelled. Refused: `NotPermitted`, `WrongState`,
    `PayoutUnderWay`, `InvalidInput` without an account to pay to.
    """
    with claims_gate.moving(claim_id, "prepare_payout", by=by, at=at, version=version) as claim:
        check_permission(PREPARE, by)
        if claim.state != State.APPROVED:
            raise WrongState(state=claim.get_state_display())
        assert claim.decided_fen is not None
        assert claim.approved_at is not None
        _make_room(claim, by=by, at=at)
        member = claim.membership.member
        own = claim.payee == Payee.MEMBER
        name, card = member.name if own else payee_name.strip(), (own and member.bank_card) or _card(payee_card)
        if not name:
            raise InvalidInput(field=_("Name of the account holder"), why=_("to whom is it paid?"))
        payout = Payout.objects.create(
            claim=claim,
            reference=f"{claim.number}-{Payout.objects.filter(claim=claim).count() + 1}",
            net_fen=claim.decided_fen,
            payee=claim.payee,
            payee_name=name,
            payee_card=card,
            decided_at=claim.approved_at,
            prepared_by=by,
            prepared_at=at,
        )
        claim.because(payout=payout.reference, fen=payout.net_fen)
    return payout


def approve(payout_id: int, *, by: User, at: datetime, version: int | None = None) -> Payout:
    """The second person agrees. Refused: `NotPermitted`, `SamePerson`, `PayoutOutOfDate`, `WrongState`."""
    with moving(payout_id, "approve_payout", by=by, at=at, version=version) as (claim, payout):
        payout.approve(by=by, at=at)
        claim.because(payout=payout.reference)
    return payout


def release(payout_id: int, *, by: User, at: datetime, version: int | None = None) -> Payout:
    """The third person gives the order to the bank; the case is paying from now on.

    Whether it still owes this is looked at again under the case's lock. Refused as `approve`.
    """
    with moving(payout_id, "start_payment", by=by, at=at, version=version) as (claim, payout):
        payout.release(by=by, at=at)
        ledger.post(payout, PostingKind.RELEASE, Account.AID_PAYABLE, Account.BANK_CLEARING, by=by, at=at)
        paying.start(claim, by=by, at=at)
        claim.because(payout=payout.reference, fen=payout.net_fen)
    return payout


def cancel(payout_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> Payout:
    """Take an order back before it leaves the house. Refused: `InvalidInput` without a reason, `WrongState`."""
    with moving(payout_id, "cancel_payout", by=by, at=at, version=version) as (claim, payout):
        payout.cancel(required(reason), by=by, at=at)
        claim.because(reason=reason, payout=payout.reference)
    return payout


def _card(typed: str) -> str:
    """A bank card's number as it is stored."""
    try:
        return bank_card(typed).number
    except InvalidIdentity as error:
        raise InvalidInput(field=_("Bank card"), why=_(error.why)) from None


def _make_room(claim: Claim, *, by: User, at: datetime) -> None:
    """One live payout a case: an outdated order gives way, any other stands in the way."""
    live = Payout.objects.live().select_for_update().filter(claim=claim).first()
    if live is None:
        return
    if live.state not in BEFORE_THE_BANK or is_owed(live, claim):
        raise PayoutUnderWay(reference=live.reference, state=live.get_state_display())
    with opened(live, claim, by=by, at=at):
        live.cancel(DECIDED_ANEW, by=by, at=at)
