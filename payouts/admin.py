"""The payouts and the book, to be read; money is moved on the page of its case."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from claims.admin.searching import FoundByCase
from config.kernel import masks
from config.kernel.admin import ReadOnlyAdmin
from config.kernel.display import yuan
from payouts.models import Leg, Payout, Posting


@admin.register(Payout)
class PayoutAdmin(FoundByCase, ReadOnlyAdmin):
    list_display = ("reference", "claim", "amount", "payee", "state", "prepared_by", "approved_by", "released_by")
    list_filter = ("state", "payee")
    list_select_related = ("claim", "prepared_by", "approved_by", "released_by")
    search_help_text = _("Whole payment reference, or case number")
    ordering = ("-id",)
    exclude = ("net_fen", "payee_name")
    readonly_fields = ("amount", "account")

    def found_otherwise(self, term: str) -> QuerySet[Payout]:
        return Payout.objects.filter(reference=term)

    @admin.display(description=_("amount"))
    def amount(self, payout: Payout) -> str:
        return yuan(payout.net_fen)

    @admin.display(description=_("account"))
    def account(self, payout: Payout) -> str:
        return f"{masks.name(payout.payee_name)} {masks.bank_card(payout.payee_card)}"


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "payout", "amount", "by", "at")
    list_filter = ("kind",)
    list_select_related = ("payout", "by")
    ordering = ("-id",)

    @admin.display(description=_("amount"))
    def amount(self, posting: Posting) -> str:
        return yuan(posting.fen)


@admin.register(Leg)
class LegAdmin(ReadOnlyAdmin):
    list_display = ("posting", "account", "amount")
    list_filter = ("account",)
    list_select_related = ("posting__payout",)
    ordering = ("-id",)

    @admin.display(description=_("amount"))
    def amount(self, leg: Leg) -> str:
        return yuan(leg.fen)
