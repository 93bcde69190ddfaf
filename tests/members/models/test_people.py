"""What must never be false of a member, whoever writes."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from members.enums import EndReason, Purpose
from members.models import Consent, Declaration, Member, Membership
from members.services import dues
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW = at("2024-09-01 09:00")


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


def test_nobody_runs_two_memberships_in_one_plan(admit):
    membership = admit()

    with refused("one_running_membership_in_a_plan"), transaction.atomic():
        membership.pk = None
        membership.save()


def test_an_ended_membership_makes_room_for_the_next(admit):
    dues.end(admit(), on=date(2024, 8, 1), reason=EndReason.LEFT)

    admit(at=NOW)

    assert Membership.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"tier_fen": 0}, "tier_is_positive"),
        ({"ended_on": date(2025, 1, 1)}, "membership_ends_with_a_reason"),
        ({"end_reason": "paid"}, "membership_ends_with_a_reason"),
        ({"health_rechecked_at": NOW}, "health_recheck_has_who_and_when"),
    ],
)
def test_a_membership_is_whole(admit, change, constraint):
    membership = admit()

    with refused(constraint), transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(**change)


def test_a_question_is_answered_once(admit):
    declaration = admit().declarations.first()

    with refused("question_is_answered_once"), transaction.atomic():
        Declaration.objects.create(membership=declaration.membership, question=declaration.question)


def test_an_untrue_answer_has_who_and_when(admit):
    declaration = admit().declarations.first()

    with refused("untrue_declaration_has_who_and_when"), transaction.atomic():
        Declaration.objects.filter(pk=declaration.pk).update(found_untrue_at=NOW)


def test_a_consent_names_a_version_exactly_when_it_is_for_one(admit):
    membership = admit()

    with refused("consent_to_a_covenant_names_it"), transaction.atomic():
        Consent.objects.create(membership=membership, purpose=Purpose.COVENANT, given_at=NOW)
    with refused("consent_to_a_covenant_names_it"), transaction.atomic():
        Consent.objects.create(
            membership=membership, purpose=Purpose.PUBLICITY, covenant=membership.covenant, given_at=NOW
        )


def test_an_id_number_is_one_persons(admit, applicant):
    admit()
    other = admit(applicant(4)).member

    with refused("id_number_index"), transaction.atomic():
        other.id_number = applicant().id_number
        other.save()


def test_no_number_lies_in_the_clear(admit, applicant):
    numbers = {"phone": "13812348000", "bank_card": "6222021001116245702"}
    admit(applicant(**numbers))

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(m)::text FROM members_member m")
        (row,) = cursor.fetchone()
    for number in (applicant().id_number, *numbers.values()):
        assert number not in row
        assert number.encode().hex() not in row


def test_a_member_is_named_masked(admit):
    admit()

    assert str(Member.objects.get()) == "吴*漫"
    assert "吴小漫" not in str(Membership.objects.get())


def test_running_members_are_those_of_the_day(admit, plan):
    membership = admit()
    dues.end(membership, on=date(2024, 8, 1), reason=EndReason.LEFT)

    def running(day: date) -> bool:
        return Membership.objects.running_on(day).exists()

    assert [running(date(2024, 5, 31)), running(date(2024, 6, 1))] == [False, True]
    assert [running(date(2024, 8, 1)), running(date(2024, 8, 2))] == [True, False]
