import pytest

from config.kernel.refusals import InvalidInput, NotPermitted
from members.models import Declaration, Membership
from members.services import health
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW, LATER = at("2024-09-01 09:00"), at("2024-09-02 09:00")


def test_a_recheck_keeps_who_and_when(admit, staff):
    membership = admit(migrated=True)

    health.recheck(membership.pk, by=staff("reviewer"), at=NOW)

    membership.refresh_from_db()
    assert (membership.health_rechecked_by, membership.health_rechecked_at) == (staff("reviewer"), NOW)


def test_the_first_recheck_is_kept(admit, staff):
    membership = admit(migrated=True)
    health.recheck(membership.pk, by=staff("reviewer"), at=NOW)

    health.recheck(membership.pk, by=staff("reviewer", 2), at=LATER)

    assert Membership.objects.get().health_rechecked_at == NOW


def test_a_breach_marks_its_question_alone(admit, staff):
    membership = admit()

    health.record_breach(membership.pk, "hospital_stay_2y", by=staff("reviewer"), at=NOW)

    found = Declaration.objects.get(found_untrue_at__isnull=False)
    assert (found.question, found.found_untrue_by, found.found_untrue_at) == (
        "hospital_stay_2y",
        staff("reviewer"),
        NOW,
    )


def test_a_breach_found_again_changes_nothing(admit, staff):
    membership = admit()
    health.record_breach(membership.pk, "hospital_stay_2y", by=staff("reviewer"), at=NOW)

    health.record_breach(membership.pk, "hospital_stay_2y", by=staff("supervisor"), at=LATER)

    assert Declaration.objects.get(question="hospital_stay_2y").found_untrue_at == NOW


def test_a_question_that_was_not_asked_is_refused(admit, staff):
    with pytest.raises(InvalidInput):
        health.record_breach(admit().pk, "shoe_size", by=staff("reviewer"), at=NOW)


@pytest.mark.parametrize("role", ["intake", "finance", "auditor", "administrator", "investigator"])
def test_only_reviewers_and_supervisors_judge_health(admit, staff, role):
    membership = admit()

    with pytest.raises(NotPermitted):
        health.recheck(membership.pk, by=staff(role), at=NOW)
    with pytest.raises(NotPermitted):
        health.record_breach(membership.pk, "hospital_stay_2y", by=staff(role), at=NOW)
