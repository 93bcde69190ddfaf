from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction

from config.kernel.models import User
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson
from members.models import Covenant
from members.rules.term_checks import TermsInvalid
from members.services.plans import Wording, covenant_on, derive, draft, founders, publish, wording_of
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW = at("2024-12-01 09:00")
DAY = date(2025, 1, 1)


@pytest.fixture
def shipped(plan) -> Covenant:
    return covenant_on(plan, DAY)


@pytest.fixture
def wording(shipped) -> Wording:
    return wording_of(shipped)


def test_a_draft_is_published_by_a_second_supervisor_and_is_then_in_force(plan, wording, staff):
    drafted = draft(plan, "2025.1", wording, in_force_from=DAY, by=staff("supervisor", 1), at=NOW)
    assert covenant_on(plan, DAY) != drafted

    published = publish(drafted.pk, by=staff("supervisor", 2), at=NOW)

    assert (published.published_by, published.published_at) == (staff("supervisor", 2), NOW)
    assert covenant_on(plan, DAY) == drafted
    assert covenant_on(plan, date(2024, 12, 31)) != drafted


def test_whoever_drafted_does_not_publish(plan, wording, staff):
    drafted = draft(plan, "2025.1", wording, in_force_from=DAY, by=staff("supervisor"), at=NOW)

    with pytest.raises(SamePerson):
        publish(drafted.pk, by=staff("supervisor"), at=NOW)
    assert Covenant.objects.get(pk=drafted.pk).published_at is None


def test_a_version_is_published_once(shipped, staff):
    with pytest.raises(Refusal) as no:
        publish(shipped.pk, by=staff("supervisor"), at=NOW)

    assert (no.value.code, shipped.version in str(no.value)) == ("WRONG_STATE", True)


@pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator", "investigator"])
def test_only_supervisors_draft_and_publish(plan, wording, staff, role):
    drafted = draft(plan, "2025.1", wording, in_force_from=DAY, by=staff("supervisor"), at=NOW)

    with pytest.raises(NotPermitted):
        draft(plan, "2025.2", wording, in_force_from=DAY, by=staff(role), at=NOW)
    with pytest.raises(NotPermitted):
        publish(drafted.pk, by=staff(role), at=NOW)


def test_a_version_has_a_name_of_its_own(plan, wording, shipped, staff):
    with pytest.raises(InvalidInput):
        draft(plan, shipped.version, wording, in_force_from=DAY, by=staff("supervisor"), at=NOW)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda wording: replace(wording, terms=wording.terms | {"waiting.days": -1}),
        lambda wording: replace(wording, terms=wording.terms | {"waiting.day": 1}),
        lambda wording: replace(wording, terms={k: v for k, v in wording.terms.items() if k != "waiting.days"}),
        lambda wording: replace(wording, term_clauses=wording.term_clauses | {"waiting.days": "99.9"}),
        lambda wording: replace(wording, clauses=wording.clauses | {"99.9": {"zh": "只有中文", "en": ""}}),
        lambda wording: replace(wording, questions=({"key": "x", "zh": "", "en": "?"},)),
    ],
    ids=["value", "unknown term", "missing term", "unknown clause", "one language", "question"],
)
def test_a_draft_is_whole_or_refused(plan, wording, staff, spoil):
    with pytest.raises(InvalidInput) as no:
        draft(plan, "2025.1", spoil(wording), in_force_from=DAY, by=staff("supervisor"), at=NOW)

    assert no.value.why
    assert not Covenant.objects.filter(version="2025.1").exists()


def test_a_draft_spoilt_afterwards_is_not_published(plan, wording, staff):
    drafted = draft(plan, "2025.1", wording, in_force_from=DAY, by=staff("supervisor"), at=NOW)
    Covenant.objects.filter(pk=drafted.pk).update(terms=drafted.terms | {"waiting.days": "ninety"})

    with pytest.raises(InvalidInput) as no:
        publish(drafted.pk, by=staff("supervisor", 2), at=NOW)
    assert no.value.field == "waiting.days"


class TestDerive:
    def test_it_differs_in_what_was_overridden_alone(self, shipped):
        derived = derive(shipped, {"publicity.days": 3, "ratio.in_situ": None}, at=NOW)

        changed = {name for name in shipped.terms if derived.terms[name] != shipped.terms[name]}
        assert changed <= {"publicity.days", "ratio.in_situ"}
        assert derived.terms["publicity.days"] == 3
        assert derived.published_at == NOW
        assert derived.derived_from == shipped

    def test_it_is_never_in_force(self, plan, shipped):
        derive(shipped, {"waiting.days": 0}, at=NOW)

        assert covenant_on(plan, date(2030, 1, 1)) == shipped

    def test_the_same_overrides_give_the_same_version(self, shipped):
        first = derive(shipped, {"waiting.days": 0, "publicity.days": 3}, at=NOW)

        assert derive(shipped, {"publicity.days": 3, "waiting.days": 0}, at=NOW) == first
        assert derive(shipped, {"waiting.days": 1}, at=NOW) != first

    def test_no_override_is_the_version_itself(self, shipped):
        assert derive(shipped, {}, at=NOW) == shipped

    @pytest.mark.parametrize(
        ("name", "value"),
        [("waiting.day", 3), ("waiting.days", "3"), ("waiting.days", True), ("waiting.days", -1), ("tiers.fen", [1])],
    )
    def test_a_term_that_cannot_be_set_is_named(self, shipped, name, value):
        with pytest.raises(TermsInvalid) as no:
            derive(shipped, {name: value}, at=NOW)

        assert no.value.path == name

    def test_a_version_that_was_rolled_back_leaves_nothing_behind_for_the_next(self, shipped):
        from members.policies import terms_of

        try:
            with transaction.atomic():
                first = derive(shipped, {"waiting.days": 1}, at=NOW)
                assert terms_of(first).waiting.days == 1
                raise LookupError
        except LookupError:
            pass

        second = derive(shipped, {"waiting.days": 2}, at=NOW)

        assert second.pk != first.pk
        assert terms_of(second).waiting.days == 2


def test_the_founders_are_two_and_cannot_sign_in(db):
    one, two = founders()

    assert one != two == founders()[1]
    for founder in (one, two):
        assert (founder.is_active, founder.has_usable_password(), founder.groups.count()) == (False, False, 0)
    assert User.objects.filter(username__startswith="founder").count() == 2
