"""Who may open what: every page of the desk, asked for by every role. The table is written by hand."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from claims.enums import State
from claims.models import Claim, SecondLook
from config.kernel import pages
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import Export, ExportSchedule, Import, User
from config.kernel.roles import ROLES
from investigations.models import Agency
from members.models import Covenant, Membership
from members.services import drafting
from tests.factories import case_in, staff

CASES = {"intake", "reviewer", "supervisor", "auditor"}
MONEY = {"supervisor", "finance", "auditor"}
ACCOUNTS = {"auditor", "administrator"}
IMPORTS = {"intake", "supervisor", "auditor", "administrator"}

READERS: dict[str, set[str]] = {
    "kernel.user": ACCOUNTS,
    "auth.group": ACCOUNTS,
    "kernel.outbox": ACCOUNTS,
    "kernel.absence": {"supervisor", "auditor"},
    "kernel.import": IMPORTS,
    "kernel.export": MONEY,
    "kernel.exportschedule": MONEY,
    "kernel.team": {"supervisor", "auditor", "administrator"},
    "kernel.calendarday": CASES | {"administrator"},
    "members.plan": CASES,
    "members.covenant": CASES,
    "members.disease": CASES,
    "members.hospital": CASES | {"administrator"},
    "members.member": CASES,
    "members.membership": CASES,
    "members.declaration": CASES,
    "members.consent": CASES,
    "members.joiningcorrection": CASES,
    "members.share": CASES,
    "members.message": CASES,
    "claims.claim": CASES | {"finance"},
    "claims.material": CASES,
    "claims.assessment": CASES,
    "claims.claimevent": CASES,
    "claims.publicity": CASES,
    "claims.objection": CASES,
    "claims.appeal": CASES,
    "claims.procedure": CASES,
    "claims.deadline": CASES,
    "claims.reminder": CASES,
    "claims.letter": CASES,
    "claims.secondlook": {"reviewer", "supervisor", "auditor"},
    "claims.drawing": {"supervisor", "auditor"},
    "claims.monthlyreport": {"supervisor", "auditor"},
    "investigations.agency": CASES | {"administrator", "finance"},
    "investigations.investigator": {"administrator"},
    "investigations.commission": CASES,
    "investigations.report": CASES,
    "payouts.payout": MONEY,
    "payouts.posting": MONEY,
    "payouts.leg": MONEY,
}
EDITORS: dict[str, set[str]] = {
    "kernel.user": {"administrator"},
    "kernel.calendarday": {"administrator"},
    "kernel.absence": {"supervisor"},
    "kernel.team": {"administrator"},
    "members.hospital": {"administrator"},
    "investigations.agency": {"administrator"},
    "investigations.investigator": {"administrator"},
}
MAKERS: dict[str, dict[str, set[str]]] = {
    "kernel.export": {"agree": {"supervisor"}, "decline": {"supervisor"}, "cancel": MONEY},
    "kernel.exportschedule": {"end": MONEY},
    "kernel.import": {
        "confirm": {"intake", "supervisor", "administrator"},
        "cancel": {"intake", "supervisor", "administrator"},
    },
    "claims.claim": {
        "take": {"reviewer", "supervisor"},
        "hand-over": {"reviewer", "supervisor"},
        "give-back": {"reviewer", "supervisor"},
        "hold": {"reviewer", "supervisor"},
        "wake": {"reviewer", "supervisor"},
        "assign": {"supervisor"},
        "pause-clock": {"supervisor"},
        "resume-clock": {"supervisor"},
        "extend-clock": {"supervisor"},
        "submit": {"intake"},
        "ask-for-papers": {"intake", "reviewer", "supervisor"},
        "accept-paper": {"reviewer", "supervisor"},
        "return-paper": {"reviewer", "supervisor"},
        "pass-review": {"reviewer", "supervisor"},
        "publish": {"reviewer", "supervisor"},
        "object": {"intake"},
        "appeal": {"intake"},
        "waive-late-report": {"supervisor"},
        "assess": {"reviewer", "supervisor"},
        "die": {"intake"},
        "return": {"reviewer", "supervisor"},
        "reopen": {"supervisor"},
        "reject": {"reviewer", "supervisor"},
        "withdraw": {"intake"},
        "lapse": {"supervisor"},
        "close": {"supervisor"},
        "deliver": {"intake", "reviewer", "supervisor"},
        "commission": {"reviewer", "supervisor"},
        "reassign": {"supervisor"},
        "record-authorisation": {"intake"},
        "withdraw-authorisation": {"intake"},
        "accept-report": {"reviewer", "supervisor"},
        "return-report": {"reviewer", "supervisor"},
        "take-over": {"reviewer", "supervisor"},
        "leave-aside": {"reviewer", "supervisor"},
        "resolve": {"reviewer", "supervisor"},
        "decide-appeal": {"reviewer", "supervisor"},
        "submit-on-appeal": {"intake"},
        "record-evidence": {"reviewer", "supervisor"},
        "withdraw-evidence": {"reviewer", "supervisor"},
        "answer-signal": {"reviewer", "supervisor"},
        "prepare-payout": {"finance"},
        "approve-payout": {"finance"},
        "release-payout": {"finance"},
        "settle-payout": {"finance"},
        "bounce-payout": {"finance"},
        "mark-payout-unknown": {"finance"},
        "cancel-payout": {"finance"},
    },
    "investigations.agency": {
        "declare-conflict": {"supervisor"},
        "end-conflict": {"supervisor"},
        "agree-fee": {"supervisor"},
    },
    "claims.secondlook": {
        "state-own": {"reviewer", "supervisor"},
        "conclude": {"reviewer", "supervisor"},
        "answer": {"reviewer", "supervisor"},
        "settle": {"supervisor"},
        "give": {"supervisor"},
    },
    "members.membership": {
        "propose-correction": {"supervisor"},
        "report": {"intake"},
        "confirm-correction": {"supervisor"},
        "recheck-health": {"reviewer", "supervisor"},
        "breach": {"reviewer", "supervisor"},
    },
    "members.covenant": {
        "copy": {"supervisor"},
        "terms": {"supervisor"},
        "clause": {"supervisor"},
        "questions": {"supervisor"},
        "rename": {"supervisor"},
        "publish": {"supervisor"},
        "discard": {"supervisor"},
        "try": {"supervisor"},
    },
}
PEOPLE = [role for role in ROLES if role != "system"]


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Client]]:
    """A signed-in client for each role, and one case that was paid for."""
    with django_db_blocker.unblock(), transaction.atomic():
        case_in(State.APPROVED)
        clients = {}
        for role in PEOPLE:
            clients[role] = Client()
            clients[role].force_login(_desk_account(role), backend="django.contrib.auth.backends.ModelBackend")
        yield clients
        transaction.set_rollback(True)


def _desk_account(role: str) -> User:
    user = staff(role)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


def _somebody_at_work() -> int:
    return User.objects.filter(groups__name="reviewer").latest("pk").pk


@pytest.mark.parametrize("role", PEOPLE)
def test_figures_are_for_those_who_answer_for_the_floor(people: dict[str, Client], db: None, role: str) -> None:
    expected = 200 if role in {"supervisor", "auditor"} else 403
    assert people[role].get(reverse("admin:claims_claim_figures")).status_code == expected
    table = reverse("admin:claims_claim_figures_csv", args=["stays"])
    assert people[role].get(table).status_code == expected


def _in_ten_days() -> str:
    return (civil_date(database_now()) + timedelta(days=10)).isoformat()


def _label(model: type) -> str:
    return model._meta.label_lower


def test_the_table_names_every_registered_model() -> None:
    assert {_label(model) for model in admin.site._registry} == set(READERS)


def test_the_table_names_every_move_that_somebody_makes_by_hand() -> None:
    for model in (Agency, Claim, Covenant, Export, ExportSchedule, Import, Membership, SecondLook):
        made = {name for name, move in pages.moves_of(model).items() if move.form is not None}
        assert made == set(MAKERS[_label(model)])


@pytest.mark.parametrize("role", PEOPLE)
def test_a_list_and_a_page_open_for_their_readers_only(people: dict[str, Client], db: None, role: str) -> None:
    for model in admin.site._registry:
        name, expected = f"admin:{model._meta.app_label}_{model._meta.model_name}", 403
        if role in READERS[_label(model)]:
            expected = 200
        assert people[role].get(reverse(f"{name}_changelist")).status_code == expected, model
        if (row := model._default_manager.first()) is not None:
            assert people[role].get(reverse(f"{name}_change", args=[row.pk])).status_code == expected, model
            assert people[role].get(reverse(f"{name}_history", args=[row.pk])).status_code == expected, model


@pytest.mark.parametrize("role", PEOPLE)
def test_adding_is_for_editors_and_deleting_for_nobody(people: dict[str, Client], db: None, role: str) -> None:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        may = role in EDITORS.get(_label(model), set())
        assert people[role].get(reverse(f"{name}_add")).status_code == (200 if may else 403), model
        if (row := model._default_manager.first()) is not None:
            assert people[role].post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403, (
                model
            )
            if not may:
                assert people[role].post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403, model


@pytest.mark.parametrize("role", PEOPLE)
def test_a_move_that_belongs_to_the_step_opens_for_its_makers_only(
    people: dict[str, Client], db: None, role: str
) -> None:
    user = User.objects.filter(groups__name=role, is_staff=True).latest("pk")
    row = Claim.objects.get()
    at = row.state_since
    for offer in pages.offers(row, by=user, at=at):
        if offer.move.form is None:
            continue
        url = reverse("admin:claims_claim_move", args=[row.pk, offer.move.name, offer.row.pk])
        status = people[role].get(url).status_code
        assert status == (200 if role in MAKERS["claims.claim"][offer.move.name] else 403), offer.move.name


@pytest.mark.parametrize("role", PEOPLE)
def test_a_draft_is_worked_on_by_its_makers_only(people: dict[str, Client], db: None, role: str) -> None:
    source, at = Covenant.objects.published().earliest("pk"), Claim.objects.get().reported_at
    ahead = at.date().replace(year=2999)
    draft = drafting.copy(source.pk, "2999.1", in_force_from=ahead, by=staff("supervisor"), at=at)
    for name, makers in MAKERS["members.covenant"].items():
        url = reverse("admin:members_covenant_move", args=[draft.pk, name, draft.pk])
        assert people[role].get(url).status_code == (200 if role in makers else 403), name
        if role not in makers:
            said = {"digest": drafting.digest_of(draft), "read": "on", "name": "x", "in_force_from": str(ahead)}
            assert people[role].post(url, said).status_code in (200, 403, 409), name
    assert Covenant.objects.filter(pk=draft.pk).values().get() == draft_values(draft)


def draft_values(draft: Covenant) -> dict[str, object]:
    return {field.attname: getattr(draft, field.attname) for field in draft._meta.concrete_fields}


@pytest.mark.parametrize("role", PEOPLE)
def test_a_posted_move_of_the_wrong_person_moves_nothing(people: dict[str, Client], db: None, role: str) -> None:
    """Whatever the form says: the service refuses, and the case is as it was."""
    before = Claim.objects.values().get()
    for name, makers in MAKERS["claims.claim"].items():
        move = pages.moves_of(Claim)[name]
        for row in move.rows(Claim.objects.get()):
            if role in makers:
                continue
            url = reverse("admin:claims_claim_move", args=[before["id"], name, row.pk])
            said = {"reason": "x", "ground": "LATE_REPORT", "to": "collecting", "code": "other", "approvals": "redo"}
            lines = {"paper-TOTAL_FORMS": "1", "paper-INITIAL_FORMS": "0", "paper-0-kind": "imaging"}
            more = {"contrary": "x", "delivery": "post", "note": "x"}
            others = {"kind": "forgery", "id_number": "x", "channel": "online", "evidence": "x", "finding": "upheld"}
            others |= {"fault": "unreadable"}
            work = {"who": _somebody_at_work(), "because": "x", "until": _in_ten_days()}
            response = people[role].post(url, {**said, **lines, **others, **more, **work, "version": before["version"]})
            assert response.status_code in (403, 409), name
    assert Claim.objects.values().get() == before


def test_nobody_who_is_not_signed_in_sees_anything(db: None) -> None:
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        response = Client().get(url)
        assert (response.status_code, response.headers["location"]) == (302, f"/admin/login/?next={url}")


def test_an_investigators_account_is_no_desk_account(db: None) -> None:
    client = Client()
    client.force_login(staff("investigator"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:index")).status_code == 302
