"""The columns of the lists of members and of the registers."""

from django.utils.translation import gettext_lazy as _

from config.kernel import masks
from config.kernel.display import language
from config.kernel.exporting import (
    BirthDay,
    Code,
    Day,
    Flag,
    Moment,
    Money,
    Name,
    Number,
    Secret,
    Sheet,
    Text,
    choices,
    register,
)
from members.enums import DefinitionSource, DiseaseClass, EndReason, Ownership, Purpose, Sex
from members.models import Consent, Covenant, Declaration, Disease, Hospital, Member, Membership, Plan, Share

EXPORT = "members.export_member"
REGISTER = "kernel.export_register"


def plan_names() -> dict[int, str]:
    return dict(Plan.objects.values_list("pk", f"name_{language()}"))


class MemberSheet(Sheet):
    name, title, model, permission = "members", _("Members"), Member, EXPORT

    key = Number(_("Member no."), "pk")
    member = Name(_("Name"), "name")
    sex = Code(_("Sex"), "sex", choices(Sex))
    birth = BirthDay(_("Born"), "birth_date")
    region = Text(_("Region"), "region")
    id_number = Secret(
        _("Resident ID number"),
        "id_number",
        masks.id_number_outside,
        field=lambda: Member._meta.get_field("id_number"),
    )
    phone = Secret(_("Phone"), "phone", masks.phone, field=lambda: Member._meta.get_field("phone"))
    bank_card = Secret(
        _("Bank card"),
        "bank_card",
        masks.bank_card,
        field=lambda: Member._meta.get_field("bank_card"),
        permission="payouts.view_payout",
    )
    verified_at = Moment(_("Identity verified at"), "verified_at")
    died_on = Day(_("Died on"), "died_on")

    sets = {
        "usual": (_("As usual"), ("key", "member", "sex", "birth", "region", "phone", "verified_at")),
        "all": (_("All"), ("key", "member", "sex", "birth", "region", "id_number", "phone", "verified_at", "died_on")),
    }


class MembershipSheet(Sheet):
    name, title, model, permission = "memberships", _("Memberships"), Membership, EXPORT

    key = Number(_("Membership no."), "pk")
    member = Name(_("Member"), "member__name")
    plan = Code(_("Plan"), "plan_id", plan_names, width=16)
    covenant = Text(_("Covenant"), "covenant__version")
    joined_on = Day(_("Joined on"), "joined_on")
    tier = Money(_("Tier (yuan)"), "tier_fen")
    migrated = Flag(_("Taken over"), "migrated")
    rechecked_at = Moment(_("Health rechecked at"), "health_rechecked_at")
    ended_on = Day(_("Ended on"), "ended_on")
    end_reason = Code(_("Reason of the end"), "end_reason", choices(EndReason))


class ShareSheet(Sheet):
    name, title, model, permission = "shares", _("Shares"), Share, EXPORT

    membership = Number(_("Membership no."), "membership_id")
    member = Name(_("Member"), "membership__member__name")
    due_on = Day(_("Due on"), "due_on")
    amount = Money(_("Amount (yuan)"), "fen")
    paid_at = Moment(_("Paid at"), "paid_at")


class DeclarationSheet(Sheet):
    name, title, model, permission = "declarations", _("Health declarations"), Declaration, EXPORT

    membership = Number(_("Membership no."), "membership_id")
    question = Text(_("Question"), "question", permission="claims.view_material")
    answer = Flag(_("Applies"), "answer", permission="claims.view_material")
    found_untrue_at = Moment(_("Found untrue at"), "found_untrue_at")


class ConsentSheet(Sheet):
    name, title, model, permission = "consents", _("Consents"), Consent, EXPORT

    membership = Number(_("Membership no."), "membership_id")
    purpose = Code(_("Purpose"), "purpose", choices(Purpose))
    covenant = Text(_("Covenant"), "covenant__version")
    given_at = Moment(_("Given at"), "given_at")
    withdrawn_at = Moment(_("Withdrawn at"), "withdrawn_at")


class HospitalSheet(Sheet):
    name, title, model, permission = "hospitals", _("Hospitals"), Hospital, REGISTER

    code = Text(_("Code"), "code")
    name_ = Text(_("Name"), "name", width=32)
    province = Text(_("Province"), "province")
    city = Text(_("City"), "city")
    region_code = Text(_("Region code"), "region_code")
    grade = Text(_("Grade"), "grade")
    ownership = Code(_("Ownership"), "ownership", choices(Ownership))
    valid_from = Day(_("Valid from"), "valid_from")
    valid_to = Day(_("Valid to"), "valid_to")
    source = Text(_("Source"), "source")


class DiseaseSheet(Sheet):
    name, title, model, permission = "diseases", _("Diseases"), Disease, REGISTER

    number = Number(_("Number"), "number")
    code = Text(_("Code"), "code", width=28)
    name_zh = Text(_("Chinese name"), "name_zh", width=28)
    name_en = Text(_("English name"), "name_en", width=36)
    disease_class = Code(_("Class"), "disease_class", choices(DiseaseClass))
    source = Code(_("Source of the definition"), "source", choices(DefinitionSource))
    icd10 = Text(_("ICD-10 hint"), "icd10")
    definition_zh = Text(_("Chinese definition"), "definition_zh", width=60)


class CovenantSheet(Sheet):
    name, title, model, permission = "covenants", _("Covenants"), Covenant, REGISTER

    plan = Code(_("Plan"), "plan_id", plan_names, width=16)
    version = Text(_("Version"), "version")
    in_force_from = Day(_("In force from"), "in_force_from")
    drafted_by = Text(_("Drafted by"), "drafted_by__display_name")
    drafted_at = Moment(_("Drafted at"), "drafted_at")
    published_by = Text(_("Published by"), "published_by__display_name")
    published_at = Moment(_("Published at"), "published_at")


for sheet in (
    *(MemberSheet, MembershipSheet, ShareSheet, DeclarationSheet, ConsentSheet),
    *(HospitalSheet, DiseaseSheet, CovenantSheet),
):
    register(sheet)
