"""The second look: to whom it goes, what is shown when, what it comes to, and that nothing of it is rewritten."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims import policies
from claims.enums import (
    Agreement,
    LookAnswer,
    Mistake,
    PaperFault,
    PaperFinding,
    Post,
    Settlement,
    State,
    Verdict,
)
from claims.models import Assessment, Assignment, Claim, ClaimEvent, Evidence, Material, Reading, SecondLook
from claims.panels import papers
from claims.panels.deadlines import notices
from claims.querysets import took_part
from claims.refusals import CannotWork, LookClosed, NotYourLook
from claims.services import assigning, judging, looking
from config.kernel.models import Absence, User
from config.kernel.pages import Look
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson
from members.models import Message
from tests.claims.looks import NOW, drawing, drawn, paid, refused
from tests.factories import REVIEWED, case_in, staff

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
AID = {"outcome": Verdict.AID, "fen": 3_000_000, "reason": "x"}


def browser(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(look: SecondLook, by: User) -> HttpResponse:
    response: Any = browser(by).get(reverse("admin:claims_secondlook_change", args=[look.pk]))
    return response


def move(look: SecondLook, name: str) -> str:
    return reverse("admin:claims_secondlook_move", args=[look.pk, name, look.pk])


def fresh(look: SecondLook) -> SecondLook:
    return SecondLook.objects.get(pk=look.pk)


def stated(look: SecondLook, **said: Any) -> SecondLook:
    assert look.given_to is not None
    return looking.state_own(look.pk, **{**AID, **said}, by=look.given_to, at=NOW)


def done(look: SecondLook, *, said: dict[str, Any] | None = None, **found: Any) -> SecondLook:
    stated(look, **(said or {}))
    assert look.given_to is not None
    return looking.conclude(look.pk, **found, by=look.given_to, at=NOW)


FAULT: dict[str, Any] = {"post": Post.REVIEW, "kind": Mistake.RULE_MISREAD, "finding": "y"}


# Who has no part


def test_whoever_made_any_move_has_a_part_and_nobody_else() -> None:
    claim, stranger = paid(), staff("reviewer")
    for user in User.objects.filter(pk__in=claim.events.values("by")):
        with pytest.raises(SamePerson):
            policies.check_had_no_part(claim, by=user, at=NOW)
    policies.check_had_no_part(claim, by=stranger, at=NOW)
    assert took_part(claim) == {*claim.events.values_list("by", flat=True)}


def test_whoever_had_it_on_the_desk_has_a_part() -> None:
    claim, user = paid(), staff("reviewer")
    Assignment.objects.create(claim=claim, step="reviewing", user=user, since=NOW)
    with pytest.raises(SamePerson):
        policies.check_had_no_part(claim, by=user, at=NOW)


@pytest.mark.parametrize("name", ["reported_by", "late_waived_by", "passed_by", "published_by", "rejected_by"])
def test_whoever_stands_on_the_case_has_a_part(name: str) -> None:
    claim, user = paid(), staff("reviewer")
    setattr(claim, name, user)
    assert user.pk in took_part(claim)


# Giving


def test_the_sweep_gives_it_to_who_has_the_least_to_do_and_no_part() -> None:
    claim = paid()
    busy, free = staff("reviewer"), staff("reviewer")
    drawn(paid(), by=busy)
    look = drawn(claim, given_to=None)

    assert looking.give_out(at=NOW) == 1
    assert (fresh(look).given_to, fresh(look).given_at) == (free, NOW)
    assert fresh(look).due_on == NOW.date() + timedelta(days=14)
    assert Message.objects.filter(template="second_look_given", user=free, about=claim.number).count() == 1
    assert looking.give_out(at=NOW) == 0


def test_nobody_who_is_away_is_given_one() -> None:
    look = drawn(paid(), given_to=None)
    away = staff("reviewer")
    Absence.objects.create(user=away, first_day=NOW.date(), last_day=NOW.date())

    assert looking.give_out(at=NOW) == 0
    assert fresh(look).given_to is None
    assert looking.give_out(at=LATER) == 1


def test_one_that_nobody_may_look_at_stays_drawn() -> None:
    look = drawn(paid(), given_to=None)
    assert looking.give_out(at=NOW) == 0
    assert fresh(look).given_to is None


def test_a_supervisor_gives_it_to_somebody_else_while_nothing_was_stated() -> None:
    look, other, supervisor = drawn(paid()), staff("reviewer"), staff("supervisor")
    looking.give(look.pk, to=other, by=supervisor, at=LATER)
    assert fresh(look).given_to == other

    stated(fresh(look))
    with pytest.raises(LookClosed):
        looking.give(look.pk, to=staff("reviewer"), by=supervisor, at=LATER)


def test_it_is_never_given_to_who_had_a_part_or_looked_before_or_may_not() -> None:
    claim, supervisor = paid(), staff("supervisor")
    first, second = drawn(claim), drawn(claim)
    assert first.given_to is not None
    for user in (claim.published_by, claim.passed_by, first.given_to, staff("auditor")):
        assert user is not None
        with pytest.raises(CannotWork):
            looking.give(second.pk, to=user, by=supervisor, at=LATER)
    with pytest.raises(NotPermitted):
        looking.give(second.pk, to=staff("reviewer"), by=staff("reviewer"), at=LATER)


def test_the_form_offers_nobody_with_a_part_and_a_forged_one_is_refused() -> None:
    claim, supervisor = paid(), staff("supervisor")
    look, client = drawn(claim), browser(supervisor)
    offered = client.get(move(look, "give")).context["form"].fields["to"].queryset
    assert not {user.pk for user in offered} & took_part(claim)

    response = client.post(move(look, "give"), {"to": claim.published_by_id})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert fresh(look).given_to == look.given_to


def test_the_database_refuses_the_decider_and_the_same_person_twice() -> None:
    claim = paid()
    look = drawn(claim)
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn(claim, by=look.given_to)
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn(claim, by=claim.published_by)


# Stating one's own, blind


def revealing(claim: Claim) -> list[str]:
    """What must not be read before the own statement: the amount in both languages, and who decided, and when."""
    assert claim.published_by is not None
    return [
        "30,000",
        "3万",
        "30000",
        claim.published_by.username,
        "drawn at random",
        "随机",
        "aid was paid",
        "已获互助",
    ]


def test_the_decision_is_not_in_the_page_before_the_own_statement_was_saved() -> None:
    claim = paid()
    figures = {"high_amount": {"value": 3_000_000, "mean": 100, "bound": 200}}
    look = drawn(claim, reasons=["random", "high_amount"], figures=figures)
    assert look.given_to is not None
    client = browser(look.given_to)
    addresses = [
        reverse("admin:claims_secondlook_change", args=[look.pk]),
        move(look, "state-own"),
        move(look, "conclude"),
        reverse("admin:claims_secondlook_changelist"),
        reverse("admin:index"),
    ]
    for language in ("zh-hans", "en"):
        for address in addresses:
            client.cookies["django_language"] = language
            response = client.get(address)
            body = response.content.decode()
            assert response.status_code == 200, address
            assert claim.number in body or address == addresses[4]
            assert [word for word in revealing(claim) if word in body] == [], address

    refused_form = client.post(move(look, "state-own"), {"outcome": "aid", "reason": "x"})
    assert refused_form.status_code == 409
    assert [word for word in revealing(claim) if word in refused_form.content.decode()] == []

    client.post(move(look, "state-own"), {"outcome": "aid", "amount": "28000", "reason": "x"})
    body = client.get(addresses[0]).content.decode()
    assert claim.published_by is not None
    assert claim.published_by.username in body
    assert "30,000" in body


@pytest.mark.parametrize(
    "asked", ["outcome=aid", "amount_fen__gt=1", "ground__exact=LATE_REPORT", "decided_by__username__startswith=r"]
)
def test_no_address_asks_for_a_column_of_the_decision(asked: str) -> None:
    look = drawn(paid(), by=staff("supervisor"))
    assert look.given_to is not None
    response = browser(look.given_to).get(f"{reverse('admin:claims_secondlook_changelist')}?{asked}")
    assert response.status_code in (302, 400)


@pytest.mark.parametrize("asked", ["reason=random", "decided_by={decider}"])
def test_a_filter_does_not_tell_the_second_one_what_was_decided(asked: str) -> None:
    claim = paid()
    look = drawn(claim, by=staff("supervisor"))
    assert look.given_to is not None
    url = f"{reverse('admin:claims_secondlook_changelist')}?{asked.format(decider=claim.published_by_id)}"

    assert list(browser(look.given_to).get(url).context["cl"].result_list) == []
    assert list(browser(staff("auditor")).get(url).context["cl"].result_list) == [look]


@pytest.mark.parametrize(
    ("said", "agreement"),
    [
        ({"outcome": Verdict.AID, "fen": 3_000_000}, Agreement.AGREES),
        ({"outcome": Verdict.AID, "fen": 3_000_001}, Agreement.OTHER_AMOUNT),
        ({"outcome": Verdict.REFUSAL, "ground": "LATE_REPORT"}, Agreement.OTHER_OUTCOME),
    ],
)
def test_what_a_look_at_aid_comes_to(said: dict[str, Any], agreement: Agreement) -> None:
    assert stated(drawn(paid()), **{"fen": None, **said}).agreement == agreement


@pytest.mark.parametrize(
    ("said", "agreement"),
    [
        ({"outcome": Verdict.REFUSAL, "ground": "LATE_REPORT"}, Agreement.AGREES),
        ({"outcome": Verdict.REFUSAL, "ground": "WAITING_PERIOD"}, Agreement.OTHER_GROUND),
        ({"outcome": Verdict.AID, "fen": 100}, Agreement.OTHER_OUTCOME),
    ],
)
def test_what_a_look_at_a_refusal_comes_to(said: dict[str, Any], agreement: Agreement) -> None:
    assert stated(drawn(refused()), **{"fen": None, **said}).agreement == agreement


@pytest.mark.parametrize(
    "said",
    [
        {"fen": None},
        {"fen": 0},
        {"outcome": Verdict.REFUSAL},
        {"outcome": Verdict.REFUSAL, "ground": "X"},
        {"reason": " "},
    ],
)
def test_an_own_decision_is_a_whole_one(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        stated(drawn(paid()), **said)


def test_whether_somebody_looked_blind_is_noted() -> None:
    claim = paid()
    look = drawn(claim)
    Reading.objects.create(claim=claim, by=staff("reviewer"), at=NOW, what="page")
    assert stated(look).was_blind is True

    look = drawn(claim)
    assert look.given_to is not None
    browser(look.given_to).get(reverse("admin:claims_claim_change", args=[claim.pk]))
    Reading.objects.create(claim=claim, by=look.given_to, at=NOW, what="page")
    assert stated(look).was_blind is False


def test_nobody_states_it_for_another_nor_twice_nor_with_a_part_that_came_later() -> None:
    look = drawn(paid())
    with pytest.raises(NotYourLook):
        looking.state_own(look.pk, **AID, by=staff("reviewer"), at=NOW)
    with pytest.raises(NotPermitted):
        looking.state_own(look.pk, **AID, by=staff("auditor"), at=NOW)
    stated(look)
    with pytest.raises(LookClosed):
        stated(look)

    late = drawn(paid())
    assert late.given_to is not None
    Assignment.objects.create(claim=late.claim, step="reviewing", user=late.given_to, since=NOW)
    with pytest.raises(SamePerson):
        stated(late)


def test_a_forged_post_of_somebody_else_states_nothing() -> None:
    look = drawn(paid())
    for role in ("reviewer", "supervisor", "auditor", "intake", "finance"):
        response = browser(staff(role)).post(move(look, "state-own"), {"outcome": "aid", "amount": "1", "reason": "x"})
        assert response.status_code in (403, 404, 409), role
    assert fresh(look).stated_at is None


# What was found


def test_the_finding_comes_after_the_statement_and_once() -> None:
    look = drawn(paid())
    assert look.given_to is not None
    with pytest.raises(LookClosed):
        looking.conclude(look.pk, by=look.given_to, at=NOW)
    done(look)
    with pytest.raises(LookClosed):
        looking.conclude(look.pk, by=look.given_to, at=NOW)


@pytest.mark.parametrize(
    "found",
    [
        {"post": Post.REVIEW, "finding": "y"},
        {"kind": Mistake.LETTER, "finding": "y"},
        {"post": Post.REVIEW, "kind": Mistake.LETTER},
        {"is_serious": True, "finding": "y"},
    ],
)
def test_an_error_has_a_post_a_kind_and_a_text(found: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        done(drawn(paid()), **found)


def test_a_serious_error_is_told_to_the_supervisors_and_any_to_who_decided() -> None:
    claim = paid()
    done(drawn(claim), **FAULT, is_serious=True)

    told = Message.objects.filter(about=claim.number, template__startswith="second_look").order_by("id")
    assert [(one.template, one.to, one.user_id) for one in told] == [
        ("second_look_serious", "supervisor", None),
        ("second_look_finding", "", claim.published_by_id),
    ]
    assert told[0].facts == {"post": "review", "kind": "rule_misread"}


def test_agreement_without_an_error_is_told_to_nobody() -> None:
    claim = paid()
    done(drawn(claim))
    assert not Message.objects.filter(template__startswith="second_look", about=claim.number).exists()


def test_nothing_of_the_case_is_changed_by_it() -> None:
    claim = paid()
    before, events = Claim.objects.filter(pk=claim.pk).values().get(), ClaimEvent.objects.count()
    look = done(drawn(claim), said={"outcome": Verdict.REFUSAL, "fen": None, "ground": "LATE_REPORT"}, **FAULT)
    assert claim.published_by is not None
    looking.answer(look.pk, said=LookAnswer.ACCEPTED, by=claim.published_by, at=LATER)

    assert Claim.objects.filter(pk=claim.pk).values().get() == before
    assert ClaimEvent.objects.count() == events


# The answer, and who settles


def contested(claim: Claim) -> SecondLook:
    look = done(drawn(claim), **FAULT)
    assert claim.published_by is not None
    return looking.answer(look.pk, said=LookAnswer.CONTESTED, text="no", by=claim.published_by, at=LATER)


def test_only_the_one_whose_decision_it_was_answers_and_once() -> None:
    claim = paid()
    look = done(drawn(claim), **FAULT)
    for user in (look.given_to, staff("supervisor"), claim.passed_by):
        assert user is not None
        with pytest.raises(NotPermitted):
            looking.answer(look.pk, said=LookAnswer.ACCEPTED, by=user, at=LATER)
    assert claim.published_by is not None
    with pytest.raises(InvalidInput):
        looking.answer(look.pk, said=LookAnswer.CONTESTED, by=claim.published_by, at=LATER)
    looking.answer(look.pk, said=LookAnswer.CONTESTED, text="no", by=claim.published_by, at=LATER)
    with pytest.raises(LookClosed):
        looking.answer(look.pk, said=LookAnswer.ACCEPTED, by=claim.published_by, at=LATER)
    assert Message.objects.filter(template="second_look_contested", to="supervisor").count() == 1


def test_a_supervisor_who_is_neither_settles_what_is_contested() -> None:
    claim = paid()
    look = contested(claim)
    assert look.given_to is not None
    assert claim.published_by is not None
    supervisors = Group.objects.get(name="supervisor")
    for user in (look.given_to, claim.published_by):
        user.groups.add(supervisors)
        with pytest.raises(SamePerson):
            looking.settle(look.pk, settled=Settlement.FALLS, reason="x", by=User.objects.get(pk=user.pk), at=LATER)
    for role in ("reviewer", "auditor"):
        with pytest.raises(NotPermitted):
            looking.settle(look.pk, settled=Settlement.FALLS, reason="x", by=staff(role), at=LATER)
    third = staff("supervisor")
    looking.settle(look.pk, settled=Settlement.FALLS, reason="x", by=third, at=LATER)

    assert (fresh(look).settled_as, fresh(look).settled_by) == ("falls", third)
    with pytest.raises(LookClosed):
        looking.settle(look.pk, settled=Settlement.STANDS, reason="x", by=staff("supervisor"), at=LATER)


def test_what_is_accepted_is_not_settled() -> None:
    claim = paid()
    look = done(drawn(claim), **FAULT)
    assert claim.published_by is not None
    looking.answer(look.pk, said=LookAnswer.ACCEPTED, by=claim.published_by, at=LATER)
    with pytest.raises(LookClosed):
        looking.settle(look.pk, settled=Settlement.FALLS, reason="x", by=staff("supervisor"), at=LATER)


@pytest.mark.parametrize(
    "change",
    [
        "own_fen = 1",
        "own_reason = 'z'",
        "agreement = 'other_amount'",
        "was_blind = false",
        "given_to_id = NULL, given_at = NULL",
        "fault_post = '', fault_kind = ''",
        "is_serious = true",
        "finding = 'z'",
        "answer_text = 'z'",
        "settled_text = 'z'",
        "stated_at = NULL",
    ],
)
def test_what_was_said_is_never_rewritten(change: str) -> None:
    look = contested(paid())
    looking.settle(look.pk, settled=Settlement.STANDS, reason="x", by=staff("supervisor"), at=LATER)
    refused_by_the_database = (InternalError, ProgrammingError)
    with pytest.raises(refused_by_the_database), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE claims_secondlook SET {change}")


# Who reads what


def test_a_reviewer_reads_his_own_and_what_was_found_on_his_decisions() -> None:
    claim = paid()
    look = drawn(claim)
    assert claim.published_by is not None
    assert look.given_to is not None
    assert page(look, look.given_to).status_code == 200
    assert page(look, staff("reviewer")).status_code == 404
    assert page(look, claim.published_by).status_code == 404
    done(look, **FAULT)
    assert page(look, claim.published_by).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("supervisor", 200),
        ("auditor", 200),
        ("reviewer", 404),
        ("intake", 403),
        ("finance", 403),
        ("administrator", 403),
    ],
)
def test_who_opens_the_page_of_a_second_look(role: str, status: int) -> None:
    assert page(drawn(paid()), staff(role)).status_code == status


def test_moves_answer_with_the_page_after_them() -> None:
    """The whole way in a browser: state, conclude, contest, settle."""
    claim = paid()
    look = drawn(claim)
    assert look.given_to is not None
    assert claim.published_by is not None
    steps: list[tuple[User, str, dict[str, Any]]] = [
        (look.given_to, "state-own", {"outcome": "aid", "amount": "28000", "reason": "x"}),
        (look.given_to, "conclude", {"post": "decision", "kind": "amount_wrong", "finding": "y"}),
        (claim.published_by, "answer", {"said": "contested", "text": "z"}),
        (staff("supervisor"), "settle", {"settled": "stands", "reason": "w"}),
    ]
    for by, name, said in steps:
        client = browser(by)
        assert client.get(move(look, name)).status_code == 200, name
        response = client.post(move(look, name), said)
        assert (response.status_code, response.headers.get("location")) == (
            302,
            reverse("admin:claims_secondlook_change", args=[look.pk]),
        ), name
    look = fresh(look)
    assert (look.own_fen, look.agreement, look.fault_kind) == (2_800_000, "other_amount", "amount_wrong")
    assert (look.answer, look.settled_as) == ("contested", "stands")


def test_the_desk_shows_what_is_to_be_done_and_what_is_overdue() -> None:
    claim = paid()
    look = drawn(claim)
    assert look.given_to is not None
    shown = browser(look.given_to).get(reverse("admin:index")).content.decode()
    assert 'id="desk-second-looks"' in shown
    assert reverse("admin:claims_secondlook_change", args=[look.pk]) in shown

    assert 'id="desk-second-looks"' not in browser(staff("reviewer")).get(reverse("admin:index")).content.decode()
    sections = browser(staff("auditor")).get(reverse("admin:index")).context["sections"]
    late = next(listing for section, listing in sections if section.name == "quality")
    assert (late.count, [row.is_late for row in late.rows]) == (1, [True])
    assert list(browser(staff("auditor")).get(late.url).context["cl"].result_list) == [look]


def test_the_page_asks_as_often_for_many_looks_as_for_one() -> None:
    claim = paid()
    first = drawn(claim)
    client = browser(staff("auditor"))
    url = reverse("admin:claims_secondlook_changelist")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(4):
        drawn(claim, of=drawing())
    with CaptureQueriesContext(connection) as five:
        client.get(url)
    assert len(five) == len(one)
    assert first.pk


def refusal_of(call: Callable[[], object]) -> str:
    try:
        call()
    except Refusal as no:
        return no.code
    return ""


def test_refusals_have_stable_codes() -> None:
    look = drawn(paid())
    assert refusal_of(lambda: looking.conclude(look.pk, by=staff("reviewer"), at=NOW)) == "NOT_YOUR_LOOK"
    assert look.given_to is not None
    assert refusal_of(lambda: looking.conclude(look.pk, by=look.given_to, at=NOW)) == "LOOK_CLOSED"


# What is told


def test_what_is_told_of_a_second_look_leads_to_it_and_not_to_the_case() -> None:
    claim = paid()
    look = drawn(claim, given_to=None)
    reviewer = staff("reviewer")
    looking.give_out(at=NOW)
    assert fresh(look).given_to == reviewer
    told = notices(reviewer, LATER)
    assert told is not None
    assert [one.url for one in told.notices] == [reverse("admin:claims_secondlook_change", args=[look.pk])]

    done(fresh(look), **FAULT)
    assert claim.published_by is not None
    told = notices(claim.published_by, LATER)
    assert told is not None
    assert told.notices[0].url == reverse("admin:claims_secondlook_change", args=[look.pk])


def test_what_was_given_to_somebody_else_meanwhile_leads_nowhere() -> None:
    look = drawn(paid(), given_to=None)
    first = staff("reviewer")
    looking.give_out(at=NOW)
    looking.give(look.pk, to=staff("reviewer"), by=staff("supervisor"), at=NOW)
    told = notices(first, LATER)
    assert told is not None
    assert [one.url for one in told.notices] == [""]


@pytest.mark.parametrize("is_given", [True, False])
def test_nobody_who_could_still_be_given_it_is_shown_the_decision(is_given: bool) -> None:
    claim = paid()
    look = drawn(claim) if is_given else drawn(claim, given_to=None)
    supervisor, auditor = browser(staff("supervisor")), browser(staff("auditor"))
    address = reverse("admin:claims_secondlook_change", args=[look.pk])
    everywhere = reverse("admin:claims_secondlook_changelist")
    for client in (supervisor, auditor):
        client.cookies["django_language"] = "en"
    for url in (address, everywhere):
        body = supervisor.get(url).content.decode()
        assert [word for word in revealing(claim) if word in body.partition('id="changelist-filter"')[0]] == [], url
    of_the_decider = f"{everywhere}?decided_by={claim.published_by_id}"
    assert list(supervisor.get(of_the_decider).context["cl"].result_list) == []
    assert "30,000" in auditor.get(address).content.decode()

    looking.give(look.pk, to=staff("reviewer"), by=staff("supervisor"), at=NOW)
    stated(fresh(look))
    assert "30,000" in supervisor.get(address).content.decode()


def test_who_read_a_letter_of_the_case_did_not_look_blind() -> None:
    claim = paid()
    look = drawn(claim)
    assert look.given_to is not None
    Reading.objects.create(claim=claim, by=look.given_to, at=NOW, what="letter")
    assert stated(look).was_blind is False


def test_whoever_had_it_on_the_desk_for_a_while_has_a_part() -> None:
    """Given to one, then to another, then to nobody: no assignment is left, and only the events say so."""
    claim = case_in(State.REVIEWING)
    first, second, supervisor = staff("reviewer"), staff("reviewer"), staff("supervisor")
    assigning.assign(claim.pk, to=first, by=supervisor, at=NOW)
    assigning.assign(claim.pk, to=second, by=supervisor, at=NOW)
    assigning.give_back(claim.pk, by=second, at=NOW)
    assert {first.pk, second.pk} <= took_part(Claim.objects.get(pk=claim.pk))


# What was known at the decision


def changed_since(claim: Claim) -> None:
    """A paper was replaced, another one sent back, one fact of the file taken back and one added, one put otherwise."""
    since = claim.published_at + timedelta(days=1)
    replaced, judged = claim.materials.order_by("pk")[:2]
    who = {"recorded_by": staff("reviewer"), "source": "x", "weighs": "against"}
    Evidence.objects.create(
        claim=claim,
        fact="起初的事实",
        recorded_at=claim.published_at,
        **who,
        withdrawn_at=since,
        withdrawn_by=staff("reviewer"),
    )
    Evidence.objects.create(claim=claim, fact="后来的事实", recorded_at=since, **who)
    Material.objects.filter(pk=replaced.pk).update(replaced_at=since)
    Material.objects.create(
        claim=claim,
        kind=replaced.kind,
        received_at=since,
        received_by=staff("intake"),
        details={"through": "2031-01-01"},
    )
    Material.objects.filter(pk=judged.pk).update(
        finding="returned", fault="other", finding_note="后来才看出", judged_by=staff("reviewer"), judged_at=since
    )
    said = Assessment.objects.filter(claim=claim).latest("pk")
    said.pk, said.at = None, since
    said.facts = said.facts | {"medical": said.facts["medical"] | {"site": "后来的部位"}, "diagnosed_on": "2025-03-03"}
    said.save(force_insert=True)
    with pgtrigger.ignore():
        Claim.objects.filter(pk=claim.pk).update(
            assessment=said, facts=claim.facts | {"site": "后来的部位"}, diagnosed_on="2025-03-03"
        )


HINDSIGHT = ("后来的事实", "2031", "后来才看出", "后来的部位", "3 March 2025")


def test_the_second_one_sees_what_was_known_at_the_decision_and_nothing_that_came_later() -> None:
    claim = paid()
    changed_since(claim)
    look = drawn(claim)
    assert look.given_to is not None
    client = browser(look.given_to)
    client.cookies["django_language"] = "en"
    address = reverse("admin:claims_secondlook_change", args=[look.pk])

    before = client.get(address).content.decode()
    stated(look)
    after = client.get(address).content.decode()

    for body in (before, after):
        assert [word for word in HINDSIGHT if word in body] == []
        assert "起初的事实" in body
        assert "<del>" not in body
        assert "replaced version" not in body
        assert "1 April 2025" in body
    assert "Came after the decision" not in before
    assert "1 paper · 1 piece of evidence · other facts by which the case now goes" in after


def judged(claim: Claim, paper: Material, when: datetime, by: User, *, fault: PaperFault | None = None) -> None:
    finding = PaperFinding.RETURNED if fault else PaperFinding.ACCEPTED
    judging.judge(claim.pk, paper.pk, finding=finding, fault=fault, note="后来才看出" if fault else "", by=by, at=when)


def test_a_paper_that_was_judged_again_is_shown_with_what_was_said_of_it_then() -> None:
    claim, by, other = case_in(State.REVIEWING), staff("reviewer"), staff("reviewer")
    decided = REVIEWED + timedelta(hours=2)
    accepted, returned, unjudged = claim.materials.order_by("pk")[:3]
    judged(claim, accepted, REVIEWED, other, fault=PaperFault.OTHER)
    judged(claim, accepted, REVIEWED + timedelta(hours=1), by)
    judged(claim, returned, REVIEWED, by, fault=PaperFault.NOT_SEALED)
    for paper in (accepted, returned, unjudged):
        judged(claim, paper, decided + timedelta(days=1), other, fault=PaperFault.OTHER)

    with CaptureQueriesContext(connection) as few:
        lines = papers.papers(Claim.objects.get(pk=claim.pk), Look(by, NOW), until=decided)["lines"]
    shown = {line["paper"]["row"].pk: line["paper"]["row"] for line in lines if line["paper"]}
    then = {pk: (one.finding, one.fault, one.finding_note, one.judged_by, one.judged_at) for pk, one in shown.items()}

    assert then[accepted.pk] == ("accepted", "", "", by, REVIEWED + timedelta(hours=1))
    assert then[returned.pk] == ("returned", "not_sealed", "后来才看出", by, REVIEWED)
    assert then[unjudged.pk] == ("", "", "", None, None)
    assert sum("claims_claimevent" in query["sql"] for query in few) == 1


def test_where_the_moment_of_the_decision_is_not_known_it_is_that_of_the_drawing() -> None:
    """Its case was opened again since: neither what came after, nor anything to be done about a paper."""
    claim = case_in(State.REVIEWING)
    look = drawn(claim, decided_at=None)
    paper = claim.materials.earliest("pk")
    Material.objects.filter(pk=paper.pk).update(replaced_at=LATER)
    Material.objects.create(
        claim=claim, kind=paper.kind, received_at=LATER, received_by=staff("intake"), details={"through": "2031-01-01"}
    )
    assert look.given_to is not None

    body = page(look, look.given_to).content.decode()

    assert f"paper-{paper.kind}" in body
    assert "2031" not in body
    assert "return-paper" not in body


def test_where_nothing_came_later_nothing_is_said_of_it() -> None:
    look = drawn(paid())
    stated(look)

    assert not looking.came_later(fresh(look))


# Nobody to look


def told_to_supervisors(template: str, claim: Claim) -> int:
    return Message.objects.filter(template=template, to="supervisor", about=claim.number).count()


def test_what_nobody_may_look_at_says_so_once_until_somebody_may() -> None:
    claim = paid()
    look = drawn(claim, given_to=None)

    for when in (NOW, LATER):
        assert looking.give_out(at=when) == 0
    assert fresh(look).nobody_since == NOW
    assert told_to_supervisors("second_look_nobody", claim) == 1
    auditor = browser(staff("auditor"))
    auditor.cookies["django_language"] = "en"
    listed = auditor.get(reverse("admin:claims_secondlook_changelist"), {"standing": "nobody"})
    assert [row.pk for row in listed.context["cl"].result_list] == [look.pk]
    assert "nobody may look at it" in auditor.get(reverse("admin:index")).content.decode()

    new = staff("reviewer")
    assert looking.give_out(at=LATER) == 1
    assert (fresh(look).given_to, fresh(look).nobody_since) == (new, None)


def test_whoever_is_only_away_is_somebody() -> None:
    claim = paid()
    look, away = drawn(claim, given_to=None), staff("reviewer")
    Absence.objects.create(user=away, first_day=NOW.date(), last_day=NOW.date())

    looking.give_out(at=NOW)

    assert fresh(look).nobody_since is None
    assert told_to_supervisors("second_look_nobody", claim) == 0


@pytest.mark.parametrize("why", ["left", "lost the right"])
def test_what_was_given_to_somebody_who_can_do_it_no_longer_goes_to_somebody_else(why: str) -> None:
    claim = paid()
    look, gone, other = drawn(claim), None, staff("reviewer")
    gone = look.given_to
    assert gone is not None
    assert looking.give_out(at=NOW) == 0
    if why == "left":
        User.objects.filter(pk=gone.pk).update(is_active=False)
    else:
        gone.groups.clear()

    assert looking.give_out(at=LATER) == 1
    assert looking.give_out(at=LATER) == 0

    assert (fresh(look).given_to, fresh(look).given_at) == (other, LATER)
    assert told_to_supervisors("second_look_freed", claim) == 1


def test_what_somebody_stated_before_he_left_stays_his() -> None:
    look = drawn(paid())
    stated(look)
    staff("reviewer")
    User.objects.filter(pk=look.given_to_id).update(is_active=False)

    assert looking.give_out(at=LATER) == 0
    assert fresh(look).given_to == look.given_to
