"""An agency's record: what the last twelve months are counted from, and what is paid for them."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

import pgtrigger
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from claims.enums import AppealFinding, Channel, ObjectionFinding, ObjectionKind, ProcedureKind, State
from claims.models import Appeal, Claim, Deadline, Objection, Procedure
from claims.services import appealing, clocks, deciding, investigating, rescheduling
from config.kernel import sweeping
from config.kernel.cells import plain
from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, NotPermitted
from investigations import services
from investigations.models import Agency, Commission, FeeAgreement, FeeSheet, Report
from investigations.resources import FeeSheetResource
from investigations.rules.choosing import Record
from investigations.services import scoring
from investigations.services.commissioning import close_left_over
from investigations.services.scoring import records
from tests.factories import (
    ACCEPTED,
    COMMISSIONED,
    FILED,
    PUBLISHED,
    at,
    case_in,
    investigator_of,
    membership,
    reported,
    signed_in,
    staff,
)
from tests.formulas import TRIGGERS

pytestmark = pytest.mark.django_db

LATER = at("2025-06-01")
OVER = at("2025-05-09 00:00")
"""The first instant after the thirty days."""
APRIL = date(2025, 4, 1)


def record(agency: Agency, when: datetime = LATER) -> Record:
    return records([agency.pk], at=when)[agency.pk]


def accepted() -> Commission:
    return Commission.objects.get(claim=case_in(State.DECIDING), kind="field")


def decline(sent: Commission, when: datetime) -> Commission:
    """The agency has nobody; returns what the next one got."""
    by = investigator_of(sent)
    again = services.decline(sent.pk, reason="无人", code="no_capacity", by=by, at=when)
    assert again is not None
    return again


def concluded(claim: Claim, conclusion: str) -> None:
    """What the standing report said, whatever the way to it."""
    with pgtrigger.ignore("investigations.Report:report_is_for_ever"):
        Report.objects.filter(commission__claim=claim).update(conclusion=conclusion)


def agree(agency: Agency, fen: int, *, kind: str = "field", day: date = date(2025, 4, 1)) -> FeeAgreement:
    return services.agree_fee(
        agency.pk, kind=kind, fee_fen=fen, valid_from=day, by=staff("supervisor"), at=at("2025-04-01")
    )


def test_a_report_in_time_that_is_accepted() -> None:
    assert record(accepted().agency) == Record(answered=1, on_time=1, finished=1, without_fee=1)


def test_an_agency_that_did_nothing_has_an_empty_record(db: None) -> None:
    (first, *_others) = services.ensure_sample_agencies()

    assert record(first) == Record()
    assert records([], at=LATER) == {}


def test_a_report_after_its_last_day_is_not_in_time(sent: Commission) -> None:
    reported(sent, at=OVER)

    assert record(sent.agency) == Record(answered=1)


def test_the_last_second_is_in_time(sent: Commission) -> None:
    reported(sent, at=OVER - timedelta(seconds=1))

    assert record(sent.agency).on_time == 1


def test_what_was_sent_back_counts_once_and_by_its_first_report(sent: Commission) -> None:
    for number in range(2):
        reported(sent, at=FILED + timedelta(days=number))
        services.return_report(sent.pk, reason="不全", by=staff("reviewer"), at=FILED + timedelta(days=number))
    reported(sent, at=at("2025-05-31"))  # too late for the time set anew

    assert record(sent.agency) == Record(answered=1, on_time=1, reworked=1)


def test_more_days_after_the_end_do_not_shed_the_delay(sent: Commission) -> None:
    ended = sent.deadline.due_at + timedelta(minutes=2)
    longer = rescheduling.extend(sent.claim_id, sent.deadline_id, days=5, reason="x", by=staff("supervisor"), at=ended)
    assert record(sent.agency, ended) == Record(unanswered=1)

    reported(Commission.objects.get(pk=sent.pk), at=ended + timedelta(days=1))
    assert longer.due_at > ended + timedelta(days=1)
    assert record(sent.agency, ended + timedelta(days=2)) == Record(answered=1)


def test_more_days_before_the_end_leave_it_in_time(sent: Commission) -> None:
    was = sent.deadline.due_at
    rescheduling.extend(sent.claim_id, sent.deadline_id, days=5, reason="x", by=staff("supervisor"), at=COMMISSIONED)

    reported(Commission.objects.get(pk=sent.pk), at=was)
    assert record(sent.agency, was) == Record(answered=1, on_time=1)


def test_a_report_is_in_time_by_its_own_clock(sent: Commission) -> None:
    """Another task of the case that was answered at the same instant says nothing about this one."""
    other = investigating.open_procedure(sent.claim, ProcedureKind.EXPERT, at=COMMISSIONED)
    investigating.start_clock(sent.claim, other, at=COMMISSIONED)
    filed = sent.deadline.due_at + timedelta(days=1)
    Deadline.objects.filter(procedure=other).update(status="met", closed_at=filed)
    reported(sent, at=filed)

    assert record(sent.agency, filed) == Record(answered=1)


def test_what_was_taken_away_without_a_report_counts_against(sent: Commission) -> None:
    services.reassign(sent.pk, reason="未回复", by=staff("supervisor"), at=COMMISSIONED)

    assert record(sent.agency) == Record(unanswered=1)
    assert record(sent.agency).asked == 1


def test_what_was_declined_in_time_counts_for_nothing(sent: Commission) -> None:
    again = decline(sent, OVER - timedelta(seconds=1))

    assert record(sent.agency) == Record()
    assert record(again.agency) == Record(unanswered=1)  # with the time that was left


def test_what_was_declined_after_its_end_was_not_answered(sent: Commission) -> None:
    decline(sent, OVER)

    assert record(sent.agency) == Record(unanswered=1)


def test_what_is_still_out_after_its_end_is_not_answered(sent: Commission) -> None:
    assert record(sent.agency, OVER - timedelta(seconds=1)) == Record()
    assert record(sent.agency, OVER) == Record(unanswered=1)
    sweeping.ring(at=OVER, only=sent.claim_id)
    assert record(sent.agency, OVER + timedelta(hours=1)) == Record(unanswered=1)
    assert record(sent.agency, at("2026-05-10")) == Record()  # a year later


@pytest.mark.parametrize(("after", "unanswered"), [(timedelta(seconds=-1), 0), (timedelta(0), 1)])
def test_what_was_closed_counts_once_its_time_had_run_out(sent: Commission, after: timedelta, unanswered: int) -> None:
    end, system = OVER + after, User.objects.system()
    with services.commissioning.moving_case(sent.claim_id, "commission_closed", by=system, at=end) as case:
        Procedure.objects.filter(pk=sent.procedure_id).update(closed_at=end)
        assert close_left_over(case, by=system, at=end) == 1

    assert record(sent.agency) == Record(unanswered=unanswered)


def test_a_case_that_ended_in_time_is_nobodys_delay(sent: Commission) -> None:
    clocks.stop_all(sent.claim, at=OVER - timedelta(seconds=1))

    assert record(sent.agency) == Record()


def test_an_appeal_that_overturned_what_the_report_led_to() -> None:
    claim = case_in(State.DECIDING)
    field = Commission.objects.get(claim=claim)
    concluded(claim, "inconsistent")
    deciding.reject(claim.pk, ground="DEFINITION_NOT_MET", reason="x", contrary="x", by=staff("reviewer"), at=PUBLISHED)
    appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=PUBLISHED + timedelta(days=1))
    assert record(field.agency).overturned == 0
    services.decide_appeal(
        claim.pk,
        finding=AppealFinding.OVERTURNED,
        reason="x",
        by=staff("reviewer"),
        at=PUBLISHED + timedelta(days=2),
    )

    assert record(field.agency) == Record(answered=1, on_time=1, finished=1, overturned=1, without_fee=1)
    for conclusion in ("consistent", "inconclusive"):  # they spoke for the case, or for nothing
        concluded(claim, conclusion)
        assert record(field.agency).overturned == 0
    concluded(claim, "inconsistent")
    Appeal.objects.update(decided_at=ACCEPTED - timedelta(days=1))
    assert record(field.agency).overturned == 0


def test_an_objection_upheld_goes_against_the_first_report_and_not_against_its_own() -> None:
    claim = case_in(State.PUBLICISED)
    field = Commission.objects.get(claim=claim)
    upheld = Objection.objects.create(
        claim=claim,
        publicity=claim.publicities.get(),
        kind=ObjectionKind.NON_DISCLOSURE,
        objector=membership(),
        received_at=PUBLISHED,
        finding=ObjectionFinding.UPHELD,
        resolved_by=staff("reviewer"),
        resolved_at=PUBLISHED + timedelta(days=3),
    )
    assert record(field.agency).overturned == 1
    for conclusion in ("inconsistent", "inconclusive"):  # they had doubts themselves
        concluded(claim, conclusion)
        assert record(field.agency).overturned == 0
    concluded(claim, "consistent")

    type(field.procedure).objects.filter(pk=field.procedure_id).update(objection=upheld)
    assert record(field.agency).overturned == 0


def test_only_twelve_months_count() -> None:
    agency = accepted().agency  # filed on 20 April 2025, accepted the day after

    assert record(agency, at("2026-04-20 23:59")) == Record(answered=1, on_time=1, finished=1, without_fee=1)
    assert record(agency, at("2026-04-21 00:01")) == Record(finished=1, without_fee=1)
    assert record(agency, at("2026-04-22 00:01")) == Record()
    assert record(agency, FILED - timedelta(seconds=1)) == Record()
    assert scoring.since(at("2024-02-29 12:00")) == at("2023-02-28")


def test_no_row_is_looked_at_that_cannot_count() -> None:
    """However much an agency was sent before, its record asks for the last twelve months."""
    sent = accepted()
    asked = scoring.counted([sent.agency_id], at=LATER)
    assert asked.get() == sent

    assert not scoring.counted([sent.agency_id], at=at("2026-06-01")).exists()
    assert not scoring.counted([sent.agency_id + 1], at=LATER).exists()


def test_the_records_of_many_agencies_take_one_query() -> None:
    accepted()
    ids = list(Agency.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as asked:
        records(ids, at=LATER)
    assert len(asked) == 1


def test_the_fee_is_that_of_the_day_on_which_it_went_out() -> None:
    sent = accepted()  # out on 8 April
    for fen, day in ((100_000, date(2025, 4, 1)), (120_000, date(2025, 4, 8)), (130_000, date(2025, 4, 9))):
        agree(sent.agency, fen, day=day)
    agree(sent.agency, 999, kind="second")

    assert record(sent.agency).fee_fen == 120_000
    assert record(sent.agency).cost_fen == 120_000


def test_a_fee_agreement_is_for_ever_and_looks_ahead() -> None:
    agency = accepted().agency
    first = agree(agency, 100_000)

    for wrong in ({"valid_from": date(2025, 4, 1)}, {"valid_from": date(2025, 4, 9)}, {"fee_fen": -1}, {"kind": "tea"}):
        said: dict[str, Any] = {"kind": "field", "fee_fen": 1, "valid_from": date(2025, 5, 1), **wrong}
        with pytest.raises(InvalidInput):
            services.agree_fee(agency.pk, by=staff("supervisor"), at=at("2025-04-10"), **said)
    with pytest.raises(DatabaseError), transaction.atomic():
        FeeAgreement.objects.filter(pk=first.pk).update(fee_fen=1)


def test_a_day_on_which_nothing_was_agreed_can_be_made_up_for() -> None:
    agency = accepted().agency
    agree(agency, 130_000, day=date(2025, 6, 1))  # it begins in the future
    assert record(agency).without_fee == 1

    agree(agency, 100_000, day=date(2025, 3, 20))

    assert record(agency).fee_fen == 100_000
    for closed in (date(2025, 3, 20), date(2025, 3, 31)):  # from then on one is in force
        with pytest.raises(InvalidInput):
            agree(agency, 1, day=closed)
    agree(agency, 90_000, day=date(2025, 3, 19))
    agree(agency, 110_000, day=date(2025, 4, 15))


@pytest.mark.parametrize("role", ["reviewer", "intake", "finance", "auditor", "administrator", "investigator"])
def test_a_fee_is_agreed_by_a_supervisor(role: str) -> None:
    agency = accepted().agency

    with pytest.raises(NotPermitted):
        services.agree_fee(agency.pk, kind="field", fee_fen=1, valid_from=APRIL, by=staff(role), at=at("2025-04-01"))


def test_a_sheet_has_what_was_finished_in_the_month_and_is_noted() -> None:
    sent = accepted()
    agree(sent.agency, 123_450)
    finance = staff("finance")

    (line,) = services.take_fee_sheet(sent.agency_id, APRIL, by=finance, at=LATER)
    assert line == sent
    assert not services.take_fee_sheet(sent.agency_id, date(2025, 5, 1), by=finance, at=LATER)

    noted = FeeSheet.objects.order_by("pk").values_list("month", "rows", "by")
    assert list(noted) == [(APRIL, 1, finance.pk), (date(2025, 5, 1), 0, finance.pk)]
    with pytest.raises(InvalidInput):
        services.take_fee_sheet(sent.agency_id, date(2025, 7, 1), by=finance, at=LATER)
    with pytest.raises(DatabaseError), transaction.atomic():
        FeeSheet.objects.all().delete()


def test_a_month_ends_with_its_last_second() -> None:
    sent = accepted()
    months = [date(2025, 3, 1), APRIL, date(2025, 5, 1)]

    def found(accepted_at: datetime) -> list[bool]:
        Commission.objects.filter(pk=sent.pk).update(accepted_at=accepted_at)
        return [scoring.finished_in(sent.agency_id, month).exists() for month in months]

    assert found(at("2025-04-01 00:00")) == [False, True, False]
    assert found(at("2025-04-30 23:59")) == [False, True, False]
    assert found(at("2025-05-01 00:00")) == [False, False, True]


def test_the_cells_of_a_sheet_are_text_and_numbers() -> None:
    sent = accepted()
    Agency.objects.filter(pk=sent.agency_id).update(name="=HYPERLINK(1)")
    (line,) = services.take_fee_sheet(sent.agency_id, APRIL, by=staff("finance"), at=LATER)
    (unpaid,) = FeeSheetResource().export([line])
    agree(sent.agency, 123_450)
    (line,) = services.take_fee_sheet(sent.agency_id, APRIL, by=staff("finance"), at=LATER)
    (paid,) = FeeSheetResource().export([line])

    assert paid[0] == sent.claim.number
    assert paid[1] == "=HYPERLINK(1)"
    assert [str(cell) for cell in paid[3:]] == ["2025-04-08", "2025-04-21", "1234.50"]
    assert unpaid[5] is None


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_begins_a_formula(sign: str) -> None:
    assert plain(f"{sign}1+1") == f"'{sign}1+1"
    assert plain(f"a{sign}") == f"a{sign}"


@pytest.mark.parametrize(
    ("text", "cell"), [("a\x01b\x0bc", "abc"), ("\x01=1+1", "'=1+1"), ("\x00\x1f@SUM(1)", "'@SUM(1)")]
)
def test_what_a_workbook_cannot_hold_is_left_out_before_formulas_are_marked(text: str, cell: str) -> None:
    assert plain(text) == cell


@pytest.mark.parametrize("name", [*TRIGGERS, "_x0041_", "a\x01b"])
def test_a_workbook_has_texts_numbers_and_days_and_no_formula(name: str) -> None:
    """No text is changed for it, whichever program reads the file."""
    sent = accepted()
    agree(sent.agency, 123_450)
    Agency.objects.filter(pk=sent.agency_id).update(name=name)

    answer = signed_in("finance").get(sheet_url(sent.agency), {"as": "xlsx"})

    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["Content-Disposition"].endswith('-2025-04.xlsx"')
    sheet = load_workbook(io.BytesIO(answer.content)).active
    headings, cells = sheet.iter_rows()
    assert len(headings) == len(cells) == 6
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "d", "d", "n"]
    kept = name.replace("\r", "\n").replace("\x01", "\ufffd")  # a line ends so in XML, which has no such sign
    assert (cells[1].value, bool(cells[1].quotePrefix)) == (kept, True)
    assert CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()[1][1] == kept
    assert [cell.value for cell in cells[3:]] == [datetime(2025, 4, 8), datetime(2025, 4, 21), 1234.5]  # noqa: DTZ001
    assert cells[3].is_date
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_text_of_a_sheet_of_commas_is_marked_as_such(name: str) -> None:
    sent = accepted()
    Agency.objects.filter(pk=sent.agency_id).update(name=name)

    answer = signed_in("finance").get(sheet_url(sent.agency))

    _headings, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert line[1] == f"'{name}"


def test_an_unpaid_line_of_a_workbook_is_empty_and_not_zero() -> None:
    sent = accepted()

    answer = signed_in("finance").get(sheet_url(sent.agency), {"as": "xlsx"})

    _headings, cells = load_workbook(io.BytesIO(answer.content)).active.iter_rows()
    assert cells[5].value is None


def test_a_sheet_comes_in_two_formats(db: None) -> None:
    sent = accepted()
    boss = signed_in("supervisor")

    assert boss.get(sheet_url(sent.agency), {"as": "ods"}).status_code == 404
    assert [boss.get(sheet_url(sent.agency), {"as": one}).status_code for one in ("csv", "xlsx")] == [200, 200]
    page = boss.get(reverse("admin:investigations_agency_change", args=[sent.agency_id])).content.decode()
    assert "?as=xlsx" in page
    assert FeeSheet.objects.count() == 2


def sheet_url(agency: Agency, year: int = 2025, month: int = 4) -> str:
    return reverse("admin:investigations_agency_fees", args=[agency.pk, year, month])


def test_a_sheet_is_downloaded_by_who_may(db: None) -> None:
    sent = accepted()
    agree(sent.agency, 123_450)

    for role in ("supervisor", "finance"):
        answer = signed_in(role).get(sheet_url(sent.agency))
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="fees-{sent.agency_id}-2025-04.csv"'
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(sent.claim.number)
        assert lines[1].endswith(",2025-04-08,2025-04-21,1234.50")
    for role in ("reviewer", "intake", "auditor", "administrator", "investigator"):
        assert signed_in(role).get(sheet_url(sent.agency)).status_code == 403
    boss = signed_in("supervisor")
    assert [boss.get(sheet_url(sent.agency, *when)).status_code for when in ((2025, 13), (1999, 1), (2998, 1))] == [
        404
    ] * 3
    assert boss.post(sheet_url(sent.agency)).status_code == 405
    assert FeeSheet.objects.count() == 2


def test_the_page_of_an_agency_shows_what_the_score_is_made_of() -> None:
    sent = accepted()
    Commission.objects.filter(pk=sent.pk).update(accepted_at=database_now())
    agree(sent.agency, 123_450)
    page = reverse("admin:investigations_agency_change", args=[sent.agency_id])

    boss = signed_in("supervisor")
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    with CaptureQueriesContext(connection) as asked:
        parts = boss.get(page).context["panels"]
    assert [part["panel"].name for part in parts] == ["record", "fees", "conflicts"]
    for figure in ("too few commissions (0 of at least 5)", "0 of 1", "0 %"):  # the report itself is older than a year
        assert figure in parts[0]["html"], figure
    assert "1,234.50" in parts[1]["html"]
    assert len([query for query in asked if "without_fee" in query["sql"]]) == 1  # both parts share it
    finance = signed_in("finance").get(page)
    assert [part["panel"].name for part in finance.context["panels"]] == ["record", "fees"]
    reviewer = signed_in("reviewer").get(page)
    assert [part["panel"].name for part in reviewer.context["panels"]] == ["record"]


def test_a_supervisor_agrees_fees_and_records_conflicts_on_the_page() -> None:
    sent = accepted()
    boss, agency = signed_in("supervisor"), sent.agency

    def url(name: str, row: int | None = None) -> str:
        return reverse("admin:investigations_agency_move", args=[agency.pk, name, row or agency.pk])

    said = {"kind": "field", "fee_fen": "1,234.50", "valid_from": "2025-04-01"}
    assert boss.post(url("agree-fee"), said).status_code == 302
    assert FeeAgreement.objects.get().fee_fen == 123_450
    assert boss.post(url("agree-fee"), said).status_code == 409
    said = {"case_number": sent.claim.number, "hospital": "", "reason": "近亲属在职"}
    assert boss.post(url("declare-conflict"), said).status_code == 302
    member = sent.claim.membership.member
    text = boss.get(reverse("admin:investigations_agency_change", args=[agency.pk])).content.decode()
    assert str(member) in text
    assert member.name not in text
    assert boss.post(url("end-conflict", agency.conflicts.get().pk)).status_code == 302
    assert agency.conflicts.get().ended_at is not None
    for name in ("agree-fee", "declare-conflict"):
        assert signed_in("reviewer").post(url(name), said).status_code == 403


def test_who_keeps_the_register_edits_an_agency() -> None:
    agency = accepted().agency
    clerk, url = signed_in("administrator"), reverse("admin:investigations_agency_change", args=[agency.pk])
    said = {
        "name": agency.name,
        "uscc": agency.uscc,
        "kinds": agency.kinds,
        "region": agency.region,
        "provinces": ["湖北", "湖南"],
        "capacity": "12",
        "active": "on",
    }

    assert clerk.post(url, said).status_code == 302

    agency.refresh_from_db()
    assert (agency.provinces, agency.capacity) == (["湖北", "湖南"], 12)
