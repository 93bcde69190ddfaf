"""The file of a case: what is kept for ever, what the tables refuse, what is worked out again, what nobody reads."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from claims import models as claims_models
from claims.enums import AppealFinding, Channel, DeadlineKind, LetterKind, ObjectionFinding, ObjectionKind
from claims.gate import moving
from claims.models import Assessment, Claim, ClaimEvent, Letter, Material
from claims.rules import assessment as rules
from claims.rules.facts import Facts
from claims.services import appealing, approving, collecting, correcting, deciding, objecting
from config.kernel import sweeping
from config.kernel.models import Outbox, StoredFile, User
from members.models import Member, Message
from members.services.plans import terms_of
from tests.claims.cases import OBJECTED, World, fresh, later
from tests.factories import APPROVED, PAPERS, PUBLISHED, SUBMITTED, at, staff


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


class TestForEver:
    @pytest.mark.parametrize("model", [ClaimEvent, Assessment])
    def test_what_is_written_is_neither_changed_nor_deleted(self, world: World, model: type[models.Model]) -> None:
        rows = model._base_manager
        row, table = rows.first(), model._meta.db_table
        assert row is not None
        attempts: dict[str, Callable[[], Any]] = {
            "update": row.save,
            "update rows": lambda: rows.filter(pk=row.pk).update(at=PUBLISHED),
            "delete rows": lambda: rows.filter(pk=row.pk)._raw_delete("default"),
            "sql update": lambda: sql(f"UPDATE {table} SET at = now() WHERE id = %s", row.pk),
            "sql delete": lambda: sql(f"DELETE FROM {table} WHERE id = %s", row.pk),
        }

        for attempt in attempts.values():
            with pytest.raises(DatabaseError, match="Cannot update or delete rows from"), transaction.atomic():
                attempt()

    def test_one_version_has_one_event(self, world: World) -> None:
        event = ClaimEvent.objects.values().filter(claim=world["deciding"], version=2).get()

        with pytest.raises(DatabaseError, match="one_event_a_version"), transaction.atomic():
            ClaimEvent.objects.create(**event | {"id": None})


class TestTheTables:
    """Raw UPDATEs and INSERTs: each is refused by the constraint that is named."""

    CLAIM: list[tuple[str, str, str]] = [
        ("deciding", "state = 'nowhere'", "Invalid transition"),
        ("rejected", "ground = ''", "refused_claim_has_a_ground"),
        ("publicised", "decided_fen = -1", "decided_amount_is_not_negative"),
        ("publicised", "decided_fen = NULL", "publicised_claim_has_an_amount"),
        ("publicised", "published_by_id = NULL, published_at = NULL", "publicised_claim_has_an_amount"),
        ("publicised", "published_by_id = passed_by_id", "final_decision_is_not_by_the_first_reviewer"),
        ("deciding", "ended_at = now()", "claim_is_ended_with_a_time"),
        ("withdrawn", "ended_at = NULL", "claim_is_ended_with_a_time"),
        ("deciding", "passed_at = NULL", "passed_review_has_who_and_when"),
        ("deciding", "passed_by_id = NULL", "passed_review_has_who_and_when"),
        ("deciding", "investigated_by_id = NULL", "investigation_has_who_and_when"),
        ("publicised", "published_at = NULL", "publication_has_who_and_when"),
        ("rejected", "rejected_by_id = NULL", "refusal_has_who_and_when"),
        ("deciding", "late_waived_at = now()", "late_waiver_has_who_and_when"),
        ("deciding", "version = -1", "claims_claim_version_check"),
    ]

    @pytest.mark.parametrize(("step", "change", "constraint"), CLAIM)
    def test_a_case_that_cannot_be(self, world: World, step: str, change: str, constraint: str) -> None:
        with pytest.raises(DatabaseError, match=constraint):
            sql(f"UPDATE claims_claim SET {change} WHERE id = %s", world[step].pk)

    def test_two_live_cases_of_one_disease(self, world: World) -> None:
        row = Claim.objects.values().get(pk=world["reported"].pk) | {"id": None, "number": "MA-2"}

        with pytest.raises(DatabaseError, match="one_live_claim_a_disease"), transaction.atomic():
            Claim.objects.create(**row)
        Claim.objects.create(**row | {"disease": "coronary_bypass"})

    def again(self, rows: Any, constraint: str, **changes: Any) -> None:
        """A copy of the last of these rows is refused."""
        row = rows.values().last() | {"id": None} | changes
        with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
            rows.model._base_manager.create(**row)

    def test_what_there_is_one_of(self, world: World) -> None:
        self.again(Material.objects.filter(claim=world["reviewing"]), "one_current_paper_of_a_kind")
        self.again(world["objected"].objections, "one_open_objection_of_a_kind")
        self.again(world["objected"].publicities, "one_running_publicity_a_claim")
        self.again(world["objected"].procedures.filter(closed_at=None), "one_open_investigation_of_a_kind")
        self.again(world["appealing"].appeals, "one_open_appeal_a_claim")
        self.again(world["deciding"].deadlines, "deadline_generation_is_unique")
        reminders = claims_models.Reminder.objects.filter(deadline__claim=world["deciding"])
        self.again(reminders, "reminder_step_is_unique")

    OTHERS: list[tuple[str, str, str]] = [
        ("objection", "resolved_at = now()", "resolution_has_who_and_when"),
        ("objection", "finding = 'dismissed'", "resolved_objection_has_a_finding"),
        ("appeal", "decided_at = now()", "appeal_decision_has_who_and_when"),
        ("appeal", "finding = 'upheld'", "decided_appeal_has_a_finding"),
        ("appeal", "deposit_fen = -1", "deposit_is_not_negative"),
        ("deadline", "status = 'met', closed_at = NULL", "deadline_is_closed_with_a_time"),
        ("deadline", "status = 'open', closed_at = now()", "deadline_is_closed_with_a_time"),
        ("deadline", "due_at = NULL, paused_at = NULL", "deadline_is_due_or_stands_still"),
        ("deadline", "due_at = now(), paused_at = now()", "deadline_is_due_or_stands_still"),
        ("reminder", "sent_at = now(), cancelled_at = now()", "reminder_is_sent_or_cancelled"),
        ("publicity", "suspended_on = starts_on - 1", "publicity_stops_after_it_starts"),
        ("publicity", "days = -1", "claims_publicity_days_check"),
    ]

    @pytest.mark.parametrize(("table", "change", "constraint"), OTHERS)
    def test_a_row_that_cannot_be(self, world: World, table: str, change: str, constraint: str) -> None:
        with pytest.raises(DatabaseError, match=constraint):
            sql(f"UPDATE claims_{table} SET {change}")


class TestLetters:
    def gaps(self, claim: Claim) -> list[list[str]]:
        letters = Letter.objects.filter(claim=claim, kind=LetterKind.SUPPLEMENT).order_by("id")
        return [letter.facts["codes"] for letter in letters]

    def submit(self, claim: Claim, *kinds: str) -> None:
        papers = [paper for paper in PAPERS if paper["kind"] in kinds]
        collecting.submit(claim.pk, materials=papers, by=staff("intake"), at=SUBMITTED)

    def test_one_letter_names_every_gap(self, world: World) -> None:
        assert self.gaps(world["collecting"]) == [
            [
                "DIAGNOSIS_CERTIFICATE",
                "PATHOLOGY_REPORT",
                "IMAGING",
                "ID_CARD_FRONT",
                "ID_CARD_BACK",
                "BANK_CARD",
                "PRIOR_EXAM_REPORTS",
            ]
        ]

    def test_it_is_written_again_when_the_gaps_are_others(self, world: World) -> None:
        claim = world["collecting"]

        self.submit(claim, "imaging", "bank_card")
        self.submit(claim, "imaging")

        assert len(self.gaps(claim)) == 2
        assert "IMAGING" not in self.gaps(claim)[1]
        assert Message.objects.filter(about=claim.number, template="supplement").count() == 2

    def test_nothing_is_asked_of_a_case_without_a_gap(self, world: World) -> None:
        assert len(self.gaps(world["complete"])) == 1
        assert len(self.gaps(world["reviewing"])) == 1

    def test_a_refusal_cites_its_ground_and_clause(self, world: World) -> None:
        facts = Letter.objects.get(claim=world["rejected"], kind=LetterKind.REFUSAL).facts

        assert facts["ground"] == "DEFINITION_NOT_MET"
        assert facts["clauses"]

    def test_a_newer_paper_replaces_the_older_and_both_are_kept(self, world: World) -> None:
        claim = world["reviewing"]
        self.submit(claim, "imaging")

        old, new = Material.objects.filter(claim=claim, kind="imaging").order_by("id")
        assert (old.replaced_at, new.replaced_at) == (SUBMITTED, None)


class TestAssessments:
    def test_every_one_can_be_made_again_from_what_is_stored(self, world: World) -> None:
        """From the row alone: stored facts, and the terms of the stored version."""
        assert Assessment.objects.count() > 20
        for stored in Assessment.objects.select_related("covenant"):
            said = rules.assess(Facts.from_json(json.loads(json.dumps(stored.facts))), terms_of(stored.covenant))

            assert said.outcome == stored.outcome
            assert [code.value for code in said.codes] == stored.codes
            assert (said.gross_fen, said.arrears_fen, said.net_fen) == (
                stored.gross_fen,
                stored.arrears_fen,
                stored.net_fen,
            )
            assert json.loads(json.dumps([one.to_json() for one in said.findings])) == stored.findings
            assert [step.fen for step in said.steps] == [step["fen"] for step in stored.steps]

    def test_a_case_that_has_not_changed_keeps_its_assessment(self, world: World) -> None:
        claim = world["deciding"]

        deciding.publish(claim.pk, by=staff("reviewer"), at=PUBLISHED)

        assert fresh(claim).assessment == claim.assessment

    def test_a_case_that_has_changed_is_judged_as_it_is_now(self, world: World) -> None:
        claim = world["deciding"]
        claim.membership.shares.create(due_on=at("2025-01-01").date(), fen=305)

        deciding.publish(claim.pk, by=staff("reviewer"), at=PUBLISHED)

        assert fresh(claim).assessment != claim.assessment
        assert fresh(claim).decided_fen == 3_000_000 - 305

    def test_what_is_settled_stays_as_it_was_decided(self, world: World) -> None:
        claim = world["paying"]

        correcting.record_breach(claim.membership_id, question="diabetes", by=staff("reviewer"), at=APPROVED)

        assert fresh(claim).version == claim.version
        assert fresh(claim).assessment == claim.assessment

    def test_an_open_case_follows_what_becomes_known_of_its_member(self, world: World) -> None:
        claim = world["deciding"]

        correcting.record_breach(claim.membership_id, question="diabetes", by=staff("reviewer"), at=later(claim))

        assessment = fresh(claim).assessment
        assert assessment is not None
        assert (assessment.outcome, assessment.codes) == ("refer", ["NON_DISCLOSURE_REVIEW"])


NOT_OF_ITS_STORY = ("Digest", "Rung", "Drawing", "SecondLook", "MonthlyReport")
"""Rows that the canary has none of: people's, or of what became of a case much later."""


