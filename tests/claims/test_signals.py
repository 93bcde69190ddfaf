"""What a case shares with others: each signal beside the case that gives none, and that no signal stops anything."""

import itertools
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import SignalKind
from claims.models import Claim, ClaimEvent, Material, PaperFile, SignalAnswer
from claims.services import collecting, reporting, signals
from claims.services.signals import signals_of
from config.kernel.models import StoredFile, User
from members.models import Membership
from tests.claims import cases
from tests.claims.cases import World, everybody, fresh, later
from tests.claims.refusing import POSSIBLE, possible, service_refused
from tests.factories import FACTS, REPORTED, REVIEWED, SUBMITTED, at, membership, signed_in, staff

WEIGHTS = {
    "same_file": 60,
    "same_payee": 40,
    "same_record": 40,
    "same_phone": 30,
    "same_agency": 20,
    "soon_after_waiting": 20,
}
"""Points, by hand."""

_numbers = itertools.count(1)


def somebody(**others: Any) -> Membership:
    """A member with a phone and a card of his own."""
    member, number = membership(**others), next(_numbers)
    member.member.phone, member.member.bank_card = f"1370000{number:04}", f"62220202{number:010}"
    member.member.save()
    return member


def case_of(member: Membership | None = None, **report: Any) -> Claim:
    said = {"disease": "malignant_tumor", "diagnosed_on": date(2025, 4, 1), "facts": FACTS} | report
    claim = reporting.report((member or somebody()).pk, **said, by=staff("intake"), at=REPORTED)
    return Claim.objects.get(pk=claim.pk)


def again(claim: Claim, **report: Any) -> Claim:
    """A second case of the same member, after the first was withdrawn."""
    collecting.withdraw(claim.pk, by=staff("intake"), at=SUBMITTED)
    return case_of(claim.membership, **report)


def paper(claim: Claim, **details: Any) -> Material:
    said = {"kind": "imaging", "received_at": SUBMITTED, "received_by": staff("intake")} | details
    return Material.objects.create(claim=claim, **said)


def file(claim: Claim, stored: StoredFile) -> None:
    material = claim.materials.first() or paper(claim)
    PaperFile.objects.create(material=material, stored=stored, place=material.files.count() + 1)


def stored() -> StoredFile:
    return StoredFile.objects.create(
        sha256=f"{next(_numbers):064x}", content_type="application/pdf", size=1, stored_at=SUBMITTED
    )


def share_file(one: Claim, other: Claim) -> None:
    same = stored()
    file(one, same)
    file(other, same)


def share_card(one: Claim, other: Claim) -> None:
    other.membership.member.bank_card = one.membership.member.bank_card
    other.membership.member.save()


def share_record(one: Claim, other: Claim) -> None:
    paper(one, kind="discharge_summary", record_number="BA 20250401")
    paper(other, kind="surgery_record", record_number="ba20250401")


def share_phone(one: Claim, other: Claim) -> None:
    other.membership.member.phone = one.membership.member.phone
    other.membership.member.save()


def phoned(claim: Claim, phone: str) -> None:
    claim.reporter_phone = phone
    claim.save(update_fields=["reporter_phone", "reporter_phone_index"])


def call_from_others_phone(one: Claim, other: Claim) -> None:
    phoned(one, other.membership.member.phone)


def call_from_same_phone(one: Claim, other: Claim) -> None:
    for claim in (one, other):
        phoned(claim, "13600000000")


def be_called_from_own_phone(one: Claim, other: Claim) -> None:
    phoned(other, one.membership.member.phone)


SHARED = [
    (SignalKind.SAME_FILE, share_file),
    (SignalKind.SAME_PAYEE, share_card),
    (SignalKind.SAME_RECORD, share_record),
    (SignalKind.SAME_PHONE, share_phone),
    (SignalKind.SAME_PHONE, call_from_others_phone),
    (SignalKind.SAME_PHONE, call_from_same_phone),
    (SignalKind.SAME_PHONE, be_called_from_own_phone),
]


