"""Whom to ask."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from claims.enums import ProcedureKind, State
from config.kernel.identity import social_credit_code
from config.kernel.refusals import InvalidInput
from investigations import services
from investigations.models import Agency, Commission, Investigator
from investigations.services.agencies import choose, kinds_covered
from tests.factories import COMMISSIONED, case_in, passed, reported, staff


def agency(name: str, uscc: str, *kinds: ProcedureKind, active: bool = True) -> Agency:
    return Agency.objects.create(name=name, uscc=uscc, kinds=list(kinds), region="华东", active=active)


@pytest.fixture
def samples(db: None) -> list[Agency]:
    return services.ensure_sample_agencies()


def test_the_sample_agencies_do_every_kind_and_have_people(samples: list[Agency]) -> None:
    assert kinds_covered() == set(ProcedureKind.values)
    for one in samples:
        one.full_clean()
        assert social_credit_code(one.uscc) == one.uscc
        user = one.investigators.get().user
        assert user.has_perm("investigations.file_report")
        assert not user.has_usable_password()


def test_loading_the_samples_twice_changes_nothing(samples: list[Agency]) -> None:
    assert [one.pk for one in services.ensure_sample_agencies()] == [one.pk for one in samples]
    assert (Agency.objects.count(), Investigator.objects.count()) == (3, 3)


@pytest.mark.parametrize("uscc", ["91000000MA0000001X", "91000000ma0000001r", "91000000MA000001", "I1000000MA0000001R"])
def test_a_wrong_credit_code_is_refused(db: None, uscc: str) -> None:
    with pytest.raises(ValidationError):
        Agency(name="x", uscc=uscc, kinds=["field"], region="华东").full_clean()


def test_a_malformed_credit_code_does_not_reach_the_table(db: None) -> None:
    with pytest.raises(IntegrityError, match="agency_has_a_credit_code"), transaction.atomic():
        agency("x", "91000000ma0000001r", ProcedureKind.FIELD)


@pytest.mark.parametrize("kinds", [["field", "field"], ["gossip"], "field", [[]]])
def test_an_agency_does_known_kinds_once_each(db: None, kinds: object) -> None:
    with pytest.raises(ValidationError, match="field"):
        Agency(name="x", uscc="91000000MA0000001R", kinds=kinds, region="华东").full_clean()


def test_the_agency_with_the_least_to_do_is_asked(samples: list[Agency]) -> None:
    case = case_in(State.INVESTIGATING)
    busy = Commission.objects.get(claim=case).agency

    free = services.commission(passed().pk, by=staff("reviewer"), at=COMMISSIONED).agency

    assert busy != free


def test_what_is_accepted_is_no_burden_any_more(samples: list[Agency]) -> None:
    first = Commission.objects.get(claim=case_in(State.DECIDING)).agency

    assert services.commission(passed().pk, by=staff("reviewer"), at=COMMISSIONED).agency == first


def test_whoever_knows_the_case_is_not_asked_again_where_others_can(samples: list[Agency]) -> None:
    case = case_in(State.DECIDING)
    field = Commission.objects.get(claim=case).agency

    assert choose(case, ProcedureKind.SECOND, at=COMMISSIONED).agency != field

    Agency.objects.exclude(pk=field.pk).update(active=False)
    assert choose(case, ProcedureKind.SECOND, at=COMMISSIONED).agency == field


def test_an_agency_that_does_not_do_it_or_is_not_active_is_refused(samples: list[Agency]) -> None:
    experts = next(one for one in samples if "field" not in one.kinds)
    closed = next(one for one in samples if "field" in one.kinds)
    Agency.objects.filter(pk=closed.pk).update(active=False)
    case = passed()

    for one in (experts, closed):
        with pytest.raises(InvalidInput):
            services.commission(case.pk, agency_id=one.pk, by=staff("reviewer"), at=COMMISSIONED)

    assert not Commission.objects.exists()


def test_an_agency_that_declines_is_replaced_within_the_time_left(samples: list[Agency]) -> None:
    first = services.commission(passed().pk, by=staff("reviewer"), at=COMMISSIONED)
    person = first.agency.investigators.get().user

    second = services.decline(first.pk, reason="too far away", by=person, at=COMMISSIONED + timedelta(days=1))

    assert second is not None
    assert second.agency != first.agency
    assert second.deadline == first.deadline
    assert Commission.objects.get(pk=first.pk).state == "declined"
    reported(second)