class TestSecrets:
    """A canary in every field that is a secret, and a look at everything else that is written."""

    NOTES = "患者自述金丝雀"

    @pytest.fixture
    def canary(self, world: World) -> Claim:
        """A case that goes all the way to its objection, refusal and appeal, with every text there is."""
        claim, intake = world["publicised"], staff("intake")
        Claim.objects.filter(pk=claim.pk).update(notes=self.NOTES)
        Member.objects.filter(pk=claim.membership.member_id).update(email="canary@example.org")
        objecting.object_to(
            claim.pk, kind=ObjectionKind.FORGERY, objector=world.other, text="说病历是假的", by=intake, at=OBJECTED
        )
        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=OBJECTED)
        with moving(claim.pk, "resolve", by=(by := staff("reviewer")), at=OBJECTED) as row:
            objecting.resolve(row, ObjectionKind.FORGERY, ObjectionFinding.UPHELD, by=by, at=OBJECTED)
        self._worked_on(claim, by=intake)
        appealing.appeal(claim.pk, channel=Channel.ONLINE, text="不服", by=intake, at=OBJECTED)
        with moving(claim.pk, "decide_appeal", by=(by := staff("reviewer")), at=OBJECTED) as row:
            appealing.decide(row, AppealFinding.UPHELD, by=by, at=OBJECTED)
        sweeping.ring(at=at("2026-06-01"), only=claim.pk)
        return fresh(claim)

    def _worked_on(self, claim: Claim, *, by: User) -> None:
        """What people write beside a case: every free text names its member."""
        name = claim.membership.member.name
        stored = StoredFile.objects.create(sha256="c" * 64, content_type="image/png", size=1, stored_at=OBJECTED)
        Material.objects.filter(claim=claim, kind="imaging").update(finding_note=name)
        claims_models.PaperFile.objects.create(
            material=claim.materials.get(kind="imaging"), stored=stored, name=f"{name}.png"
        )
        claim.evidence.create(
            fact=f"{name} 未患此病", source=name, weighs="against", recorded_by=by, recorded_at=OBJECTED
        )
        claim.signal_answers.create(kind="same_phone", note=name, answered_by=by, answered_at=OBJECTED)
        claim.assignments.create(step="rejected", user=by, since=OBJECTED, note=name, held_because="")
        claim.presences.create(user=by, seen_at=OBJECTED)
        claim.readings.create(by=by, at=OBJECTED, what="paper", about="imaging", reason=name)
        trial = claims_models.Trial.objects.create(
            covenant=claim.covenant, wording="w", asked_by=by, asked_at=OBJECTED, failed_because=name
        )
        trial.changes.create(claim=claim, outcome_before="accept", outcome_after="reject")

    def secrets(self, claim: Claim) -> list[str]:
        member = claim.membership.member
        birth = member.birth_date.isoformat()
        return [member.name, member.id_number, member.phone, member.bank_card, member.email, birth, self.NOTES]

    def written(self, *rows: models.QuerySet[Any]) -> str:
        return "\n".join(str(values) for one in rows for values in one.values())

    def test_the_secrets_are_there(self, canary: Claim) -> None:
        """The negative control: what is looked for can be read by who may."""
        assert all(self.secrets(canary))
        assert canary.notes == self.NOTES

    def test_the_card_leads_to_nobody(self, canary: Claim) -> None:
        card = canary.publicities.get().card

        assert card["name"] == "吴*漫"
        assert (card["age"], card["diagnosed_in"], card["amount_fen"]) == (44, "2025-04", 3_000_000)
        for secret in [*self.secrets(canary), "2025-04-01"]:
            assert secret not in json.dumps(card, ensure_ascii=False)

    def test_messages_letters_and_events_hold_no_personal_data(self, canary: Claim) -> None:
        messages = Message.objects.filter(about=canary.number)
        assert set(messages.values_list("template", flat=True)) > {"supplement", "refusal", "appeal_decided"}
        said = self.written(messages, canary.letters.all(), canary.events.all(), Outbox.objects.all())

        for secret in self.secrets(canary):
            assert secret not in said

    def test_an_assessment_knows_the_birth_date_and_nothing_else_of_the_person(self, canary: Claim) -> None:
        said = self.written(canary.assessments.all())
        name, *numbers, birth, notes = self.secrets(canary)

        assert birth in said
        for secret in (name, *numbers, notes):
            assert secret not in said

    def test_secrets_are_encrypted_at_rest(self, canary: Claim) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT claims_claim::text || members_member::text FROM claims_claim "
                "JOIN members_membership ON members_membership.id = membership_id "
                "JOIN members_member ON members_member.id = member_id WHERE claims_claim.id = %s",
                [canary.pk],
            )
            (stored,) = cursor.fetchone()
        member = canary.membership.member

        for secret in (member.id_number, member.phone, member.bank_card, self.NOTES):
            assert secret not in stored
            assert secret.encode().hex() not in stored
        assert member.region in stored

    def test_what_a_row_is_called_names_nobody(self, canary: Claim) -> None:
        names = [canary.membership, canary.membership.member, canary, *Message.objects.filter(about=canary.number)]
        for name in claims_models.__all__:
            model = getattr(claims_models, name)
            if model is Claim or name in (
                "Digest",
                "Rung",
                "Drawing",
                "SecondLook",
                "MonthlyReport",
            ):  # not of its story
                continue
            path = {"Reminder": "deadline__claim", "PaperFile": "material__claim", "Trial": "changes__claim"}.get(
                name, "claim"
            )
            found = list(model._base_manager.filter(**{path: canary}))
            assert found, f"The canary has no {name}."
            names += found

        for secret in self.secrets(canary):
            assert not [name for name in names if secret in str(name) or secret in repr(name)]

    def test_a_refusal_tells_no_secret(self, canary: Claim) -> None:
        from config.kernel import gate

        for verb in ("publish", "approve", "commission", "appeal"):
            for no in gate.refusals(canary, verb, by=staff("auditor"), at=OBJECTED):
                assert not [secret for secret in self.secrets(canary) if secret in str(no)]


def test_every_deadline_has_somebody_or_nobody_to_remind(world: World) -> None:
    reminded = claims_models.Reminder.objects.values_list("deadline__kind", flat=True).distinct()

    assert DeadlineKind.PUBLICITY not in set(reminded)
    assert set(reminded) >= {"supplement", "review", "decision", "investigation", "payment", "appeal_window"}
