"""Asking for a report, and making it: figures first, then a PDF in each language, each step saved."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from claims.models import MonthlyReport
from claims.services.monthly.composing import compose
from claims.services.monthly.measuring import measure
from config.kernel import files
from config.kernel.bell import ring_bell
from config.kernel.booklets import pdf_of
from config.kernel.civil import start_of
from config.kernel.models import StoredFile, User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput
from members.services import messages

VIEW, NAMES = "claims.view_quality", "claims.settle_second_look"
"""Who may ask for a report, and who for one with names."""

ATTEMPTS = 3
"""Tries after which a report that fails is given up."""

PDFS = (("chinese", "zh-hans"), ("english", "en"))


def ask(month: date, *, has_names: bool, by: User, at: datetime) -> MonthlyReport:
    """A report of a month; the one that is being made already, where there is one.

    The worker measures: where an earlier one says the same, it tells so, and makes no other.
    """
    check_permission(VIEW, by)
    if has_names:
        check_permission(NAMES, by)
    first = month.replace(day=1)
    if start_of(first) > at:
        raise InvalidInput(field=_("Month"), why=_("has not come yet."))
    with transaction.atomic():
        asked, _created = MonthlyReport.objects.get_or_create(
            month=first, has_names=has_names, finished_at=None, defaults={"asked_by": by, "asked_at": at}
        )
        ring_bell()
    return asked


def check_may_read(report: MonthlyReport, *, by: User) -> None:
    """Raises unless this person may read the report: one with names is for those who settle."""
    check_permission(VIEW, by)
    if report.has_names:
        check_permission(NAMES, by)


def carry_on(report_id: int, *, at: datetime) -> int:
    """Take a report one or more steps on to its end; how many steps were done. 0 where another worker has it."""
    done = 0
    while _step(report_id, at=at):
        done += 1
    return done


def _step(report_id: int, *, at: datetime) -> bool:
    """One step in a transaction of its own; an error is counted, and the last try that it allows ends the report."""
    try:
        with transaction.atomic():
            report = _taken(report_id)
            if report is None:
                return False
            _go_on(report, at=at)
            return True
    except Exception:  # counted, whatever it is, and raised all the same
        _count_failure(report_id, at=at)
        raise


def _taken(report_id: int) -> MonthlyReport | None:
    rows = MonthlyReport.objects.select_for_update(of=("self",), skip_locked=True).select_related("asked_by")
    return rows.filter(pk=report_id, finished_at__isnull=True).first()


def _go_on(report: MonthlyReport, *, at: datetime) -> None:
    if report.as_of is None:
        report.facts, report.as_of = measure(report.month, has_names=report.has_names), at
        report.digest = _digest(report.facts)
        if _is_said_already(report):
            _tell(report, "monthly_report_same", at=at)
            report.delete()
            return
    elif (lacking := next((name for name, _code in PDFS if getattr(report, name) is None), None)) is not None:
        setattr(report, lacking, _printed(report, dict(PDFS)[lacking], at=at))
    else:
        report.finished_at = at
        _tell(report, "monthly_report_ready", at=at)
    report.save()


def _is_said_already(report: MonthlyReport) -> bool:
    """Whether the last report of its kind has the same figures."""
    made = MonthlyReport.objects.filter(month=report.month, has_names=report.has_names, finished_at__isnull=False)
    last = made.filter(has_failed=False).order_by("-id").first()
    return last is not None and last.digest == report.digest


def _tell(report: MonthlyReport, template: str, *, at: datetime) -> None:
    messages.post(template, user=report.asked_by, facts={"month": report.month.isoformat()[:7]}, at=at)


def _digest(facts: dict[str, Any]) -> str:
    """Of what is said of the months alone: how many cases are open now is another number tomorrow."""
    facts = facts | {"floor": {name: said for name, said in facts["floor"].items() if name != "open"}}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _printed(report: MonthlyReport, code: str, *, at: datetime) -> StoredFile:
    assert report.as_of is not None
    with override(code):
        data, pages = pdf_of(compose(report), at=report.as_of)
    return files.keep(data, pages=pages, at=at)


def _count_failure(report_id: int, *, at: datetime) -> None:
    with transaction.atomic():
        report = _taken(report_id)
        if report is None:
            return
        report.attempts += 1
        if report.attempts >= ATTEMPTS:
            report.finished_at, report.has_failed = at, True
            _tell(report, "monthly_report_failed", at=at)
        report.save(update_fields=["attempts", "finished_at", "has_failed"])