@pytest.mark.django_db
class TestEachSignal:
    @pytest.mark.parametrize(("kind", "share"), SHARED, ids=lambda part: getattr(part, "__name__", str(part)))
    def test_is_given_for_another_members_case_on_both_sides(self, kind: SignalKind, share: Any) -> None:
        one, other = case_of(), case_of()
        assert signals_of(one) == signals_of(other) == []

        share(one, other)

        for mine, theirs in ((one, other), (other, one)):
            (signal,) = signals_of(fresh(mine))
            assert (signal.kind, signal.weight) == (kind, WEIGHTS[kind.value])
            assert [found.pk for found in signal.others] == [theirs.pk]

    @pytest.mark.parametrize(("kind", "share"), SHARED, ids=lambda part: getattr(part, "__name__", str(part)))
    def test_is_not_given_for_the_members_own_earlier_case(self, kind: SignalKind, share: Any) -> None:
        earlier = case_of()
        one = again(earlier)

        share(one, earlier)

        assert signals_of(fresh(one)) == []

    def test_an_agency_is_named_from_three_other_members_on(self) -> None:
        one, first = (case_of(reporter_agency="安心代办") for _ in range(2))
        second = case_of(reporter_agency="安心代办 ")
        assert signals_of(one) == []

        again(second, reporter_agency="安心代办")
        assert signals_of(one) == []
        third = case_of(reporter_agency="安心代办")

        (signal,) = signals_of(one)
        assert (signal.kind, signal.weight) == (SignalKind.SAME_AGENCY, 20)
        assert {first.pk, second.pk, third.pk} < {other.pk for other in signal.others}
        assert len(signal.others) == 4

    @pytest.mark.parametrize(
        ("joined", "days"),
        [
            ("2025-01-01", None),  # diagnosed on the last waiting day
            ("2024-12-31", 1),
            ("2024-12-02", 30),
            ("2024-12-01", None),
        ],
    )
    def test_coming_soon_is_within_thirty_days_after_the_waiting_period(self, joined: str, days: int | None) -> None:
        claim = case_of(somebody(joined_at=at(joined)))

        assert [(signal.kind, signal.params["days"]) for signal in signals_of(claim)] == (
            [(SignalKind.SOON_AFTER_WAITING, days)] if days else []
        )

    def test_an_accident_never_comes_too_soon(self) -> None:
        claim = case_of(
            somebody(joined_at=at("2024-12-31")),
            disease="deep_coma",
            facts={},
            cause="accident",
            accident_on=date(2025, 4, 1),
        )

        assert signals_of(claim) == []


def test_the_weights_are_those_of_the_table() -> None:
    assert {kind.value: weight for kind, weight in signals.WEIGHTS.items()} == WEIGHTS
    assert signals.WORTH_A_LOOK == 50


@pytest.mark.django_db
class TestTheTotal:
    def test_a_kind_weighs_once_however_many_things_are_shared(self) -> None:
        one, other = case_of(), case_of()
        share_file(one, other)
        share_file(one, other)
        share_card(one, other)

        known = signals_of(fresh(one))

        assert [signal.kind.value for signal in known] == ["same_file", "same_file", "same_payee"]
        assert signals.total(known) == 100

    def test_as_many_queries_for_fifty_matches_as_for_one(self) -> None:
        one = case_of(somebody(), reporter_agency="安心代办")
        same, first = stored(), case_of()
        share_card(first, one)
        share_phone(first, one)
        share_record(one, first)
        file(one, same)
        file(first, same)
        with CaptureQueriesContext(connection) as few:
            assert len(signals_of(fresh(one))) == 4

        for _number in range(50):
            other = cases.reported()
            other.reporter_agency = "安心代办"
            other.save()
            other.membership.member.phone = one.membership.member.phone
            other.membership.member.save()
            file(other, same)
        with CaptureQueriesContext(connection) as many:
            found = {signal.kind.value: len(signal.others) for signal in signals_of(fresh(one))}

        assert found == {"same_file": 51, "same_payee": 1, "same_record": 1, "same_phone": 51, "same_agency": 50}
        assert len(many) == len(few) <= 13


