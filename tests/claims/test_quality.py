"""The page of quality against worlds counted by hand; every number has a list with as many rows."""

import re
from datetime import date, timedelta
from fractions import Fraction
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import AppealFinding, Approvals, Channel, ReturnReason, Settlement, State
from claims.gate import moving
from claims.models import Claim, SecondLook
from claims.panels import quality_parts
from claims.services import appealing, quality, reviewing
from claims.services.quality import Months
from config.kernel.models import User
from tests.claims.looks import JUNE, MAY, NOW, drawing, drawn, paid, refused
from tests.factories import REVIEWED, at, case_in, signed_in, staff

pytestmark = pytest.mark.django_db

PAGE = "admin:claims_quality"


def looked(claim: Claim, *, own: str = "aid", agreement: str = "agrees", **others: Any) -> SecondLook:
    """A second look whose own decision was stated."""
    said = {"own_outcome": own, "own_fen": None, "agreement": agreement, "stated_at": NOW, "was_blind": True}
    return drawn(claim, **{**said, "looked_at": NOW, **others})


def faulty(claim: Claim, post: str, kind: str, **others: Any) -> SecondLook:
    return looked(claim, fault_post=post, fault_kind=kind, finding="x", **others)


def test_agreement_is_counted_for_whose_decision_it_was() -> None:
    """One decided three cases: two agree, one does not. The other's one was stated in June's drawing."""
    one, other = paid(), refused()
    for agreement in ("agrees", "agrees", "other_amount"):
        looked(one, agreement=agreement)
    looked(other, own="aid", agreement="other_outcome", of=drawing(JUNE))
    drawn(one)

    assert one.published_by_id is not None
    assert other.rejected_by_id is not None
    may, june = quality.agreement(quality.month(MAY)), quality.agreement(quality.month(JUNE))
    assert [(row.user, row.looks, row.agreed, row.kappa) for row in may] == [(one.published_by_id, 3, 2, None)]
    assert [(row.user, row.looks, row.agreed) for row in june] == [(other.rejected_by_id, 1, 0)]
    both = quality.agreement(Months(MAY, JUNE))
    assert [(row.user, row.looks) for row in both] == [(one.published_by_id, 3), (other.rejected_by_id, 1)]


def test_kappa_is_of_the_outcomes_of_one_person() -> None:
    """One decider, 20 cases: 8 aid-aid, 2 aid-refusal, 2 refusal-aid, 8 refusal-refusal: (16/20 - 1/2) / (1/2)."""
    claim, decider = paid(), staff("reviewer")
    table = [("aid", "aid")] * 8 + [("aid", "refusal")] * 2 + [("refusal", "aid")] * 2 + [("refusal", "refusal")] * 8
    for outcome, own in table:
        agreement = "agrees" if outcome == own else "other_outcome"
        looked(claim, own=own, agreement=agreement, outcome=outcome, decided_by_id=decider.pk)

    (row,) = quality.agreement(quality.month(MAY))
    assert (row.looks, row.agreed) == (20, 16)
    assert row.kappa is not None
    assert (row.kappa.numerator, row.kappa.denominator) == (3, 5)
    shown = signed_in("auditor").get(reverse(PAGE), {"month": "2025-05"}).context["agreement"]
    assert [one["kappa"] for one in shown] == ["0.60"]


def test_errors_are_counted_by_post_and_kind_and_what_fell_is_not() -> None:
    claim = paid()
    faulty(claim, "review", "rule_misread")
    faulty(claim, "review", "rule_misread")
    faulty(claim, "review", "fact_wrong")
    faulty(claim, "decision", "amount_wrong")
    fell = {"answer": "contested", "answered_at": NOW, "settled_text": "x", "settled_at": NOW}
    faulty(claim, "payment", "other", settled_as=Settlement.FALLS, settled_by=staff("supervisor"), **fell)
    faulty(claim, "intake", "letter", settled_as=Settlement.STANDS, settled_by=staff("supervisor"), **fell)
    faulty(claim, "publicity", "letter", of=drawing(JUNE))

    assert quality.faults(quality.month(MAY)) == [
        ("decision", "amount_wrong", 1),
        ("intake", "letter", 1),
        ("review", "rule_misread", 2),
        ("review", "fact_wrong", 1),
    ]


