"""The agency's answer: filed, sent back, accepted."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from claims.enums import DeadlineKind, DeadlineStatus, ProcedureKind
from claims.models import Claim
from claims.services import clocks, investigating, letters
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from investigations.enums import METHOD_NAMES, Act, Conclusion, ExhibitState
from investigations.gate import moving
from investigations.models import Commission, Exhibit, FoundFact, Report
from investigations.refusals import FilesNotKept
from investigations.rules.visits import ELSEWHERE, Content, Point, Visit, facts_of, faults, points_written
from investigations.services import custody, messages
from investigations.services.commissioning import stop_clock
from investigations.services.finding import mark_open
from investigations.services.playing import PLAYED
from investigations.verify import canonical
from members.enums import Recipient

RECORDED = ("", *PLAYED)
"""Kinds of files that can be the recording of an interview; one that is still being checked has none yet."""


def file_report(
    commission_id: int,
    *,
    conclusion: str,
    text: str = "",
    visits: Sequence[Visit] = (),
    answers: Sequence[str] = (),
    by: User,
    at: datetime,
) -> Report:
    """An investigator of the agency signs a report and hands it in, the next version; the agency's deadline is met.

    `visits` are at least those that were asked for (SR-23), `answers` those to the points of the version that was sent
    back, in their order. The custody log keeps the hash of what was signed.

    Refused: `NotPermitted`, `WrongState`, `InvalidInput` (unknown conclusion, a visit that is missing or incomplete, a
    file that is none of the commission's, a point without an answer).
    """
    with moving(commission_id, "field_report", by=by, at=at) as (claim, commission):
        commission.file_report(by=by, at=at)
        if conclusion not in Conclusion.values:
            raise InvalidInput(field=_("Conclusion"), why=_("choose one of those in the list."))
        content = Content(visits, answers)
        _check_visits(commission, claim, visits, at=at)
        _check_answers(commission, answers)
        report = Report(
            commission=commission,
            version=commission.reports.count() + 1,
            conclusion=conclusion,
            findings=text,
            content=content.written(),
            filed_by=by,
            signer=by.get_username(),
            filed_at=at,
        )
        report.digest = hashlib.sha256(canonical(report.told())).hexdigest()
        report.save(force_insert=True)
        FoundFact.objects.bulk_create(_facts(report))
        signed = {"version": report.version, "sha256": report.digest}
        custody.append(commission.pk, Act.SIGNED, details=signed, by=by, at=at)
        stop_clock(commission, DeadlineStatus.MET, at=at)
        claim.because(code=conclusion, kind=commission.kind)
        letters.tell(claim, "report_filed", to=Recipient.REVIEWER, at=at, kind=commission.kind)
    return report


def was_filed(
    commission_id: int, *, conclusion: str, text: str, visits: Sequence[Visit], answers: Sequence[str], by: User
) -> bool:
    """Whether this very report came in already: its sender heard no answer on a bad line, and sends it again."""
    standing = Report.objects.filter(commission=commission_id, returned_at__isnull=True, filed_by=by).first()
    said = (conclusion, text, Content(visits, answers).written())
    return standing is not None and (standing.conclusion, standing.findings, standing.content) == said


def files_to_show(commission: Commission) -> QuerySet[Exhibit]:
    """What a visit may point to: the files that arrived and were not refused."""
    return commission.exhibits.exclude(state__in=(ExhibitState.RECEIVING, ExhibitState.REFUSED)).order_by("pk")


def sent_back(commission: Commission) -> Report | None:
    """The version that the next one answers to: the last, where it was sent back."""
    last = commission.reports.order_by("version").last()
    return last if last is not None and last.returned_at is not None else None


def return_report(
    commission_id: int,
    *,
    reason: str,
    points: Sequence[Point] = (),
    by: User,
    at: datetime,
    version: int | None = None,
) -> Report:
    """Send the report back with a reason, and point by point; the agency gets a new deadline.

    Refused: `NotPermitted`, `WrongState`, `InvalidInput` (no reason, a point about no visit of the report).
    """
    with moving(commission_id, "return_report", by=by, at=at, version=version) as (claim, commission):
        commission.return_report(by=by, at=at)
        report = commission.reports.get(returned_at__isnull=True)
        if any(point.about is not None and not 0 <= point.about < len(report.said.visits) for point in points):
            raise InvalidInput(field=_("Point"), why=_("it is about no visit of this report."))
        report.returned_by, report.returned_at, report.return_reason = by, at, required(reason)
        report.points = points_written(points)
        report.save(update_fields=["returned_by", "returned_at", "return_reason", "points"])
        commission.deadline = clocks.start(claim, DeadlineKind.INVESTIGATION, procedure=commission.procedure, at=at)
        claim.because(reason=reason, kind=commission.kind)
        messages.tell_agency(commission, "report_returned", at=at)
    return report


def accept_report(commission_id: int, *, by: User, at: datetime, version: int | None = None) -> Commission:
    """The report answers the question. A field report brings its case to the final review; others await the finding.

    Refused: `NotPermitted`, `WrongState`, `FilesNotKept` (a file that the report points to is being checked, or was
    not taken).
    """
    with moving(commission_id, "accept_report", by=by, at=at, version=version) as (claim, commission):
        commission.accept_report(by=by, at=at)
        report = commission.reports.get(returned_at__isnull=True)
        _check_files(report)
        mark_open(claim, report.facts.all())
        if commission.kind == ProcedureKind.FIELD:
            investigating.conclude(claim, by=by, at=at)
        claim.because(kind=commission.kind)
    return commission


def _check_visits(commission: Commission, claim: Claim, visits: Sequence[Visit], *, at: datetime) -> None:
    """Each of the methods asked for once, whatever was added freely, and each of them whole."""
    files = dict(files_to_show(commission).values_list("pk", "kind"))
    told = [visit.method for visit in visits if visit.method != ELSEWHERE]
    if sorted(told) != sorted(commission.methods):
        raise InvalidInput(field=_("Visits"), why=_("each of those that were asked for has its part, once."))
    for visit in visits:
        name = METHOD_NAMES[visit.method]
        if not set(visit.exhibits) <= files.keys():
            raise InvalidInput(field=name, why=_("choose among the files of this commission."))
        if not visit.facts.keys() <= set(facts_of(claim.disease, visit.method)):
            raise InvalidInput(field=name, why=_("it is not asked for such facts."))
        is_recorded = any(files[pk] in RECORDED for pk in visit.exhibits)
        fault = next(faults(visit, since=commission.sent_at, at=at, is_recorded=is_recorded), None)
        if fault is not None:
            raise InvalidInput(field=name, why=_(fault[1]))


def _check_files(report: Report) -> None:
    """What was signed for is kept: a file may turn out to be none after the report was filed."""
    pointed_to = {pk for visit in report.said.visits for pk in visit.exhibits}
    files = report.commission.exhibits.filter(pk__in=pointed_to).exclude(state=ExhibitState.CLEAN)
    if names := [file.name or f"#{file.pk}" for file in files]:
        raise FilesNotKept(files=_(", ").join(names))


def _check_answers(commission: Commission, answers: Sequence[str]) -> None:
    before = sent_back(commission)
    asked = before.points_said if before else []
    if len(answers) != len(asked) or not all(answer.strip() for answer in answers):
        raise InvalidInput(field=_("Points"), why=_("say to each of them what was done about it."))


def _facts(report: Report) -> list[FoundFact]:
    return [
        FoundFact(report=report, visit=number, key=key, value=value)
        for number, visit in enumerate(report.said.visits)
        for key, value in visit.facts.items()
    ]
