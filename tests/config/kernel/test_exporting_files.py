"""Exported files read back by readers that are not ours, and compared with the database cell by cell."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from claims.enums import State
from claims.models import Claim
from claims.resources.exports import CaseSheet
from config.kernel import masks
from config.kernel.cells import DANGEROUS
from config.kernel.exporting.columns import guarded
from config.kernel.exporting.copying import Chosen, Copy, csv_blocks, own_connection, xml_blocks
from config.kernel.exporting.workbook import Workbook
from config.kernel.models import CalendarDay
from config.kernel.resources.exports import CalendarSheet
from members.models import Disease, Member, Plan
from members.resources.exports import MemberSheet
from tests.factories import case_in, membership
from tests.formulas import TRIGGERS

ODD = (
    *("<b>&amp;</b>", "]]>", "_x0041_", "a\nb", "a\r\nb", 'say "yes"', "a,b;c", "\U0001f600", "  spaces  ", "a\tb"),
    *("a ", "a\n", "𠮷野", "0012", "1E5", "2025-01-02", "TRUE", "\ue000", "x" * 40),
    *("_x005F_x0041_", "a_x0041_x0042_ & <_x000d_>\n b ", "=_x003D_1", "_x41_", "_x00zz_"),
)

ABOUT = ("关于", [("是", "=1"), ("像", "_x0041_")])


@pytest.fixture
def members(transactional_db: None) -> list[Member]:
    """Members whose region is each of the texts."""
    found = []
    for text in (*TRIGGERS, *ODD):
        member = membership().member
        member.region = text
        member.save()
        found.append(member)
    return found


def workbook(sheet: Any, rows: Any, names: Sequence[str], *, clear: Sequence[str] = (), **options: Any) -> bytes:
    chosen = [Chosen(name, sheet.fields[name], clear=name in clear) for name in names]
    with own_connection() as here:
        blocks = xml_blocks(Copy(sheet.rows(rows, names), chosen), here)
        return b"".join(Workbook(blocks, chosen, "表", lambda: ABOUT, **options).stream())


def csv_rows(sheet: Any, rows: Any, names: Sequence[str], *, clear: Sequence[str] = ()) -> list[list[str]]:
    copy = Copy(sheet.rows(rows, names), [Chosen(name, sheet.fields[name], clear=name in clear) for name in names])
    with own_connection() as here:
        data = copy.header() + b"".join(block.data for block in csv_blocks(copy, here))
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def by_openpyxl(data: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows()]


def by_calamine(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def sheet_xml(data: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def unguarded(text: str) -> str:
    """What reading such a file in again makes of a text."""
    return text[1:] if len(text) > 1 and text[0] == "'" and (text[1] in DANGEROUS or text[1].isdigit()) else text


def in_a_workbook(text: str) -> str:
    """One kind of line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_no_text_is_a_formula_and_none_is_changed(members: list[Member]) -> None:
    assert len(TRIGGERS) == 25
    regions = [member.region for member in members]
    rows = Member.objects.filter(pk__in=[member.pk for member in members]).order_by("pk")
    data = workbook(MemberSheet, rows, ("key", "region"))
    cells = [row[1] for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [in_a_workbook(region) for region in regions]
    assert [cell.quotePrefix for cell in cells[: len(TRIGGERS)]] == [True] * len(TRIGGERS)
    assert [row[1] for row in by_calamine(data)[1:]] == [in_a_workbook(region) for region in regions]

    assert sheet_xml(data).count(b'<c t="str" s="1"><v xml:space="preserve">') > len(TRIGGERS)
    assert b'<c t="str"><v xml:space="preserve">a </v></c>' in sheet_xml(data)

    said = [row[1] for row in csv_rows(MemberSheet, rows, ("key", "region"))[1:]]
    assert [unguarded(text) for text in said] == regions
    assert all(text[:1] == "'" for text in said[: len(TRIGGERS)])


def test_a_word_that_ends_with_a_space_keeps_it(transactional_db: None) -> None:
    claim = case_in(State.REVIEWING)
    Plan.objects.filter(pk=claim.membership.plan_id).update(name_zh="互助 ")
    with override("zh-hans"):
        data = workbook(CaseSheet, Claim.objects.filter(pk=claim.pk), ("plan",))
    assert '<v xml:space="preserve">互助 </v>'.encode() in sheet_xml(data)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_words_that_people_give_are_no_formulas_either(transactional_db: None, trigger: str) -> None:
    """The name of a plan: there are few, and of a disease: there are many, and they are looked up."""
    claim = case_in(State.REVIEWING)
    Plan.objects.filter(pk=claim.membership.plan_id).update(name_zh=trigger)
    Disease.objects.filter(code=claim.disease).update(name_zh=trigger)
    rows, names = Claim.objects.filter(pk=claim.pk), ("plan", "disease")
    with override("zh-hans"):
        said = csv_rows(CaseSheet, rows, names)[1]
        cells = openpyxl.load_workbook(io.BytesIO(workbook(CaseSheet, rows, names))).worksheets[0][2]
    assert [unguarded(text) for text in said] == [trigger, trigger]
    assert all(text.startswith("'") for text in said)
    assert [(cell.data_type, bool(cell.quotePrefix)) for cell in cells] == [("s", True)] * 2
    assert [cell.value for cell in cells] == [in_a_workbook(trigger)] * 2


def test_titles_and_the_sheet_about_the_file_are_texts(members: list[Member]) -> None:
    data = workbook(MemberSheet, Member.objects.all(), ("key", "region"))
    about = openpyxl.load_workbook(io.BytesIO(data)).worksheets[1]
    assert about.title == "关于"
    assert [(cell.data_type, cell.value) for cell in about["B"]] == [("s", "=1"), ("s", "_x0041_")]


@pytest.fixture
def cases(transactional_db: None) -> list[Claim]:
    return [case_in(State.REPORTED), case_in(State.REVIEWING), case_in(State.APPROVED), case_in(State.REJECTED)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("is_clear", [False, True], ids=["masked", "clear"])
def test_every_cell_is_what_the_database_has(cases: list[Claim], language: str, is_clear: bool) -> None:
    names = list(CaseSheet.fields)
    clear = [name for name in names if CaseSheet.fields[name].is_private] if is_clear else []
    rows = Claim.objects.order_by("pk")
    with override(language):
        expected = [
            [CaseSheet.fields[name].value(raw, clear=name in clear) for name, raw in zip(names, values, strict=True)]
            for values in CaseSheet.rows(rows, names).values_list(*[CaseSheet.fields[name].attribute for name in names])
        ]
        data = workbook(CaseSheet, rows, names, clear=clear)
        lines = csv_rows(CaseSheet, rows, names, clear=clear)
        titles = [str(CaseSheet.fields[name].column_name) for name in names]
    assert by_openpyxl(data)[0] == by_calamine(data)[0] == lines[0] == titles
    assert [[as_openpyxl(value) for value in row] for row in expected] == by_openpyxl(data)[1:]
    for row, read in zip(expected, by_calamine(data)[1:], strict=True):
        assert [as_calamine(value) for value in row] == read
    assert [[as_csv(value) for value in row] for row in expected] == lines[1:]


def naive(*parts: int) -> datetime:
    """A cell knows no zone."""
    return datetime(*parts)  # noqa: DTZ001  (that is the point)


def as_openpyxl(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return naive(value.year, value.month, value.day)
    return float(value) if isinstance(value, Decimal) else value


def as_calamine(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():  # midnight is a day to it
        return value.date()
    return float(value) if isinstance(value, int | Decimal) else value


def as_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".")
    if isinstance(value, str) and value.isdigit() and (len(value) >= 12 or value[0] == "0"):
        return f"'{value}"  # or a program would round it
    return guarded(value) if isinstance(value, str) else str(value)


def test_days_before_1900_are_written_as_text(transactional_db: None) -> None:
    for day in ("1899-12-31", "1900-02-28", "1900-03-01", "2026-02-28"):
        CalendarDay.objects.update_or_create(day=day, defaults={"is_working": False, "name": "x"})
    rows = CalendarDay.objects.filter(name="x").order_by("day")
    found = [row[0] for row in by_openpyxl(workbook(CalendarSheet, rows, ("day",)))[1:]]
    assert found == ["1899-12-31", "1900-02-28", naive(1900, 3, 1), naive(2026, 2, 28)]


def test_a_full_sheet_is_followed_by_another(transactional_db: None) -> None:
    CalendarDay.objects.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=date(2001, 1, 1).replace(year=2001 + n), is_working=True, name=str(n)) for n in range(25)
    )
    names = ("day_name",)
    for rows_a_sheet, sizes in ((10, [10, 10, 5]), (25, [25]), (24, [24, 1]), (1, [1] * 25)):
        data = workbook(CalendarSheet, CalendarDay.objects.order_by("day"), names, rows_a_sheet=rows_a_sheet)
        sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets[:-1]
        found = [[row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in sheets]
        assert [len(values) for values in found] == sizes
        assert [value for values in found for value in values] == [str(n) for n in range(25)]
        assert len({sheet.title for sheet in sheets}) == len(sheets)
        assert {sheet.cell(1, 1).data_type for sheet in sheets} == {"s"}


def test_an_empty_list_is_a_sheet_with_titles(transactional_db: None) -> None:
    data = workbook(CalendarSheet, CalendarDay.objects.none(), ("day", "day_name"))
    assert len(by_openpyxl(data)) == 1
    assert len(csv_rows(CalendarSheet, CalendarDay.objects.filter(name="-"), ("day", "day_name"))) == 1


def test_signs_that_no_workbook_can_hold_are_marked(transactional_db: None) -> None:
    CalendarDay.objects.update_or_create(
        day="1999-01-01", defaults={"is_working": False, "name": "a\x01\x02\x0e\x0f\x1fb\ufffe"}
    )
    rows = CalendarDay.objects.filter(day="1999-01-01")
    assert by_openpyxl(workbook(CalendarSheet, rows, ("day_name",)))[1] == ["a\ufffd\ufffd\ufffd\ufffd\ufffdb\ufffd"]


def test_an_instant_falls_on_its_shanghai_second(transactional_db: None) -> None:
    claim = case_in(State.REPORTED)
    instants = (datetime(1988, 6, 1, 16, 0, tzinfo=UTC), datetime(2026, 2, 28, 15, 59, 59, 600_000, tzinfo=UTC))
    for instant, seen in zip(instants, (naive(1988, 6, 2, 1, 0), naive(2026, 3, 1, 0, 0)), strict=True):
        with connection.cursor() as cursor:  # summer time was kept in 1988
            cursor.execute("UPDATE claims_claim SET reported_at = %s WHERE id = %s", [instant, claim.pk])
        rows = Claim.objects.filter(pk=claim.pk)
        assert by_openpyxl(workbook(CaseSheet, rows, ("reported_at",)))[1] == [seen]
        assert csv_rows(CaseSheet, rows, ("reported_at",))[1] == [str(seen)]


@pytest.fixture(scope="module")
def masking(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        yield cursor


NAMES = st.text(st.sampled_from("王小明欧阳J o*=A.·é㐀"), min_size=1, max_size=6).filter(
    lambda name: name == " ".join(name.split()) and name
)


@settings(deadline=None)
@given(name=NAMES)
def test_the_database_masks_names_as_the_desk_does(masking: Any, name: str) -> None:
    masking.execute("SELECT masked_name(%s)", [name])
    assert masking.fetchone()[0] == masks.name(name)
