"""What a payout does to its case, open in the gate; the money itself is the upper app's."""

from datetime import datetime

from claims.enums import DeadlineKind
from claims.models import Claim
from claims.services import clocks, letters
from config.kernel.civil import civil_date
from config.kernel.models import User
from members.enums import EndReason
from members.services import dues
from members.services.plans import terms_of


def start(claim: Claim, *, by: User, at: datetime) -> None:
    """The order is with the bank."""
    claim.start_payment(by=by, at=at)
    clocks.stop(claim, DeadlineKind.PAYMENT, at=at)
    letters.tell(claim, "payout_sent", at=at, fen=claim.decided_fen)


def confirm(claim: Claim, *, by: User, at: datetime) -> None:
    """The money has arrived; where the covenant says so, it ends the membership (AMB-23)."""
    claim.confirm_payment(by=by, at=at)
    if terms_of(claim.covenant).payout.ends_membership and claim.membership.ended_on is None:
        dues.end(claim.membership, on=civil_date(at), reason=EndReason.PAID)


def bounced(claim: Claim, *, by: User, at: datetime) -> None:
    """The bank sent the money back: the payment is still owed."""
    claim.payment_bounced(by=by, at=at)
    clocks.start(claim, DeadlineKind.PAYMENT, at=at)
    letters.tell(claim, "payout_bounced", at=at, fen=claim.decided_fen)
