"""What the database itself refuses, whoever writes: constraints and triggers, by raw SQL."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django_fsm import TransitionNotAllowed

from investigations import services
from investigations.enums import MOVES, CommissionState
from investigations.models import Commission, Report
from tests.factories import ACCEPTED, FILED, investigator_of, reported, staff, visits

LEGAL = {
    ("sent", "reported"),
    ("sent", "declined"),
    ("sent", "closed"),
    ("sent", "withdrawn"),
    ("reported", "returned"),
    ("reported", "accepted"),
    ("reported", "closed"),
    ("returned", "reported"),
    ("returned", "closed"),
    ("returned", "withdrawn"),
}
"""Written a second time, by hand."""


def refused(why: str, table: str, changes: str, *values: Any) -> None:
    """Exactly this stands in the way of the raw UPDATE of every row."""
    with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE investigations_{table} SET {changes}", values)


def test_the_legal_moves_are_these() -> None:
    assert {(str(was.value), str(becomes.value)) for was, becomes in MOVES} == LEGAL


def test_a_commission_skips_no_step(sent: Commission) -> None:
    for state in ("accepted", "returned", "lost"):
        refused("commission_moves_legally", "commission", "state = %s", state)
    reported(sent)
    for state in ("sent", "declined", "withdrawn"):
        refused("commission_moves_legally", "commission", "state = %s", state)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    for state in set(CommissionState.values) - {"accepted"}:
        refused("commission_moves_legally", "commission", "state = %s", state)


def test_endings_come_with_who_and_when(sent: Commission) -> None:
    refused("commission_is_closed_with_a_time", "commission", "state = 'closed'")
    refused("closed_commission_has_who_and_when", "commission", "state = 'closed', closed_at = now()")
    refused(
        "commission_is_declined_with_a_reason",
        "commission",
        "state = 'declined', declined_at = now(), declined_by_id = sent_by_id",
    )
    withdrawn = "state = 'withdrawn', withdrawn_at = now(), withdraw_reason = 'x'"
    refused("commission_is_withdrawn_with_a_reason", "commission", "state = 'withdrawn'")
    refused("withdrawn_commission_has_who_and_when", "commission", withdrawn)
    reported(sent)
    refused("commission_is_accepted_with_a_time", "commission", "state = 'accepted'")
    refused("accepted_commission_has_who_and_when", "commission", "state = 'accepted', accepted_at = now()")


def test_a_commission_keeps_its_task(sent: Commission) -> None:
    for change in (
        "agency_id = agency_id + 1",
        "kind = 'expert'",
        "claim_id = claim_id + 1",
        "procedure_id = procedure_id + 1",
        "sent_at = now()",
        "methods = '[]'",
        "choice = '{}'",
        "hospital_id = 1",
    ):
        refused("commission_keeps_its_task", "commission", change)


def test_a_procedure_has_one_live_commission_that_begins_sent(sent: Commission) -> None:
    again = Commission(**{field.attname: getattr(sent, field.attname) for field in sent._meta.concrete_fields[1:]})

    with pytest.raises(DatabaseError, match="one_live_commission_a_procedure"), transaction.atomic():
        again.save()
    reported(sent)
    accepted = Commission.objects.get(pk=sent.pk)
    accepted.pk, accepted._state.adding = None, True
    with pytest.raises(DatabaseError, match="commission_begins_sent"), transaction.atomic():
        accepted.save(force_insert=True)


def test_a_report_is_never_changed(sent: Commission) -> None:
    services.file_report(
        sent.pk, conclusion="consistent", visits=visits(sent), text="一致", by=investigator_of(sent), at=FILED
    )
    for change in ("conclusion = 'inconsistent'", "version = 2", "filed_at = now()", "filed_by_id = filed_by_id + 1"):
        refused("report_is_for_ever", "report", change)
    report = Report.objects.get()
    report.findings = "不一致"
    with pytest.raises(DatabaseError, match="report_findings_are_for_ever"), transaction.atomic():
        report.save(update_fields=["findings"])

    assert Report.objects.get().findings == "一致"


def test_a_report_is_sent_back_once_and_with_a_reason(sent: Commission) -> None:
    reported(sent)
    refused("report_is_returned_with_a_reason", "report", "returned_at = now(), returned_by_id = filed_by_id")
    refused("returned_report_has_who_and_when", "report", "returned_at = now(), return_reason = 'x'")

    services.return_report(sent.pk, reason="unclear", by=staff("reviewer"), at=FILED)

    for change in ("return_reason = 'other'", "returned_at = NULL, returned_by_id = NULL, return_reason = ''"):
        refused("report_is_returned_once", "report", change)


def test_a_commission_has_one_standing_report(sent: Commission) -> None:
    reported(sent)
    report = Report.objects.get()
    report.pk, report.version, report._state.adding = None, 2, True

    with pytest.raises(DatabaseError, match="one_standing_report_a_commission"), transaction.atomic():
        report.save(force_insert=True)


def test_nothing_is_deleted(sent: Commission) -> None:
    reported(sent)
    for rows in (Report.objects.all(), Commission.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_no_transition_happens_outside_the_gate(sent: Commission) -> None:
    with pytest.raises(TransitionNotAllowed):
        sent.file_report(by=investigator_of(sent), at=FILED)
    with pytest.raises(AttributeError):
        sent.state = "accepted"
