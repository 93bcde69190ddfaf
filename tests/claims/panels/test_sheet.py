"""What changed from one assessment to the next, compared by hand; and what the sheet shows of it."""

from typing import Any

import pytest
from django.utils.translation import override

from claims.enums import State
from claims.models import Claim
from claims.panels.sheet import Change, Difference, differences, sheet
from claims.rules import papers, timing
from claims.services import collecting, correcting
from tests.factories import PAPERS, REVIEWED, SUBMITTED, case_in, look, staff


def finding(rule: str, because: str, *, status: str = "met", outcome: str = "accept", **params: Any) -> dict[str, Any]:
    return {
        "rule": rule,
        "status": status,
        "code": None,
        "clause": "1.1",
        "because": because,
        "params": params,
        "outcome": outcome,
        "until": None,
    }


SEAL_MISSING = finding("SR-13", papers.SEAL_MISSING.because, status="not_met", outcome="need")
SEALED = finding("SR-13", papers.SEALED.because)
IMAGING_MISSING = finding("SR-14", papers.MISSING["imaging"].because, status="not_met", outcome="need")
IMAGING_FILED = finding("SR-14", papers.FILED["imaging"].because)
BANK_CARD = finding("SR-13", papers.FILED["bank_card"].because)
DAY_100 = finding("SR-08", timing.AFTER_WAITING.because, day=100)
DAY_80 = finding("SR-08", timing.WITHIN_WAITING.because, status="not_met", outcome="reject", day=80)


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ([DAY_100, BANK_CARD], [BANK_CARD, DAY_100], []),
        ([], [DAY_100], [(Change.NEW, None, DAY_100)]),
        ([DAY_100], [], [(Change.GONE, DAY_100, None)]),
        ([DAY_100], [DAY_80], [(Change.CHANGED, DAY_100, DAY_80)]),
        (
            [DAY_100],
            [DAY_100 | {"params": {"day": 99}}],
            [(Change.CHANGED, DAY_100, DAY_100 | {"params": {"day": 99}})],
        ),
        (
            [IMAGING_MISSING, SEAL_MISSING],
            [IMAGING_FILED, SEAL_MISSING],
            [(Change.CHANGED, IMAGING_MISSING, IMAGING_FILED)],
        ),
        ([SEAL_MISSING, BANK_CARD], [BANK_CARD, SEALED], [(Change.CHANGED, SEAL_MISSING, SEALED)]),
        (
            [DAY_80],
            [IMAGING_MISSING, DAY_100],
            [(Change.NEW, None, IMAGING_MISSING), (Change.CHANGED, DAY_80, DAY_100)],
        ),
    ],
)
def test_what_changed(was: list[Any], now: list[Any], expected: list[Any]) -> None:
    assert [(one.change, one.was, one.now) for one in differences(was, now)] == expected


def test_two_findings_of_one_rule_are_told_apart_by_their_order() -> None:
    one, two = finding("SR-07", "one"), finding("SR-07", "two")

    assert [found.was for found in differences([one, two], [one])] == [two]


@pytest.fixture
def one_paper_later(db: None) -> Claim:
    claim = case_in(State.COLLECTING)
    certificate = [paper for paper in PAPERS if paper["kind"] == "diagnosis_certificate"]
    collecting.submit(claim.pk, materials=certificate, by=staff("intake"), at=SUBMITTED)
    return Claim.objects.select_related("assessment__covenant").get(pk=claim.pk)


def test_the_sheet_says_what_a_paper_changed_and_who_brought_it(one_paper_later: Claim) -> None:
    with override("en"):
        found = sheet(one_paper_later, look())

    changed = found["changed"]["findings"]
    assert {
        "change": "changed",
        "rule": "SR-13",
        "was": "The diagnosis certificate is missing.",
        "now": "The diagnosis certificate is there.",
    } in changed
    assert {one["change"] for one in changed} == {"changed", "new"}
    assert found["changed"]["amounts"] is None
    assert found["cause"].startswith("Papers taken in · intake")
    assert [one["cause"].split(" · ")[0] for one in found["earlier"]] == ["Report taken down"]


def test_what_is_against_stands_apart_and_names_its_evidence(one_paper_later: Claim) -> None:
    with override("en"):
        found = sheet(one_paper_later, look())

    assert {row["outcome"] for row in found["against"]} == {"need"}
    by_rule = {row["because"]: row for row in found["met"]}
    sealed = by_rule["The certificate bears the seal of the hospital's records office."]
    assert [paper["kind"] for paper in sealed["papers"]] == ["diagnosis_certificate"]
    (waited,) = [row for row in found["met"] if row["rule"] == "SR-08"]
    assert waited["facts"] == [("Joined on", "1 June 2024"), ("First diagnosed on", "1 April 2025")]


def test_a_transplant_record_that_stands_in_is_what_its_finding_links(db: None) -> None:
    stands_in = finding("SR-14", papers.TRANSPLANT_RECORD_FILED.because)
    missing = finding("SR-14", papers.MISSING["dialysis_record"].because, status="not_met", outcome="need")
    claim = case_in(State.REVIEWING)
    said = claim.assessment
    assert said is not None
    said.findings, said.facts = [stands_in], said.facts | {"papers": [{"kind": "transplant_record"}]}

    ((row,),) = [sheet(claim, look())["met"]]

    assert [paper["kind"] for paper in row["papers"]] == ["transplant_record"]
    assert differences([missing], [stands_in]) == [Difference(Change.CHANGED, missing, stands_in)]


def test_the_same_again_changes_nothing(one_paper_later: Claim) -> None:
    correcting.run_assessment(one_paper_later.pk, by=staff("reviewer"), at=REVIEWED)

    changed = sheet(Claim.objects.get(pk=one_paper_later.pk), look())["changed"]

    assert changed["findings"] == []
    assert (changed["outcomes"], changed["amounts"], changed["covenants"]) == (None, None, None)
