"""The columns of the lists of cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from claims.enums import (
    AppealFinding,
    Cause,
    Channel,
    DeadlineKind,
    DeadlineStatus,
    LetterKind,
    MaterialKind,
    ObjectionFinding,
    ObjectionKind,
    PaperFinding,
    Payee,
    Reporter,
    ReturnReason,
    State,
)
from claims.models import Appeal, Assignment, Claim, ClaimEvent, Deadline, Letter, Material, Objection, Publicity
from config.kernel import masks
from config.kernel.display import language
from config.kernel.exporting import (
    BirthDay,
    CivilDay,
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
from config.kernel.pages import verb_labels
from members.enums import Sex
from members.models import Disease, Member, Plan
from members.services.templates import CODES

ILLNESS = "claims.view_material"
"""Whoever may not read the papers does not learn of the illness from a spreadsheet."""
PEOPLE = "members.view_member"

OWNER = "membership__member"


def disease_names() -> Mapping[str, str]:
    return dict(Disease.objects.values_list("code", f"name_{language()}"))


def plan_names() -> Mapping[int, str]:
    return dict(Plan.objects.values_list("pk", f"name_{language()}"))


def reason_words() -> Mapping[str, Any]:
    return {**CODES, **dict(ReturnReason.choices)}


class CaseSheet(Sheet):
    """One line a case, as the list shows it and further: who, what of, in which step, by whom, how much."""

    name, title, model, permission = "cases", _("Cases"), Claim, "claims.export_claim"

    number = Text(_("Case number"), "number")
    member = Name(_("Member"), f"{OWNER}__name")
    sex = Code(_("Sex"), f"{OWNER}__sex", choices(Sex), permission=PEOPLE)
    birth = BirthDay(_("Born"), f"{OWNER}__birth_date", permission=PEOPLE)
    age = Number(_("Age at diagnosis"), "age_at_diagnosis", permission=PEOPLE)
    region = Text(_("Region"), f"{OWNER}__region", permission=PEOPLE)
    id_number = Secret(
        _("Resident ID number"),
        f"{OWNER}__id_number",
        masks.id_number_outside,
        field=lambda: Member._meta.get_field("id_number"),
        permission=PEOPLE,
    )
    phone = Secret(
        _("Phone"),
        f"{OWNER}__phone",
        masks.phone,
        field=lambda: Member._meta.get_field("phone"),
        permission=PEOPLE,
    )
    bank_card = Secret(
        _("Bank card"),
        f"{OWNER}__bank_card",
        masks.bank_card,
        field=lambda: Member._meta.get_field("bank_card"),
        permission="payouts.view_payout",
    )
    plan = Code(_("Plan"), "membership__plan_id", plan_names, width=16)
    covenant = Text(_("Covenant"), "covenant__version")
    joined_on = Day(_("Joined on"), "membership__joined_on")
    tier = Money(_("Tier (yuan)"), "membership__tier_fen")
    migrated = Flag(_("Taken over"), "membership__migrated")
    disease = Code(_("Disease"), "disease", disease_names, permission=ILLNESS, width=24)
    diagnosed_on = Day(_("First diagnosed on"), "diagnosed_on", permission=ILLNESS)
    cause = Code(_("Cause"), "cause", choices(Cause), permission=ILLNESS)
    reporter = Code(_("Reported by the"), "reporter", choices(Reporter))
    taken_by = Text(_("Taken down by"), "reported_by__display_name")
    reported_at = Moment(_("Reported at"), "reported_at")
    payee = Code(_("Payee"), "payee", choices(Payee))
    step = Code(_("Step"), "state", choices(State))
    since = Moment(_("In this step since"), "state_since")
    due = CivilDay(_("Deadline of the step"), "due")
    holder = Text(_("Worked on by"), "holder")
    passed_by = Text(_("First review by"), "passed_by__display_name")
    passed_at = Moment(_("First review passed at"), "passed_at")
    investigated_at = Moment(_("Investigation accepted at"), "investigated_at")
    published_by = Text(_("Final decision by"), "published_by__display_name")
    published_at = Moment(_("Put before the members at"), "published_at")
    decided = Money(_("Decided amount (yuan)"), "decided_fen")
    approved_at = Moment(_("Publicity passed at"), "approved_at")
    rejected_by = Text(_("Refused by"), "rejected_by__display_name")
    rejected_at = Moment(_("Refused at"), "rejected_at")
    ground = Code(_("Ground of the refusal"), "ground", lambda: CODES, permission=ILLNESS, width=28)
    ended_at = Moment(_("Ended at"), "ended_at")

    sets = {
        "usual": (
            _("As usual"),
            (
                *("number", "member", "sex", "age", "region", "plan", "covenant", "joined_on", "tier"),
                *("disease", "diagnosed_on", "cause", "reporter", "reported_at", "payee", "step", "since"),
                *("passed_by", "passed_at", "published_by", "published_at", "decided", "approved_at", "rejected_at"),
                "ground",
            ),
        ),
        "deadlines": (_("Deadlines and people"), ("number", "member", "plan", "step", "since", "due", "holder")),
        "money": (
            _("Money"),
            ("number", "member", "plan", "tier", "step", "decided", "published_at", "approved_at", "ended_at"),
        ),
        "decisions": (
            _("Decisions"),
            (
                *("number", "plan", "disease", "step", "passed_by", "passed_at", "investigated_at"),
                *("published_by", "published_at", "rejected_by", "rejected_at", "ground"),
            ),
        ),
    }

    @classmethod
    def rows(cls, rows: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any]:
        if "due" in names:
            rows = rows.with_due()  # type: ignore[attr-defined]  # of a list of cases
        if "holder" in names:
            held = Assignment.objects.filter(claim=OuterRef("pk"), step=OuterRef("state")).order_by()
            rows = rows.annotate(holder=Subquery(held.values("user__display_name")[:1]))
        if "age" in names:
            rows = rows.annotate(age_at_diagnosis=Years(F("diagnosed_on"), F(f"{OWNER}__birth_date")))
        return rows


class Years(Func):
    """Whole years from the second day to the first."""

    template = "date_part('year', age(%(expressions)s))"
    output_field = IntegerField()


CASE = "claim__number"
OF_CASE = "claim__membership__member__name"


class ObjectionSheet(Sheet):
    name, title, model, permission = "objections", _("Objections"), Objection, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    kind = Code(_("Kind"), "kind", choices(ObjectionKind))
    received_at = Moment(_("Received at"), "received_at")
    recorded_by = Text(_("Recorded by"), "recorded_by__display_name")
    finding = Code(_("Finding"), "finding", choices(ObjectionFinding))
    resolved_by = Text(_("Resolved by"), "resolved_by__display_name")
    resolved_at = Moment(_("Resolved at"), "resolved_at")
    effect_at = Moment(_("Took effect at"), "effect_at")


class AppealSheet(Sheet):
    name, title, model, permission = "appeals", _("Appeals"), Appeal, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    channel = Code(_("Channel"), "channel", choices(Channel))
    deposit = Money(_("Deposit (yuan)"), "deposit_fen")
    filed_at = Moment(_("Filed at"), "filed_at")
    filed_by = Text(_("Recorded by"), "filed_by__display_name")
    finding = Code(_("Finding"), "finding", choices(AppealFinding))
    decided_by = Text(_("Decided by"), "decided_by__display_name")
    decided_at = Moment(_("Decided at"), "decided_at")


class DeadlineSheet(Sheet):
    name, title, model, permission = "deadlines", _("Deadlines"), Deadline, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    step = Code(_("Step"), "claim__state", choices(State))
    kind = Code(_("Kind"), "kind", choices(DeadlineKind))
    generation = Number(_("Set for the n-th time"), "generation")
    opened_at = Moment(_("Opened at"), "opened_at")
    due_at = Moment(_("Due at"), "due_at")
    status = Code(_("Status"), "status", choices(DeadlineStatus))
    closed_at = Moment(_("Closed at"), "closed_at")
    paused_at = Moment(_("Stands still since"), "paused_at")


class EventSheet(Sheet):
    name, title, model, permission = "case-events", _("Events of cases"), ClaimEvent, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    at = Moment(_("At"), "at")
    verb = Code(_("Move"), "verb", verb_labels)
    was = Code(_("From step"), "from_state", choices(State))
    becomes = Code(_("To step"), "to_state", choices(State))
    by = Text(_("By"), "by__display_name")
    code = Code(_("Reason code"), "reason_code", reason_words, permission=ILLNESS)
    reason = Text(_("Reason"), "reason", permission=ILLNESS, width=40)


class PublicitySheet(Sheet):
    name, title, model, permission = "publicities", _("Publicities"), Publicity, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    member = Name(_("Member"), OF_CASE)
    starts_on = Day(_("Starts on"), "starts_on")
    days = Number(_("Days"), "days")
    extension = Number(_("Days added by objections"), "extension_days")
    stood_still = Number(_("Days it stood still"), "suspended_days")
    ended_at = Moment(_("Ended at"), "ended_at")


class LetterSheet(Sheet):
    name, title, model, permission = "letters", _("Letters"), Letter, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    kind = Code(_("Kind"), "kind", choices(LetterKind))
    written_at = Moment(_("Written at"), "written_at")
    written_by = Text(_("Written by"), "written_by__display_name")


class PaperSheet(Sheet):
    name, title, model, permission = "papers", _("Papers"), Material, "claims.export_claim"

    case = Text(_("Case number"), CASE)
    kind = Code(_("Kind"), "kind", choices(MaterialKind), permission=ILLNESS)
    received_at = Moment(_("Received at"), "received_at")
    received_by = Text(_("Received by"), "received_by__display_name")
    finding = Code(_("Finding"), "finding", choices(PaperFinding), permission=ILLNESS)
    judged_by = Text(_("Judged by"), "judged_by__display_name")
    judged_at = Moment(_("Judged at"), "judged_at")


for sheet in (
    *(CaseSheet, ObjectionSheet, AppealSheet, DeadlineSheet, EventSheet, PublicitySheet, LetterSheet, PaperSheet),
):
    register(sheet)
