"""A draft is tried on past cases: what would change, written by hand; no case is touched."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from claims.models import Assessment, Claim, ClaimEvent, Trial, TrialChange
from claims.refusals import TrialRuns
from claims.services import reporting, trying
from claims.sweeps import RunTrials
from config.kernel import pages, sweeping
from config.kernel.models import User
from config.kernel.refusals import NotPermitted
from members.models import Covenant, Membership, Plan
from members.refusals import CovenantPublished, DraftInUse
from members.services import drafting, plans
from members.services.drafting import digest_of
from tests.factories import JOINED, at, case_in, look, membership, plan, signed_in, staff

pytestmark = pytest.mark.django_db

NOW = at("2026-12-01 09:00")
DAY = date(2027, 1, 1)


def draft(of: str = "qingsong", **terms: Any) -> Covenant:
    plan()
    source = plans.covenant_on(Plan.objects.get(code=of), JOINED.date())
    made = drafting.copy(source.pk, "2027.1", in_force_from=DAY, by=staff("supervisor"), at=NOW)
    values = {name.replace("__", "."): value for name, value in terms.items()}
    return drafting.set_terms(made.pk, values, digest=digest_of(made), by=made.drafted_by, at=NOW)


def tried(covenant: Covenant) -> Trial:
    """Asked for and carried on to its end."""
    trial = trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
    while not Trial.objects.get(pk=trial.pk).finished_at:
        sweeping.run("claims.run_trials", at=NOW)
    return Trial.objects.get(pk=trial.pk)


def lung_cancer(of: Membership, diagnosed_on: date) -> Claim:
    return reporting.report(
        of.pk,
        disease="malignant_tumor",
        diagnosed_on=diagnosed_on,
        facts={"site": "lung", "behaviour": "malignant", "symptoms_in_waiting": "none"},
        by=staff("intake"),
        at=at(f"{diagnosed_on + timedelta(days=2)} 10:00"),
    )


def changes(trial: Trial) -> dict[int, tuple[Any, ...]]:
    rows = trial.changes.values_list("claim_id", "outcome_before", "outcome_after", "before_fen", "after_fen")
    return {claim: tuple(rest) for claim, *rest in rows}


def test_a_longer_waiting_period_refuses_who_fell_ill_early() -> None:
    """Joined on 1 June 2024: 28 November is day 180, 29 November day 181. Tier 100,000 yuan."""
    within, after = lung_cancer(membership(), date(2024, 11, 28)), lung_cancer(membership(), date(2024, 11, 29))
    trial = tried(draft(waiting__days=180))

    assert changes(trial) == {within.pk: ("need", "reject", 10_000_000, 0)}
    assert TrialChange.objects.get().codes_after == ["WAITING_PERIOD"]
    assert (trial.done, trial.total, trial.before_fen, trial.after_fen) == (2, 2, 20_000_000, 10_000_000)
    assert (trial.finished_at, trial.failed_because, trial.last_claim) == (NOW, "", after.pk)


def test_another_ratio_changes_the_amount_and_not_the_outcome() -> None:
    """The whole case of the factories: an early thyroid carcinoma, 30 percent of 100,000 yuan; at 20, 20,000 yuan."""
    claim = case_in(State.APPROVED)
    other = lung_cancer(membership(), date(2025, 4, 1))
    trial = tried(draft(ratio__thyroid_t1n0m0=20))

    assert changes(trial) == {claim.pk: ("accept", "accept", 3_000_000, 2_000_000)}
    assert (trial.before_fen, trial.after_fen) == (13_000_000, 12_000_000)
    assert other.pk not in changes(trial)


def test_a_ratio_left_to_a_person_counts_for_nothing_in_the_total() -> None:
    claim = reporting.report(
        membership(terms={"ratio.in_situ": 20}).pk,
        disease="malignant_tumor",
        diagnosed_on=date(2025, 4, 1),
        facts={"site": "breast", "behaviour": "in_situ", "symptoms_in_waiting": "none"},
        by=staff("intake"),
        at=at("2025-04-03 10:00"),
    )
    trial = tried(draft())

    assert changes(trial) == {claim.pk: ("need", "refer", 2_000_000, None)}
    assert (trial.before_fen, trial.after_fen) == (2_000_000, 0)


def test_days_off_are_looked_up_where_the_draft_is_the_first_to_ask_for_them() -> None:
    """Ten days after 25 September 2024 is 5 October, a holiday until the 7th: a report on the 8th is in time."""
    claim = reporting.report(
        membership().pk,
        disease="malignant_tumor",
        diagnosed_on=date(2024, 9, 25),
        facts={"site": "lung", "behaviour": "malignant", "symptoms_in_waiting": "none"},
        by=staff("intake"),
        at=at("2024-10-08 10:00"),
    )
    trial = tried(draft(report__extend_on_holiday=True))

    assert changes(trial) == {claim.pk: ("reject", "need", 0, 10_000_000)}


def test_the_same_terms_change_nothing() -> None:
    case_in(State.APPROVED)
    trial = tried(draft())

    assert (changes(trial), trial.done, trial.before_fen == trial.after_fen == 3_000_000) == ({}, 1, True)


def test_a_plan_without_cases_is_done_at_once() -> None:
    case_in(State.REPORTED)
    trial = tried(draft(of="xianghu", waiting__days=180))

    assert (trial.done, trial.total, trial.before_fen, trial.after_fen, trial.finished_at) == (0, 0, 0, 0, NOW)
    assert trial.failed_because == ""


def test_no_case_is_touched() -> None:
    claim = case_in(State.APPROVED)
    before = Claim.objects.values().get(), Assessment.objects.count(), ClaimEvent.objects.count()
    tried(draft(waiting__days=3650))

    assert TrialChange.objects.get().claim_id == claim.pk
    assert (Claim.objects.values().get(), Assessment.objects.count(), ClaimEvent.objects.count()) == before


def test_it_goes_on_where_a_worker_died() -> None:
    claims = [lung_cancer(membership(), date(2024, 11, 28)) for _ in range(3)]
    trial = trying.ask(draft(waiting__days=180).pk, by=staff("supervisor"), at=NOW)

    assert trying.carry_on(trial.pk, at=NOW, portion=2) == 2
    with pytest.raises(KeyboardInterrupt), transaction.atomic():  # noqa: PT012  (the worker dies inside its transaction)
        assert trying.carry_on(trial.pk, at=NOW, portion=2) == 1
        raise KeyboardInterrupt
    half = Trial.objects.get()
    assert (half.done, half.last_claim, half.finished_at, half.changes.count()) == (2, claims[1].pk, None, 2)

    assert trying.carry_on(trial.pk, at=NOW, portion=2) == 1
    assert trying.carry_on(trial.pk, at=NOW, portion=2) == 0
    whole = Trial.objects.get()
    assert (whole.done, whole.total, whole.finished_at) == (3, 3, NOW)
    assert set(changes(whole)) == {claim.pk for claim in claims}
    assert (whole.before_fen, whole.after_fen) == (30_000_000, 0)
    assert trying.carry_on(trial.pk, at=NOW, portion=500) == 0


def test_a_ring_takes_a_few_portions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        lung_cancer(membership(), date(2024, 11, 28))
    trying.ask(draft(waiting__days=180).pk, by=staff("supervisor"), at=NOW)
    monkeypatch.setattr("claims.sweeps.PORTIONS", 1)
    monkeypatch.setattr("claims.sweeps.PORTION", 2)

    assert [sweeping.run("claims.run_trials", at=NOW) for _ in range(4)] == [2, 1, 0, 0]


def test_a_draft_changed_meanwhile_breaks_the_trial_off() -> None:
    case_in(State.REPORTED)
    covenant = draft(waiting__days=180)
    trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
    drafting.set_terms(covenant.pk, {"waiting.days": 170}, digest=digest_of(covenant), by=staff("supervisor"), at=NOW)
    sweeping.run("claims.run_trials", at=NOW)

    trial = Trial.objects.get()
    assert (trial.finished_at, trial.failed_because, trial.done) == (NOW, "the draft was changed meanwhile", 0)


def test_a_draft_published_meanwhile_breaks_it_off_too() -> None:
    case_in(State.REPORTED)
    covenant = draft(waiting__days=180)
    trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
    plans.publish(covenant.pk, by=staff("supervisor"), at=NOW)
    sweeping.run("claims.run_trials", at=NOW)

    assert Trial.objects.get().failed_because == "the draft was published meanwhile"


def test_a_trial_that_the_database_never_takes_ends_and_holds_up_no_other() -> None:
    lung_cancer(membership(), date(2024, 11, 28))
    for covenant in (draft(waiting__days=180), draft("xianghu", waiting__days=180)):
        trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_trialchange ADD CONSTRAINT never CHECK (claim_id < 0)")

    sweeping.run("claims.run_trials", at=NOW)
    sweeping.run("claims.run_trials", at=NOW)

    assert [bool(trial.failed_because) for trial in Trial.objects.order_by("pk")] == [True, False]
    assert not Trial.objects.filter(finished_at__isnull=True).exists()


@pytest.mark.parametrize("spoilt", [{"cause": "comet"}, {"unpaid": 7}, {"papers": [None]}, {"medical": "none"}])
def test_facts_that_cannot_be_read_are_named_and_left_out_of_the_totals(spoilt: dict[str, Any]) -> None:
    claim, other = lung_cancer(membership(), date(2024, 11, 28)), lung_cancer(membership(), date(2024, 11, 28))
    assert claim.assessment is not None
    said = claim.assessment
    old = Assessment.objects.create(
        claim=claim,
        covenant=said.covenant,
        at=NOW,
        facts=said.facts | spoilt,
        outcome=said.outcome,
        codes=said.codes,
        findings=[],
        arrears_fen=0,
        net_fen=said.net_fen,
        steps=[],
    )
    Claim.objects.filter(pk=claim.pk).update(assessment=old)
    trial = tried(draft(waiting__days=180))

    assert changes(trial) == {
        claim.pk: ("need", "", 10_000_000, None),
        other.pk: ("need", "reject", 10_000_000, 0),
    }
    assert (trial.done, trial.before_fen, trial.after_fen) == (2, 10_000_000, 0)
    assert trying.crossing(trial) == [("need", "reject", 1)]


def test_a_draft_that_nothing_can_be_asked_under_ends_its_trial_and_not_the_sweeps() -> None:
    case_in(State.REPORTED)
    covenant = draft()
    Covenant.objects.filter(pk=covenant.pk).update(terms={"waiting.days": 90})
    trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)

    assert sweeping.run("claims.run_trials", at=NOW) == 0
    assert (Trial.objects.get().finished_at, Trial.objects.get().failed_because) == (NOW, "an error stopped it")


class TestAsking:
    def test_one_at_a_time(self) -> None:
        covenant = draft()
        trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
        with pytest.raises(TrialRuns):
            trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
        sweeping.run("claims.run_trials", at=NOW)
        trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
        assert Trial.objects.count() == 2

    def test_only_drafts_are_tried(self) -> None:
        plan()
        published = Covenant.objects.in_force_on(DAY)[0]
        with pytest.raises(CovenantPublished):
            trying.ask(published.pk, by=staff("supervisor"), at=NOW)

    @pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator", "investigator"])
    def test_by_supervisors_only(self, role: str) -> None:
        with pytest.raises(NotPermitted):
            trying.ask(draft().pk, by=staff(role), at=NOW)
        assert not Trial.objects.exists()

    def test_a_draft_that_was_tried_is_kept(self) -> None:
        covenant = draft(waiting__days=180)
        tried(covenant)
        with pytest.raises(DraftInUse):
            drafting.discard(covenant.pk, by=staff("supervisor"), at=NOW)
        assert Covenant.objects.get(pk=covenant.pk).edits.count() == 1

    def test_and_its_page_says_so_before_anybody_tries(self) -> None:
        covenant, by = draft(waiting__days=180), staff("supervisor")
        assert self.refused(covenant, by) == []
        tried(covenant)
        assert self.refused(covenant, by) == [DraftInUse.code]

    def refused(self, covenant: Covenant, by: User) -> list[str]:
        offer = next(one for one in pages.offers(covenant, by=by, at=NOW) if one.move.name == "discard")
        return [no.code for no in offer.refusals]


def test_it_is_no_part_of_any_case() -> None:
    claim = case_in(State.REPORTED)
    trying.ask(draft().pk, by=staff("supervisor"), at=NOW)

    assert (RunTrials().next_due(only=claim.pk), RunTrials().next_due(only=None)) == (None, NOW)
    assert RunTrials().run(at=NOW, only=claim.pk) == 0
    assert Trial.objects.get().finished_at is None


class TestPage:
    def panel(self, covenant: Covenant, query: str = "") -> str:
        client = signed_in("supervisor")
        client.cookies["django_language"] = "en"
        response = client.get(reverse("admin:members_covenant_change", args=[covenant.pk]) + query)
        return next(str(part["html"]) for part in response.context["panels"] if part["panel"].name == "trial")

    def test_shows_how_far_it_is_and_then_what_would_change(self) -> None:
        claim = case_in(State.APPROVED)
        lung_cancer(membership(), date(2024, 11, 28))
        covenant = draft(ratio__thyroid_t1n0m0=20, waiting__days=180)
        assert "No past case was tried" in self.panel(covenant)

        client = signed_in("supervisor")
        assert (
            client.post(reverse("admin:members_covenant_move", args=[covenant.pk, "try", covenant.pk])).status_code
            == 302
        )
        trying.carry_on(Trial.objects.get().pk, at=NOW, portion=1)
        running = self.panel(covenant)
        assert "1 of 2 cases" in running
        assert 'role="progressbar"' in running
        assert 'aria-valuenow="1"' in running

        sweeping.run("claims.run_trials", at=NOW)
        done = self.panel(covenant)
        assert "2 cases were tried. 2 would end otherwise." in done
        assert ("CNY 130,000" in done, "CNY 20,000" in done, "CNY -110,000" in done) == (True, True, True)
        assert claim.number in done
        assert "papers are missing → no aid by the rules" in done
        only = self.panel(covenant, "?from=need&to=reject")
        assert claim.number not in only

    def test_says_when_the_draft_was_changed_since(self) -> None:
        covenant = draft(waiting__days=180)
        tried(covenant)
        assert "Out of date" not in self.panel(covenant)
        drafting.set_terms(
            covenant.pk, {"waiting.days": 170}, digest=digest_of(covenant), by=staff("supervisor"), at=NOW
        )
        assert "Out of date" in self.panel(covenant)

    def test_is_cut_into_pages_that_leave_nothing_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("claims.panels.trials.PAGE", 2)
        numbers = [lung_cancer(membership(), date(2024, 11, 28)).number for _ in range(3)]
        covenant = draft(waiting__days=180)
        tried(covenant)
        second = TrialChange.objects.order_by("pk")[1]

        first_page, second_page = self.panel(covenant), self.panel(covenant, f"?after={second.pk}")
        assert [number in first_page for number in numbers] == [True, True, False]
        assert f"after={second.pk}" in first_page
        assert [number in second_page for number in numbers] == [False, False, True]

    def test_asks_as_much_for_many_cases_as_for_one(self) -> None:
        lung_cancer(membership(), date(2024, 11, 28))
        covenant = draft(waiting__days=180)
        tried(covenant)
        read = next(panel for panel in pages.panels_for(covenant, staff("auditor")) if panel.name == "trial").read

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                read(covenant, look())
            return len(asked)

        one = queries()
        for _ in range(3):
            lung_cancer(membership(), date(2024, 11, 28))
        tried(covenant)
        assert len(read(covenant, look())["changes"]) == 4
        assert queries() == one

    def test_a_portion_asks_as_much_for_many_cases_as_for_one(self) -> None:
        def queries() -> int:
            trial = trying.ask(covenant.pk, by=staff("supervisor"), at=NOW)
            with CaptureQueriesContext(connection) as asked:
                trying.carry_on(trial.pk, at=NOW, portion=500)
            trying.carry_on(trial.pk, at=NOW, portion=500)
            return len(asked)

        lung_cancer(membership(), date(2024, 11, 28))
        covenant = draft(waiting__days=180)
        one = queries()
        for _ in range(3):
            lung_cancer(membership(), date(2024, 11, 28))
        assert queries() == one
