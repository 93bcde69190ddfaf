from datetime import date, timedelta

import pytest

from config.kernel.civil import end_of, start_of
from config.kernel.permissions import check_permission
from config.kernel.refusals import NotPermitted
from members.enums import EndReason, Purpose
from members.models import Consent, Covenant
from members.policies import binding_covenant, check_member_on, terms_of
from members.refusals import NotAMember
from members.services import dues
from members.services.plans import derive, sign, wording_of, write
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

JOINED_ON = date(2024, 6, 1)


@pytest.fixture
def version(plan, staff):
    """`version("2025.1", date(2025, 1, 1))`: the shipped wording, published again under another name."""

    def one(name: str, in_force_from: date, *, published: bool = True) -> Covenant:
        wording = wording_of(Covenant.objects.in_force_on(JOINED_ON).get(plan=plan))
        covenant = write(
            plan, name, wording, in_force_from=in_force_from, by=staff("supervisor", 1), at=at("2024-06-02")
        )
        return sign(covenant, by=staff("supervisor", 2), at=at("2024-06-02")) if published else covenant

    return one


def consent(membership, covenant, given_at, withdrawn_at=None) -> None:
    Consent.objects.create(
        membership=membership, purpose=Purpose.COVENANT, covenant=covenant, given_at=given_at, withdrawn_at=withdrawn_at
    )


class TestWhichVersionBinds:
    """AMB-21."""

    DAY = date(2025, 4, 1)

    def test_a_newer_version_without_consent_does_not_bind(self, admit, version):
        membership = admit()
        version("2025.1", date(2025, 1, 1))

        assert binding_covenant(membership, self.DAY) == membership.covenant

    def test_consent_on_the_day_itself_binds_and_one_on_the_next_does_not(self, admit, version):
        membership, newer = admit(), version("2025.1", date(2025, 1, 1))
        consent(membership, newer, end_of(self.DAY) - timedelta(seconds=1))
        assert binding_covenant(membership, self.DAY) == newer
        assert binding_covenant(membership, self.DAY - timedelta(days=1)) == membership.covenant

        membership.consents.filter(purpose=Purpose.COVENANT).update(given_at=start_of(self.DAY + timedelta(days=1)))
        assert binding_covenant(membership, self.DAY) == membership.covenant

    def test_a_version_binds_from_the_day_on_which_it_is_in_force(self, admit, version):
        membership, newer = admit(), version("2025.1", self.DAY)
        consent(membership, newer, at("2024-12-01"))

        assert binding_covenant(membership, self.DAY) == newer
        assert binding_covenant(membership, self.DAY - timedelta(days=1)) == membership.covenant

    def test_a_consent_withdrawn_by_then_does_not_bind(self, admit, version):
        membership, newer = admit(), version("2025.1", date(2025, 1, 1))
        consent(membership, newer, at("2025-02-01"), withdrawn_at=start_of(self.DAY))

        assert binding_covenant(membership, self.DAY - timedelta(days=1)) == newer
        assert binding_covenant(membership, self.DAY) == membership.covenant

    def test_of_several_consents_the_newest_version_binds(self, admit, version):
        membership = admit()
        old, new = version("2024.7", date(2024, 7, 1)), version("2025.1", date(2025, 1, 1))
        consent(membership, new, at("2025-01-05"))
        consent(membership, old, at("2025-01-06"))

        assert binding_covenant(membership, self.DAY) == new

    def test_an_older_version_than_the_one_joined_under_does_not_bind(self, admit, version):
        older = Covenant.objects.in_force_on(JOINED_ON).get(plan__code="qingsong")
        joined = version("2024.6", JOINED_ON)
        membership = admit()
        assert membership.covenant == joined
        consent(membership, older, at("2024-07-01"))

        assert binding_covenant(membership, self.DAY) == joined

    def test_a_draft_does_not_bind(self, admit, version):
        membership = admit()
        consent(membership, version("2025.1", date(2025, 1, 1), published=False), at("2025-02-01"))

        assert binding_covenant(membership, self.DAY) == membership.covenant

    def test_other_consents_have_no_say_and_it_takes_one_query(self, admit, django_assert_num_queries):
        membership = admit()

        with django_assert_num_queries(1):
            assert binding_covenant(membership, self.DAY) == membership.covenant


class TestTermsOf:
    def test_a_published_version_is_read_once(self, admit):
        covenant = admit().covenant

        assert terms_of(covenant) is terms_of(Covenant.objects.get(pk=covenant.pk))
        assert terms_of(covenant).waiting.days == covenant.terms["waiting.days"] == 90
        assert terms_of(covenant).clause("waiting.days") == covenant.term_clauses["waiting.days"]

    def test_a_draft_is_read_anew(self, version):
        draft = version("2025.1", date(2025, 1, 1), published=False)
        assert terms_of(draft).waiting.days == 90

        draft.terms["waiting.days"] = 60

        assert terms_of(draft).waiting.days == 60

    def test_versions_do_not_share_what_was_read(self, admit):
        covenant = admit().covenant

        derived = derive(covenant, {"waiting.days": 30}, at=at("2024-06-02"))

        assert (terms_of(covenant).waiting.days, terms_of(derived).waiting.days) == (90, 30)


class TestMemberOn:
    def test_from_the_joining_day_on_waiting_period_included(self, admit):
        membership = admit()

        check_member_on(membership, JOINED_ON)
        with pytest.raises(NotAMember):
            check_member_on(membership, JOINED_ON - timedelta(days=1))

    def test_up_to_the_last_day(self, admit):
        membership = admit()
        dues.end(membership, on=date(2025, 5, 1), reason=EndReason.PAID)

        check_member_on(membership, date(2025, 5, 1))
        with pytest.raises(NotAMember) as no:
            check_member_on(membership, date(2025, 5, 2))
        assert "2025年5月2日" in str(no.value)

    def test_arrears_end_no_membership_unless_the_covenant_says_so(self, admit):
        membership = admit()
        for month in range(1, 13):
            dues.owe(membership, due_on=date(2025, month, 14), fen=100)

        check_member_on(membership, date(2026, 1, 1))

    @pytest.fixture
    def removable(self, admit, plan):
        shipped = Covenant.objects.in_force_on(JOINED_ON).get(plan=plan)
        membership = admit(covenant=derive(shipped, {"removal.after_cycles": 2}, at=at("2024-05-01")))
        for due_on in (date(2025, 1, 14), date(2025, 1, 28)):
            dues.owe(membership, due_on=due_on, fen=100)
        return membership

    def test_two_unpaid_cycles_end_it_after_the_second(self, removable):
        check_member_on(removable, date(2025, 1, 28))
        with pytest.raises(NotAMember):
            check_member_on(removable, date(2025, 1, 29))

    def test_a_share_that_was_paid_does_not_count(self, removable):
        dues.settle(removable, due_from=date(2025, 1, 14), due_before=date(2025, 1, 15), at=at("2025-01-15"))

        check_member_on(removable, date(2025, 1, 29))


def test_a_refused_permission_names_who_may(staff):
    check_permission("members.admit_member", staff("intake"))

    with pytest.raises(NotPermitted) as no:
        check_permission("members.admit_member", staff("finance"))
    assert no.value.permission == "members.admit_member"
    assert str(no.value)
