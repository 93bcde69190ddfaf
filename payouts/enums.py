"""The closed lists of the payouts app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PayoutState(TextChoices):
    PREPARED = "prepared", pgettext_lazy("payout", "prepared")
    APPROVED = "approved", pgettext_lazy("payout", "approved")
    SUBMITTED = "submitted", pgettext_lazy("payout", "with the bank")
    UNKNOWN = "unknown", pgettext_lazy("payout", "fate unknown")
    SETTLED = "settled", pgettext_lazy("payout", "settled")
    FAILED = "failed", pgettext_lazy("payout", "sent back by the bank")
    CANCELLED = "cancelled", pgettext_lazy("payout", "cancelled")


BEFORE_THE_BANK = (PayoutState.PREPARED, PayoutState.APPROVED)
"""Nothing has left the house."""

WITH_THE_BANK = (PayoutState.SUBMITTED, PayoutState.UNKNOWN)
"""The order is out; only the bank's evidence ends it, never a second try."""

VOID = (PayoutState.FAILED, PayoutState.CANCELLED)
"""These make room for another payout of the same case."""

MOVES = (
    (PayoutState.PREPARED, PayoutState.APPROVED),
    (PayoutState.PREPARED, PayoutState.CANCELLED),
    (PayoutState.APPROVED, PayoutState.SUBMITTED),
    (PayoutState.APPROVED, PayoutState.CANCELLED),
    (PayoutState.SUBMITTED, PayoutState.SETTLED),
    (PayoutState.SUBMITTED, PayoutState.FAILED),
    (PayoutState.SUBMITTED, PayoutState.UNKNOWN),
    (PayoutState.UNKNOWN, PayoutState.SETTLED),
    (PayoutState.UNKNOWN, PayoutState.FAILED),
)
"""What the database lets through, whoever writes."""


class PostingKind(TextChoices):
    RELEASE = "release", _("order given to the bank")
    SETTLEMENT = "settlement", _("payment confirmed by the bank")
    REVERSAL = "reversal", _("posting taken back")


class Account(TextChoices):
    """Debit is positive, credit negative."""

    AID_PAYABLE = "aid_payable", _("aid owed to members")
    BANK_CLEARING = "bank_clearing", _("under way at the bank")
    BANK = "bank", _("bank account")