def returned(to: State = State.REVIEWING, code: ReturnReason = ReturnReason.RULE_MISREAD) -> Claim:
    """A case that was sent back from the final review on 22 April 2025."""
    claim = case_in(State.DECIDING)
    return reviewing.return_to(
        claim.pk,
        to=to,
        reason="x",
        code=code,
        approvals=Approvals.REDO,
        by=staff("reviewer"),
        at=at("2025-04-22 10:00"),
    )


def test_returns_are_counted_by_step_reason_and_who_had_brought_the_case_through() -> None:
    """To the first review, which ended with the commission; to the papers, which intake had completed."""
    first, second = returned(), returned(State.COLLECTING, ReturnReason.MISSING_PAPER)
    sent = first.events.get(verb="commission").by_id
    completed = second.events.filter(from_state="collecting").exclude(to_state="collecting").get().by_id

    april = quality.month(date(2025, 4, 22))
    assert quality.returned(april) == [
        ("collecting", "missing_paper", completed, 1),
        ("reviewing", "rule_misread", sent, 1),
    ]
    assert quality.returned(quality.month(MAY)) == []


def overturned() -> tuple[Claim, User]:
    """A refusal of 8 April 2025 that fell on appeal on the 15th; and whose it was."""
    claim, refuser = case_in(State.REVIEWING), staff("reviewer")
    reviewing.refuse_in_review(claim.pk, ground="LATE_REPORT", contrary="x", reason="x", by=refuser, at=REVIEWED)
    appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=REVIEWED + timedelta(days=2))
    by, when = staff("reviewer"), REVIEWED + timedelta(days=7)
    with moving(claim.pk, "decide_appeal", by=by, at=when) as moved:
        appealing.decide(moved, AppealFinding.OVERTURNED, by=by, at=when, reason="x")
    return Claim.objects.get(pk=claim.pk), refuser


def test_an_overturned_refusal_counts_for_who_refused_and_not_for_who_overturned() -> None:
    _claim, refuser = overturned()

    assert quality.overturned_of(quality.month(REVIEWED.date())) == [(refuser.pk, 1)]
    assert quality.overturned_of(quality.month(MAY)) == []


def test_twelve_months_are_a_row_each() -> None:
    claim = paid()
    looked(claim)
    looked(claim, agreement="other_amount", of=drawing(date(2025, 4, 1)))
    faulty(claim, "review", "other", of=drawing(date(2024, 6, 1)))
    drawn(claim, of=drawing(date(2024, 5, 1)))
    returned()

    rows = quality.by_month(quality.last_year(MAY))
    assert [one.month for one in rows][:2] == [MAY, date(2025, 4, 1)]
    assert (len(rows), rows[-1].month) == (12, date(2024, 6, 1))
    told = {one.month: (one.drawn, one.looks, one.agreed, one.faults, one.returns) for one in rows if one.drawn}
    assert told == {MAY: (1, 1, 1, 0, 0), date(2025, 4, 1): (1, 1, 0, 0, 1), date(2024, 6, 1): (1, 1, 1, 1, 0)}


def world() -> None:
    claim, refusal = paid(), refused()
    looked(claim)
    faulty(claim, "review", "rule_misread", agreement="other_amount", of=drawing(date(2025, 4, 1)))
    faulty(refusal, "decision", "amount_wrong", own="aid", agreement="other_outcome", of=drawing(date(2025, 4, 1)))
    drawn(refusal, of=drawing(date(2025, 4, 1)))
    returned()
    returned(State.COLLECTING, ReturnReason.MISSING_PAPER)
    overturned()


NUMBER = re.compile(r'<a href="(/admin/claims/[a-z]+/\?[^"]+)">(\d+)</a>')


def test_every_number_links_to_a_list_with_as_many_rows() -> None:
    world()
    client = signed_in("auditor")
    body = client.get(reverse(PAGE), {"month": "2025-04"}).content.decode()

    numbers = [(unescape(url), int(value)) for url, value in NUMBER.findall(body)]
    assert len(numbers) > 12 * 6
    assert {value for _url, value in numbers} >= {0, 1, 2, 3}
    for url, value in numbers:
        if value or "2025-04" in url:
            assert client.get(url).context["cl"].result_count == value, url


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("supervisor", 200),
        ("auditor", 200),
        ("reviewer", 403),
        ("intake", 403),
        ("finance", 403),
        ("administrator", 403),
    ],
)
def test_who_reads_the_page(role: str, status: int) -> None:
    assert signed_in(role).get(reverse(PAGE)).status_code == status


def test_nobody_reads_it_who_is_not_signed_in() -> None:
    assert Client().get(reverse(PAGE)).status_code == 302


