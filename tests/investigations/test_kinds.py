"""Each kind of commission through the investigators' pages: who may be asked, what is asked, by when, and its end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from claims.enums import AppealFinding, ObjectionFinding, ObjectionKind, State
from claims.models import Claim
from investigations import services
from investigations.enums import CommissionState, Method
from investigations.models import Agency, Commission, Report
from investigations.services.agencies import SAMPLES
from tests.factories import at, in_the_field, investigator_of, staff
from tests.investigations.writing import typed

SPOT = tuple(Method.values)

KINDS = {
    "field": (SPOT, at("2025-05-09"), {0, 1}),
    "second": (SPOT, at("2025-05-25"), {0, 1}),
    "expert": ((), at("2025-05-25"), {2}),
    "forensic": ((), at("2025-05-25"), {1, 2}),
    "arbitration": ((), at("2025-05-25"), {2}),
}
"""The methods, the end, and which of the sample agencies may be asked."""

MakeOne = Callable[[str], Commission]


def page(sent: Commission, name: str = "commission") -> str:
    return reverse(f"field:{name}", args=[sent.pk])


def phone(sent: Commission) -> Client:
    client = in_the_field(investigator_of(sent))
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_to_one_that_does_it_with_its_own_time(of_kind: MakeOne, kind: str) -> None:
    methods, due_at, able = KINDS[kind]
    sent = of_kind(kind)
    codes = {SAMPLES[number][1] for number in able}

    assert set(Agency.objects.able(sent.kind).values_list("uscc", flat=True)) == codes
    assert sent.agency.uscc in codes
    assert {one["agency"] for one in sent.choice["ranked"]} <= {SAMPLES[number][0] for number in able}
    assert tuple(sent.methods) == methods
    assert sent.deadline.due_at == due_at


QUESTIONS = {
    "field": "Does what the hospital, the doctor and the records know agree with what was reported?",
    "second": "Was anything known before joining, or afterwards, that was not said?",
    "expert": "Does the illness meet the definition of the covenant?",
    "forensic": "Are the papers genuine?",
    "arbitration": "Whose reading of the medical facts holds: the applicant&#x27;s or the plan&#x27;s?",
}
DOUBTS = {
    "second": "untrue health declaration",
    "expert": "dispute about the disease definition",
    "forensic": "suspected forgery",
}
ON_THE_SPOT = {"field", "second"}
METHOD = "original records at the hospital"


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_asks_its_question_and_offers_what_the_work_needs(of_kind: MakeOne, kind: str) -> None:
    sent = of_kind(kind)

    text = phone(sent).get(page(sent)).content.decode()

    assert QUESTIONS[kind] in text
    assert [other for other in QUESTIONS if QUESTIONS[other] in text] == [kind]
    assert [doubt for doubt in DOUBTS.values() if doubt in text] == ([DOUBTS[kind]] if kind in DOUBTS else [])
    assert (METHOD in text) is (kind in ON_THE_SPOT)
    assert ("Show a number in full" in text) is (kind in ON_THE_SPOT)
    assert ("Letter of authorisation" in text) is (kind in ON_THE_SPOT)
    assert ("Medical papers of the case" in text) is (kind not in ON_THE_SPOT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_is_for_whoever_goes_to_a_records_office(of_kind: MakeOne, kind: str) -> None:
    sent = of_kind(kind)
    number = sent.claim.membership.member.id_number

    answer = phone(sent).post(page(sent, "reveal"), {"number": "id_number", "reason": "x"})

    assert (number in answer.content.decode()) is (kind in ON_THE_SPOT)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_taken_reported_on_and_accepted(of_kind: MakeOne, kind: str) -> None:
    sent = of_kind(kind)
    before = Claim.objects.get(pk=sent.claim_id).state
    client = phone(sent)

    assert client.post(page(sent, "take")).headers["location"] == page(sent)
    said = typed(methods=sent.methods, at=sent.sent_at + timedelta(days=1), conclusion="consistent")
    assert client.post(page(sent, "report"), said).headers["location"] == page(sent)
    assert Report.objects.get(commission=sent).conclusion == "consistent"
    services.accept_report(sent.pk, by=staff("reviewer"), at=sent.deadline.due_at)

    assert client.get(page(sent)).status_code == 404
    assert Commission.objects.get(pk=sent.pk).state == CommissionState.ACCEPTED
    after = State.DECIDING if kind == "field" else before
    assert Claim.objects.get(pk=sent.claim_id).state == after


def _resolve(sent: Commission, when: datetime) -> None:
    if sent.kind == "arbitration":
        services.decide_appeal(sent.claim_id, finding=AppealFinding.UPHELD, by=staff("reviewer"), at=when)
        return
    doubt = {"second": "non_disclosure", "expert": "definition", "forensic": "forgery"}[sent.kind]
    services.resolve_objection(
        sent.claim_id,
        kind=ObjectionKind(doubt),
        finding=ObjectionFinding.DISMISSED,
        by=staff("reviewer"),
        at=when,
    )


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "field"])
def test_the_finding_ends_one_that_is_still_out(of_kind: MakeOne, kind: str) -> None:
    sent = of_kind(kind)
    client = phone(sent)
    client.post(page(sent, "take"))

    _resolve(sent, sent.sent_at + timedelta(days=3))

    assert client.get(page(sent)).status_code == 404
    assert Commission.objects.get(pk=sent.pk).state == CommissionState.CLOSED
