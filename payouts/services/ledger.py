"""Writing in the book. Nothing else does; the database refuses what does not balance, and any change."""

from datetime import datetime

from config.kernel.models import User
from payouts.enums import Account, PostingKind
from payouts.models import Leg, Payout, Posting


def post(
    payout: Payout, kind: PostingKind, debit: Account, credit: Account, *, by: User, at: datetime
) -> Posting | None:
    """Move the payout's whole amount from `credit` to `debit`; None where the arrears left nothing to pay."""
    if payout.net_fen == 0:
        return None
    posting = Posting.objects.create(payout=payout, kind=kind, fen=payout.net_fen, by=by, at=at)
    _legs(posting, {debit: payout.net_fen, credit: -payout.net_fen})
    return posting


def reverse(posting: Posting, *, by: User, at: datetime) -> Posting:
    """Take a posting back by its mirror image; once only (IntegrityError)."""
    mirror = Posting.objects.create(
        payout_id=posting.payout_id, kind=PostingKind.REVERSAL, fen=posting.fen, reverses=posting, by=by, at=at
    )
    _legs(mirror, {Account(leg.account): -leg.fen for leg in posting.legs.all()})
    return mirror


def _legs(posting: Posting, amounts: dict[Account, int]) -> None:
    Leg.objects.bulk_create(Leg(posting=posting, account=account, fen=fen) for account, fen in amounts.items())
