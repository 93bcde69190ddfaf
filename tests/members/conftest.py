"""People of every role, the shipped plans, and applicants who may join."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group

from config.kernel.civil import SHANGHAI
from config.kernel.identity import make_resident_id
from config.kernel.models import User
from members.models import Membership, Plan
from members.services import joining
from members.services.shipping import load_shipped

TIER = 10_000_000


def at(text: str) -> datetime:
    """An instant by the Shanghai clock: `2024-06-01 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def staff(db) -> Callable[..., User]:
    """`staff("supervisor")`, `staff("supervisor", 2)`: the same person for the same name."""

    def one(role: str, number: int = 1) -> User:
        user, created = User.objects.get_or_create(username=f"{role}-{number}")
        if created:
            user.groups.add(Group.objects.get(name=role))
        return user

    return one


@pytest.fixture
def plan(db) -> Plan:
    load_shipped(at=at("2023-01-01 00:00"))
    return Plan.objects.get(code="qingsong")


@pytest.fixture
def applicant() -> Callable[..., joining.Applicant]:
    """A person with an ID number that fits; `number` tells one from another."""

    def one(number: int = 2, **facts: Any) -> joining.Applicant:
        known = {"name": "吴小漫", "sex": "F", "birth_date": date(1980, 5, 20), "region": "湖北"} | facts
        known.setdefault("id_number", make_resident_id("420106", known["birth_date"], number))
        return joining.Applicant(**known)

    return one


@pytest.fixture
def admit(plan, staff, applicant) -> Callable[..., Membership]:
    """`admit()`, `admit(applicant(4), at=…, migrated=True)`: joining as an intake clerk enters it."""

    def one(who: joining.Applicant | None = None, **facts: Any) -> Membership:
        known = {
            "tier_fen": TIER,
            "declared": {},
            "by": staff("intake"),
            "at": at("2024-06-01 10:00"),
        } | facts
        return joining.admit(plan, who or applicant(), **known)

    return one
