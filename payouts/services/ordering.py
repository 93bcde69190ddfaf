"""The order to pay, before it leaves the house: prepared, approved and released by three people."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import gate as claims_gate
from claims.enums import Payee, State
from claims.models import Claim
from claims.services import paying
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import WrongState
from payouts.enums import BEFORE_THE_BANK, Account, PostingKind
from payouts.gate import moving, opened
from payouts.models import Payout
from payouts.policies import PREPARE, is_owed
from payouts.refusals import PayoutUnderWay
from payouts.services import ledger


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

    `payee_name` and `payee_card` are read for a guardian or heirs only. An order of an earlier decision that has not
    left the house is cancelled. Refused: `NotPermitted`, `WrongState`, `PayoutUnderWay`.
    """
    with claims_gate.moving(claim_id, "prepare_payout", by=by, at=at, version=version) as claim:
        check_permission(PREPARE, by)
        if claim.state != State.APPROVED:
            raise WrongState(state=claim.get_state_display())
        assert claim.decided_fen is not None
        assert claim.approved_at is not None
        _make_room(claim, by=by, at=at)
        member = claim.membership.member
        own_account = claim.payee == Payee.MEMBER
        payout = Payout.objects.create(
            claim=claim,
            reference=f"{claim.number}-{Payout.objects.filter(claim=claim).count() + 1}",
            net_fen=claim.decided_fen,
            payee=claim.payee,
            payee_name=member.name if own_account else payee_name,
            payee_card=member.bank_card if own_account else payee_card,
            decided_at=claim.approved_at,
            prepared_by=by,
            prepared_at=at,
        )
        claim.because(payout=payout.reference, fen=payout.net_fen)
    return payout


def approve(payout_id: int, *, by: User, at: datetime) -> Payout:
    """The second person agrees. Refused: `NotPermitted`, `SamePerson`, `PayoutOutOfDate`, `WrongState`."""
    with moving(payout_id, "approve_payout", by=by, at=at) as (claim, payout):
        payout.approve(by=by, at=at)
        claim.because(payout=payout.reference)
    return payout


def release(payout_id: int, *, by: User, at: datetime) -> Payout:
    """The third person gives the order to the bank; the case is paying from now on.

    Whether it still owes this is looked at again under the case's lock. Refused as `approve`.
    """
    with moving(payout_id, "start_payment", by=by, at=at) as (claim, payout):
        payout.release(by=by, at=at)
        ledger.post(payout, PostingKind.RELEASE, Account.AID_PAYABLE, Account.BANK_CLEARING, by=by, at=at)
        paying.start(claim, by=by, at=at)
        claim.because(payout=payout.reference, fen=payout.net_fen)
    return payout


def cancel(payout_id: int, *, reason: str, by: User, at: datetime) -> Payout:
    """Take an order back before it leaves the house. Refused: `InvalidInput` without a reason, `WrongState`."""
    with moving(payout_id, "cancel_payout", by=by, at=at) as (claim, payout):
        payout.cancel(required(reason), by=by, at=at)
        claim.because(reason=reason, payout=payout.reference)
    return payout


def _make_room(claim: Claim, *, by: User, at: datetime) -> None:
    """One live payout a case: an outdated order gives way, any other stands in the way."""
    live = Payout.objects.live().select_for_update().filter(claim=claim).first()  # type: ignore[attr-defined]
    if live is None:
        return
    if live.state not in BEFORE_THE_BANK or is_owed(live, claim):
        raise PayoutUnderWay(reference=live.reference, state=live.get_state_display())
    with opened(live, claim, by=by, at=at):
        live.cancel(_("The case was decided anew."), by=by, at=at)
