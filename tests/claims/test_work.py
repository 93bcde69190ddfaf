"""A world of cases, one in each step: a desk is exactly one's open work, and the lists say what the guards say."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from claims import policies
from claims.enums import ObjectionFinding, ObjectionKind, State
from claims.gate import moving
from claims.models import Assignment, Claim
from claims.panels.work_lists import LABELS, LISTS
from claims.querysets import wanted
from claims.services import assigning, objecting
from config.kernel.civil import civil_date
from config.kernel.gate import refusal_of
from config.kernel.models import Absence, User
from tests.claims.cases import World, assessed, later, undone
from tests.claims.test_assigning import NOW, desk, refusal
from tests.factories import signed_in, staff

WORKABLE = {"reviewing", "passed", "deciding", "suspended", "objected", "appealing"}
"""The cases of the world that want something of a reviewer; written by hand. No report is in for `investigating`."""


class TestTheDesk:
    def test_is_exactly_the_open_work_that_was_given(self, world: World) -> None:
        """Everything that can be given to somebody is given to him, in every step a case can be in."""
        supervisor, worker = world.roles["supervisor"], staff("reviewer")
        given = set()
        for name, claim in world.items():
            if not refusal(lambda claim=claim: assigning.assign(claim.pk, to=worker, by=supervisor, at=NOW)):
                given.add(name)

        assert given == WORKABLE | {"publicised", "investigating"}
        assert desk(worker) == {world[name].pk for name in WORKABLE}

    @pytest.mark.parametrize("name", sorted({str(state) for state in State} - {"reported"}))
    def test_has_no_ghost_of_a_step_that_is_over_or_to_come(self, world: World, name: str) -> None:
        """Assignments of all steps at once, as they gather over a case's life: the present step alone counts."""
        before, now, claim = staff("reviewer"), staff("reviewer"), world[name]
        for step in State:
            user = now if step == claim.state else before
            Assignment.objects.create(claim=claim, step=step, user=user, since=NOW, given_by=user)

        assert desk(before) == set()
        assert desk(now) == ({claim.pk} if name in WORKABLE else set())

    @pytest.mark.parametrize("role", ["intake", "finance", "auditor", "investigator", "administrator"])
    def test_is_for_those_who_judge_cases(self, world: World, role: str) -> None:
        by = world.roles[role]
        assert refusal(lambda: assigning.take(world["reviewing"].pk, by=by, at=NOW)) == "NOT_PERMITTED"
        assert refusal(lambda: assigning.take_next(by=by, at=NOW)) == "NOT_PERMITTED"
        assert not assigning.offered(by, at=NOW).exists()

    def test_the_list_of_the_database_is_that_of_the_guards(self, world: World) -> None:
        """`offered` and `check_may_work` are written twice: they say the same of every case and every person."""
        people = [*world.roles.values(), world.superuser]
        people += [who for name in ("passed_by", "rejected_by") for who in _those(world, name)]
        for person in people:
            person = User.objects.get(pk=person.pk)
            offered = set(assigning.offered(person, at=NOW).values_list("pk", flat=True))
            free = Claim.objects.unassigned()
            permitted = {
                claim.pk for claim in free if refusal_of(policies.check_may_work, claim, by=person, at=NOW) is None
            }
            assert offered == permitted, person
        assert {claim.pk for claim in Claim.objects.unassigned()} == {world[name].pk for name in WORKABLE}

    def test_never_the_earlier_reviewer_on_an_appeal(self, world: World) -> None:
        claim = world["appealing"]
        refuser = claim.rejected_by
        assert refuser is not None
        User.objects.exclude(pk=refuser.pk).update(is_active=False)

        assert assigning.fairest(claim, assigning.crew(at=NOW), at=NOW) is None


def _those(world: World, name: str) -> list[User]:
    return [who for claim in world.values() if (who := getattr(claim, name)) is not None]


def test_a_dismissed_objection_leaves_the_desk(world: World) -> None:
    claim, worker = world["objected"], staff("reviewer")
    assigning.take(claim.pk, by=worker, at=later(claim))
    with undone():
        with moving(claim.pk, "resolve", by=worker, at=later(claim)) as row:
            objecting.resolve(row, ObjectionKind.NON_DISCLOSURE, ObjectionFinding.DISMISSED, by=worker, at=later(claim))
        assert desk(worker) == set()
    assert desk(worker) == {claim.pk}


def test_nobody_yet_are_those_that_want_somebody_and_have_none(world: World) -> None:
    """The filter of the list shows what the tile counts, also where whoever had a case may work on it no more."""
    gone, here = staff("reviewer"), staff("reviewer")
    for name, user in (("deciding", gone), ("appealing", here)):
        Assignment.objects.create(claim=world[name], step=name, user=user, since=NOW)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    def shown(**asked: str) -> set[int]:
        url = reverse("admin:claims_claim_changelist")
        return {claim.pk for claim in client.get(url, asked).context["cl"].result_list}

    client = signed_in("supervisor")
    free = {world[name].pk for name in ("reviewing", "passed", "deciding", "suspended", "objected")}
    assert shown(worker="nobody") == shown(work="unassigned") == free
    assert shown(worker=str(gone.pk)) == {world["deciding"].pk}


WANTED = {
    "send_out": "send it out for investigation",
    "pass_review": "make the first review",
    "decide": "make the final decision",
    "resolve": "resolve the objection",
    "decide_appeal": "decide the appeal",
    "accept_report": "accept the report, or send it back",
    "answer_facts": "take over what the investigation found, or leave it aside",
}
"""Everything that a case may want, by hand."""


def test_all_that_is_wanted_is_known_with_the_tables_and_named_by_the_pages() -> None:
    """What a case wants is asked where the tables are: it depends on no page that somebody has to import."""
    with override("en"):
        assert {name: str(label) for name, label in LABELS.items()} == WANTED
    assert wanted.keys() == WANTED.keys()
    assert wanted["accept_report"].when.__module__ == "investigations.querysets"


LISTED = {
    "mine": {"reviewing"},
    "my-resting": {"deciding"},
    "anybody": {"passed", "suspended", "objected", "appealing"},
    "overdue": {"reviewing", "deciding"},
    "untouched": {"reviewing", "passed", "investigating", "suspended"},
    "papers": {"collecting", "complete"},
    "new": {"collecting"},
    "some-papers": {"complete"},
    "unassigned": {"passed", "suspended", "objected", "appealing"},
    "objections": {"suspended", "objected"},
    "bounced": set(),
    "resting": {"deciding"},
    "above-limit": {"deciding"},
    "absent": {"reviewing", "deciding"},
    "came-back": set(),
    "to-prepare": {"approved"},
    "to-approve": set(),
    "to-release": set(),
    "with-the-bank": set(),
}
"""Which cases of the world stand in each list of a supervisor who has two of them; written by hand."""


@pytest.mark.parametrize("name", sorted(LISTS))
def test_each_list_of_work_shows_its_cases(world: World, name: str) -> None:
    worker = staff("supervisor")
    assessed(world["deciding"], net_fen=10**9)
    for mine in ("reviewing", "deciding"):
        Assignment.objects.create(claim=world[mine], step=mine, user=worker, since=NOW)
    assigning.hold(world["deciding"].pk, until=civil_date(NOW) + timedelta(days=2), because="x", by=worker, at=NOW)
    Absence.objects.create(user=worker, first_day=civil_date(NOW), last_day=civil_date(NOW))

    listed = {claim.pk for claim in LISTS[name].rows(worker, NOW)}

    assert {found for found, claim in world.items() if claim.pk in listed} == LISTED[name]
