"""Cases out of a spreadsheet: each row goes the way of the page, and is refused where the page refuses."""

from typing import Any

import pytest

from claims.models import Claim
from claims.resources import ReportImporter
from claims.services.collecting import withdraw
from config.kernel.models import Import
from tests.factories import at, membership, staff
from tests.sheets import sent, taken, xlsx

NOW = at("2025-04-05 09:30")
HEAD = ["身份证号", "计划", "疾病", "确诊日期", "原因", "报案人电话", "肿瘤部位", "TNM分期", "病情备注"]

pytestmark = pytest.mark.django_db


def row(number: str, **values: Any) -> list[Any]:
    said = dict(
        zip(
            HEAD,
            [number, "qingsong", "malignant_tumor", "2025-04-01", "疾病", "13800138000", "thyroid", "T1aN0M0", ""],
            strict=True,
        )
    )
    return list((said | values).values())


def sent_cases(*rows: list[Any]) -> Import:
    return sent("cases", xlsx([HEAD, *rows]), by=staff("intake"), at=NOW, again=True)


def test_a_row_opens_a_case_like_the_page() -> None:
    member, by = membership(), staff("intake")

    it = sent("cases", xlsx([HEAD, row(member.member.id_number, 病情备注="右叶")]), by=by, at=NOW)
    assert (it.good, it.bad, it.new) == (1, 0, 1), [line.faults for line in it.lines.all()]
    assert not Claim.objects.exists()
    it = taken(it, by=by, at=NOW)

    claim = Claim.objects.get()
    assert (claim.state, claim.reported_by, claim.notes, claim.reporter_phone) == (
        "collecting",
        by,
        "右叶",
        "13800138000",
    )
    assert claim.facts == {"site": "thyroid", "tnm": "T1aN0M0"}
    assert claim.assessment is not None
    assert (it.status, it.made) == ("applied", 1)


def test_a_refusal_of_the_service_is_the_fault_of_its_row_alone() -> None:
    first, second = membership(), membership()

    it = sent_cases(
        row(first.member.id_number, 确诊日期="2025-04-06"),
        row(second.member.id_number),
        row("110101199003070011"),
    )

    said = {line.line: line.faults[0]["en"] for line in it.lines.all()}
    assert (it.good, it.bad) == (1, 2)
    assert "still to come" in said[2]
    assert said[4].startswith("Resident ID number:")


def test_the_same_cases_again_open_none() -> None:
    member, by = membership(), staff("intake")
    taken(sent_cases(row(member.member.id_number)), by=by, at=NOW)

    it = taken(sent_cases(row(member.member.id_number)), by=by, at=NOW)

    assert (it.unchanged, it.kept, Claim.objects.count()) == (1, 1, 1)


def test_a_case_that_was_opened_meanwhile_is_a_late_fault() -> None:
    member, by = membership(), staff("intake")
    it = sent_cases(row(member.member.id_number))
    taken(sent_cases(row(member.member.id_number, 确诊日期="2025-03-31")), by=by, at=NOW)

    it = taken(it, by=by, at=NOW)

    assert (it.made, it.late, Claim.objects.count()) == (0, 1, 1)
    assert it.lines.get().is_late


def test_a_member_twice_in_a_file_is_a_fault() -> None:
    member = membership()

    it = sent_cases(row(member.member.id_number), row(member.member.id_number, 确诊日期="2025-03-01"))

    assert [line.line for line in it.lines.all()] == [3]


@pytest.mark.parametrize("column", ["state", "状态", "covenant", "decided_fen", "assigned_to"])
def test_no_column_reaches_what_only_moves_may_change(column: str) -> None:
    it = sent(
        "cases", xlsx([[*HEAD, column], [*row(membership().member.id_number), "paid"]]), by=staff("intake"), at=NOW
    )

    assert (it.status, it.refused["code"]) == ("refused", "UNKNOWN_COLUMNS")
    assert column in it.refused["zh"]


def test_the_columns_are_those_that_the_report_takes_and_no_others() -> None:
    assert not {"state", "version", "covenant", "reported_by", "decided_fen"} & set(ReportImporter.columns())


def test_an_illness_whose_case_was_withdrawn_is_reported_anew() -> None:
    member, by = membership(), staff("intake")
    taken(sent_cases(row(member.member.id_number)), by=by, at=NOW)
    assert sent_cases(row(member.member.id_number)).unchanged == 1
    withdraw(Claim.objects.get().pk, by=by, at=NOW)

    it = sent_cases(row(member.member.id_number))

    assert (it.new, it.unchanged, it.bad) == (1, 0, 0), [line.faults for line in it.lines.all()]
