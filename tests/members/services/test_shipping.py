from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.kernel.models import CalendarDay
from members.models import Covenant, Disease, Hospital, Plan
from members.rules.plan_files import read_plan
from members.services.plans import Wording, founders, sign, wording_of, write
from members.services.shipping import ShippedVersionChanged, load_shipped
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW = at("2024-01-01 09:00")


def test_everything_that_ships_is_loaded():
    covenants = load_shipped(at=NOW)

    assert [covenant.plan.code for covenant in covenants] == ["meituan", "qingsong", "xianghu"]
    assert {covenant.in_force_from for covenant in covenants} == {date(2010, 1, 1)}
    assert all(covenant.published_by != covenant.drafted_by for covenant in covenants)
    assert Disease.objects.count() == 113
    assert Hospital.objects.valid_on(date(2024, 1, 1)).exists()
    assert CalendarDay.objects.filter(day=date(2025, 10, 1), is_statutory=True).exists()


def test_the_plans_differ_in_what_their_table_says():
    terms = {covenant.plan.code: covenant.terms for covenant in load_shipped(at=NOW)}

    assert {code: term["age.max_years"] for code, term in terms.items()} == {
        "qingsong": 65,
        "xianghu": 59,
        "meituan": 60,
    }
    assert {code: term["waiting.days"] for code, term in terms.items()} == {
        "qingsong": 90,
        "xianghu": 90,
        "meituan": 180,
    }
    assert {code: len(term["health.questions"]) for code, term in terms.items()} == {
        "qingsong": 12,
        "xianghu": 9,
        "meituan": 14,
    }


def test_loading_again_changes_nothing():
    def everything() -> list[list[object]]:
        return [
            list(model.objects.order_by("pk").values()) for model in (Plan, Covenant, Disease, Hospital, CalendarDay)
        ]

    load_shipped(at=NOW)
    before = everything()

    load_shipped(at=at("2025-01-01 09:00"))

    assert everything() == before


def test_a_hospital_kept_by_hand_is_left_alone():
    load_shipped(at=NOW)
    Hospital.objects.filter(code="110101-01").update(grade="2B")

    load_shipped(at=NOW)

    assert Hospital.objects.get(code="110101-01").grade == "2B"


def test_a_plan_file_changed_under_its_version_is_refused_and_nothing_is_loaded():
    file = read_plan("qingsong")
    plan = Plan.objects.create(code="qingsong", name_zh="轻松互助", name_en="Qingsong")
    wording = Wording(dict(file.terms) | {"waiting.days": 91}, file.clauses, file.term_clauses, file.questions)
    drafter, publisher = founders()
    sign(write(plan, file.version, wording, in_force_from=file.in_force_from, by=drafter, at=NOW), by=publisher, at=NOW)

    with pytest.raises(ShippedVersionChanged):
        load_shipped(at=NOW)

    assert Plan.objects.count() == 1
    with pytest.raises(CommandError, match="qingsong"):
        call_command("load_plans")


def test_what_was_read_is_what_was_published():
    (_, covenant, _) = load_shipped(at=NOW)

    file = read_plan("qingsong")
    assert wording_of(Covenant.objects.get(pk=covenant.pk)) == Wording(
        file.terms, file.clauses, file.term_clauses, file.questions
    )


def test_the_command_names_the_versions():
    out = StringIO()

    call_command("load_plans", stdout=out)

    assert [line.split()[0] for line in out.getvalue().splitlines()] == ["meituan", "qingsong", "xianghu"]
