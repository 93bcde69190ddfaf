"""Members, hospitals, diseases and covenants out of spreadsheets: every fault is named, and nothing is half written."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from config.kernel.importing import jobs, workbooks, working
from config.kernel.importing.importers import places
from config.kernel.models import Import, ImportEvent, ImportLine
from members.enums import Purpose
from members.models import Consent, Covenant, Declaration, Disease, Hospital, Member, Membership
from members.policies import terms_of
from members.resources.member_imports import MemberImporter
from members.services import joining
from tests.factories import at, membership, plan, staff
from tests.sheets import PEOPLE, card, cells, csv_file, person, sent, taken, xlsx

NOW = at("2025-06-01 10:00")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plan() -> None:
    plan()


def changed(number: int, **values: Any) -> list[Any]:
    """A person of whom some cells, named by their heading, say something else."""
    row = person(number)
    for heading, value in values.items():
        row[PEOPLE.index(heading)] = value
    return row


def faults_of(row: list[Any], head: list[str] = PEOPLE) -> list[str]:
    """What is wrong with a row, in English."""
    it = sent("members", xlsx([head, row]), by=staff("supervisor"), at=NOW, again=True)
    assert it.status == "read", it.refused
    return [fault["en"] for line in it.lines.all() for fault in line.faults]


def test_a_member_is_written_whole_and_as_taken_over() -> None:
    by = staff("supervisor")

    it = taken(sent("members", xlsx([PEOPLE, person(7)]), by=by, at=NOW), by=by, at=NOW)

    assert (it.status, it.made, it.late) == ("applied", 1, 0)
    member = Member.objects.get(id_number=person(7)[4])
    assert (member.name, member.phone, member.bank_card) == ("王7", "13800000007", card(7))
    assert Member.objects.get(phone="13800000007") == Member.objects.get(bank_card=card(7)) == member
    belongs = member.memberships.get()
    assert (belongs.migrated, belongs.health_rechecked_at, belongs.tier_fen) == (True, None, 10_000_000)
    assert (belongs.joined_on, belongs.plan.code, belongs.ended_on) == (date(2024, 6, 1), "qingsong", None)
    assert not Declaration.objects.filter(membership=belongs).exists()
    assert not Consent.objects.filter(membership=belongs).exists()


def test_consents_are_written_where_the_sheet_has_their_day() -> None:
    by = staff("supervisor")
    head = [*PEOPLE, "同意公示日期", "Consent to investigation on"]

    taken(sent("members", xlsx([head, [*person(1), "2024-06-02", ""]]), by=by, at=NOW), by=by, at=NOW)

    assert [(one.purpose, one.given_at) for one in Consent.objects.all()] == [(Purpose.PUBLICITY, at("2024-06-02"))]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"姓名": ""}, "Name: is needed."),
        ({"性别": "女"}, "Resident ID number: its sex is another."),
        ({"性别": "?"}, "Sex: must be one of"),
        ({"出生日期": "1975-13-01"}, "Date of birth: is no day"),
        ({"出生日期": "1975-01-09"}, "Resident ID number: its date of birth is another."),
        (
            {"身份证号": person(3)[4][:-1] + ("1" if person(3)[4][-1] != "1" else "2")},
            "Resident ID number: The resident ID",
        ),
        ({"身份证号": 420106197501040012}, "Resident ID number: is a number here: format the column as text"),
        ({"银行卡号": 6222020000000031}, "Bank card: is a number here: format the column as text"),
        ({"银行卡号": card(3)[:-1] + str((int(card(3)[-1]) + 1) % 10)}, "Bank card: is mistyped"),
        ({"手机号": "12800000000"}, "Phone: A mobile number"),
        ({"计划": "unknown"}, "Plan: is not known here."),
        ({"档位（元）": "12345"}, "Tier (yuan): is none that the plan offers."),
        ({"档位（元）": 0.001}, "Tier (yuan): An amount has no parts of a fen."),
        ({"加入时间": "2999-01-01"}, "Joined at: lies in the future."),
        ({"加入时间": "2024-06-01 25:00"}, "Joined at: is no time"),
        ({"加入时间": "1974-06-01"}, "Joined at: lies before the date of birth."),
        ({"加入时间": "1990-06-01"}, "Joined at: the plan had no covenant in force on that day."),
    ],
)
def test_what_is_wrong_with_a_row_is_said(values: dict[str, Any], wrong: str) -> None:
    assert any(fault.startswith(wrong) for fault in faults_of(changed(3, **values)))


def test_all_faults_of_a_row_are_said_at_once() -> None:
    assert len(faults_of(changed(3, 姓名="", 手机号="1", 计划="?"))) == 3


def test_a_good_row_has_no_fault() -> None:
    assert faults_of(person(3)) == []


@pytest.mark.parametrize(
    ("ended", "reason", "wrong"),
    [
        ("2025-01-01", "", "a last day and its reason come together."),
        ("", "left", "a last day and its reason come together."),
        ("2024-05-31", "left", "lies before the joining, or in the future."),
        ("2025-06-02", "left", "lies before the joining, or in the future."),
    ],
)
def test_the_end_of_a_membership_comes_with_a_reason_and_in_its_time(ended: str, reason: str, wrong: str) -> None:
    assert faults_of([*person(3), ended, reason], [*PEOPLE, "退出日期", "退出原因"]) == [f"Ended on: {wrong}"]


def test_a_version_must_be_a_published_one_of_the_plan() -> None:
    assert faults_of([*person(3), "none such"], [*PEOPLE, "公约版本"]) == [
        "Covenant version: is no published version of this plan."
    ]


def test_a_member_who_is_known_by_another_name_is_refused() -> None:
    by = staff("supervisor")
    taken(sent("members", xlsx([PEOPLE, person(3)]), by=by, at=NOW), by=by, at=NOW)

    assert faults_of(changed(3, 姓名="李四")) == ["Resident ID number: belongs to a member of another name."]


def test_nothing_of_a_known_member_is_changed_by_a_sheet() -> None:
    by = staff("supervisor")
    taken(sent("members", xlsx([PEOPLE, person(3)]), by=by, at=NOW), by=by, at=NOW)

    assert faults_of(changed(3, 银行卡号=card(4), 手机号="13900000000")) == [
        "Phone: is another than the one that is known: it is not changed by a sheet.",
        "Bank card: is another than the one that is known: it is not changed by a sheet.",
    ]
    assert faults_of(changed(3, 加入时间="2024-07-01")) == [
        "Resident ID number: belongs to a member of this plan at that time."
    ]


def test_what_was_empty_is_filled_in() -> None:
    by = staff("supervisor")
    taken(sent("members", xlsx([PEOPLE, changed(3, 手机号="", 银行卡号="")]), by=by, at=NOW), by=by, at=NOW)

    it = taken(sent("members", xlsx([PEOPLE, person(3)]), by=by, at=NOW), by=by, at=NOW)

    assert (it.new, it.changed, it.unchanged, it.altered) == (0, 1, 0, 1)
    assert Member.objects.get(phone="13800000003").bank_card == card(3)
    assert Membership.objects.count() == 1


def test_the_same_people_again_change_nothing() -> None:
    by, rows = staff("supervisor"), [PEOPLE, *(person(number) for number in range(20))]
    taken(sent("members", xlsx(rows), by=by, at=NOW), by=by, at=NOW)
    before = list(Member.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values())

    it = taken(sent("members", csv_file(rows), by=by, at=NOW), by=by, at=NOW)

    assert (it.new, it.changed, it.unchanged, it.kept) == (0, 0, 20, 20)
    assert (list(Member.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values())) == before


def test_a_person_twice_in_the_file_is_a_fault() -> None:
    it = sent("members", xlsx([PEOPLE, person(1), person(2), person(1)]), by=staff("supervisor"), at=NOW)

    assert [(one.line, one.faults[0]["en"]) for one in it.lines.all()] == [
        (4, "Resident ID number: stands in line 2 already.")
    ]


def test_who_joined_between_dry_run_and_confirmation_comes_into_the_error_file() -> None:
    by = staff("supervisor")
    it = sent("members", xlsx([PEOPLE, person(1), person(2)]), by=by, at=NOW)
    _name, sex, born, region, number = person(1)[:5]
    who = joining.Applicant("别人", "M", born, region, number)
    joining.admit(plan(), who, tier_fen=10_000_000, declared={}, by=staff("intake"), at=NOW)
    assert sex == "男"

    it = taken(it, by=by, at=NOW)

    assert (it.status, it.made, it.late) == ("applied", 1, 1)
    late = it.lines.get()
    assert (late.line, late.is_late) == (2, True)
    with translation.override("en"):
        file = cells(workbooks.faults(*jobs.take_faults(it.pk, by=by, at=NOW)))
    assert file[1][:2] == ["王1", "男"]
    assert "another name" in file[1][-1]


def test_all_or_none_with_a_row_that_fails_at_the_end_writes_nobody() -> None:
    by = staff("supervisor")
    it = sent("members", xlsx([PEOPLE, person(1), person(2)]), by=by, at=NOW)
    _name, _sex, born, region, number = person(2)[:5]
    who = joining.Applicant("别人", "M", born, region, number)
    joining.admit(plan(), who, tier_fen=10_000_000, declared={}, by=staff("intake"), at=NOW)

    it = taken(it, by=by, at=NOW, is_whole=True)

    assert (it.status, it.refused["code"], it.made, it.late) == ("failed", "HAS_BAD_ROWS", 0, 1)
    assert it.lines.get().line == 3
    assert not Member.objects.filter(id_number=person(1)[4]).exists()


@pytest.mark.parametrize(("make", "many"), [(xlsx, 50_000), (csv_file, 5_000)])
def test_thousands_of_rows_with_faults_in_one_of_a_hundred(make: Any, many: int) -> None:
    """The error file names each of them and no other; the others are all there."""
    by, rows, wrong = staff("supervisor"), [person(number) for number in range(many)], range(17, many, 100)
    for number in wrong:
        rows[number][4] = rows[number][4][:-1] + ("1" if rows[number][4][-1] != "1" else "2")

    it = sent("members", make([PEOPLE, *rows]), by=by, at=NOW)
    assert (it.total, it.good, it.bad) == (many, many * 99 // 100, many // 100)
    with translation.override("en"):
        file = cells(workbooks.faults(*jobs.take_faults(it.pk, by=by, at=NOW)))
    assert [int(row[-2]) for row in file[1:]] == [number + 2 for number in wrong]
    assert [row[0] for row in file[1:]] == [f"王{number}" for number in wrong]

    it = taken(it, by=by, at=NOW)
    assert (it.status, it.made, it.late) == ("applied", many * 99 // 100, 0)
    assert Membership.objects.filter(migrated=True).count() == many * 99 // 100


def test_a_member_of_another_plan_keeps_what_is_known() -> None:
    theirs = membership()
    known = theirs.member
    head = ["姓名", "性别", "出生日期", "地区", "身份证号", "计划", "档位（元）", "加入时间"]
    other = Covenant.objects.published().exclude(plan=theirs.plan).filter(derived_from__isnull=True).earliest("pk")
    tier = terms_of(other).tiers.fen[0] // 100
    row = [known.name, "女", known.birth_date, "湖北", known.id_number, other.plan.code, tier, "2025-05-01"]
    by = staff("supervisor")

    it = taken(sent("members", xlsx([head, row]), by=by, at=NOW), by=by, at=NOW)

    assert (it.status, it.made) == ("applied", 1), [line.faults for line in it.lines.all()]
    assert known.memberships.count() == 2
    assert Member.objects.get(pk=known.pk).phone == known.phone


HOSPITALS = [
    "医院代码",
    "医院名称",
    "别名",
    "省",
    "市",
    "行政区划代码",
    "等级",
    "举办主体",
    "有效期自",
    "有效期至",
    "来源",
]
HOSPITAL = [
    "X001",
    "武汉新医院",
    "新院|分院",
    "湖北",
    "武汉",
    "420106",
    "三级甲等",
    "公立",
    "2020-01-01",
    "",
    "国家卫健委",
]


def test_hospitals_are_made_changed_and_left() -> None:
    by = staff("administrator")
    it = taken(sent("hospitals", csv_file([HOSPITALS, HOSPITAL]), by=by, at=NOW), by=by, at=NOW)
    assert it.made == 1, [line.faults for line in it.lines.all()]
    made = Hospital.objects.get(code="X001")
    assert (made.grade, made.ownership, made.aliases, made.valid_to) == ("3A", "public", ["新院", "分院"], None)

    other = [*HOSPITAL[:6], "3B", *HOSPITAL[7:]]
    it = sent("hospitals", xlsx([HOSPITALS, HOSPITAL]), by=by, at=NOW)
    assert (it.new, it.changed, it.unchanged) == (0, 0, 1)
    it = taken(sent("hospitals", xlsx([HOSPITALS, other]), by=by, at=NOW), by=by, at=NOW)
    assert (it.altered, Hospital.objects.get(code="X001").grade) == (1, "3B")


@pytest.mark.parametrize(
    ("place", "value", "wrong"),
    [
        (0, 1001, "Code: is a number here"),
        (5, "42010", "Region code: has six digits."),
        (6, "4A", "Grade: must be 1A to 3C"),
        (9, "2019-01-01", "Valid to: lies before the first day."),
    ],
)
def test_a_hospital_that_cannot_be_is_refused(place: int, value: Any, wrong: str) -> None:
    row: list[Any] = list(HOSPITAL)
    row[place] = value

    it = sent("hospitals", xlsx([HOSPITALS, row]), by=staff("administrator"), at=NOW)

    assert it.lines.get().faults[0]["en"].startswith(wrong)


def test_an_illness_takes_no_number_of_another() -> None:
    head = ["疾病代码", "序号", "类别", "定义来源", "中文名称", "英文名称", "中文定义", "英文定义"]
    taken_number = Disease.objects.earliest("number").number
    rows = [["new_one", taken_number, "重度", "2020规范", "新病", "New", "定义", "Text"]]
    rows += [["new_two", 900, "重度", "2020规范", "新病二", "New two", "定义", "Text"]]
    by = staff("administrator")

    it = taken(sent("diseases", xlsx([head, *rows]), by=by, at=NOW), by=by, at=NOW)

    assert [line.line for line in it.lines.all()] == [2]
    assert Disease.objects.get(code="new_two").number == 900
    assert not Disease.objects.filter(code="new_one").exists()


def covenant_rows(version: str = "2030.1", **others: Any) -> list[list[Any]]:
    source = Covenant.objects.published().get(plan__code="qingsong")
    heads = {"plan": "qingsong", "copied_from": source.version, "version": version, "in_force_from": "2030-01-01"}
    return [["条款项", "取值"], *([name, value] for name, value in (heads | others).items())]


def test_a_covenant_becomes_a_draft_and_is_never_published() -> None:
    by = staff("supervisor")
    tiers = "100000, 300000"

    it = taken(
        sent("covenants", xlsx(covenant_rows(**{"waiting.days": 120, "tiers.fen": tiers})), by=by, at=NOW),
        by=by,
        at=NOW,
    )

    assert it.status == "applied", [line.faults for line in it.lines.all()]
    draft = Covenant.objects.get(version="2030.1")
    assert (draft.published_at, draft.drafted_by, draft.terms["waiting.days"]) == (None, by, 120)
    assert draft.terms["tiers.fen"] == [10_000_000, 30_000_000]
    again = sent(
        "covenants", xlsx(covenant_rows(**{"waiting.days": 120, "tiers.fen": tiers})), by=by, at=NOW, again=True
    )
    assert (again.new, again.unchanged, again.bad) == (0, 6, 0)


@pytest.mark.parametrize(
    ("others", "wrong"),
    [
        ({"waiting.days": "many"}, "Value: must be a whole number"),
        ({"no.such": 1}, "Term: there is no such term"),
        ({"in_force_from": "2020-01-01"}, "A version begins after the day on which it is published"),
        ({"copied_from": "none"}, "Term: this plan has no such version."),
    ],
)
def test_a_covenant_that_cannot_be_is_refused_whole(others: dict[str, Any], wrong: str) -> None:
    by, before = staff("supervisor"), Covenant.objects.count()

    it = sent("covenants", xlsx(covenant_rows(**others)), by=by, at=NOW)

    assert it.bad
    assert any(fault["en"].startswith(wrong) for line in it.lines.all() for fault in line.faults)
    with pytest.raises((jobs.HasBadRows, jobs.NothingGood)):
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    assert Covenant.objects.count() == before


def test_what_copy_writes_passes_no_constraint_by() -> None:
    from config.kernel.importing.copying import copy_in, made

    names = ("membership", "purpose", "given_at")
    with pytest.raises(IntegrityError, match="consent_to_a_covenant_names_it"), transaction.atomic():
        copy_in(made(Consent, names, [(membership().pk, "covenant", NOW)]))


def test_cells_of_bad_rows_are_kept_as_they_came() -> None:
    it = sent("members", xlsx([PEOPLE, changed(3, 身份证号=4.20106197501e17)]), by=staff("supervisor"), at=NOW)

    kept = json.loads(ImportLine.objects.get(of=it).cells)

    assert (kept[4], kept[2]) == (4.20106197501e17, "1975-01-04")
    assert Import.objects.get(pk=it.pk).bad == 1


def test_what_somebody_typed_while_rows_were_judged_is_not_overwritten() -> None:
    by = staff("supervisor")
    taken(sent("members", xlsx([PEOPLE, changed(3, 手机号="")]), by=by, at=NOW), by=by, at=NOW)
    importer = MemberImporter(by=by, at=NOW)
    rows = importer.read([(2, [str(cell) for cell in person(3)])], places(MemberImporter, PEOPLE))
    importer.judge(rows)
    assert (rows[0].faults, rows[0].found.completes) == ([], {"phone": "13800000003"})
    member = Member.objects.get(id_number=person(3)[4])
    member.phone = "13900000000"
    member.save()

    importer.write(rows)

    assert Member.objects.get(pk=member.pk).phone == "13900000000"
    assert [fault["en"] for fault in rows[0].faults] == [
        "Phone: is another than the one that is known: it is not changed by a sheet."
    ]


def test_bad_rows_of_an_end_that_is_not_written_are_not_written_either() -> None:
    by = staff("supervisor")
    it = sent("members", xlsx([PEOPLE, person(1), person(2)]), by=by, at=NOW)
    _name, _sex, born, region, number = person(2)[:5]
    who = joining.Applicant("别人", "M", born, region, number)
    joining.admit(plan(), who, tier_fen=10_000_000, declared={}, by=staff("intake"), at=NOW)
    jobs.confirm(it.pk, is_whole=True, by=by, at=NOW)
    ImportEvent.objects.create(of=it, verb="x", version=5, by=by, at=NOW)  # where the end is to be noted

    with pytest.raises(IntegrityError):
        working.carry_on(it.pk, at=NOW, seconds=60)

    assert (Import.objects.get(pk=it.pk).status, it.lines.count()) == ("confirmed", 0)


def test_a_fault_does_not_repeat_what_the_cell_holds() -> None:
    faults = faults_of([*person(3), "birth_certificate，13800138000"], [*PEOPLE, "已交入会材料"])

    assert faults == [
        "Papers shown at joining: joining asks for no such paper. Known are: birth_certificate, exam_report."
    ]
