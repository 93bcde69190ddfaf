"""What the bank says about an order that has left the house. Nothing else ends it, and nothing sends it twice."""

from datetime import datetime

from claims.services import paying
from claims.services.reasons import required
from config.kernel.models import User
from payouts.enums import Account, PostingKind
from payouts.gate import moving
from payouts.models import Payout
from payouts.services import ledger


def settle(payout_id: int, *, evidence: str = "", by: User, at: datetime, version: int | None = None) -> Payout:
    """The money has arrived; `evidence` is needed where the fate was unknown (`InvalidInput`)."""
    with moving(payout_id, "confirm_payment", by=by, at=at, version=version) as (claim, payout):
        payout.bank_evidence = evidence.strip()
        payout.settle(by=by, at=at)
        ledger.post(payout, PostingKind.SETTLEMENT, Account.BANK_CLEARING, Account.BANK, by=by, at=at)
        paying.confirm(claim, by=by, at=at)
        claim.because(reason=evidence, payout=payout.reference, fen=payout.net_fen)
    return payout


def bounce(payout_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> Payout:
    """The money came back, or never left: it is still owed. `reason` is what the bank says (`InvalidInput` without)."""
    with moving(payout_id, "payment_bounced", by=by, at=at, version=version) as (claim, payout):
        payout.bank_evidence = required(reason).strip()
        payout.bounce(by=by, at=at)
        for posting in payout.postings.filter(kind=PostingKind.RELEASE):
            ledger.reverse(posting, by=by, at=at)
        paying.bounced(claim, by=by, at=at)
        claim.because(reason=reason, payout=payout.reference, fen=payout.net_fen)
    return payout


def mark_unknown(payout_id: int, *, by: User, at: datetime, version: int | None = None) -> Payout:
    """The bank did not answer. The case stays with the bank until its statement, or its answer, shows what happened."""
    with moving(payout_id, "mark_payout_unknown", by=by, at=at, version=version) as (claim, payout):
        payout.mark_unknown(by=by, at=at)
        claim.because(payout=payout.reference)
    return payout
