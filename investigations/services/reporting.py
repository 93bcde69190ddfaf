"""The agency's answer: filed, sent back, accepted."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims.enums import DeadlineKind, DeadlineStatus, ProcedureKind
from claims.services import clocks, investigating, letters
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from investigations.enums import Conclusion
from investigations.gate import moving
from investigations.models import Commission, Report
from investigations.services import messages
from investigations.services.commissioning import stop_clock
from members.enums import Recipient


def file_report(commission_id: int, *, conclusion: str, text: str = "", by: User, at: datetime) -> Report:
    """An investigator of the agency hands in a report, the next version; the agency's deadline is met.

    Refused: `NotPermitted`, `WrongState`, `InvalidInput` (unknown conclusion).
    """
    with moving(commission_id, "field_report", by=by, at=at) as (claim, commission):
        commission.file_report(by=by, at=at)
        if conclusion not in Conclusion.values:
            raise InvalidInput(field=_("Conclusion"), why=_("choose one of those in the list."))
        report = Report.objects.create(
            commission=commission,
            version=commission.reports.count() + 1,
            conclusion=conclusion,
            findings=text,
            filed_by=by,
            filed_at=at,
        )
        stop_clock(commission, DeadlineStatus.MET, at=at)
        claim.because(code=conclusion, kind=commission.kind)
        letters.tell(claim, "report_filed", to=Recipient.REVIEWER, at=at, kind=commission.kind)
    return report


def was_filed(commission_id: int, *, conclusion: str, text: str, by: User) -> bool:
    """Whether this very report came in already: its sender heard no answer on a bad line, and sends it again."""
    standing = Report.objects.filter(commission=commission_id, returned_at__isnull=True, filed_by=by).first()
    return standing is not None and (standing.conclusion, standing.findings) == (conclusion, text)


def return_report(commission_id: int, *, reason: str, by: User, at: datetime) -> Report:
    """Send the report back with a reason; the agency gets a new deadline. Refused: `NotPermitted`, `WrongState`,
    `InvalidInput` (no reason)."""
    with moving(commission_id, "return_report", by=by, at=at) as (claim, commission):
        commission.return_report(by=by, at=at)
        report = commission.reports.get(returned_at__isnull=True)
        report.returned_by, report.returned_at, report.return_reason = by, at, required(reason)
        report.save(update_fields=["returned_by", "returned_at", "return_reason"])
        commission.deadline = clocks.start(claim, DeadlineKind.INVESTIGATION, at=at)
        claim.because(reason=reason, kind=commission.kind)
        messages.tell_agency(commission, "report_returned", at=at)
    return report


def accept_report(commission_id: int, *, by: User, at: datetime) -> Commission:
    """The report answers the question. A field report brings its case to the final review; others await the finding.

    Refused: `NotPermitted`, `WrongState`.
    """
    with moving(commission_id, "accept_report", by=by, at=at) as (claim, commission):
        commission.accept_report(by=by, at=at)
        if commission.kind == ProcedureKind.FIELD:
            investigating.conclude(claim, by=by, at=at)
        claim.because(kind=commission.kind)
    return commission
