"""Members, what binds them, and the registers that their cases are judged by."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from config.kernel import masks
from config.kernel.admin import DeskAdmin, PageAdmin, PeopleAdmin, ReadOnlyAdmin
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.display import yuan
from config.kernel.pages import Look
from members.models import (
    Consent,
    Declaration,
    Disease,
    Hospital,
    JoiningCorrection,
    Member,
    Membership,
    Message,
    Share,
)
from members.services import searching
from members.services.messages import shown
from members.views import admission_urls


class PersonAdmin(PeopleAdmin):
    """A table that is searched by whose row it is."""

    of_member: ClassVar[str] = ""
    """The way from a row to its member, as a prefix of lookups."""
    search_help_text = _("Part of the name, ID number or phone")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        today = civil_date(database_now())
        conditions = searching.meanings(search_term, today=today, of=self.of_member)
        return self.found(request, queryset, [self.model.objects.filter(condition) for condition in conditions])


@admin.register(Disease)
class DiseaseAdmin(ReadOnlyAdmin):
    is_small = True
    list_display = ("number", "name_zh", "name_en", "disease_class", "source", "icd10")
    list_filter = ("disease_class", "source")
    search_fields = ("name_zh", "name_en", "=code")
    ordering = ("number",)


@admin.register(Hospital)
class HospitalAdmin(DeskAdmin):
    is_small = True
    list_display = ("name", "city", "grade", "ownership", "valid_from", "valid_to")
    list_filter = ("ownership",)
    search_fields = ("name", "=code")
    ordering = ("name", "-valid_from")


@admin.register(Member)
class MemberAdmin(PersonAdmin, ReadOnlyAdmin):
    list_display = ("masked_name", "sex", "birth_date", "region", "masked_id_number", "masked_phone")
    search_fields = ("name",)
    ordering = ("-id",)
    readonly_fields = ("masked_id_number", "masked_phone", "masked_bank_card")
    fields = (
        "name",
        "sex",
        "birth_date",
        "region",
        "email",
        "masked_id_number",
        "masked_phone",
        "masked_bank_card",
        "verified_at",
        "died_on",
    )

    @admin.display(description=_("name"))
    def masked_name(self, member: Member) -> str:
        return masks.name(member.name)

    @admin.display(description=_("resident ID number"))
    def masked_id_number(self, member: Member) -> str:
        return masks.id_number(member.id_number)

    @admin.display(description=_("phone"))
    def masked_phone(self, member: Member) -> str:
        return masks.phone(member.phone)

    @admin.display(description=_("bank card"))
    def masked_bank_card(self, member: Member) -> str:
        return masks.bank_card(member.bank_card)


UNSHOWN = (
    *("documents", "member__id_number", "member__phone", "member__bank_card"),
    *(f"covenant__{name}" for name in ("terms", "clauses", "term_clauses", "questions")),
)
"""Large or encrypted columns that the list of memberships does not show."""


@admin.register(Membership)
class MembershipAdmin(PersonAdmin, PageAdmin):
    """Members are admitted, reports taken down, and joining dates corrected, on these pages."""

    of_member = "member__"
    list_before_template = "desk/membership/admit.html"
    head_template = "desk/membership/head.html"
    list_display = ("name", "plan", "joined_on", "tier", "covenant", "ended_on", "end_reason")
    list_filter = ("end_reason", "migrated")
    list_select_related = ("member", "plan", "covenant__plan")
    search_fields = ("member__name",)
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        return [*admission_urls(self.admin_site), *super().get_urls()]

    def rows_shown(self, rows: QuerySet[Membership]) -> QuerySet[Membership]:
        return rows.defer(*UNSHOWN)

    def page_rows(self, look: Look) -> QuerySet[Membership]:
        return Membership.objects.select_related("member", "plan", "covenant__plan", "health_rechecked_by")

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        return {
            "member": row.member,
            "id_number": masks.id_number(row.member.id_number),
            "phone": masks.phone(row.member.phone),
            "bank_card": masks.bank_card(row.member.bank_card),
        }

    @admin.display(description=_("member"))
    def name(self, membership: Membership) -> str:
        return masks.name(membership.member.name)

    @admin.display(description=_("tier"))
    def tier(self, membership: Membership) -> str:
        return yuan(membership.tier_fen)


class OfAMembership(ReadOnlyAdmin):
    ordering = ("-id",)
    list_select_related: tuple[str, ...] = ("membership__member", "membership__plan")


@admin.register(Declaration)
class DeclarationAdmin(OfAMembership):
    list_display = ("membership", "question", "answer", "found_untrue_at")
    list_filter = ("answer",)


@admin.register(Consent)
class ConsentAdmin(OfAMembership):
    list_display = ("membership", "purpose", "covenant", "given_at", "withdrawn_at")
    list_filter = ("purpose",)
    list_select_related = ("membership__member", "membership__plan", "covenant__plan")


@admin.register(JoiningCorrection)
class JoiningCorrectionAdmin(OfAMembership):
    list_display = ("membership", "was", "becomes", "proposed_by", "confirmed_by", "confirmed_at")
    list_select_related = ("membership__member", "membership__plan", "proposed_by", "confirmed_by")


@admin.register(Share)
class ShareAdmin(OfAMembership):
    list_display = ("membership", "due_on", "amount", "paid_at")

    @admin.display(description=_("amount"))
    def amount(self, share: Share) -> str:
        return yuan(share.fen)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("subject", "about", "addressee", "created_at", "read_at")
    list_filter = ("to",)
    list_select_related = ("member", "user")
    search_fields = ("about__exact",)
    search_help_text = _("Whole case number")
    ordering = ("-id",)
    fields = ("about", "addressee", "subject", "body", "created_at", "read_at")
    readonly_fields = ("addressee", "subject", "body")

    @admin.display(description=_("to"))
    def addressee(self, message: Message) -> str:
        return str(message.member or message.user or message.get_to_display())

    @admin.display(description=_("subject"))
    def subject(self, message: Message) -> str:
        return shown(message)[0]

    @admin.display(description=_("text"))
    def body(self, message: Message) -> str:
        return shown(message)[1]
