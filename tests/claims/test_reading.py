"""Who read what of a case: the page, its numbers; and how the record of it is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from claims.enums import State
from claims.models import Claim, Material, Reading
from claims.panels.story import Run, merged
from claims.services.reading import PAGE, note_opening, note_reading, number_label, numbers_of, reveal
from config.kernel.roles import ROLES
from tests.claims.refusing import service_refused
from tests.factories import REVIEWED, case_in, signed_in, staff

MINUTE = timedelta(minutes=1)


def page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def number_page(claim: Claim) -> str:
    return reverse("admin:claims_claim_number", args=[claim.pk])


@pytest.fixture
def claim(db: None) -> Claim:
    return case_in(State.REVIEWING)


class TestThePage:
    def test_is_noted_once_in_fifteen_minutes_for_each_person(self, claim: Claim) -> None:
        one, other = staff("reviewer"), staff("reviewer")

        note_opening(claim.pk, PAGE, by=one, at=REVIEWED)
        note_opening(claim.pk, PAGE, by=other, at=REVIEWED + MINUTE)
        note_opening(claim.pk, PAGE, by=one, at=REVIEWED + 14 * MINUTE)
        note_opening(claim.pk, PAGE, by=one, at=REVIEWED + 15 * MINUTE)

        assert list(Reading.objects.values_list("by", "at")) == [
            (one.pk, REVIEWED),
            (other.pk, REVIEWED + MINUTE),
            (one.pk, REVIEWED + 15 * MINUTE),
        ]

    @pytest.mark.parametrize("role", ["intake", "reviewer", "supervisor", "finance", "auditor"])
    def test_whoever_opens_it_is_noted_and_the_case_is_as_it_was(self, claim: Claim, role: str) -> None:
        before = Claim.objects.values().get(pk=claim.pk)

        client = signed_in(role)
        client.get(page(claim))
        client.get(page(claim))

        assert [(read.what, read.by.username.split("-")[0]) for read in Reading.objects.all()] == [("page", role)]
        assert Claim.objects.values().get(pk=claim.pk) == before

    def test_whoever_asks_for_one_part_of_it_is_noted_too(self, claim: Claim) -> None:
        answer = signed_in("reviewer").get(page(claim), {"part": "timeline"})

        assert b'id="timeline"' in answer.content
        assert b"<html" not in answer.content
        assert [read.what for read in Reading.objects.all()] == ["page"]

    def test_whoever_asks_for_a_part_that_is_not_there_is_not(self, claim: Claim) -> None:
        assert signed_in("reviewer").get(page(claim), {"part": "nonsense"}).status_code == 404
        assert not Reading.objects.exists()

    def test_nobody_who_may_not_open_it_is_noted(self, claim: Claim) -> None:
        assert signed_in("administrator").get(page(claim)).status_code == 403
        assert not Reading.objects.exists()


@dataclass(frozen=True)
class Row:
    at: datetime
    by_id: int = 1
    what: str = "page"
    about: str = ""
    reason: str = ""


class TestTheStory:
    def told(self, events: list[Any], readings: list[Row]) -> list[Any]:
        return [one.times if isinstance(one, Run) else one for one in merged(events, readings)]

    def at(self, minutes: int) -> datetime:
        return REVIEWED + minutes * MINUTE

    def test_the_newest_comes_first_and_runs_are_one_line(self) -> None:
        move = Row(self.at(20), what="move")
        readings = [Row(self.at(minutes)) for minutes in (0, 15, 30, 45, 60)]

        assert self.told([move], readings) == [3, move, 2]
        assert merged([move], readings)[0].since == self.at(30)
        assert merged([move], readings)[0].at == self.at(60)

    def test_another_person_or_another_paper_ends_a_run(self) -> None:
        readings = [Row(self.at(0)), Row(self.at(1), by_id=2), Row(self.at(2), by_id=2, what="paper", about="imaging")]

        assert self.told([], readings) == [1, 1, 1]

    def test_what_was_shown_for_a_reason_stands_by_itself(self) -> None:
        readings = [Row(self.at(minute), what="number", about="phone", reason="call back") for minute in (0, 1)]

        assert self.told([], readings) == [1, 1]

    @pytest.mark.parametrize(("role", "sees"), [("supervisor", True), ("auditor", True), ("reviewer", False)])
    def test_only_who_may_see_the_readings_sees_them(self, claim: Claim, role: str, sees: bool) -> None:
        note_reading(claim, by=staff("finance"), at=REVIEWED, what="number", about="phone", reason="要回电话")

        assert ("要回电话" in signed_in(role).get(page(claim)).content.decode()) is sees


class TestANumber:
    def ask(self, client: Client, claim: Claim, **said: str) -> Any:
        return client.post(number_page(claim), {"number": "phone", "reason": "联系不上", **said})

    def test_is_shown_once_and_written_down_with_its_reason(self, claim: Claim) -> None:
        client, phone = signed_in("reviewer"), claim.membership.member.phone

        shown = self.ask(client, claim)

        assert shown.status_code == 200
        assert phone in shown.content.decode()
        assert "no-store" in shown.headers["cache-control"]
        assert list(Reading.objects.values_list("what", "about", "reason")) == [("number", "phone", "联系不上")]
        assert phone not in client.get(number_page(claim)).content.decode()
        assert phone not in client.get(page(claim)).content.decode()
        assert phone not in str(dict(client.session))

    @pytest.mark.parametrize("key", ["id_number", "phone", "bank_card", "reporter_phone", "record_number:imaging"])
    def test_every_number_on_file_can_be_asked_for_and_no_other_comes_with_it(self, claim: Claim, key: str) -> None:
        claim.reporter_phone = "13911112222"
        claim.save(update_fields=["reporter_phone", "reporter_phone_index"])
        paper = Material.objects.get(claim=claim, kind="imaging")
        paper.record_number = "ZY-20250401-77"
        paper.save(update_fields=["record_number", "record_number_index"])

        text = self.ask(signed_in("intake"), claim, number=key).content.decode()

        known = numbers_of(Claim.objects.get(pk=claim.pk))
        assert set(known) == {"id_number", "phone", "bank_card", "reporter_phone", "record_number:imaging"}
        assert {name for name, number in known.items() if number in text} == {key}

    def test_without_a_reason_nothing_is_shown_and_nothing_written(self, claim: Claim) -> None:
        text = self.ask(signed_in("reviewer"), claim, reason=" ").content.decode()

        assert claim.membership.member.phone not in text
        assert not Reading.objects.exists()

    @pytest.mark.parametrize("role", [role for role in ROLES if role != "system"])
    def test_who_may(self, claim: Claim, role: str) -> None:
        may = role in ("intake", "reviewer", "supervisor")
        client = signed_in(role)

        assert client.get(number_page(claim)).status_code == (200 if may else 403)
        assert self.ask(client, claim).status_code == (200 if may else 403)
        assert Reading.objects.exists() is may

    def test_the_service_refuses_by_itself(self, claim: Claim) -> None:
        asked = {"number": "phone", "reason": "联系不上", "at": REVIEWED}
        service_refused("NOT_PERMITTED", lambda: reveal(claim, by=staff("auditor"), **asked))
        service_refused("INVALID_INPUT", lambda: reveal(claim, by=staff("intake"), **asked | {"reason": "  "}))
        service_refused(
            "INVALID_INPUT", lambda: reveal(claim, by=staff("intake"), **asked | {"number": "reporter_phone"})
        )

    def test_a_hospital_record_number_is_called_with_its_paper(self) -> None:
        with override("en"):
            assert number_label("record_number:imaging") == "hospital record number (imaging)"
