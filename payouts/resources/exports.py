"""The columns of the lists of payouts and of the book."""

from django.utils.translation import gettext_lazy as _

from claims.enums import Payee
from config.kernel import masks
from config.kernel.exporting import Code, Moment, Money, Name, Secret, Sheet, Text, choices, register
from payouts.enums import Account, PayoutState, PostingKind
from payouts.models import Leg, Payout, Posting

EXPORT = "payouts.export_payout"


class PayoutSheet(Sheet):
    name, title, model, permission = "payouts", _("Payouts"), Payout, EXPORT

    case = Text(_("Case number"), "claim__number")
    reference = Text(_("Payment reference"), "reference", width=28)
    amount = Money(_("Amount (yuan)"), "net_fen")
    payee = Code(_("Payee"), "payee", choices(Payee))
    holder = Name(_("Account holder"), "payee_name")
    card = Secret(_("Bank card"), "payee_card", masks.bank_card, field=lambda: Payout._meta.get_field("payee_card"))
    state = Code(_("State"), "state", choices(PayoutState))
    prepared_by = Text(_("Prepared by"), "prepared_by__display_name")
    prepared_at = Moment(_("Prepared at"), "prepared_at")
    approved_by = Text(_("Approved by"), "approved_by__display_name")
    approved_at = Moment(_("Approved at"), "approved_at")
    released_by = Text(_("Released by"), "released_by__display_name")
    released_at = Moment(_("Released at"), "released_at")
    settled_at = Moment(_("Settled at"), "settled_at")
    failed_at = Moment(_("Sent back at"), "failed_at")


class PostingSheet(Sheet):
    name, title, model, permission = "postings", _("Postings"), Posting, EXPORT

    payment = Text(_("Payment reference"), "payout__reference", width=28)
    kind = Code(_("Kind"), "kind", choices(PostingKind))
    amount = Money(_("Amount (yuan)"), "fen")
    by = Text(_("By"), "by__display_name")
    at = Moment(_("At"), "at")


class LegSheet(Sheet):
    name, title, model, permission = "legs", _("Legs of postings"), Leg, EXPORT

    payment = Text(_("Payment reference"), "posting__payout__reference", width=28)
    kind = Code(_("Kind"), "posting__kind", choices(PostingKind))
    account = Code(_("Account"), "account", choices(Account))
    amount = Money(_("Amount (yuan)"), "fen")
    at = Moment(_("At"), "posting__at")


for sheet in (PayoutSheet, PostingSheet, LegSheet):
    register(sheet)
