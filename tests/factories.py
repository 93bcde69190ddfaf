"""People and cases for tests, made by the services themselves: a case in a state has been played there."""

import itertools
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from claims.enums import State
from claims.models import Claim
from claims.services import approving, collecting, deciding, reporting, reviewing
from config.kernel.civil import SHANGHAI
from config.kernel.identity import make_resident_id
from config.kernel.models import User
from config.kernel.pages import Look
from investigations.models import Commission, Investigator
from investigations.rules.visits import INTERVIEW, Result, Visit
from investigations.services import (
    accept_report,
    commission,
    ensure_sample_agencies,
    file_report,
    record_authorisation,
)
from members.models import Membership, Plan
from members.services import joining, plans
from members.services.shipping import load_shipped

_numbers = itertools.count(1)


def at(text: str) -> datetime:
    """`2025-04-05` or `2025-04-05 09:30`, Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


JOINED = at("2024-06-01 10:00")
REPORTED = at("2025-04-05 09:30")
SUBMITTED = at("2025-04-06 10:00")
REVIEWED = at("2025-04-08 10:00")
COMMISSIONED = at("2025-04-08 11:00")
FILED = at("2025-04-20 16:00")
ACCEPTED = at("2025-04-21 10:00")
PUBLISHED = at("2025-04-22 09:00")
APPROVED = at("2025-04-30 00:00")

PAPERS: list[dict[str, Any]] = [
    {
        "kind": "diagnosis_certificate",
        "hospital": {"grade": "3A", "ownership": "public"},
        "sealed": True,
        "signed_by": "specialist",
    },
    *({"kind": kind} for kind in ("pathology_report", "imaging", "id_card_front", "id_card_back", "bank_card")),
    {"kind": "prior_exam_reports", "none_exist": True},
]
FACTS = {"site": "thyroid", "behaviour": "malignant", "tnm": "T1aN0M0", "symptoms_in_waiting": "none"}
"""30 percent of the tier: 30,000 yuan of 100,000."""


def staff(*roles: str) -> User:
    """Somebody new who has these roles and no other right."""
    user = User.objects.create(username=f"{'-'.join(roles)}-{next(_numbers)}", password="!")
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def look(by: User | None = None, *, at: datetime = REVIEWED) -> Look:
    """How a page is looked at by this person, or by a reviewer."""
    return Look(by or staff("reviewer"), at)


def plan() -> Plan:
    """The plan `qingsong`, loaded once a test."""
    if not Plan.objects.filter(code="qingsong").exists():
        load_shipped(at=JOINED)
    return Plan.objects.get(code="qingsong")


def membership(*, joined_at: datetime = JOINED, terms: dict[str, Any] | None = None, **others: Any) -> Membership:
    """A member of 44 years for 100,000 yuan; `terms` override those of the covenant, `others` go to `admit`."""
    number, birth, qingsong = next(_numbers), date(1980, 5, 20), plan()
    applicant = joining.Applicant(
        name="吴小漫",
        sex="F",
        birth_date=birth,
        region="湖北",
        id_number=make_resident_id(f"42{number // 400 + 1:04}", birth, 2 * (number % 400)),
        phone="13800138000",
        bank_card="6222020200112230",
    )
    version = plans.derive(plans.covenant_on(qingsong, joined_at.date()), terms or {}, at=joined_at)
    choices: dict[str, Any] = {"tier_fen": 10_000_000, "declared": {}, **others}
    return joining.admit(qingsong, applicant, covenant=version, by=staff("intake"), at=joined_at, **choices)


def case_in(state: State, *, of: Membership | None = None) -> Claim:
    """A case of a small thyroid tumour (unless the facts of `of` say otherwise), played forward to `state`."""
    member = of or membership()
    claim = reporting.report(
        member.pk,
        disease="malignant_tumor",
        diagnosed_on=date(2025, 4, 1),
        facts=FACTS,
        by=staff("intake"),
        at=REPORTED,
    )
    for reached, step in _STEPS:
        if Claim.objects.get(pk=claim.pk).state == state:
            break
        step(claim.pk)
        assert Claim.objects.get(pk=claim.pk).state == reached
    return Claim.objects.get(pk=claim.pk)


def passed() -> Claim:
    """A case in the first review that was passed, so that it can be commissioned."""
    claim = case_in(State.REVIEWING)
    _pass(claim.pk)
    authorised(claim)
    return Claim.objects.get(pk=claim.pk)


def authorised(claim: Claim) -> None:
    """The member signed the letter with which somebody goes to the hospital."""
    record_authorisation(claim.pk, signed_as="member", signed_on=REVIEWED.date(), by=staff("intake"), at=REVIEWED)


def investigator_of(commission: Commission) -> User:
    """Somebody who works for the commissioned agency."""
    return Investigator.objects.filter(agency=commission.agency).order_by("pk")[0].user


def reported(sent: Commission, *, at: datetime = FILED, conclusion: str = "consistent") -> None:
    """The agency hands in its report."""
    by = investigator_of(sent)
    file_report(sent.pk, conclusion=conclusion, text="原始病历一致", visits=visits(sent, at=at), by=by, at=at)


def visits(sent: Commission, *, at: datetime = FILED, **others: Any) -> list[Visit]:
    """Those that were asked for, each with all that must be said of one; `others` are the same for all."""
    return [visit(method, at=at, **others) for method in sent.methods]


def visit(method: str, *, at: datetime = FILED, **others: Any) -> Visit:
    """One with all that must be said of it."""
    told: dict[str, Any] = {"result": Result.AGREES, "place": "病案室", "met": "王主任", "found": "原件一致"}
    if method == INTERVIEW:
        told["why_unrecorded"] = "医生不同意录音"
    return Visit(method, **{"visited_at": at, **told, **others})


def _submit(claim_id: int) -> None:
    collecting.submit(claim_id, materials=PAPERS, by=staff("intake"), at=SUBMITTED)


def _pass(claim_id: int) -> None:
    reviewing.pass_review(claim_id, by=staff("reviewer"), at=REVIEWED)


def _commission(claim_id: int) -> None:
    ensure_sample_agencies()
    _pass(claim_id)
    authorised(Claim.objects.get(pk=claim_id))
    commission(claim_id, by=staff("reviewer"), at=COMMISSIONED)


def _conclude(claim_id: int) -> None:
    sent = Commission.objects.get(claim=claim_id)
    reported(sent)
    accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)


def _publish(claim_id: int) -> None:
    deciding.publish(claim_id, by=staff("reviewer"), at=PUBLISHED)


def _approve(claim_id: int) -> None:
    approving.close_publicity(claim_id, by=User.objects.system(), at=APPROVED)


_STEPS: tuple[tuple[State, Callable[[int], None]], ...] = (
    (State.REVIEWING, _submit),
    (State.INVESTIGATING, _commission),
    (State.DECIDING, _conclude),
    (State.PUBLICISED, _publish),
    (State.APPROVED, _approve),
)


def signed_in(*roles: str) -> Client:
    """A browser in which somebody of these roles has signed in to the desk."""
    user = staff(*roles)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def in_the_field(user: User) -> Client:
    """A browser in which somebody has signed in with password and second factor."""
    device, _created = TOTPDevice.objects.get_or_create(user=user, confirmed=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def colleague_of(commission: Commission, *, is_coordinator: bool = False) -> Investigator:
    """Somebody new who works for the commissioned agency."""
    return Investigator.objects.create(
        user=staff("investigator"), agency=commission.agency, is_coordinator=is_coordinator
    )


def code_of(user: User, *, ahead: int = 0) -> str:
    """What the authenticator app of somebody shows now, or so many half minutes later."""
    device = TOTPDevice.objects.get(user=user)
    clock = TOTP(device.bin_key)
    clock.time = time.time() + 30 * ahead
    return f"{clock.token():06}"
