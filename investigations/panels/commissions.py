"""The part of third parties on the page of a case: commissions and their reports, and the findings that end them.

The page of a commission itself says what the agency was asked, and what it filed; the agency answers under /field/.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from claims.enums import AppealFinding, ObjectionFinding, ObjectionKind, ProcedureKind
from claims.forms import MaybeBecause
from claims.models import Claim, Objection, Procedure, SecondLook
from claims.panels.disputes import ThirdParty, tell_of_procedures
from claims.panels.previews import consequences
from claims.panels.work_lists import LABELS
from claims.policies import may_resolve
from claims.services import looking
from config.kernel.desks import MOST
from config.kernel.forms import Blank, Choice, MoveForm, Text
from config.kernel.models import User
from config.kernel.pages import Look, Move, Panel, Preview, add_moves, add_panels, name_codes, name_verbs
from investigations import services
from investigations.enums import CommissionState, Conclusion, DeclineReason, ExhibitState, Method
from investigations.forms.desk import Reassign, ReturnReport, SendOut, why
from investigations.models import Agency, Commission, Report
from investigations.panels import reports
from investigations.policies import EXPORT_CUSTODY, check_authorised
from investigations.rules.visits import Point
from investigations.services import custody
from investigations.services.agencies import hospital_named
from investigations.services.playing import PLAYED


class Resolve(MaybeBecause):
    finding = Choice(
        label=_("Finding"),
        choices=[(kind.value, kind.label) for kind in (ObjectionFinding.DISMISSED, ObjectionFinding.UPHELD)],
    )
    field_order = ("finding", "reason")


class DecideAppeal(MoveForm):
    finding = Choice(label=_("Finding"), choices=AppealFinding.choices)
    reason = Text(
        label=_("Reasons"), required=False, help_text=_("The applicant reads them in the letter."), is_private=False
    )
    field_order = ("finding", "reason")


def commissions(claim: Claim) -> list[Commission]:
    """All of a case, with what their page and their guards read."""
    rows = Commission.objects.filter(claim=claim).select_related("agency", "deadline", "sent_by", "procedure")
    return list(rows.order_by("-id"))


def objections(claim: Claim) -> Iterable[Objection]:
    return claim.objections.filter(merged_into__isnull=True)


def send_out(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    hospital = hospital_named(said["hospital"], at=who["at"])
    return services.commission(
        claim.pk, agency_id=key_of(said["agency"]), reason=said["reason"], hospital=hospital, **who
    )


def accept(commission: Commission, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.accept_report(commission.pk, by=by, at=at, version=version)


def send_back(commission: Commission, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    points = [Point(text, about) for about, text in said["points"] if text.strip()]
    return services.return_report(commission.pk, reason=said["reason"], points=points, by=by, at=at, version=version)


def reassign(commission: Commission, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> object:
    return services.reassign(
        commission.pk, reason=said["reason"], agency_id=key_of(said["agency"]), because=said["because"], by=by, at=at
    )


def key_of(agency: Agency | None) -> int | None:
    """Of the one that was chosen, where one was."""
    return agency.pk if agency else None


def resolve(objection: Objection, said: dict[str, Any], **who: Any) -> object:
    return services.resolve_objection(
        objection.claim_id,
        kind=ObjectionKind(objection.kind),
        finding=ObjectionFinding(said["finding"]),
        reason=said["reason"],
        **who,
    )


def decide_appeal(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return services.decide_appeal(claim.pk, finding=AppealFinding(said["finding"]), reason=said["reason"], **who)


def of_the_case(objection: Objection, *, at: datetime) -> Preview:
    return consequences(objection.claim, at=at)


def task(commission: Commission, look: Look) -> dict[str, Any]:
    methods = dict(Method.choices)
    return {"methods": [methods.get(name, name) for name in commission.methods]}


def filed(commission: Commission, look: Look) -> dict[str, Any]:
    prefetch_related_objects([commission], *reports.REPORTS)
    return {"versions": reports.versions(commission)}


def evidence_of(commission: Commission, look: Look) -> dict[str, Any]:
    """What was collected, and the log of it with whether its chain holds."""
    exhibits = commission.exhibits.exclude(state=ExhibitState.RECEIVING).select_related("received_by")
    log = commission.custody.select_related("by").order_by("-number")
    whole = custody.is_whole(commission.pk)
    return {
        "exhibits": [(one, range(1, (one.pages or 0) + 1)) for one in exhibits],
        "played": PLAYED,
        "may_export": look.by.has_perm(EXPORT_CUSTODY),
        "commission_id": commission.pk,
        "log": log[:MOST],
        "entries": log.count(),
        "is_whole": whole,
    }


@tell_of_procedures
def answers(procedures: Sequence[Procedure]) -> dict[int, ThirdParty]:
    """Who was asked by each procedure last, and the report that stands."""
    rows = Commission.objects.filter(procedure__in=procedures).exclude(
        state__in=(CommissionState.DECLINED, CommissionState.WITHDRAWN)
    )
    rows = rows.select_related("agency").prefetch_related(
        Prefetch("reports", Report.objects.filter(returned_at__isnull=True).defer("findings", "content", "points"))
    )
    return {row.procedure_id: _answer(row) for row in rows.order_by("id")}


def _answer(commission: Commission) -> ThirdParty:
    who = commission.agency.name
    return next(
        (ThirdParty(who, report.get_conclusion_display(), report.filed_at) for report in commission.reports.all()),
        ThirdParty(who),
    )


def third_parties(claim: Claim, look: Look) -> dict[str, Any]:
    return _told(Commission.objects.filter(claim=claim), reports.REPORTS)


def third_parties_until(row: SecondLook, look: Look) -> dict[str, Any]:
    """What the investigation said by the decision: any other procedure, and all that came later, would tell it."""
    until = looking.moment_of(row)
    rows = Commission.objects.filter(claim=row.claim, kind=ProcedureKind.FIELD, sent_at__lte=until)
    filed = Prefetch("reports", Report.objects.filter(filed_at__lte=until))
    return _told(rows, (filed, *reports.REPORTS))


def _told(rows: QuerySet[Commission], fetched: Sequence[Any]) -> dict[str, Any]:
    methods = dict(Method.choices)
    rows = rows.select_related("agency", "deadline", "sent_by", "hospital")
    rows = rows.prefetch_related(*fetched).order_by("-id")
    return {
        "commissions": [
            (row, [methods.get(name, name) for name in row.methods], why(row.choice), reports.versions(row))
            for row in rows
        ]
    }


LABELS["accept_report"] = _("accept the report, or send it back")


add_panels(
    Claim,
    Panel(
        name="third_parties",
        title=_("Third parties"),
        template="desk/case/third_parties.html",
        read=third_parties,
        permission="investigations.view_commission",
        place=40,
    ),
)

add_panels(
    SecondLook,
    Panel(
        name="third_parties",
        title=_("Third parties"),
        template="desk/case/third_parties.html",
        read=third_parties_until,
        permission="investigations.view_commission",
        place=40,
    ),
)

add_panels(
    Commission,
    Panel(
        name="task",
        title=_("What is asked"),
        template="desk/commission/task.html",
        read=task,
        permission="investigations.view_commission",
        place=20,
    ),
    Panel(
        name="filed",
        title=_("Reports filed"),
        template="desk/commission/filed.html",
        read=filed,
        permission="investigations.view_report",
        place=30,
    ),
    Panel(
        name="evidence",
        title=_("Evidence collected"),
        template="desk/commission/evidence.html",
        read=evidence_of,
        permission="investigations.view_exhibit",
        place=40,
    ),
)

add_moves(
    Claim,
    Move(
        name="commission",
        label=_("Send out for investigation"),
        consequence=_("The agency is told, and its time runs from today."),
        form=SendOut,
        perform=send_out,
        transition="commission",
        checks=(check_authorised,),
    ),
    Move(
        name="accept-report",
        label=_("Accept the report"),
        consequence=_(
            "After a field investigation the final review begins; the conclusion changes no outcome by itself."
        ),
        form=Blank,
        perform=accept,
        rows=commissions,
        transition="accept_report",
    ),
    Move(
        name="return-report",
        label=_("Send the report back"),
        consequence=_("The agency gets your reason, your points and a new deadline."),
        form=ReturnReport,
        perform=send_back,
        rows=commissions,
        transition="return_report",
    ),
    Move(
        name="reassign",
        label=_("Give it to another agency"),
        consequence=_(
            "The agency no longer sees it and is told so. Another one is asked, within the time that is left; "
            "where that is over, with a time of its own."
        ),
        form=Reassign,
        perform=reassign,
        rows=commissions,
        transition="withdraw",
        harsh=True,
    ),
    Move(
        name="resolve",
        label=_("Resolve the objection"),
        consequence=_("Dismissed: the publicity goes on. Upheld: the final review starts again; a forgery is refused."),
        form=Resolve,
        perform=resolve,
        rows=objections,
        when=lambda objection: objection.resolved_at is None,
        checks=(may_resolve,),
        preview=of_the_case,
    ),
    Move(
        name="decide-appeal",
        label=_("Decide the appeal"),
        consequence=_("The refusal stands, or the final review starts again; the applicant gets a letter."),
        form=DecideAppeal,
        perform=decide_appeal,
        transition="uphold",
        preview=consequences,
    ),
)

name_verbs(
    {
        "commission": _("Sent out for investigation"),
        "commission_sent": _("Third party asked"),
        "commission_closed": _("Third party no longer needed"),
        "take_commission": _("Agency took it on"),
        "assign_commission": _("Agency gave it to a colleague"),
        "decline": _("Agency declined"),
        "reassign": _("Taken from the agency, another one asked"),
        "field_report": _("Report filed"),
        "return_report": _("Report sent back"),
        "accept_report": _("Report accepted"),
        "resolve": _("Objection resolved"),
        "decide_appeal": _("Appeal decided"),
    }
)

name_codes({code.value: code.label for codes in (Conclusion, DeclineReason) for code in codes})
