"""Who may take what out of the house, who else has to agree, and how long a file lies there."""

import csv
import hashlib
import io
import re
import signal
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any

import openpyxl
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from config.kernel.admin.exporting import listed
from config.kernel.clock import database_now
from config.kernel.exporting import jobs, may_export, registered, schedules, working
from config.kernel.models import CalendarDay, Export, ExportEvent, ExportSchedule, ExportStatus, User
from config.kernel.pieces import Pieces
from config.kernel.refusals import InvalidInput, NotPermitted, SamePerson
from config.kernel.sweeps import AskScheduled, ExpireExports, MakeExports
from config.kernel.working_days import load_holidays
from members.models import Message
from members.sweeps import TellOfExports
from tests.factories import at, case_in, signed_in, staff

NOW = at("2026-03-02 10:00")
WANTED = jobs.Wanted(
    sheet="cases", query="", columns=["number", "member"], language="zh-hans", purpose="每月的统计", format="csv"
)
CLEAR = replace(WANTED, columns=["number", "id_number"], clear=["id_number"])

OF_EACH_ROLE = {
    "supervisor": {"cases": 36, "members": 10, "payouts": 15, "commissions": 13, "calendar": 5},
    "auditor": {"cases": 36, "members": 10, "payouts": 15, "commissions": 13, "calendar": 5},
    "finance": {"payouts": 15},
    "reviewer": {},
    "intake": {},
    "administrator": {},
    "investigator": {},
}
"""How many columns of some sheets each role may have; none of those that are not named."""


@pytest.fixture
def supervisor(transactional_db: None) -> User:
    return staff("supervisor")


def at_the_desk(user: User, language: str = "zh-hans") -> Client:
    user.is_staff = True
    user.save()
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.force_login(user)
    return client


def made(export: Export, when: datetime = NOW) -> Export:
    working.carry_on(export.pk, rows=listed, clock=lambda: when)
    export.refresh_from_db()
    return export


def content(export: Export, by: User, when: datetime = NOW) -> bytes:
    return b"".join(jobs.open_file(export.pk, by=by, at=when)[1])


def table(answer: Any) -> str:
    """The rows of a list."""
    return str(answer.content.decode().split("<table", 1)[1].split("</table", 1)[0])


def verbs(export: Export) -> list[str]:
    return list(export.events.values_list("verb", flat=True))


@pytest.mark.parametrize(("role", "columns"), OF_EACH_ROLE.items())
def test_each_role_has_its_columns(transactional_db: None, role: str, columns: dict[str, int]) -> None:
    user = staff(role)
    for name in ("cases", "members", "payouts", "commissions", "calendar"):
        sheet = registered[name]
        own = list(sheet.columns_for(user))
        for column in sheet.fields:
            wanted = replace(WANTED, sheet=name, columns=[column])
            if name in columns and column in own:
                jobs.check_wanted(wanted, user)
            else:
                with pytest.raises(NotPermitted):
                    jobs.check_wanted(wanted, user)
        if name in columns:
            assert len(own) == columns[name], name


def test_finance_has_no_columns_of_the_illness(transactional_db: None) -> None:
    nurse = staff("finance")
    nurse.groups.clear()
    for permission in ("kernel.add_export", "claims.export_claim"):
        _give(nurse, permission)
    names = set(registered["cases"].columns_for(User.objects.get(pk=nurse.pk)))
    assert not names & {"disease", "diagnosed_on", "cause", "id_number", "phone", "bank_card", "birth", "region"}
    assert {"number", "member", "step"} <= names


def _give(user: User, permission: str) -> None:
    app, code = permission.split(".")
    user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=code))


def test_a_masked_export_is_written_at_once(supervisor: User) -> None:
    case = case_in(State.REVIEWING)
    export = jobs.ask(WANTED, by=supervisor, at=NOW)
    assert export.status == ExportStatus.ASKED
    made(export)
    data = content(export, supervisor)
    assert (export.status, export.done, export.total, export.size) == (ExportStatus.READY, 1, 1, len(data))
    assert export.sha256 == hashlib.sha256(data).hexdigest()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert lines[1:] == [[case.number, "吴*漫", f"{export} {supervisor.username}"]]
    assert verbs(export) == ["ask", "ready", "fetch"]


def test_clear_columns_wait_for_somebody_else(supervisor: User) -> None:
    case = case_in(State.REVIEWING)
    export = made(jobs.ask(CLEAR, by=supervisor, at=NOW))
    assert export.status == ExportStatus.WAITING
    with pytest.raises(SamePerson):
        jobs.agree(export.pk, shown=1, there=1, by=supervisor, at=NOW)
    with pytest.raises(NotPermitted):
        jobs.agree(export.pk, shown=1, there=1, by=staff("auditor"), at=NOW)
    other = staff("supervisor")
    jobs.agree(export.pk, shown=1, there=1, by=other, at=NOW)
    made(export)
    assert case.membership.member.id_number in content(export, supervisor).decode()
    with pytest.raises(NotPermitted):  # whoever agreed has no file of it
        jobs.open_file(export.pk, by=other, at=NOW)
    assert verbs(export) == ["ask", "agree", "ready", "fetch"]