@pytest.mark.parametrize("month", ["", "2025-13", "0000-00", "x" * 7, "2025-5", "2025-05-01", "９９９９-01"])
def test_an_address_that_names_no_month_shows_the_last_one(month: str) -> None:
    assert signed_in("auditor").get(reverse(PAGE), {"month": month}).status_code == 200


def test_the_page_asks_as_often_for_many_people_as_for_one() -> None:
    client = signed_in("auditor")
    looked(paid())
    client.get(reverse(PAGE), {"month": "2025-05"})
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(PAGE), {"month": "2025-05"})
    for _ in range(3):
        faulty(paid(), "review", "other")
    with CaptureQueriesContext(connection) as four:
        client.get(reverse(PAGE), {"month": "2025-05"})
    assert len(four) == len(one) <= 30


def test_a_supervisor_draws_from_the_page_and_an_auditor_does_not() -> None:
    this_month = quality.month(NOW.date())
    url, said = reverse("admin:claims_quality_draw"), {"month": "2025-05"}
    assert this_month.since == JUNE
    assert signed_in("auditor").post(url, said).status_code == 302
    assert signed_in("reviewer").post(url, said).status_code == 403
    assert signed_in("supervisor").get(url).status_code == 405
    assert not SecondLook.objects.exists()


def test_with_a_month_that_cannot_be_chosen_nothing_is_done() -> None:
    response = signed_in("supervisor").post(reverse("admin:claims_quality_draw"), {"month": "1999-01"})
    assert response.headers["location"] == reverse(PAGE)


def test_people_are_named_on_the_page_for_those_alone_who_get_reports_with_names() -> None:
    world()
    month = {"month": "2025-04"}
    shown = {role: signed_in(role).get(reverse(PAGE), month).context for role in ("auditor", "supervisor")}
    people = {str(user) for user in User.objects.all()}

    def who(said: Any) -> set[str]:
        rows = {one["who"] for one in said["agreement"]} | {named[-1] for named, _n in said["returns"]}
        return rows | {named[0] for named, _n in said["overturned"]}

    assert who(shown["supervisor"]) <= people
    assert len(who(shown["auditor"])) == len(who(shown["supervisor"]))
    assert all(re.fullmatch(r"#\d+", name) for name in who(shown["auditor"]))


@pytest.mark.parametrize("month", ["0001-01", "1999-12", "3000-01", "9999-12"])
def test_a_month_at_the_border_of_the_calendar_is_none(month: str) -> None:
    client = signed_in("auditor")
    for url in (
        f"{reverse(PAGE)}?month={month}",
        f"{reverse('admin:claims_secondlook_changelist')}?month={month}",
        f"{reverse('admin:claims_claimevent_changelist')}?returned_in={month}",
        f"{reverse('admin:claims_appeal_changelist')}?overturned_in={month}",
    ):
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "3000-01-01", "9999-12-31"])
def test_a_day_at_the_border_of_the_calendar_makes_no_period(day: str) -> None:
    client = signed_in("supervisor")
    said = f"from={day}&to={day}"
    for url in (
        f"{reverse('admin:claims_claim_figures')}?period=own&{said}",
        f"{reverse('admin:claims_claim_changelist')}?figure=online&{said}",
        f"{reverse('admin:claims_claim_changelist')}?reported_from={day}&reported_to={day}",
    ):
        assert client.get(url).status_code == 200, url


def test_the_list_of_looks_for_me_has_as_many_rows_as_the_desk_counts() -> None:
    """One to do, one done on a decision of mine, one on a decision of mine that agrees: the last is nobody's."""
    claim = paid()
    assert claim.published_by is not None
    faulty(claim, "review", "other")
    looked(claim, of=drawing(JUNE))
    mine = drawn(paid(), by=claim.published_by)
    listing = quality_parts.mine(claim.published_by, NOW)
    assert listing is not None
    assert listing.count == 2
    User.objects.filter(pk=claim.published_by_id).update(is_staff=True)
    client = Client()
    client.force_login(claim.published_by, backend="django.contrib.auth.backends.ModelBackend")
    rows = client.get(listing.url).context["cl"].result_list
    assert len(rows) == 2
    assert mine in rows


def test_kappa_is_rounded_once() -> None:
    """Exactly 0.605: the page and the report say the same of it."""
    one = quality.Agreed(1, 20, 20, Fraction(121, 200))
    assert (one.hundredths, quality.Agreed(1, 1, 1, None).hundredths) == (60, None)