@pytest.mark.django_db
class TestACrowd:
    """Of one thing that many share the newest cases are looked at, and nothing else goes without a look for it."""

    @pytest.fixture(autouse=True)
    def _of_three_two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(signals, "MOST", 2)

    def crowd(self, one: Claim, share: Any) -> list[int]:
        others = [case_of() for _ in range(4)]
        for other in (others[0], others[3], others[1], others[2]):
            share(other)
        return [other.pk for other in others]

    def others(self, one: Claim) -> list[list[int]]:
        return [[found.pk for found in signal.others] for signal in signals_of(fresh(one))]

    def test_of_a_file_hides_no_other_file(self) -> None:
        one, stock, rare, copied = case_of(), stored(), stored(), case_of()
        file(copied, rare)
        file(one, stock)
        file(one, rare)
        _first, _second, third, last = self.crowd(one, lambda other: file(other, stock))

        assert self.others(one) == [[last, third], [copied.pk]]

    def test_of_a_record_number_hides_no_other(self) -> None:
        one, copied = case_of(), case_of()
        for claim, number in ((copied, "BA 2"), (one, "BA 1"), (one, "BA 2")):
            paper(claim, kind="discharge_summary" if number == "BA 1" else "imaging", record_number=number)
        _first, _second, third, last = self.crowd(one, lambda other: paper(other, record_number="BA 1"))

        assert self.others(one) == [[last, third], [copied.pk]]

    def test_of_a_payee_is_answered_for_its_newest(self) -> None:
        one = case_of()
        _first, _second, third, last = self.crowd(one, lambda other: share_card(one, other))
        (signal,) = signals_of(fresh(one))

        assert signal.about == str(last)
        assert self.others(one) == [[last, third]]


@pytest.mark.django_db
class TestAnAnswer:
    def answer(self, claim: Claim, signal: signals.Signal, *, by: User | None = None, note: str = "夫妻共用") -> Any:
        said = {"kind": signal.kind, "about": signal.about, "note": note}
        return signals.answer(claim.pk, **said, by=by or staff("reviewer"), at=REVIEWED)

    def test_takes_the_signal_out_of_the_total_and_stays_beside_it(self) -> None:
        one, other = case_of(), case_of()
        share_card(other, one)
        share_phone(other, one)
        payee, _phone = signals_of(fresh(one))

        given = self.answer(one, payee)

        known = signals_of(fresh(one))
        assert [signal.answer for signal in known] == [given, None]
        assert signals.total(known) == 30
        event = ClaimEvent.objects.get(claim=one, verb="answer_signal")
        assert (event.reason_code, event.reason, event.data) == ("same_payee", "夫妻共用", {"weight": 40})
        assert (event.from_state, event.to_state) == ("collecting", "collecting")

    def test_stands_until_one_more_case_turns_up(self) -> None:
        one = case_of()
        share_card(one, case_of())
        self.answer(one, signals_of(fresh(one))[0])

        share_card(one, case_of())

        (signal,) = signals_of(fresh(one))
        assert signal.answer is None
        self.answer(one, signal)
        assert SignalAnswer.objects.filter(claim=one).count() == 2

    def test_about_an_agency_stands_for_good(self) -> None:
        one, *_others = (case_of(reporter_agency="安心代办") for _ in range(4))
        self.answer(one, signals_of(one)[0])

        case_of(reporter_agency="安心代办")

        assert signals.total(signals_of(one)) == 0

    def test_is_refused_to_who_may_not_without_a_note_and_twice(self) -> None:
        one = case_of()
        share_card(one, case_of())
        (signal,) = signals_of(fresh(one))

        service_refused("NOT_PERMITTED", lambda: self.answer(one, signal, by=staff("intake")))
        service_refused("INVALID_INPUT", lambda: self.answer(one, signal, note=" "))
        self.answer(one, signal)
        service_refused("INVALID_INPUT", lambda: self.answer(one, signal))

    @pytest.mark.parametrize("state", ["paying", "paid", "withdrawn", "closed"])
    def test_is_refused_on_a_settled_case(self, state: str) -> None:
        claim = cases.BUILDERS[state]()
        share_card(claim, case_of())
        (signal, *_others) = signals_of(fresh(claim))

        service_refused("WRONG_STATE", lambda: self.answer(claim, signal))