def test_the_database_asks_for_the_second_person_too(supervisor: User) -> None:
    export = jobs.ask(CLEAR, by=supervisor, at=NOW)
    for changes in (
        {"status": "asked"},
        {"status": "ready", "sha256": "x", "finished_at": NOW, "expires_at": NOW},
        {"agreed_by": supervisor, "agreed_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(pk=export.pk).update(**changes)


def test_declined_is_over(supervisor: User) -> None:
    export = jobs.ask(CLEAR, by=supervisor, at=NOW)
    jobs.decline(export.pk, "不需要证件号", by=staff("supervisor"), at=NOW)
    made(export)
    assert (export.status, export.failed_because) == (ExportStatus.DECLINED, "不需要证件号")
    with pytest.raises(jobs.NotWaiting):
        jobs.agree(export.pk, shown=1, there=1, by=staff("supervisor"), at=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "  x "},
        {"purpose": "x" * 201},
        {"columns": []},
        {"columns": ["number", "state"]},
        {"clear": ["number"]},
        {"columns": ["number"], "clear": ["phone"]},
        {"format": "xls"},
        {"sheet": "secrets"},
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused(supervisor: User, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        jobs.ask(replace(WANTED, **changes), by=supervisor, at=NOW)  # type: ignore[arg-type]
    assert not Export.objects.exists()


def test_nobody_asks_for_too_many_at_once(supervisor: User) -> None:
    for _ in range(5):
        jobs.ask(WANTED, by=supervisor, at=NOW)
    with pytest.raises(jobs.TooManyExports):
        jobs.ask(WANTED, by=supervisor, at=NOW)
    jobs.ask(WANTED, by=staff("supervisor"), at=NOW)


def test_nobody_takes_out_the_whole_house_in_a_day(supervisor: User) -> None:
    Export.objects.filter(pk=made(jobs.ask(WANTED, by=supervisor, at=NOW)).pk).update(done=3_000_000)
    with pytest.raises(jobs.TooManyRows):
        jobs.ask(WANTED, by=supervisor, at=NOW)
    jobs.ask(WANTED, by=supervisor, at=at("2026-03-03 00:00"))


def test_it_is_the_list_as_it_was_filtered(supervisor: User) -> None:
    cases = [case_in(state) for state in (State.COLLECTING, State.REVIEWING, State.DECIDING)]
    export = made(jobs.ask(replace(WANTED, query="state__exact=reviewing"), by=supervisor, at=NOW))
    assert cases[1].number in content(export, supervisor).decode()
    assert export.done == 1


def test_a_search_for_a_person_is_kept_encrypted(supervisor: User) -> None:
    found, _other = case_in(State.REVIEWING), case_in(State.REVIEWING)
    number = found.membership.member.id_number
    client = at_the_desk(supervisor)
    cases = client.post(reverse("admin:claims_claim_changelist"), {"q": number}, follow=True)
    url = cases.context["cl"].export_url
    assert number not in url
    answer = client.post(url, {"columns": ["number"], "format": "csv", "purpose": "核对一名成员"})
    export = made(Export.objects.get())
    assert answer.url == reverse("admin:kernel_export_change", args=[export.pk])
    assert export.done == 1
    assert number in export.query
    assert number.encode() not in bytes(Export.objects.extra(select={"raw": "query"}).values("raw")[0]["raw"])


def test_a_workbook_says_what_it_is(supervisor: User) -> None:
    export = made(jobs.ask(replace(WANTED, format="xlsx"), by=supervisor, at=NOW))
    book = openpyxl.load_workbook(io.BytesIO(content(export, supervisor)))
    said = {str(row[0]): row[1] for row in book.worksheets[-1].iter_rows(values_only=True)}
    assert str(export) in said.values()
    assert "每月的统计" in said.values()
    assert f"{supervisor} ({supervisor.username})" in said.values()


def test_a_file_lies_there_for_a_day(supervisor: User) -> None:
    export = made(jobs.ask(WANTED, by=supervisor, at=NOW))
    end = NOW + timedelta(hours=24)
    content(export, supervisor, end - timedelta(seconds=1))
    with pytest.raises(jobs.FileIsGone):
        jobs.open_file(export.pk, by=supervisor, at=end)
    folder = Pieces("exports", export.pk).folder
    ExpireExports().run(at=NOW)  # whatever other tests left on the disk
    later = end + timedelta(hours=1)
    assert ExpireExports().next_due(only=None) == later
    assert ExpireExports().run(at=later - timedelta(seconds=1)) == 0
    assert folder.exists()
    assert ExpireExports().run(at=later) == 1
    export.refresh_from_db()
    assert not folder.exists()
    assert export.status == ExportStatus.EXPIRED
    assert ExpireExports().run(at=later) == 0


def test_a_download_that_began_in_time_is_whole(supervisor: User) -> None:
    """Its pieces are opened one by one, while the file's time is over and sweeps go round."""
    export = made(jobs.ask(WANTED, by=supervisor, at=NOW))
    end = NOW + timedelta(hours=24)
    _export, stream = jobs.open_file(export.pk, by=supervisor, at=end - timedelta(seconds=1))
    ExpireExports().run(at=end + timedelta(minutes=59))
    assert hashlib.sha256(b"".join(stream)).hexdigest() == export.sha256


def test_a_file_whose_time_is_over_is_not_called_ready(supervisor: User) -> None:
    export = made(jobs.ask(WANTED, by=supervisor, at=NOW))
    schedule = schedules.plan(WANTED, "日报", "weekly", 6, by=supervisor, at=NOW)
    Export.objects.filter(pk=export.pk).update(schedule=schedule)
    client, lists = at_the_desk(supervisor, "en"), reverse("admin:kernel_export_changelist")
    page = reverse("admin:kernel_export_change", args=[export.pk])
    planned = reverse("admin:kernel_exportschedule_change", args=[schedule.pk])

    def told(word: str) -> list[bool]:
        listed_under = client.get(lists, {"status__exact": "ready" if word == "ready" else "expired"})
        return [
            word in table(client.get(lists)),
            str(export) in listed_under.content.decode(),
            f"{word} · {supervisor}" in client.get(page).content.decode(),
            f"{word} · " in client.get(planned).content.decode(),
        ]

    assert (told("ready"), told("thrown away")) == ([False] * 4, [True] * 4)
    Export.objects.filter(pk=export.pk).update(expires_at=database_now() + timedelta(hours=1))
    assert (told("ready"), told("thrown away")) == ([True] * 4, [False] * 4)


def test_whoever_lost_the_right_gets_nothing(supervisor: User) -> None:
    ready, asked = made(jobs.ask(WANTED, by=supervisor, at=NOW)), jobs.ask(WANTED, by=supervisor, at=NOW)
    supervisor.groups.clear()
    with pytest.raises(NotPermitted):
        jobs.open_file(ready.pk, by=User.objects.get(pk=supervisor.pk), at=NOW)
    assert made(asked).status == ExportStatus.FAILED


def test_called_off_is_not_written(supervisor: User) -> None:
    export = jobs.ask(WANTED, by=supervisor, at=NOW)
    with pytest.raises(NotPermitted):
        jobs.cancel(export.pk, by=staff("supervisor"), at=NOW)
    jobs.cancel(export.pk, by=supervisor, at=NOW)
    assert made(export).status == ExportStatus.CANCELLED
    with pytest.raises(jobs.NotWaiting):
        jobs.cancel(export.pk, by=supervisor, at=NOW)


def test_called_off_while_it_is_written_stops_and_leaves_no_file(
    supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two notes of how far it came, which are made at each block here."""
    monkeypatch.setattr(working, "TELLS_EVERY", 0.0)
    case_in(State.REVIEWING)
    export = jobs.ask(WANTED, by=supervisor, at=NOW)

    def rows(row: Export) -> QuerySet[Any]:
        jobs.cancel(row.pk, by=supervisor, at=NOW)
        return listed(row)

    assert working.carry_on(export.pk, rows=rows, clock=lambda: NOW) == 0
    export.refresh_from_db()
    assert (export.status, export.sha256) == (ExportStatus.CANCELLED, "")
    assert not Pieces("exports", export.pk).folder.exists()


def test_an_export_that_kills_its_workers_is_given_up(supervisor: User) -> None:
    export = jobs.ask(WANTED, by=supervisor, at=NOW)
    Export.objects.filter(pk=export.pk).update(status="running", attempts=3)
    assert made(export).status == ExportStatus.FAILED


def test_an_error_ends_one_export_and_holds_up_no_other(supervisor: User) -> None:
    broken, fine = jobs.ask(WANTED, by=supervisor, at=NOW), jobs.ask(WANTED, by=supervisor, at=NOW)
    Export.objects.filter(pk=broken.pk).update(query="nonsense=1&state__nonsense=2")
    MakeExports().run(at=database_now())
    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.status, fine.status) == (ExportStatus.FAILED, ExportStatus.READY)


def test_the_log_cannot_be_changed(supervisor: User) -> None:
    export = made(jobs.ask(WANTED, by=supervisor, at=NOW))
    for work in (
        lambda: ExportEvent.objects.update(verb="x"),
        lambda: ExportEvent.objects.all().delete(),
        lambda: Export.objects.filter(pk=export.pk)._raw_delete("default"),
    ):
        with pytest.raises(Exception, match=r"Cannot (update|delete)"), transaction.atomic():
            work()


def test_each_is_told_once(supervisor: User) -> None:
    other = staff("supervisor")
    jobs.ask(CLEAR, by=supervisor, at=NOW)
    made(jobs.ask(WANTED, by=supervisor, at=NOW))
    for _ in range(2):
        TellOfExports().run(at=NOW)
    told = sorted(Message.objects.values_list("user", "template"))
    assert told == sorted([(other.pk, "export_asked"), (supervisor.pk, "export_ready")])


@pytest.mark.parametrize(
    ("rhythm", "hour", "after", "due"),
    [
        ("daily", 6, "2026-03-02 05:59", "2026-03-02 06:00"),
        ("daily", 6, "2026-03-02 06:00", "2026-03-03 06:00"),
        ("daily", 6, "2026-03-06 07:00", "2026-03-09 06:00"),  # over a weekend
        ("daily", 6, "2026-09-30 07:00", "2026-10-08 06:00"),  # over the National Day holidays
        ("daily", 0, "2026-03-02 00:00", "2026-03-03 00:00"),
        ("weekly", 8, "2026-03-02 08:00", "2026-03-09 08:00"),
        ("monthly", 23, "2026-01-31 12:00", "2026-02-01 23:00"),
        ("monthly", 23, "2026-02-01 23:00", "2026-03-01 23:00"),
    ],
)
def test_when_a_scheduled_export_is_due(
    transactional_db: None, holidays: None, rhythm: str, hour: int, after: str, due: str
) -> None:
    assert schedules.next_time(rhythm, hour, after=at(after)) == at(due)


@pytest.fixture
def holidays(transactional_db: None) -> None:
    load_holidays()


def test_after_an_outage_it_is_asked_for_once(supervisor: User) -> None:
    schedules.plan(WANTED, "日报", "weekly", 6, by=supervisor, at=NOW)
    for _ in range(2):
        AskScheduled().run(at=NOW + timedelta(days=40))
    assert Export.objects.count() == 1
    assert ExportSchedule.objects.get().next_at > NOW + timedelta(days=40)


def test_a_schedule_is_masked_and_ends_with_the_right(supervisor: User) -> None:
    with pytest.raises(InvalidInput):
        schedules.plan(CLEAR, "证件", "weekly", 6, by=supervisor, at=NOW)
    schedule = schedules.plan(WANTED, "日报", "weekly", 6, by=supervisor, at=NOW)
    with pytest.raises(NotPermitted):
        schedules.end(schedule.pk, by=staff("supervisor"), at=NOW)
    supervisor.groups.clear()
    AskScheduled().run(at=NOW + timedelta(days=8))
    schedule.refresh_from_db()
    assert schedule.ended_at is not None
    assert not Export.objects.exists()


def test_others_do_not_see_it(supervisor: User) -> None:
    export = made(jobs.ask(WANTED, by=supervisor, at=NOW))
    page, file = (reverse(f"admin:kernel_export_{name}", args=[export.pk]) for name in ("change", "file"))
    assert signed_in("finance").get(page).status_code == 404
    assert signed_in("auditor").get(page).status_code == 200
    for role in ("finance", "auditor", "supervisor", "reviewer"):
        assert signed_in(role).get(file).status_code == 403


@pytest.mark.parametrize("role", ["reviewer", "intake", "administrator", "finance"])
def test_the_button_and_the_page_are_for_who_may(transactional_db: None, role: str) -> None:
    client = signed_in(role)
    lists = client.get(reverse("admin:claims_claim_changelist"))
    assert b"kernel/export/new" not in lists.content
    assert client.get(reverse("admin:kernel_export_new", args=["cases"])).status_code == 403


def test_what_was_typed_is_there_again_after_a_refusal(supervisor: User) -> None:
    client = at_the_desk(supervisor)
    url = reverse("admin:kernel_export_new", args=["cases"])
    answer = client.post(url, {"columns": ["number", "step"], "format": "csv", "purpose": "x"})
    assert answer.status_code == 409
    assert 'value="step" checked' in answer.content.decode()
    assert 'value="plan" checked' not in answer.content.decode()
    assert 'value="csv" checked' in answer.content.decode()


def test_a_file_too_large_for_the_day_is_not_written(supervisor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a day's measure of three rows: three million would take minutes."""
    monkeypatch.setattr(jobs, "ROWS_A_DAY", 3)
    for _ in range(2):
        case_in(State.REVIEWING)
    first, second = (jobs.ask(WANTED, by=supervisor, at=NOW) for _ in range(2))
    assert (made(first).status, made(second).status) == (ExportStatus.READY, ExportStatus.FAILED)
    assert second.failed_because == working.TOO_MUCH


def test_what_a_dead_worker_left_is_thrown_away(supervisor: User) -> None:
    """It died after the export was called off, and nobody writes the file anew."""
    off, ready = (made(jobs.ask(WANTED, by=supervisor, at=NOW)) for _ in range(2))
    Export.objects.filter(pk=off.pk).update(status="cancelled")
    ExpireExports().run(at=NOW)
    assert not Pieces("exports", off.pk).folder.exists()
    assert Pieces("exports", ready.pk).folder.exists()


def test_a_search_that_is_no_longer_kept_does_not_become_the_whole_list(supervisor: User) -> None:
    client = at_the_desk(supervisor)
    url = reverse("admin:kernel_export_new", args=["cases"]) + "?q=unknown-key"
    client.post(url, {"columns": ["number"], "format": "csv", "purpose": "核对"})
    assert not Export.objects.exists()


def test_what_was_searched_is_shown_to_who_asked_alone(supervisor: User) -> None:
    number = case_in(State.REVIEWING).membership.member.id_number
    export = made(jobs.ask(replace(WANTED, query=f"q={number}"), by=supervisor, at=NOW))
    page = reverse("admin:kernel_export_change", args=[export.pk])
    assert number in at_the_desk(supervisor).get(page).content.decode()
    for role in ("supervisor", "auditor"):
        assert number not in signed_in(role).get(page).content.decode()


def test_a_refused_export_leaves_no_schedule(supervisor: User) -> None:
    for _ in range(5):
        jobs.ask(WANTED, by=supervisor, at=NOW)
    said = {"columns": ["number"], "format": "csv", "purpose": "日报", "rhythm": "daily", "schedule_name": "日报"}
    answer = at_the_desk(supervisor).post(reverse("admin:kernel_export_new", args=["cases"]), said)
    assert answer.status_code == 409
    assert not ExportSchedule.objects.exists()


def clear_of(by: User, count: int) -> tuple[Export, User]:
    """An export in the clear, to which a second person has agreed as one of so many rows."""
    export, other = jobs.ask(CLEAR, by=by, at=NOW), staff("supervisor")
    jobs.agree(export.pk, shown=count, there=count, by=other, at=NOW)
    return export, other


def test_whoever_agrees_is_shown_how_many_rows_leave(supervisor: User) -> None:
    """On the page of the export, on that of the move, and in what happened; and the filter in words."""
    for _ in range(3):
        case_in(State.REVIEWING)
    case_in(State.COLLECTING)
    export = jobs.ask(replace(CLEAR, query="state__exact=reviewing"), by=supervisor, at=NOW)
    client = at_the_desk(staff("supervisor"), "en")
    page = reverse("admin:kernel_export_change", args=[export.pk])
    move = reverse("admin:kernel_export_move", args=[export.pk, "agree", export.pk])
    for shown in (client.get(page).content.decode(), client.get(move).content.decode()):
        assert "about 3 rows" in shown
        assert "<dd>first review</dd>" in shown
    case_in(State.REVIEWING)
    for odd in ({}, {"rows": "x"}):
        answer = client.post(move, odd)
        assert answer.status_code == 200
        assert "How many rows leave was not shown to you." in answer.content.decode()
    assert client.post(move, {"rows": "3"}).status_code == 302
    export.refresh_from_db()
    assert (export.status, export.agreed_rows) == (ExportStatus.ASKED, 3)
    other = jobs.ask(CLEAR, by=supervisor, at=NOW)
    client.post(reverse("admin:kernel_export_move", args=[other.pk, "agree", other.pk]), {"rows": "9" * 30})
    other.refresh_from_db()
    assert other.agreed_rows == 5  # all there are
    shown = client.get(page).content.decode()
    assert "about 3 rows" in shown
    assert ("<dt>Rows agreed to</dt>" in shown, "<dt>Number of rows</dt>" in shown) == (True, False)
    assert export.events.get(verb="agree").note == "3"


def test_one_row_is_told_as_one(supervisor: User) -> None:
    export, _other = clear_of(supervisor, 1)
    page = at_the_desk(supervisor, "en").get(reverse("admin:kernel_export_change", args=[export.pk]))
    assert "· 1 row</li>" in page.content.decode()


def test_rows_are_counted_as_far_as_a_file_may_go(supervisor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a day's measure of two; and once, by whatever of a page shows them."""
    monkeypatch.setattr(jobs, "ROWS_A_DAY", 2)
    for _ in range(4):
        case_in(State.REVIEWING)
    export, client = jobs.ask(CLEAR, by=supervisor, at=NOW), at_the_desk(staff("supervisor"), "en")
    move = reverse("admin:kernel_export_move", args=[export.pk, "agree", export.pk])
    with CaptureQueriesContext(connection) as asked:
        assert "more than 2 rows" in client.get(move).content.decode()
    counted = [query["sql"] for query in asked.captured_queries if "COUNT(" in query["sql"]]
    assert [sql.count("LIMIT 3") for sql in counted if '"claims_claim"' in sql] == [1]
    client.post(move, {"rows": "9"})
    export.refresh_from_db()
    assert export.agreed_rows == 3


def test_whoever_agrees_to_what_is_no_longer_there_looks_again(supervisor: User) -> None:
    export, client = jobs.ask(CLEAR, by=supervisor, at=NOW), at_the_desk(staff("supervisor"), "en")
    Export.objects.filter(pk=export.pk).update(sheet="calendar", columns=["day"], clear=[])
    days_of(101)
    move = reverse("admin:kernel_export_move", args=[export.pk, "agree", export.pk])
    answer = client.post(move, {"rows": "0"})
    assert answer.status_code == 409
    assert 'data-code="EXPORT_LIST_HAS_GROWN"' in answer.content.decode()
    assert 'name="rows" value="101"' in answer.content.decode()
    assert client.post(move, {"rows": "1"}).status_code == 302


OF_OLD = ["nonsense=1", "membership__covenant__version=1"]
"""Filters that no list has: a field, and a relation that a list had once."""


@pytest.mark.parametrize("query", OF_OLD)
def test_nobody_agrees_to_rows_that_cannot_be_counted(supervisor: User, query: str) -> None:
    """But everything that needs no rows can be done: to look, to decline, to call off, to end a schedule."""
    asked, declined, off = (jobs.ask(replace(CLEAR, query=query), by=supervisor, at=NOW) for _ in range(3))
    schedule = schedules.plan(replace(WANTED, query=query), "日报", "weekly", 6, by=supervisor, at=NOW)
    own, client = at_the_desk(supervisor), at_the_desk(staff("supervisor"))

    def move(export: Export, name: str) -> str:
        return reverse("admin:kernel_export_move", args=[export.pk, name, export.pk])

    assert client.post(move(asked, "agree"), {"rows": "3"}).status_code == 409
    assert client.get(reverse("admin:kernel_export_change", args=[asked.pk])).status_code == 200
    assert client.post(move(declined, "decline"), {"reason": "看不出是哪些行"}).status_code == 302
    assert own.post(move(off, "cancel")).status_code == 302
    end = reverse("admin:kernel_exportschedule_move", args=[schedule.pk, "end", schedule.pk])
    assert own.post(end).status_code == 302
    asked.refresh_from_db()
    assert asked.status == ExportStatus.WAITING
    assert made(jobs.ask(replace(WANTED, query=query), by=supervisor, at=NOW)).failed_because == working.UNKNOWN_FILTER


OUTGROWN = [(0, 100, False), (0, 101, True), (60, 160, False), (60, 161, True), (200, 400, False), (200, 401, True)]
"""Agreed to, there when it is written, and whether that is far more."""


@pytest.mark.parametrize(("agreed", "there", "is_far_more"), OUTGROWN)
def test_far_more_rows_than_were_agreed_to_are_not_written(
    supervisor: User, agreed: int, there: int, *, is_far_more: bool
) -> None:
    days_of(there)
    export, other = days_agreed_to(supervisor, agreed)
    made(export)
    if not is_far_more:
        assert (export.status, export.done) == (ExportStatus.READY, there)
        return
    assert (export.status, export.agreed_by, export.agreed_rows) == (ExportStatus.WAITING, None, None)
    assert verbs(export) == ["ask", "agree", "grow"]
    assert not Pieces("exports", export.pk).folder.exists()
    TellOfExports().run(at=NOW)
    told = Message.objects.filter(user=other).order_by("pk").values_list("template", flat=True)
    assert list(told) == ["export_asked", "export_grown"]
    page = reverse("admin:kernel_export_change", args=[export.pk])
    assert f"the list had {there} rows, far more" in at_the_desk(supervisor, "en").get(page).content.decode()
    jobs.agree(export.pk, shown=there, there=there, by=other, at=NOW)
    assert made(export).status == ExportStatus.READY
    assert "far more" not in at_the_desk(supervisor, "en").get(page, {"part": "progress"}).content.decode()


def days_of(count: int, *, after: date = date(2001, 1, 1)) -> None:
    """A calendar of so many days."""
    CalendarDay.objects.all().delete()
    days = (after + timedelta(number) for number in range(count))
    CalendarDay.objects.bulk_create(CalendarDay(day=day, is_working=True) for day in days)


def days_agreed_to(by: User, count: int) -> tuple[Export, User]:
    """An export of the calendar, to which a second person was asked, and agreed as to one of so many rows."""
    export, other = jobs.ask(CLEAR, by=by, at=NOW), staff("supervisor")
    TellOfExports().run(at=NOW)
    jobs.agree(export.pk, shown=count, there=count, by=other, at=NOW)
    Export.objects.filter(pk=export.pk).update(sheet="calendar", columns=["day"], clear=[])
    return export, other


def test_rows_that_come_while_it_is_written_are_counted_too(supervisor: User) -> None:
    """Between the count and the file."""
    days_of(3)
    export, _other = days_agreed_to(supervisor, 3)
    counts = 0

    def grows(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal counts
        found = execute(sql, params, many, context)
        if "COUNT(" in sql and "kernel_calendarday" in sql:
            counts += 1
            days_of(104)
        return found

    with connection.execute_wrapper(grows):
        made(export)
    assert counts == 1
    assert export.status == ExportStatus.WAITING
    assert export.events.get(verb="grow").note == "104"
    assert not Pieces("exports", export.pk).folder.exists()


def test_nothing_in_the_clear_is_written_without_a_number_of_rows(supervisor: User) -> None:
    export, _other = clear_of(supervisor, 1)
    Export.objects.filter(pk=export.pk).update(agreed_rows=None)
    assert made(export).status == ExportStatus.WAITING


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_store_that_fails_leaves_no_file(supervisor: User, monkeypatch: pytest.MonkeyPatch, broken: int) -> None:
    """Three pieces; at any of them, the last one among them.

    One write is made to fail, since a disk that is really full would stop the database as well.
    """
    days_of(20)
    export = jobs.ask(replace(WANTED, sheet="calendar", columns=["day"]), by=supervisor, at=NOW)
    size = made(export).size
    monkeypatch.setattr(working, "PIECE", size // 3 + 1)
    write, numbers = Pieces.write, []

    def fails(file: Pieces, number: int, data: bytes) -> None:
        numbers.append(number)
        if number == broken:
            raise OSError
        write(file, number, data)

    monkeypatch.setattr(Pieces, "write", fails)
    second = made(jobs.ask(replace(WANTED, sheet="calendar", columns=["day"]), by=supervisor, at=NOW))
    assert (second.status, second.failed_because) == (ExportStatus.FAILED, working.BROKEN)
    assert max(numbers) == broken
    assert not Pieces("exports", second.pk).folder.exists()


def test_a_time_that_is_over_waits_for_the_piece_that_is_written() -> None:
    """Or the lock would be free while somebody still writes."""
    is_over = Event()

    def end(*_: Any) -> None:
        is_over.set()
        raise SoftTimeLimitExceeded

    def write() -> bool:
        return is_over.wait(10) and bool(hashlib.pbkdf2_hmac("sha256", b"", b"", 400_000))

    def work() -> None:
        with working.beside_us() as beside:
            pieces.append(beside.submit(write))
            signal.setitimer(signal.ITIMER_REAL, 0.1)

    pieces: list[Any] = []
    before = signal.signal(signal.SIGALRM, end)
    try:
        with pytest.raises(SoftTimeLimitExceeded):
            work()
        assert pieces[0].done()
    finally:
        signal.signal(signal.SIGALRM, before)


def test_the_list_says_no_number_of_rows_before_a_file_is_begun(supervisor: User) -> None:
    case_in(State.REVIEWING)
    made(jobs.ask(WANTED, by=supervisor, at=NOW))
    jobs.ask(CLEAR, by=supervisor, at=NOW + timedelta(hours=1))
    page = at_the_desk(supervisor).get(reverse("admin:kernel_export_changelist"))
    admin = page.context["cl"].model_admin
    assert [admin.rows(export) for export in page.context["cl"].result_list] == [None, 1]
    assert re.findall(r"field-rows[^>]*>\s*([^<\s]+)", page.content.decode()) == ["-", "1"]


def test_the_list_of_exports_outlives_a_sheet(supervisor: User) -> None:
    """And a column: both are shown by the names they had, and not asked for again."""
    export = made(jobs.ask(WANTED, by=supervisor, at=NOW))
    schedule = schedules.plan(WANTED, "日报", "weekly", 6, by=supervisor, at=NOW)
    waits, old = jobs.ask(CLEAR, by=supervisor, at=NOW), {"sheet": "old-sheet", "columns": ["old-column"]}
    Export.objects.update(**old)
    ExportSchedule.objects.update(**old)
    client = at_the_desk(supervisor)
    for page in (
        reverse("admin:kernel_export_changelist"),
        reverse("admin:kernel_exportschedule_changelist"),
        reverse("admin:kernel_export_change", args=[export.pk]),
        reverse("admin:kernel_export_change", args=[waits.pk]),
        reverse("admin:kernel_exportschedule_change", args=[schedule.pk]),
        reverse("admin:index"),
    ):
        answer = client.get(page)
        assert (answer.status_code, "old-sheet" in answer.content.decode()) == (200, True), page
    assert "old-column" in client.get(reverse("admin:kernel_export_change", args=[export.pk])).content.decode()
    assert client.get(reverse("admin:kernel_export_file", args=[export.pk])).status_code == 302
    for work in (
        lambda: jobs.ask(replace(WANTED, sheet="old-sheet"), by=supervisor, at=NOW),
        lambda: jobs.open_file(export.pk, by=supervisor, at=NOW),
    ):
        with pytest.raises(InvalidInput):
            work()
    AskScheduled().run(at=NOW + timedelta(days=8))
    schedule.refresh_from_db()
    assert schedule.ended_at is not None


def test_whoever_does_not_see_the_list_has_no_file_of_it(supervisor: User) -> None:
    """Neither asked for, nor written, nor fetched, nor again and again."""
    ready, asked = made(jobs.ask(WANTED, by=supervisor, at=NOW)), jobs.ask(WANTED, by=supervisor, at=NOW)
    schedule = schedules.plan(WANTED, "日报", "weekly", 6, by=supervisor, at=NOW)
    Permission.objects.get(content_type__app_label="claims", codename="view_claim").group_set.clear()
    blind = User.objects.get(pk=supervisor.pk)
    assert not may_export(registered["cases"], blind)
    for work in (
        lambda: jobs.ask(WANTED, by=blind, at=NOW),
        lambda: jobs.open_file(ready.pk, by=blind, at=NOW),
        lambda: schedules.plan(WANTED, "月报", "monthly", 6, by=blind, at=NOW),
    ):
        with pytest.raises(NotPermitted):
            work()
    assert made(asked).failed_because == working.NO_RIGHT
    AskScheduled().run(at=NOW + timedelta(days=8))
    schedule.refresh_from_db()
    assert schedule.ended_at is not None
    assert Export.objects.count() == 2


def test_looking_how_far_it_came_reads_the_export_alone(supervisor: User) -> None:
    """The part that looks again by itself; the page counts nothing and lists nothing either."""
    export = jobs.ask(replace(WANTED, query="state__exact=reviewing"), by=supervisor, at=NOW)
    client, page = at_the_desk(supervisor), reverse("admin:kernel_export_change", args=[export.pk])
    client.get(page)
    with CaptureQueriesContext(connection) as part:
        answer = client.get(page, {"part": "progress"})
    assert 'id="progress"' in answer.content.decode()
    assert "data-running" in answer.content.decode()
    assert 'id="content"' not in answer.content.decode()
    told = [query["sql"] for query in part.captured_queries]
    assert not [sql for sql in told if "claims_" in sql]
    assert len([sql for sql in told if 'FROM "kernel_export' in sql]) == 1
    assert client.get(page, {"part": "nonsense"}).status_code == 404
    with CaptureQueriesContext(connection) as whole:
        client.get(page)
    assert not [query["sql"] for query in whole.captured_queries if 'FROM "claims_claim"' in query["sql"]]


def test_what_is_told_of_an_export_leads_to_its_page(supervisor: User) -> None:
    """To whoever asked, and to whoever is to agree; each may open it."""
    ready, other = made(jobs.ask(WANTED, by=supervisor, at=database_now())), staff("supervisor")
    waits = jobs.ask(CLEAR, by=supervisor, at=database_now())
    TellOfExports().run(at=database_now())
    for user, export in ((supervisor, ready), (other, waits)):
        client, page = at_the_desk(user), reverse("admin:kernel_export_change", args=[export.pk])
        desk = (
            client.get(reverse("admin:index")).content.decode().split('id="desk-notices"', 1)[1].split("</section>")[0]
        )
        assert f'<a href="{page}">{export}</a>' in desk
        assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    ("number", "key"), [("EX-000012", 12), ("EX-1234567", 1234567), ("EX-", None), ("LX-EX-1", None), ("EX-²", None)]
)
def test_an_export_is_found_by_its_number(number: str, key: int | None) -> None:
    assert Export.key_of(number) == key


def test_a_schedule_says_which_rows_and_its_search_to_its_owner_alone(supervisor: User) -> None:
    number = case_in(State.REVIEWING).membership.member.id_number
    wanted = replace(WANTED, query=f"state__exact=reviewing&q={number}")
    schedule = schedules.plan(wanted, "日报", "weekly", 6, by=supervisor, at=NOW)
    page = reverse("admin:kernel_exportschedule_change", args=[schedule.pk])
    for user, is_told in ((supervisor, True), (staff("supervisor"), False)):
        shown = at_the_desk(user, "en").get(page).content.decode()
        assert "<dd>first review</dd>" in shown
        assert (number in shown) is is_told
