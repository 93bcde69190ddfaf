"""Objections on the desk: who objects, what it does to the clock in words, and the list of all that is open."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from claims.enums import ObjectionFinding, ObjectionKind, State
from claims.forms import Object
from claims.models import Assignment, Claim, Objection
from claims.panels import disputes
from claims.services import approving, objecting
from config.kernel.clock import database_now
from config.kernel.models import User
from investigations.models import Commission
from investigations.services import ensure_sample_agencies, resolve_objection
from investigations.sweeps import OpenCommissions
from members.models import Membership
from tests.claims.cases import OBJECTED, everybody, fresh, publicised
from tests.factories import look, membership, reported, signed_in, staff

EXTEND, LONGER, FORGERY = ObjectionKind.NON_DISCLOSURE, ObjectionKind.DEFINITION, ObjectionKind.FORGERY


def object_to(claim: Claim, kind: ObjectionKind, *, at: datetime = OBJECTED, effect: bool = True) -> Objection:
    made = objecting.object_to(claim.pk, kind=kind, objector=membership(), by=staff("intake"), at=at)
    if effect:
        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=at)
    return made


def effects(claim: Claim) -> list[str]:
    with override("en"):
        return [row["effect"] for row in disputes.read(fresh(claim), look())["objections"]]


@pytest.mark.django_db
class TestTheEffectInWords:
    def test_an_extension_names_the_last_day_with_and_without_it(self) -> None:
        claim = publicised()
        object_to(claim, EXTEND, effect=False)
        assert effects(claim) == ["+15 days: last day 14 May 2025 instead of 29 April 2025"]

        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=OBJECTED)

        assert effects(claim) == ["+15 days: last day 14 May 2025 instead of 29 April 2025"]
        with override("zh-hans"):
            assert "2025年5月14日" in disputes.read(fresh(claim), look())["objections"][0]["effect"]

    def test_a_shorter_extension_is_within_the_longer_one(self) -> None:
        claim = publicised()
        object_to(claim, EXTEND)
        object_to(claim, LONGER)

        assert effects(claim) == [
            "+15 days, within the 30 days of a longer one",
            "+30 days: last day 29 May 2025 instead of 29 April 2025",
        ]

    def test_a_second_one_of_a_kind_has_no_effect_of_its_own(self) -> None:
        claim = publicised()
        object_to(claim, EXTEND)
        object_to(claim, EXTEND, at=OBJECTED + timedelta(days=1))

        assert effects(claim)[1] == "none of its own: it goes with the earlier one of its kind"

    def test_a_suspicion_of_forgery_stops_the_clock_and_an_extension_waits(self) -> None:
        claim = publicised()
        object_to(claim, FORGERY)
        object_to(claim, EXTEND)

        assert effects(claim) == [
            "the clock stands still since 25 April 2025, 19 days left",
            "+15 days, counted once the clock goes on",
        ]

        when = OBJECTED + timedelta(days=6)
        resolve_objection(claim.pk, kind=FORGERY, finding=ObjectionFinding.DISMISSED, by=staff("reviewer"), at=when)

        assert effects(claim) == [
            "the clock stood still for 6 days",
            "+15 days: last day 20 May 2025 instead of 5 May 2025",
        ]


@pytest.mark.django_db
class TestThePanel:
    def test_tells_of_the_third_party_its_report_the_finding_and_the_reason(self) -> None:
        claim = publicised()
        ensure_sample_agencies()
        objection = object_to(claim, EXTEND)

        def told() -> Any:
            with override("en"):
                return disputes.read(fresh(claim), look())["objections"][0]

        assert told()["asked"] == ["second investigation · not sent out yet"]
        assert told()["next"] == "a third party is to be asked"
        OpenCommissions().run(at=OBJECTED, only=claim.pk)
        sent = Commission.objects.get(procedure__objection=objection)
        assert told()["asked"] == [
            f"second investigation · {sent.agency.name} · sent out on 25 April 2025, no report yet"
        ]
        assert told()["next"] == "wait for the report"
        reported(sent, at=OBJECTED + timedelta(days=3), conclusion="inconsistent")
        assert f"{sent.agency.name} · report filed on 28 April 2025" in told()["asked"][0]
        assert told()["next"] == "resolve it"

        when = OBJECTED + timedelta(days=4)
        resolve_objection(
            claim.pk, kind=EXTEND, finding=ObjectionFinding.DISMISSED, reason="病历一致", by=staff("reviewer"), at=when
        )

        assert (told()["next"], told()["reason"]) == ("", "病历一致")
        page = signed_in("auditor").get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
        assert "病历一致" in page.partition('id="disputes"')[2].partition('<section class="desk-panel"')[0]

    def test_keeps_the_reason_for_which_a_forgery_was_found(self) -> None:
        claim = publicised()
        object_to(claim, FORGERY)

        resolve_objection(
            claim.pk,
            kind=FORGERY,
            finding=ObjectionFinding.UPHELD,
            reason="公章系伪造",
            by=staff("reviewer"),
            at=OBJECTED + timedelta(days=2),
        )

        assert fresh(claim).state == State.REJECTED
        assert disputes.read(fresh(claim), look())["objections"][0]["reason"] == "公章系伪造"


@pytest.mark.django_db
class TestIntake:
    """Who objects is looked up, shown masked, and recorded only when sent again."""

    def form(self, claim: Claim, objector: Membership | str, **more: Any) -> Object:
        number = objector if isinstance(objector, str) else objector.member.id_number
        return Object(
            {"kind": "definition", "id_number": number, "text": "定义"} | more, row=claim, look=look(at=database_now())
        )

    def test_a_member_is_named_masked_and_may_object(self) -> None:
        claim, other = publicised(), membership()

        with override("en"):
            form = self.form(claim, other)
            assert form.is_valid()

        assert form.notes == ["吴*漫, member of Qingsong Mutual Aid since 1 June 2024, may object."]
        assert form.cleaned_data["objector"] == other

    def test_the_waiting_period_is_no_hindrance_and_is_named(self) -> None:
        claim, waiting = publicised(), membership(joined_at=database_now() - timedelta(days=1))

        with override("en"):
            form = self.form(claim, waiting)
            assert form.is_valid()

        assert "which is no hindrance" in form.notes[0]

    def test_strangers_the_applicant_and_those_who_left_are_refused_beside_the_number(self) -> None:
        claim, gone = publicised(), membership()
        Membership.objects.filter(pk=gone.pk).update(ended_on=gone.joined_on, end_reason="left")

        for nobody in ("nobody", claim.membership, gone):
            form = self.form(claim, nobody)
            assert not form.is_valid()
            assert list(form.errors) == ["id_number"]
            assert form.notes == []

    def test_on_the_page_the_person_is_shown_before_anything_is_recorded(self) -> None:
        claim, other, client = self.public_now(), membership(), signed_in("intake")
        url = reverse("admin:claims_claim_move", args=[claim.pk, "object", claim.pk])
        said = {"version": claim.version, "kind": "definition", "id_number": other.member.id_number, "text": "定义"}

        looked_up = client.post(url, said)

        assert looked_up.status_code == 200
        assert looked_up.context["form"].notes[0] in looked_up.content.decode()
        assert not Objection.objects.exists()
        confirmed = said | {"previewed": looked_up.context["preview"][0], "confirm": "1"}
        assert client.post(url, confirmed).status_code == 302
        assert Objection.objects.get().objector == other

    def public_now(self) -> Claim:
        """A case whose publicity has begun today."""
        claim = publicised()
        claim.publicities.update(starts_on=database_now().date())
        return claim


@pytest.mark.django_db
class TestTheList:
    url = "admin:claims_objection_changelist"

    def test_shows_what_is_open_oldest_first_with_who_works_on_it(self) -> None:
        newer, older, resolved = publicised(), publicised(), publicised()
        object_to(newer, EXTEND, at=OBJECTED + timedelta(days=1))
        object_to(older, LONGER)
        object_to(resolved, EXTEND)
        resolve_objection(
            resolved.pk, kind=EXTEND, finding=ObjectionFinding.DISMISSED, by=staff("reviewer"), at=OBJECTED
        )
        worker = everybody()
        Assignment.objects.create(claim=older, step="publicised", user=worker, since=OBJECTED)
        Assignment.objects.create(claim=newer, step="deciding", user=worker, since=OBJECTED)
        client = signed_in("reviewer")

        def listed(**query: str) -> Any:
            return client.get(reverse(self.url), query).context["cl"].result_list

        assert [row.claim for row in listed()] == [older, newer]
        assert [row.works_on for row in listed()] == [worker.username, None]
        assert [row.claim for row in listed(open="no")] == [resolved]
        assert [row.claim for row in listed(open="all", kind__exact="definition")] == [older]
        text = client.get(reverse(self.url)).content.decode()
        assert f'href="{reverse("admin:claims_claim_change", args=[older.pk])}#disputes"' in text
        assert "2025年5月29日" in text

    def test_asks_as_much_for_one_as_for_many(self) -> None:
        ensure_sample_agencies()
        client, counts = signed_in("reviewer"), []
        for _turn in range(3):
            claim = publicised()
            object_to(claim, EXTEND)
            object_to(claim, EXTEND)
            object_to(claim, LONGER)
            OpenCommissions().run(at=OBJECTED, only=claim.pk)
            client.get(reverse(self.url))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(self.url))
            counts.append(len(queries))

        assert counts[0] == counts[2]
