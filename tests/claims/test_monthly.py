"""The monthly report: one for a month unless its figures changed, in both languages, named for supervisors only."""

import re
from datetime import date, timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from claims.models import Deadline, MonthlyReport
from claims.services import monthly
from config.kernel import files, sweeping
from config.kernel.clock import database_now
from config.kernel.models import StoredFile, User
from config.kernel.refusals import InvalidInput, NotPermitted
from members.models import Message
from tests.claims.looks import MAY, NOW, drawing, drawn, paid, refused
from tests.factories import case_in, signed_in, staff

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
NAME = "吴小漫"


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def looked(**others: Any) -> None:
    said = {"own_outcome": "aid", "own_fen": 100, "agreement": "other_amount", "stated_at": NOW, "was_blind": True}
    fault = {"fault_post": "decision", "fault_kind": "amount_wrong", "finding": "x", "looked_at": NOW}
    drawn(paid(), **{**said, **fault, **others})


def made(*, has_names: bool = False, by: User | None = None) -> MonthlyReport:
    """The report of May that there is when somebody has asked for one and the worker was there."""
    monthly.ask(MAY, has_names=has_names, by=by or staff("supervisor"), at=NOW)
    sweeping.run("claims.print_reports", at=LATER)
    report = MonthlyReport.objects.filter(has_names=has_names).order_by("-id").first()
    assert report is not None
    return report


def text_of(stored: StoredFile | None) -> tuple[str, int]:
    """What a PDF says, without spaces, and how many pages it has."""
    assert stored is not None
    document = pypdfium2.PdfDocument(files.read(stored))
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return re.sub(r"\s+", "", "".join(pages)), len(pages)


def test_the_figures_are_those_of_the_month() -> None:
    """One paid out on 6 May with 30,000 yuan, one refusal that became final in May; both reported in April."""
    looked()
    refused()
    report = made()

    floor = report.facts["floor"]
    assert (floor["reported"], floor["paid"], floor["refused"], floor["paid_fen"]) == (0, 1, 1, 3_000_000)
    assert (floor["open"], floor["overturned"]) == (0, 0)
    assert floor["days"]["collecting"] == {"cases": 2, "median": 1, "longest": 1}
    assert floor["days"]["publicised"] == {"cases": 1, "median": 7, "longest": 7}
    assert report.facts["quality"]["faults"] == [["decision", "amount_wrong", 1]]
    assert report.facts["quality"]["agreement"] == [{"who": "#1", "looks": 1, "agreed": 0, "kappa": None}]
    assert [row["month"] for row in report.facts["year"]][:2] == ["2025-05", "2025-04"]
    assert (report.as_of, report.finished_at, report.has_failed) == (LATER, LATER, False)


def test_it_is_a_pdf_in_chinese_and_one_in_english() -> None:
    looked()
    report = made()
    chinese, pages = text_of(report.chinese)
    english, as_many = text_of(report.english)

    assert 2 <= pages <= 5
    assert 2 <= as_many <= 5
    assert report.chinese != report.english
    for words in ("Monthlyreport,May2025", "Figuresasof", "Agreementofsecondlooks", "Errorsbypostandkind"):
        assert words in english
    for words in ("30,000", "Whatthefiguresare", f"1/{as_many}", "互助计划不是保险"):
        assert words in english
    assert "2025年5月" in chinese
    assert f"1/{pages}" in chinese
    assert f"{pages}/{pages}" in chinese


def test_members_are_never_named_and_people_of_the_desk_only_for_supervisors() -> None:
    looked()
    without, named = made(), made(has_names=True)
    decider = User.objects.get(pk=drawn(paid()).decided_by_id)
    User.objects.filter(pk=decider.pk)

    said = text_of(without.english)[0]
    assert NAME not in said
    assert "reviewer-" not in said
    assert "reviewer-" in text_of(named.english)[0]
    assert NAME not in text_of(named.chinese)[0]


def test_the_same_month_asked_twice_is_one_report_unless_the_rows_changed() -> None:
    looked()
    first = made()
    assert made().pk == first.pk
    assert MonthlyReport.objects.count() == 1

    looked(of=drawing())
    second = made()
    assert second.pk != first.pk
    assert second.digest != first.digest
    assert MonthlyReport.objects.get(pk=first.pk).facts == first.facts


def test_one_that_is_being_made_is_not_asked_for_again() -> None:
    one = monthly.ask(MAY, has_names=False, by=staff("supervisor"), at=NOW)
    assert monthly.ask(MAY, has_names=False, by=staff("auditor"), at=LATER).pk == one.pk
    assert monthly.ask(MAY, has_names=True, by=staff("supervisor"), at=LATER).pk != one.pk


