from datetime import date, timedelta

import pytest

from config.kernel.civil import end_of
from config.kernel.identity import make_resident_id
from config.kernel.refusals import InvalidInput, NotPermitted
from members.enums import EndReason, Purpose
from members.models import Consent, Declaration, Member, Membership
from members.refusals import NoCovenant, NotAdmitted
from members.services import dues
from tests.members.conftest import TIER, at

pytestmark = pytest.mark.django_db


def test_joining_writes_the_membership_its_answers_and_its_consents(admit, plan, staff, applicant):
    membership = admit(applicant(phone="138 1234 8000", bank_card="6222 0210 0111 6245 702", email="wu@example.org"))

    assert membership.joined_on == date(2024, 6, 1)
    assert membership.covenant.plan == plan
    assert membership.health_rechecked_by is None
    assert set(membership.declarations.values_list("question", flat=True)) == {
        question["key"] for question in membership.covenant.questions
    }
    assert not membership.declarations.filter(answer=True).exists()
    assert set(membership.consents.values_list("purpose", flat=True)) == {"publicity", "investigation"}
    member = Member.objects.get(phone="13812348000", bank_card="6222021001116245702")
    assert member == membership.member
    assert member.verified_at == at("2024-06-01 10:00")


def test_only_the_consents_that_were_given_are_written(admit):
    membership = admit(consents=[Purpose.PUBLICITY])

    assert list(membership.consents.values_list("purpose", flat=True)) == ["publicity"]


@pytest.mark.parametrize("role", ["reviewer", "supervisor", "finance", "auditor", "administrator", "investigator"])
def test_only_intake_admits(admit, staff, role):
    with pytest.raises(NotPermitted):
        admit(by=staff(role))


def test_the_joining_day_is_that_of_shanghai(admit):
    last_second = end_of(date(2024, 6, 1)) - timedelta(seconds=1)

    assert admit(at=last_second).joined_on == date(2024, 6, 1)


def test_midnight_in_shanghai_begins_the_next_day(admit):
    assert admit(at=end_of(date(2024, 6, 1))).joined_on == date(2024, 6, 2)


def test_nobody_joins_before_the_first_version(admit):
    with pytest.raises(NoCovenant) as no:
        admit(at=at("2009-12-31 23:59"))

    assert no.value.code == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("birth_date", "documents", "codes"),
    [
        (date(2024, 5, 3), ["birth_certificate"], ("AGE_BELOW_MINIMUM",)),
        (date(2024, 5, 2), [], ("BIRTH_CERTIFICATE",)),
        (date(1958, 6, 1), ["exam_report"], ("AGE_ABOVE_MAXIMUM",)),
        (date(1964, 6, 1), [], ("EXAM_REPORT",)),
    ],
)
def test_joining_is_refused_with_the_codes_of_the_rules(admit, applicant, birth_date, documents, codes):
    with pytest.raises(NotAdmitted) as no:
        admit(applicant(birth_date=birth_date), documents=documents)

    assert no.value.admission.codes == codes
    assert str(no.value)
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("birth_date", "documents"),
    [(date(2024, 5, 2), ["birth_certificate"]), (date(1958, 6, 2), ["exam_report"]), (date(1964, 6, 2), [])],
)
def test_the_last_day_that_is_still_admitted(admit, applicant, birth_date, documents):
    assert admit(applicant(birth_date=birth_date), documents=documents).documents == documents


def test_one_yes_keeps_a_person_out(admit):
    with pytest.raises(NotAdmitted) as no:
        admit(declared={"hospital_stay_2y": True})

    assert no.value.admission.codes == ("DECLARATION_NOT_MET",)
    assert (Member.objects.count(), Membership.objects.count(), Declaration.objects.count()) == (0, 0, 0)


def test_a_migrated_member_is_admitted_without_a_recheck(admit):
    membership = admit(migrated=True)

    assert (membership.migrated, membership.health_rechecked_at) == (True, None)


def test_a_migrated_member_who_was_rechecked_keeps_who_and_when(admit, staff):
    membership = admit(migrated=True, health_rechecked=True)

    assert (membership.health_rechecked_by, membership.health_rechecked_at) == (staff("intake"), membership.joined_at)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id_number": "420106198005200020"},
        {"id_number": "4201061980052000"},
        {"id_number": make_resident_id("420106", date(1980, 5, 21), 2)},
        {"id_number": make_resident_id("420106", date(1980, 5, 20), 1)},
        {"phone": "12812348000"},
        {"bank_card": "62220210"},
        {"name": "  "},
        {"sex": "X"},
    ],
    ids=["check digit", "length", "another birth date", "another sex", "phone", "card", "no name", "no sex"],
)
def test_what_contradicts_itself_is_refused_by_field(admit, applicant, wrong):
    with pytest.raises(InvalidInput) as no:
        admit(applicant(**wrong))

    assert no.value.field
    assert wrong.get("id_number", "-") not in str(no.value)


@pytest.mark.parametrize(
    "wrong",
    [{"tier_fen": TIER + 1}, {"declared": {"shoe_size": False}}, {"documents": ["passport"]}],
    ids=["tier", "question", "paper"],
)
def test_what_the_plan_does_not_offer_is_refused(admit, wrong):
    with pytest.raises(InvalidInput):
        admit(**wrong)


def test_an_id_number_is_known_in_any_spelling(admit, applicant):
    member = admit(applicant(id_number="４２０１０６ 19800520 " + applicant().id_number[14:])).member

    assert Member.objects.get(id_number=applicant().id_number) == member


def test_a_member_who_left_joins_again_with_a_new_waiting_period(admit):
    first = admit()
    dues.end(first, on=date(2024, 8, 1), reason=EndReason.LEFT)

    again = admit(at=at("2024-09-01 10:00"))

    assert again.member == first.member
    assert (again.joined_on, first.joined_on) == (date(2024, 9, 1), date(2024, 6, 1))
    assert Member.objects.count() == 1
    assert Consent.objects.filter(membership=again).count() == 2


def test_nobody_is_a_member_of_a_plan_twice(admit):
    admit()

    with pytest.raises(InvalidInput):
        admit(at=at("2024-09-01 10:00"))


def test_an_id_number_under_another_name_is_refused(admit, applicant):
    dues.end(admit(), on=date(2024, 8, 1), reason=EndReason.LEFT)

    with pytest.raises(InvalidInput):
        admit(applicant(name="吴大漫"), at=at("2024-09-01 10:00"))


def test_a_member_who_died_does_not_join_again(admit):
    first = admit()
    dues.end(first, on=date(2024, 8, 1), reason=EndReason.PAID)
    Member.objects.filter(pk=first.member_id).update(died_on=date(2024, 8, 1))

    with pytest.raises(InvalidInput):
        admit(at=at("2024-09-01 10:00"))


def test_joining_again_does_not_change_the_bank_card(admit, applicant):
    first = admit(applicant(bank_card="6222021001116245702"))
    dues.end(first, on=date(2024, 8, 1), reason=EndReason.LEFT)

    again = admit(applicant(bank_card="6222021001116245710"), at=at("2024-09-01 10:00"))

    assert Member.objects.get(pk=again.member_id).bank_card == "6222021001116245702"
