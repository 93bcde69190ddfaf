"""SR-11, AMB-25: a joining date recorded wrong by the platform is corrected by two supervisors, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson
from members.enums import EndReason
from members.models import JoiningCorrection, Membership
from members.services import dues, joining
from tests.members.conftest import at

WAS = at("2024-06-01 10:00")
BECOMES = at("2024-05-20 23:30")
NOW = at("2024-09-01 09:00")


@pytest.fixture
def propose(staff) -> Callable[..., JoiningCorrection]:
    def one(membership, joined_at=BECOMES, *, reason="入组接口超时", by=None, now=NOW):
        return joining.propose_correction(
            membership.pk, joined_at, reason=reason, by=by or staff("supervisor", 1), at=now
        )

    return one


@pytest.mark.django_db
class TestCorrections:
    def test_a_proposal_changes_nothing_yet(self, admit, propose):
        correction = propose(admit())

        assert Membership.objects.get().joined_at == WAS
        assert (correction.was, correction.becomes, correction.confirmed_at) == (WAS, BECOMES, None)

    def test_the_second_supervisor_changes_instant_and_day(self, admit, propose, staff):
        correction = propose(admit())

        joining.confirm_correction(correction.pk, by=staff("supervisor", 2), at=NOW)

        membership = Membership.objects.get()
        assert (membership.joined_at, membership.joined_on) == (BECOMES, date(2024, 5, 20))
        correction.refresh_from_db()
        assert (correction.confirmed_by, correction.confirmed_at) == (staff("supervisor", 2), NOW)

    def test_the_same_supervisor_cannot_confirm(self, admit, propose, staff):
        correction = propose(admit())

        with pytest.raises(SamePerson):
            joining.confirm_correction(correction.pk, by=staff("supervisor", 1), at=NOW)

        assert Membership.objects.get().joined_at == WAS

    @pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator", "investigator"])
    def test_only_supervisors_correct(self, admit, propose, staff, role):
        membership = admit()
        correction = propose(membership)

        with pytest.raises(NotPermitted):
            joining.confirm_correction(correction.pk, by=staff(role), at=NOW)
        with pytest.raises(NotPermitted):
            propose(membership, by=staff(role))

    def test_a_correction_is_confirmed_once(self, admit, propose, staff):
        correction = propose(admit())
        joining.confirm_correction(correction.pk, by=staff("supervisor", 2), at=NOW)

        with pytest.raises(Refusal) as no:
            joining.confirm_correction(correction.pk, by=staff("supervisor", 3), at=NOW)

        assert no.value.code == "WRONG_STATE"
        assert JoiningCorrection.objects.get().confirmed_by == staff("supervisor", 2)

    def test_a_second_proposal_waits_for_the_first(self, admit, propose, staff):
        membership = admit()
        correction = propose(membership)

        with pytest.raises(Refusal) as no:
            propose(membership, by=staff("supervisor", 2))
        assert no.value.code == "WRONG_STATE"

        joining.confirm_correction(correction.pk, by=staff("supervisor", 2), at=NOW)
        assert propose(membership, WAS).was == BECOMES

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_a_correction_says_why(self, admit, propose, reason):
        with pytest.raises(InvalidInput):
            propose(admit(), reason=reason)

    def test_a_joining_date_does_not_lie_in_the_future(self, admit, propose):
        membership = admit()

        with pytest.raises(InvalidInput):
            propose(membership, NOW + timedelta(seconds=1))
        assert propose(membership, NOW).becomes == NOW

    def test_a_joining_date_does_not_lie_before_the_birth(self, admit, propose):
        with pytest.raises(InvalidInput):
            propose(admit(), at("1980-05-19 23:59"))

    def test_a_joining_date_does_not_lie_after_the_end(self, admit, propose):
        membership = admit()
        dues.end(membership, on=date(2024, 8, 1), reason=EndReason.LEFT)

        with pytest.raises(InvalidInput):
            propose(membership, at("2024-08-02 00:00"))
        assert propose(membership, at("2024-08-01 23:59"))

    def test_the_version_joined_under_stays(self, admit, propose, staff):
        membership = admit()
        correction = propose(membership)

        after = joining.confirm_correction(correction.pk, by=staff("supervisor", 2), at=NOW)

        assert after.covenant_id == membership.covenant_id

    def test_the_database_refuses_one_person_for_both(self, admit, propose):
        correction = propose(admit())

        with pytest.raises(IntegrityError, match="correction_is_confirmed_by_another"), transaction.atomic():
            JoiningCorrection.objects.filter(pk=correction.pk).update(
                confirmed_by=correction.proposed_by, confirmed_at=NOW
            )


def confirm_at_once(correction: JoiningCorrection, people) -> list[str]:
    """Two supervisors confirm in the same instant: "ok" or the code of the refusal, for each."""
    start = Barrier(len(people))

    def confirm(person) -> str:
        try:
            start.wait(5)
            joining.confirm_correction(correction.pk, by=person, at=NOW)
            return "ok"
        except Refusal as no:
            return no.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return sorted(pool.map(confirm, people))


@pytest.mark.django_db(transaction=True)
class TestRace:
    ROUNDS = 10

    def race(self, admit, propose, staff) -> list[list[str]]:
        membership = admit()
        outcomes = []
        for round_ in range(self.ROUNDS):
            correction = propose(membership, BECOMES + timedelta(days=round_))
            outcomes.append(confirm_at_once(correction, [staff("supervisor", 2), staff("supervisor", 3)]))
        return outcomes

    def test_one_date_confirmed_twice_at_once_is_confirmed_once(self, admit, propose, staff):
        assert self.race(admit, propose, staff) == [["WRONG_STATE", "ok"]] * self.ROUNDS

    def test_without_the_lock_both_would_succeed(self, admit, propose, staff, monkeypatch):
        """Negative control: the race is real, and it is the lock that decides it."""
        both_have_read = Barrier(2)

        def unlocked(membership_id: int) -> Membership:
            membership = Membership.objects.get(pk=membership_id)
            if both_are_confirming:
                both_have_read.wait(5)
            return membership

        both_are_confirming = False
        monkeypatch.setattr(joining, "lock_membership", unlocked)
        membership = admit()
        outcomes = []
        for round_ in range(self.ROUNDS):
            both_are_confirming = False
            correction = propose(membership, BECOMES + timedelta(days=round_))
            both_are_confirming = True
            outcomes.append(confirm_at_once(correction, [staff("supervisor", 2), staff("supervisor", 3)]))

        assert outcomes.count(["ok", "ok"]) >= self.ROUNDS // 2

    def test_two_proposals_at_once_leave_one(self, admit, propose, staff):
        membership = admit()
        people = [staff("supervisor", 1), staff("supervisor", 2)]
        start = Barrier(2)

        def one(person) -> str:
            try:
                start.wait(5)
                propose(membership, by=person)
                return "ok"
            except Refusal as no:
                return no.code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(one, people)) == ["WRONG_STATE", "ok"]
        assert JoiningCorrection.objects.count() == 1

    def test_the_same_person_joining_twice_at_once_joins_once(self, admit, staff, applicant):
        staff("intake")
        start = Barrier(2)

        def one(_number: int) -> str:
            try:
                start.wait(5)
                admit()
                return "ok"
            except Refusal as no:
                return no.code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(one, range(2))) == ["INVALID_INPUT", "ok"]
        assert Membership.objects.count() == 1