def test_a_worker_that_dies_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is saved: what is done when the lights go out is not done again."""
    asked = monthly.ask(MAY, has_names=False, by=staff("supervisor"), at=NOW)
    assert monthly.making._step(asked.pk, at=NOW)
    assert monthly.making._step(asked.pk, at=NOW)
    half = MonthlyReport.objects.get(pk=asked.pk)
    assert (half.as_of, half.english, half.finished_at) == (NOW, None, None)
    assert half.chinese is not None

    sweeping.run("claims.print_reports", at=LATER)
    whole = MonthlyReport.objects.get(pk=asked.pk)
    assert (whole.as_of, whole.chinese, whole.finished_at) == (NOW, half.chinese, LATER)


def test_one_that_cannot_be_made_is_given_up_and_can_be_asked_for_again(settings: Any, tmp_path: Any) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    settings.MEDIA_ROOT = blocked
    asked = monthly.ask(MAY, has_names=False, by=staff("supervisor"), at=NOW)
    for _ in range(monthly.making.ATTEMPTS):
        with pytest.raises(OSError, match="file"):
            sweeping.run("claims.print_reports", at=LATER)
    assert sweeping.run("claims.print_reports", at=LATER) == 0
    assert MonthlyReport.objects.get(pk=asked.pk).has_failed

    settings.MEDIA_ROOT = tmp_path
    assert made().pk != asked.pk


def test_whoever_asked_is_told_once_when_it_is_ready() -> None:
    by = staff("auditor")
    made(by=by)
    made(by=by)
    told = Message.objects.filter(user=by).order_by("id").values_list("template", "facts")
    assert list(told) == [(f"monthly_report_{said}", {"month": "2025-05"}) for said in ("ready", "same")]


def test_a_sweep_of_one_case_makes_none() -> None:
    monthly.ask(MAY, has_names=False, by=staff("supervisor"), at=NOW)
    assert sweeping.run("claims.print_reports", at=LATER, only=1) == 0
    assert sweeping._sweeps["claims.print_reports"].next_due(only=None) == NOW
    assert sweeping._sweeps["claims.print_reports"].next_due(only=1) is None


@pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "administrator"])
def test_who_may_not_ask(role: str) -> None:
    with pytest.raises(NotPermitted):
        monthly.ask(MAY, has_names=False, by=staff(role), at=NOW)


def test_an_auditor_asks_for_none_with_names_and_is_given_none() -> None:
    with pytest.raises(NotPermitted):
        monthly.ask(MAY, has_names=True, by=staff("auditor"), at=NOW)
    named, plain = made(has_names=True), made()
    auditor, supervisor = signed_in("auditor"), signed_in("supervisor")
    listed = auditor.get(reverse("admin:claims_monthlyreport_changelist")).context["cl"].result_list
    assert list(listed) == [plain]
    for name in ("zh", "en"):
        url = reverse("admin:claims_monthlyreport_pdf", args=[named.pk, name])
        assert auditor.get(url).status_code == 404
        assert signed_in("reviewer").get(url).status_code == 403
        assert supervisor.get(url).content[:5] == b"%PDF-"
        assert auditor.get(reverse("admin:claims_monthlyreport_pdf", args=[plain.pk, name])).status_code == 200
    assert supervisor.get(reverse("admin:claims_monthlyreport_pdf", args=[plain.pk, "fr"])).status_code == 404


def test_a_month_that_has_not_come_has_no_report() -> None:
    with pytest.raises(InvalidInput):
        monthly.ask(MAY + timedelta(days=90), has_names=False, by=staff("supervisor"), at=NOW)


def test_cases_that_are_open_now_make_no_other_report_of_a_month() -> None:
    looked()
    first = made()
    case_in(State.COLLECTING)
    assert made().pk == first.pk


def test_the_day_of_a_condition_is_nobodys_to_keep() -> None:
    claim = case_in(State.REVIEWING)
    due = {"opened_at": NOW - timedelta(days=30), "due_at": NOW - timedelta(days=9), "closed_at": NOW}
    Deadline.objects.create(claim=claim, kind="condition", generation=1, status="missed", **due)
    Deadline.objects.create(claim=claim, kind="decision", generation=1, status="missed", **due)
    said = monthly.measure(MAY, has_names=False)["floor"]["deadlines"]
    assert said["decision"] == [0, 1]
    assert "condition" not in said


def test_asking_measures_nothing_and_the_worker_tells_that_nothing_changed() -> None:
    looked()
    first, by = made(), staff("auditor")
    with CaptureQueriesContext(connection) as asked:
        again = monthly.ask(MAY, has_names=False, by=by, at=LATER)
    assert not any("claims_claimevent" in query["sql"] for query in asked)
    assert (again.finished_at, again.facts) == (None, {})

    sweeping.run("claims.print_reports", at=LATER)
    assert list(MonthlyReport.objects.values_list("pk", flat=True)) == [first.pk]
    assert [one.template for one in Message.objects.filter(user=by)] == ["monthly_report_same"]


def test_whoever_asked_for_one_that_could_not_be_made_is_told_once(settings: Any, tmp_path: Any) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    settings.MEDIA_ROOT = blocked
    by = staff("auditor")
    monthly.ask(MAY, has_names=False, by=by, at=NOW)
    for _ in range(monthly.making.ATTEMPTS):
        assert not Message.objects.filter(user=by).exists()
        with pytest.raises(OSError, match="file"):
            sweeping.run("claims.print_reports", at=LATER)
    told = [(one.template, one.facts) for one in Message.objects.filter(user=by)]
    assert told == [("monthly_report_failed", {"month": "2025-05"})]


def test_the_second_who_asks_is_told_for_whom_it_is_being_made() -> None:
    month = database_now().date().replace(day=1).isoformat()[:7]
    url, first = reverse("admin:claims_quality_report"), staff("supervisor")
    monthly.ask(date.fromisoformat(f"{month}-01"), has_names=False, by=first, at=database_now())
    response = signed_in("auditor").post(url, {"month": month}, follow=True)
    assert first.username in "".join(map(str, response.context["messages"]))
