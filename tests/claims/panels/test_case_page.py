"""The page of a case as a whole: its parts in reading order, and what it asks of the database."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import ObjectionFinding, State
from claims.models import Assessment, Claim, ClaimEvent, Deadline, Objection, Reading, Reminder
from config.kernel.roles import ROLES
from tests.claims.cases import objected
from tests.factories import case_in, signed_in, staff

ORDER = [
    "moves",
    "assessment",
    "cover",
    "report",
    "papers",
    "third_parties",
    "publicity",
    "disputes",
    "money",
    "clocks",
    "letters",
    "timeline",
]


def page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


@pytest.mark.parametrize(("fen", "shown"), [(0, "0 元"), (None, "—"), (3_000_000, "3 万元")])
def test_the_publicity_says_its_amount_also_where_that_is_nothing(db: None, fen: int | None, shown: str) -> None:
    claim = case_in(State.PUBLICISED)
    row = claim.publicities.get()
    row.card["amount_fen"] = fen
    row.save(update_fields=["card"])

    text = signed_in("supervisor").get(page(claim)).content.decode()

    assert f" · {shown}" in text.partition('id="publicity"')[2].partition("</section>")[0]


def test_its_parts_are_read_in_the_order_of_the_work(db: None) -> None:
    text = signed_in("supervisor").get(page(case_in(State.DECIDING))).content.decode()

    parts = [name for name in re.findall(r'<section class="desk-panel[^"]*" id="([\w-]+)"', text) if name in ORDER]
    assert parts == ORDER
    assert [name for name in re.findall(r'<a href="#([\w-]+)"', text) if name in ORDER] == ORDER


def test_the_present_step_is_marked_for_those_who_do_not_see_it(db: None) -> None:
    text = signed_in("reviewer").get(page(case_in(State.DECIDING))).content.decode()

    (present,) = re.findall(r'aria-current="step">\s*<b>(.*?)</b>', text)
    assert present == "终审"


def test_a_bar_says_its_facts_aloud(db: None) -> None:
    text = signed_in("reviewer").get(page(case_in(State.COLLECTING))).content.decode()

    assert re.search(r'role="img" aria-label="补充材料; [^"]*2025年5月', text)


def test_finance_reads_no_reason_beside_the_way_and_the_clocks(db: None) -> None:
    claim = objected()

    head = signed_in("finance").get(page(claim)).content.decode().partition('id="moves"')[0]

    assert 'class="desk-way"' in head
    assert "公示" in head
    assert str(claim.objections.get().get_kind_display()) not in head
    assert "desk-bar" not in head


@pytest.fixture
def crowded(db: None) -> Claim:
    """A case before the members, on which there is one of everything."""
    claim = objected()
    objection = claim.objections.get()
    objection.finding, objection.resolved_by, objection.resolved_at = (
        ObjectionFinding.DISMISSED,
        staff("reviewer"),
        objection.received_at,
    )
    objection.save()
    return claim


def _fifty_of_everything(claim: Claim) -> None:
    one = claim.objections.get()
    event = claim.events.latest("version")
    said = Assessment.objects.filter(claim=claim).latest("pk")
    for number in range(50):
        at = one.received_at + timedelta(minutes=number)
        Objection.objects.create(
            claim=claim,
            publicity=one.publicity,
            kind=one.kind,
            objector=one.objector,
            received_at=at,
            recorded_by=one.recorded_by,
            effect_at=at,
            finding=one.finding,
            resolved_by=staff("reviewer"),
            resolved_at=at,
        )
        later = {"version": event.version + 1 + number, "verb": "assess", "from_state": "publicised"}
        assessed = Assessment.objects.create(**_copy(said, at=at))
        ClaimEvent.objects.create(
            claim=claim, to_state="publicised", by=staff("reviewer"), at=at, assessment=assessed, **later
        )
        deadline = Deadline.objects.create(
            claim=claim, kind="review", generation=number + 20, opened_at=at, due_at=at + timedelta(days=2)
        )
        Reminder.objects.create(deadline=deadline, days_before=1, due_at=at + timedelta(days=1), to="reviewer")
        Reading.objects.create(claim=claim, by=staff("finance"), at=at, what="page")


def _copy(said: Assessment, **changes: object) -> dict[str, object]:
    fields = [field.attname for field in Assessment._meta.fields if field.attname != "id"]
    return {name: getattr(said, name) for name in fields} | changes


def test_fifty_of_everything_cost_as_many_queries_as_one(crowded: Claim) -> None:
    client = signed_in(*(role for role in ROLES if role != "system"))
    client.get(page(crowded))
    Reading.objects.create(claim=crowded, by=staff("finance"), at=crowded.state_since, what="page")
    with CaptureQueriesContext(connection) as few:
        client.get(page(crowded))
    _fifty_of_everything(crowded)

    with CaptureQueriesContext(connection) as many:
        response = client.get(page(crowded))

    assert response.status_code == 200
    assert len(many) == len(few) <= 75
