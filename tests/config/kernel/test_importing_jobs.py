"""Imports from the file to the table: what is written, what never is, and what two workers make of one file."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from config.kernel import sweeping
from config.kernel.display import moment
from config.kernel.files import FileLost
from config.kernel.importing import importers, jobs, workbooks, working
from config.kernel.importing.importers import Importer, Row, importer_of, in_both, places
from config.kernel.importing.sheets import UnreadableSheet
from config.kernel.models import CalendarDay, Import, ImportEvent, ImportLine, User
from config.kernel.pieces import Pieces
from config.kernel.refusals import NotPermitted
from config.kernel.resources.imports import HolidayImporter
from config.kernel.roles import ROLES
from tests.factories import at, signed_in, staff
from tests.sheets import cells, csv_file, sent, taken, xlsx

NOW = at("2026-11-20 10:00")
HEAD = ["日期", "是否上班", "是否法定节假日", "名称"]
GOOD = [["2027-10-01", "否", "是", "国庆节"], ["2027-10-09", "是", "", "国庆节"]]
BAD = ["2027-13-01", "也许", "是", ""]

pytestmark = pytest.mark.django_db


def days() -> list[tuple[Any, ...]]:
    rows = CalendarDay.objects.filter(day__year=2027).order_by("day")
    return list(rows.values_list("day", "is_working", "is_statutory", "name"))


WRITTEN = [(date(2027, 10, 1), False, True, "国庆节"), (date(2027, 10, 9), True, False, "国庆节")]


@pytest.mark.parametrize("make", [xlsx, csv_file])
def test_a_file_is_looked_through_confirmed_and_taken_in(make: Any) -> None:
    by = staff("administrator")

    it = sent("holidays", make([HEAD, *GOOD]), by=by, at=NOW)

    assert (it.status, it.total, it.good, it.bad, it.new) == ("read", 2, 2, 0, 2)
    assert days() == []
    it = taken(it, by=by, at=NOW)
    assert (it.status, it.made, it.done_line) == ("applied", 2, 3)
    assert days() == WRITTEN
    assert [event.verb for event in it.events.all()] == ["receive", "read", "confirm", "apply"]


def test_english_headings_names_of_columns_and_stars_are_known() -> None:
    head = ["Day*", " worked ", "is_statutory", "ＮＡＭＥ"]

    assert places(HolidayImporter, head) == {"day": 0, "is_working": 1, "is_statutory": 2, "name": 3}


@pytest.mark.parametrize(
    ("head", "code", "named"),
    [
        ([*HEAD, "state"], "UNKNOWN_COLUMNS", "state"),
        ([*HEAD, "Status", "id"], "UNKNOWN_COLUMNS", "Status, id"),
        (["日期", "名称"], "MISSING_COLUMNS", "是否上班 (Worked)"),
        ([*HEAD, "Name"], "DOUBLE_COLUMNS", "名称, Name"),
    ],
)
def test_columns_that_do_not_fit_are_refused_by_name(head: Sequence[str], code: str, named: str) -> None:
    it = sent("holidays", csv_file([head, ["x"] * len(head)]), by=staff("administrator"), at=NOW)

    assert (it.status, it.refused["code"]) == ("refused", code)
    assert named in it.refused["en"]
    assert it.lines.count() == 0


def test_bad_rows_hold_up_no_good_ones_unless_that_is_wanted() -> None:
    by, rows = staff("administrator"), [HEAD, GOOD[0], BAD, GOOD[1]]
    it = sent("holidays", csv_file(rows), by=by, at=NOW)
    assert (it.good, it.bad) == (2, 1)

    with pytest.raises(jobs.HasBadRows):
        jobs.confirm(it.pk, is_whole=True, by=by, at=NOW)
    it = taken(it, by=by, at=NOW)

    assert days() == WRITTEN
    assert (it.made, it.late) == (2, 0)


def test_the_error_file_has_the_bad_rows_as_they_came_and_every_fault() -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, GOOD[0], BAD]), by=by, at=NOW)

    with translation.override("en"):
        file = cells(workbooks.faults(*jobs.take_faults(it.pk, by=by, at=NOW)))

    assert file[0] == [*HEAD, "Line", "What is wrong"]
    assert file[1][:5] == [*BAD, "3"]
    for fault in ("Day: is no day", "Worked: must be yes or no", "Name: is needed"):
        assert fault in file[1][5]
    assert len(file) == 2


@pytest.mark.parametrize("make", [xlsx, csv_file])
def test_an_error_file_that_was_corrected_is_taken(make: Any) -> None:
    by = staff("administrator")
    it = sent("holidays", make([HEAD, BAD]), by=by, at=NOW)
    file = cells(workbooks.faults(*jobs.take_faults(it.pk, by=by, at=NOW)))

    file[1][:4] = GOOD[0]
    again = taken(sent("holidays", make(file), by=by, at=NOW), by=by, at=NOW)

    assert again.made == 1
    assert days() == WRITTEN[:1]


LIVE = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", " =1", "'=1", "''"]


@pytest.mark.parametrize("text", LIVE)
@pytest.mark.parametrize("make", [xlsx, csv_file])
def test_no_cell_of_an_error_file_is_a_formula_and_every_one_comes_back_as_it_was(make: Any, text: str) -> None:
    by = staff("administrator")
    typed = f"'{text}" if make is csv_file else text
    it = sent("holidays", make([HEAD, ["x", "y", "", typed]]), by=by, at=NOW)
    kept = json.loads(ImportLine.objects.get(of=it).cells)

    file = workbooks.faults(*jobs.take_faults(it.pk, by=by, at=NOW))
    again = sent("holidays", file, by=by, at=NOW, again=True)

    assert json.loads(ImportLine.objects.get(of=again).cells)[:4] == kept
    if make is csv_file:
        assert cells(file)[1][3].startswith("'")


def test_the_same_file_is_told_and_changes_nothing() -> None:
    by, data = staff("administrator"), csv_file([HEAD, *GOOD])
    taken(sent("holidays", data, by=by, at=NOW), by=by, at=NOW)

    with pytest.raises(jobs.SentBefore):
        jobs.receive("holidays", "x", data, again=False, by=by, at=NOW)
    it = taken(sent("holidays", data, by=by, at=NOW, again=True), by=by, at=NOW)

    assert (it.new, it.changed, it.unchanged) == (0, 0, 2)
    assert (it.made, it.altered, it.kept) == (0, 0, 2)


def test_a_row_that_differs_counts_as_changed() -> None:
    by = staff("administrator")
    taken(sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW), by=by, at=NOW)

    it = taken(sent("holidays", csv_file([HEAD, [*GOOD[0][:3], "国庆"]]), by=by, at=NOW), by=by, at=NOW)

    assert (it.changed, it.altered) == (1, 1)
    assert days()[0][3] == "国庆"


def test_a_row_twice_in_a_file_is_a_fault_that_names_the_first() -> None:
    it = sent("holidays", csv_file([HEAD, GOOD[0], GOOD[0]]), by=staff("administrator"), at=NOW)

    assert [(one.line, one.faults[0]["en"]) for one in it.lines.all()] == [(3, "Day: stands in line 2 already.")]


class Stumbling(HolidayImporter):
    """Falls after its rows were written, as often as it is told to."""

    falls = 0
    error: type[BaseException] = RuntimeError

    def write(self, rows: Sequence[Row]) -> None:
        super().write(rows)
        if type(self).falls:
            type(self).falls -= 1
            raise self.error


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> type[Stumbling]:
    monkeypatch.setitem(importers._importers, "holidays", Stumbling)
    monkeypatch.setattr(Stumbling, "portion", 2)
    return Stumbling


def many(number: int) -> list[list[str]]:
    return [[f"2027-{1 + place // 28:02}-{1 + place % 28:02}", "否", "", "假"] for place in range(number)]


def test_a_portion_that_falls_is_taken_back_and_done_once_later(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *many(7)]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    working.carry_on(it.pk, at=NOW, seconds=0)
    stumbling.falls = 1

    with pytest.raises(RuntimeError):
        working.carry_on(it.pk, at=NOW, seconds=60)
    it.refresh_from_db()
    assert (it.made, it.done_line, len(days())) == (2, 3, 2)

    assert working.carry_on(it.pk, at=NOW, seconds=60) == 5
    it.refresh_from_db()
    assert (it.status, it.made, it.kept, len(days())) == ("applied", 7, 0, 7)


def test_rows_that_somebody_writes_at_the_same_moment_are_judged_again(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    stumbling.falls, stumbling.error = 1, IntegrityError

    it = taken(sent("holidays", csv_file([HEAD, *many(2)]), by=by, at=NOW), by=by, at=NOW)

    stumbling.error = RuntimeError
    assert (it.status, it.made) == ("applied", 2)


def test_all_or_none_leaves_nothing_where_a_row_fails_at_the_end(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *many(5)]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=True, by=by, at=NOW)
    stumbling.falls = 1

    with pytest.raises(RuntimeError), transaction.atomic():
        working.carry_on(it.pk, at=NOW, seconds=60)

    assert days() == []


def test_an_error_ends_the_import_and_holds_up_no_other(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    first, second = (sent("holidays", csv_file([HEAD, *many(n)]), by=by, at=NOW) for n in (3, 2))
    for it in (first, second):
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    stumbling.falls = 1

    sweeping.run("kernel.apply_imports", at=NOW)

    assert [it.status for it in Import.objects.order_by("pk")] == ["failed", "applied"]
    assert Import.objects.get(pk=first.pk).refused["code"] == "ERROR"


def test_the_sweeps_take_a_file_from_its_coming_in_to_its_end() -> None:
    by = staff("administrator")
    it = jobs.receive("holidays", "x.csv", csv_file([HEAD, *GOOD]), again=False, by=by, at=NOW)

    assert sweeping.run("kernel.read_imports", at=NOW) == 2
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    assert sweeping.run("kernel.apply_imports", at=NOW) == 2
    assert sweeping.run("kernel.apply_imports", at=NOW) == 0
    assert len(days()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_are_never_at_one_file() -> None:
    it = jobs.receive("holidays", "x.csv", csv_file([HEAD, *GOOD]), again=False, by=staff("administrator"), at=NOW)
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [jobs.LOCK, it.pk])
        assert working.look_through(it.pk, at=NOW) == 0
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()

    assert working.look_through(it.pk, at=NOW) == 2


def test_a_cancelled_import_writes_nothing_more() -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    jobs.cancel(it.pk, by=by, at=NOW)

    assert working.carry_on(it.pk, at=NOW, seconds=60) == 0
    assert days() == []
    with pytest.raises(jobs.WrongStatus):
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)


class Overtaken(HolidayImporter):
    """Somebody cancels the import as a worker begins with it."""

    def __init__(self, *, by: User, at: datetime) -> None:
        super().__init__(by=by, at=at)
        for it in Import.objects.filter(status="confirmed"):
            jobs.cancel(it.pk, by=by, at=at)


@pytest.mark.parametrize("is_whole", [True, False])
def test_an_import_that_is_cancelled_as_its_worker_begins_writes_nothing(
    is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=is_whole, by=by, at=NOW)
    monkeypatch.setitem(importers._importers, "holidays", Overtaken)

    assert working.carry_on(it.pk, at=NOW, seconds=60) == 0
    it.refresh_from_db()
    assert (it.status, it.made, days()) == ("cancelled", 0, [])


def test_the_log_is_never_changed() -> None:
    it = sent("holidays", csv_file([HEAD, *GOOD]), by=staff("administrator"), at=NOW)

    with pytest.raises(Exception, match="event_is_for_ever"), transaction.atomic():
        ImportEvent.objects.filter(of=it).update(verb="x")
    assert it.events.count() == 2


def test_bad_rows_lie_encrypted() -> None:
    sent("holidays", csv_file([HEAD, [*BAD[:3], "张三丰秘密"]]), by=staff("administrator"), at=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM kernel_importline t")
        assert "张三丰秘密" not in cursor.fetchone()[0]


MAY = {
    "holidays": {"administrator"},
    "hospitals": {"administrator"},
    "diseases": {"administrator"},
    "members": {"supervisor"},
    "covenants": {"supervisor"},
    "cases": {"intake"},
}
PEOPLE = [role for role in ROLES if role not in ("system", "investigator")]


@pytest.mark.parametrize("role", [*PEOPLE, "investigator", "system"])
@pytest.mark.parametrize("kind", MAY)
def test_a_file_is_received_from_those_only_who_may_import_its_kind(role: str, kind: str) -> None:
    data, by = csv_file([["x"], ["y"]]), staff(role)
    if role in MAY[kind]:
        assert jobs.receive(kind, "x", data, again=False, by=by, at=NOW).asked_by == by
        return
    with pytest.raises(NotPermitted):
        jobs.receive(kind, "x", data, again=False, by=by, at=NOW)


@pytest.mark.parametrize("role", PEOPLE)
def test_pages_open_for_those_only_who_may(role: str) -> None:
    it = sent("holidays", csv_file([HEAD, GOOD[0], BAD]), by=staff("administrator"), at=NOW)
    client, may = signed_in(role), role in MAY["holidays"]
    page, faults = (
        reverse("admin:kernel_import_change", args=[it.pk]),
        reverse("admin:kernel_import_faults", args=[it.pk]),
    )
    send = reverse("admin:kernel_import_send", args=["holidays"])

    assert (client.get(page).status_code == 200) is (may or role == "auditor")
    assert (client.get(send).status_code == 200) is may
    assert (client.post(faults).status_code == 200) is may
    assert it.events.filter(verb="download").exists() is may
    confirm = reverse("admin:kernel_import_move", args=[it.pk, "confirm", it.pk])
    assert (client.post(confirm, {"which": "good"}).status_code == 302) is may
    assert (Import.objects.get(pk=it.pk).status == "confirmed") is may


def upload(client: Client, data: bytes, **others: Any) -> Any:
    import io

    file = io.BytesIO(data)
    file.name = "节假日.csv"
    return client.post(reverse("admin:kernel_import_send", args=["holidays"]), {"file": file, **others}, follow=True)


def test_a_file_goes_all_the_way_by_the_pages() -> None:
    client = signed_in("administrator")

    assert "节假日.csv" in upload(client, csv_file([HEAD, *GOOD])).content.decode()
    sweeping.run("kernel.read_imports", at=NOW)
    it = Import.objects.get()
    client.post(reverse("admin:kernel_import_move", args=[it.pk, "confirm", it.pk]), {"which": "whole"})
    sweeping.run("kernel.apply_imports", at=NOW)

    assert days() == WRITTEN
    assert client.get(reverse("admin:kernel_import_change", args=[it.pk])).status_code == 200
    again = upload(client, csv_file([HEAD, *GOOD]))
    assert (again.status_code, 'data-code="SENT_BEFORE"' in again.content.decode()) == (409, True)
    assert upload(client, csv_file([HEAD, *GOOD]), again="on").status_code == 200


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "EMPTY"), (b"\xd0\xcf\x11\xe0" + b"E\0n\0c\0r\0y\0p\0t\0e\0d", "LOCKED")]
)
def test_what_cannot_be_a_sheet_is_refused_at_once(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableSheet) as no:
        jobs.receive("holidays", "x", data, again=False, by=staff("administrator"), at=NOW)

    assert no.value.code == code


@pytest.mark.parametrize("kind", MAY)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_template_has_headings_that_are_known(kind: str, ending: str, language: str) -> None:
    importer = importer_of(kind)
    with translation.override(language):
        header = cells(workbooks.template(importer, ending))[0]

    assert list(places(importer, header).values()) == list(range(len(importer.columns())))


def test_sentences_are_kept_in_both_languages() -> None:
    from django.utils.translation import gettext

    assert in_both(lambda: gettext("Name"))["en"] == "Name"


def test_a_first_row_that_is_no_heading_row_is_kept_nowhere() -> None:
    """A sheet without headings begins with a person: the refusal names columns by their letters."""
    it = sent(
        "holidays",
        csv_file([["张三丰", "", "42010619800520002X"], ["李四", "", ""]]),
        by=staff("administrator"),
        at=NOW,
    )

    assert (it.status, it.refused["code"], it.header) == ("refused", "UNKNOWN_COLUMNS", [])
    assert "A, C" in it.refused["en"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM kernel_import t")
        written = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(t::text, '') FROM kernel_importevent t")
        written += cursor.fetchone()[0]
    assert not any(part in written for part in ("张三丰", "420106", "李四"))


def test_a_stranger_among_known_headings_is_named_where_it_is_a_word() -> None:
    it = sent("holidays", csv_file([[*HEAD, "备注", "13800138000"], ["x"] * 6]), by=staff("administrator"), at=NOW)

    assert it.refused["en"].startswith("These columns are not taken in: 备注, F.")


def test_a_file_that_never_comes_to_an_end_holds_up_no_other_and_is_given_up(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    first, second = (sent("holidays", csv_file([HEAD, *many(n)]), by=by, at=NOW) for n in (3, 2))
    for it in (first, second):
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    stumbling.falls, stumbling.error = 1, OperationalError

    with pytest.raises(OperationalError):
        sweeping.run("kernel.apply_imports", at=NOW)
    assert [it.status for it in Import.objects.order_by("pk")] == ["confirmed", "applied"]

    stumbling.falls = 9
    for _try in range(2):
        with pytest.raises(OperationalError):
            sweeping.run("kernel.apply_imports", at=NOW)
    sweeping.run("kernel.apply_imports", at=NOW)
    stumbling.falls, stumbling.error = 0, RuntimeError
    first.refresh_from_db()
    assert (first.status, first.refused["code"], first.made) == ("failed", "TOO_MANY_TRIES", 0)


def test_a_portion_that_was_taken_in_begins_the_tries_anew(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *many(9)]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)

    for _portion in range(6):
        working.carry_on(it.pk, at=NOW, seconds=0)

    assert Import.objects.get(pk=it.pk).status == "applied"


def test_a_portion_of_nothing_but_bad_rows_is_progress_that_is_rung_for(stumbling: type[Stumbling]) -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, BAD, BAD, *GOOD]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)

    assert working.carry_on(it.pk, at=NOW, seconds=0) == 1
    it.refresh_from_db()
    assert (it.status, it.done, it.done_line) == ("confirmed", 0, 3)


def test_a_file_that_cannot_be_looked_through_is_given_up(
    stumbling: type[Stumbling], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stumbling, "tries", True)
    it = jobs.receive("holidays", "x.csv", csv_file([HEAD, *GOOD]), again=False, by=staff("administrator"), at=NOW)
    stumbling.falls, stumbling.error = 9, OperationalError

    for _try in range(working.ATTEMPTS):
        with pytest.raises(OperationalError):
            sweeping.run("kernel.read_imports", at=NOW)
    sweeping.run("kernel.read_imports", at=NOW)

    stumbling.falls, stumbling.error = 0, RuntimeError
    assert Import.objects.get(pk=it.pk).refused["code"] == "TOO_MANY_TRIES"


def test_a_store_that_fails_for_a_moment_is_not_the_sender_s_fault() -> None:
    """The child sees half a file and calls it damaged; what counts is why it was half a file."""
    data = xlsx([HEAD, *many(200)])
    it = jobs.receive("holidays", "x.xlsx", data, again=False, by=staff("administrator"), at=NOW)
    piece = jobs.pieces_of(it).folder / "000001"
    away = piece.rename(piece.with_suffix(".away"))

    with pytest.raises(FileLost):
        sweeping.run("kernel.read_imports", at=NOW)
    assert Import.objects.get(pk=it.pk).status == "waiting"

    away.rename(piece)
    assert sweeping.run("kernel.read_imports", at=NOW) == 200


def test_who_lost_the_right_meanwhile_writes_nothing() -> None:
    by = staff("administrator")
    sent_before = jobs.receive("holidays", "x.csv", csv_file([HEAD, GOOD[0]]), again=False, by=by, at=NOW)
    it = sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW)
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    by.groups.clear()

    assert working.look_through(sent_before.pk, at=NOW) == working.carry_on(it.pk, at=NOW, seconds=60) == 0

    assert days() == []
    assert [(one.status, one.refused["code"]) for one in Import.objects.order_by("pk")] == [
        ("refused", NotPermitted.code),
        ("failed", NotPermitted.code),
    ]


def test_the_file_is_thrown_away_when_it_is_over_and_its_bad_rows_some_days_later() -> None:
    by = staff("administrator")
    it = taken(sent("holidays", csv_file([HEAD, *GOOD, BAD]), by=by, at=NOW), by=by, at=NOW)
    waits = sent("holidays", csv_file([HEAD, BAD, *GOOD]), by=by, at=NOW)

    sweeping.run("kernel.drop_imports", at=NOW)
    sweeping.run("kernel.drop_lines_of_imports", at=NOW + jobs.LINES_KEPT - timedelta(seconds=1))
    assert (jobs.pieces_of(it).touched_at(), it.lines.count()) == (None, 1)

    sweeping.run("kernel.drop_lines_of_imports", at=NOW + jobs.LINES_KEPT)
    assert sweeping.next_due(only=it.pk) is None
    assert it.lines.count() == 0
    assert (jobs.pieces_of(waits).touched_at() is not None, waits.lines.count()) == (True, 1)
    page = signed_in("administrator").get(reverse("admin:kernel_import_change", args=[it.pk])).content.decode()
    assert reverse("admin:kernel_import_faults", args=[it.pk]) not in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_import_that_nobody_decides_about_lapses_and_its_file_goes(language: str) -> None:
    by = staff("administrator")
    it, decided = (sent("holidays", csv_file([HEAD, row, BAD]), by=by, at=NOW) for row in GOOD)
    jobs.confirm(decided.pk, is_whole=False, by=by, at=NOW)
    ends_at = NOW + jobs.DECIDED_WITHIN
    page, client = reverse("admin:kernel_import_change", args=[it.pk]), signed_in("administrator")
    client.cookies["django_language"] = language
    with translation.override(language):
        until = moment(ends_at)
    assert until in client.get(page).content.decode()

    assert sweeping.run("kernel.lapse_imports", at=ends_at - timedelta(seconds=1)) == 0
    assert sweeping.run("kernel.lapse_imports", at=ends_at) == 1
    sweeping.run("kernel.drop_imports", at=ends_at)

    it.refresh_from_db()
    assert (it.status, it.finished_at, jobs.pieces_of(it).touched_at()) == ("lapsed", ends_at, None)
    assert [event.verb for event in it.events.all()] == ["receive", "read", "lapse"]
    assert it.events.last().by == User.objects.system()
    assert Import.objects.get(pk=decided.pk).status == "confirmed"
    with pytest.raises(jobs.WrongStatus):
        jobs.confirm(it.pk, is_whole=False, by=by, at=ends_at)


def test_an_import_that_was_decided_about_at_the_last_moment_does_not_lapse() -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW)
    ends_at = NOW + jobs.DECIDED_WITHIN
    jobs.confirm(it.pk, is_whole=False, by=by, at=ends_at - timedelta(seconds=1))

    assert jobs.lapse(it.pk, at=ends_at) == 0
    assert Import.objects.get(pk=it.pk).status == "confirmed"


def test_an_import_whose_time_is_over_is_not_confirmed_though_the_sweep_is_late() -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW)

    with translation.override("en"), pytest.raises(jobs.WrongStatus, match="lapsed"):
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW + jobs.DECIDED_WITHIN)

    assert Import.objects.get(pk=it.pk).status == "read"


def test_files_that_no_row_needs_are_thrown_away_after_an_hour() -> None:
    """A web process died as it received one; something was written anew behind the end of another."""
    by = staff("administrator")
    over = taken(sent("holidays", csv_file([HEAD, *GOOD]), by=by, at=NOW), by=by, at=NOW)
    sweeping.run("kernel.drop_imports", at=NOW)
    waits = sent("holidays", csv_file([HEAD, *many(3)]), by=by, at=NOW)
    strays = [Pieces("imports", 10**9), Pieces("made", 10**9), jobs.made_of(over)]
    kept = [jobs.pieces_of(waits), jobs.made_of(waits), Pieces("others", 10**9)]
    for one in (*strays, *kept[1:]):
        one.write(1, b"x")

    first, *_others, last = sorted(one.touched_at() or NOW for one in (*strays, *kept))
    sweeping.run("kernel.drop_imports", at=first + jobs.ROW_WITHIN)
    assert all(one.touched_at() for one in (*strays, *kept))
    sweeping.run("kernel.drop_imports", at=last + jobs.ROW_WITHIN + timedelta(seconds=1))

    assert [one.touched_at() for one in strays] == [None] * 3
    assert all(one.touched_at() for one in kept)


@pytest.mark.parametrize("status", ["cancelled", "refused", "failed"])
def test_the_file_is_thrown_away_however_it_ended(status: str) -> None:
    by = staff("administrator")
    it = sent("holidays", csv_file([HEAD if status != "refused" else ["x"], *GOOD]), by=by, at=NOW)
    if status == "cancelled":
        jobs.cancel(it.pk, by=by, at=NOW)
    elif status == "failed":
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
        jobs.give_up(it.pk, at=NOW)
    assert Import.objects.get(pk=it.pk).status == status

    sweeping.run("kernel.drop_imports", at=NOW)
    sweeping.run("kernel.drop_imports", at=NOW)

    assert jobs.pieces_of(it).touched_at() is None


@pytest.mark.django_db(transaction=True)
def test_the_same_file_at_the_same_moment_waits_for_the_first() -> None:
    by, data = staff("administrator"), csv_file([HEAD, *GOOD])
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [jobs.content_lock(hashlib.sha256(data).hexdigest())])
        with connection.cursor() as mine:
            mine.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError):
            jobs.receive("holidays", "x", data, again=False, by=by, at=NOW)
    other.close()
    with connection.cursor() as mine:
        mine.execute("RESET lock_timeout")

    assert jobs.receive("holidays", "x", data, again=False, by=by, at=NOW).pk


def test_bad_rows_are_written_portion_by_portion_and_once(
    stumbling: type[Stumbling], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stumbling, "tries", True)
    data = csv_file([HEAD, BAD, GOOD[0], BAD, GOOD[1]])
    it = jobs.receive("holidays", "x.csv", data, again=False, by=staff("administrator"), at=NOW)
    monkeypatch.setattr(Stumbling, "write", falls_behind_the_first())

    with pytest.raises(RuntimeError):
        working.look_through(it.pk, at=NOW)
    assert [line.line for line in it.lines.all()] == [2]

    assert working.look_through(it.pk, at=NOW) == 4
    assert [line.line for line in it.lines.all()] == [2, 4]


def falls_behind_the_first() -> Any:
    calls: list[int] = []

    def write(self: Importer, rows: Sequence[Row]) -> None:
        calls.append(len(rows))
        if len(calls) == 2:
            raise RuntimeError

    return write