@pytest.mark.parametrize("verb", POSSIBLE)
def test_no_move_is_held_by_a_signal(world: World, verb: str) -> None:
    """The played cases share phone and card: each of them should be looked into, and each of them moves."""
    claim = world[POSSIBLE[verb]]
    assert signals.total(signals_of(fresh(claim))) >= signals.WORTH_A_LOOK

    possible(claim, verb, by=everybody(), at=later(claim, verb))


@pytest.mark.django_db
class TestThePage:
    def page(self, claim: Claim, role: str = "reviewer") -> str:
        return signed_in(role).get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()

    def part(self, claim: Claim) -> str:
        return self.page(claim).partition('id="signals"')[2].partition("</section>")[0]

    def test_links_five_other_cases_and_counts_the_rest(self) -> None:
        one, others = case_of(), [case_of() for _ in range(7)]
        for other in others:
            share_card(one, other)

        text = self.part(one)

        assert [other.number in text for other in others] == [False, False, True, True, True, True, True]
        for other in others[2:]:
            assert reverse("admin:claims_claim_change", args=[other.pk]) in text
        assert "+40" in text
        assert "desk-note" not in text

    def test_warns_from_fifty_points_on_and_not_when_they_are_answered(self) -> None:
        one, other = case_of(), case_of()
        share_card(one, other)
        share_phone(one, other)
        assert "desk-warning desk-note" in self.part(one) or "desk-note desk-warning" in self.part(one)

        answered = signals_of(fresh(one))[0]
        signals.answer(
            one.pk, kind=answered.kind, about=answered.about, note="夫妻共用", by=staff("reviewer"), at=REVIEWED
        )

        assert "desk-note" not in self.part(one)
        assert "夫妻共用" in self.part(one)

    def test_a_signal_is_answered_on_its_form(self) -> None:
        one = case_of()
        share_card(one, case_of())
        (signal,) = signals_of(fresh(one))
        url = reverse("admin:claims_claim_move", args=[one.pk, "answer-signal", one.pk])
        client = signed_in("reviewer")
        assert url in self.page(one)

        said = {"version": one.version, "signal": f"same_payee:{signal.about}", "note": "夫妻共用"}
        assert client.post(url, said).status_code == 302

        assert SignalAnswer.objects.get().note == "夫妻共用"
        assert url not in self.page(one)

    def test_finance_sees_no_signal(self) -> None:
        assert 'id="signals"' not in self.page(case_of(), "finance")


@pytest.mark.django_db
def test_a_report_says_whose_phone_and_which_agency_brought_it() -> None:
    member, client = somebody(), signed_in("intake")
    url = reverse("admin:members_membership_move", args=[member.pk, "report", member.pk])
    said = {"disease": "malignant_tumor", "diagnosed_on": "2025-04-01", "cause": "illness", "reporter": "agent"}

    wrong = client.post(url, said | {"reporter_phone": "12345"})
    right = client.post(url, said | {"reporter_phone": "+86 136-0000-0001", "reporter_agency": " 安心代办 "})

    assert list(wrong.context["form"].errors) == ["reporter_phone"]
    assert right.status_code == 302
    claim = Claim.objects.latest("pk")
    assert (claim.reporter_phone, claim.reporter_agency) == ("13600000001", "安心代办")
    text = client.get(right.headers["location"]).content.decode()
    assert "136****0001" in text
    assert "安心代办" in text
    assert "13600000001" not in text
