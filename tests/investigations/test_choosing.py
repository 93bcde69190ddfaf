"""What the rule is told about agencies in a case, what becomes of its answer, and who may take another one."""

from datetime import date
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from claims.enums import ObjectionKind, State
from claims.models import Claim, ClaimEvent
from claims.services import deciding, objecting
from config.kernel import sweeping
from config.kernel.refusals import InvalidInput, NotPermitted
from investigations import services
from investigations.models import Agency, Commission, Conflict
from investigations.refusals import AgencyLeftOut, NoAgency
from investigations.services.agencies import figures, hospital_named
from members.models import Hospital, Message
from tests.factories import (
    ACCEPTED,
    COMMISSIONED,
    PUBLISHED,
    at,
    case_in,
    membership,
    passed,
    reported,
    signed_in,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Agency, Agency]:
    """The two that do field investigations, in the order of the register."""
    first, second, _experts = services.ensure_sample_agencies()
    return first, second


def hospital(**others: object) -> Hospital:
    said = {
        "code": "430102-01",
        "name": "湘雅示例医院",
        "aliases": ["示例附一"],
        "province": "湖南省",
        "city": "长沙市",
        "region_code": "430102",
        "grade": "3A",
        "ownership": "public",
        "valid_from": date(2010, 1, 1),
    }
    return Hospital.objects.create(**said | others)


def commission(claim: Claim, **said: Any) -> Commission:
    return services.commission(claim.pk, by=staff("reviewer"), at=COMMISSIONED, **said)


def conflict(agency: Agency, **said: str) -> Conflict:
    return services.declare_conflict(agency.pk, reason="近亲属在职", by=staff("supervisor"), at=COMMISSIONED, **said)


def test_the_member_lives_where_the_agency_goes(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    Agency.objects.filter(pk=first.pk).update(provinces=["湖南"])

    sent = commission(passed())  # of a member in 湖北

    assert sent.agency == second
    assert (sent.choice["by"], sent.choice["because"]) == ("rule", "region")


def test_the_hospital_says_where_before_the_member(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    Agency.objects.filter(pk=first.pk).update(provinces=["湖南"])
    Agency.objects.filter(pk=second.pk).update(provinces=["湖北"])

    assert commission(passed(), hospital=hospital()).agency == first


def test_a_full_agency_comes_after_one_with_room(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    Agency.objects.filter(pk=first.pk).update(capacity=0)

    assert commission(passed()).agency == second
    Agency.objects.filter(pk=second.pk).update(active=False)
    assert commission(passed()).agency == first  # nobody is shut out for having much to do


def test_the_figures_are_those_of_the_case(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    Agency.objects.filter(pk=first.pk).update(capacity=7)
    first.refresh_from_db()
    mine = Claim.objects.get(pk=commission(passed()).claim_id)
    commission(passed(), agency_id=first.pk, reason="已在该院办理")

    told = {one.agency: one for one in figures([first, second], mine, at=COMMISSIONED)}

    assert (told[first.pk].knows_case, told[first.pk].load, told[first.pk].capacity) == (1, 2, 7)
    assert (told[second.pk].knows_case, told[second.pk].load, told[second.pk].score) == (0, 0, None)


def test_another_agency_takes_a_reason_that_stays(pair: tuple[Agency, Agency]) -> None:
    _first, second = pair
    claim = passed()

    with pytest.raises(InvalidInput):
        commission(claim, agency_id=second.pk, reason=" ")
    sent = commission(claim, agency_id=second.pk, reason="熟悉该院流程")

    assert (sent.agency, sent.choice["by"], sent.choice["reason"]) == (second, "person", "熟悉该院流程")
    assert ClaimEvent.objects.get(verb="commission").reason == "熟悉该院流程"


def test_naming_the_one_that_the_rule_names_takes_no_reason(pair: tuple[Agency, Agency]) -> None:
    sent = commission(passed(), agency_id=pair[0].pk)

    assert (sent.agency, sent.choice["by"]) == (pair[0], "rule")


def test_an_agency_too_close_to_the_member_is_not_asked(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    claim = passed()
    declared = conflict(first, case_number=claim.number)

    with pytest.raises(AgencyLeftOut):
        commission(claim, agency_id=first.pk, reason="x")
    sent = commission(claim)

    assert sent.agency == second
    assert sent.choice["left_out"] == [{"agency": first.name, "why": "conflict"}]
    services.end_conflict(declared.pk, by=staff("supervisor"), at=COMMISSIONED)
    assert commission(passed()).agency == first  # of another member, and the conflict is over


def test_an_agency_too_close_to_a_hospital_is_not_asked_to_go_there(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    place = hospital()
    conflict(first, hospital="示例附一")
    newer = hospital(name="湘雅示例总院", valid_from=date(2025, 1, 1))

    assert commission(passed(), hospital=newer).agency == second  # the same hospital, by its code
    assert commission(passed(), hospital=hospital(code="430102-02", name="另一医院")).agency == first
    assert place.code == newer.code


def test_who_declined_for_a_conflict_is_never_asked_again_for_the_case(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    Agency.objects.filter(pk=second.pk).update(active=False)
    Agency.objects.create(name="第三家", uscc="91000000MA00000043", kinds=["field"], region="华南")
    sent = commission(passed())
    person = first.investigators.get().user

    services.decline(sent.pk, reason="主治医师系亲属", code="conflict_of_interest", by=person, at=COMMISSIONED)

    (told,) = figures([first], Claim.objects.get(pk=sent.claim_id), at=COMMISSIONED)
    assert told.left_out == "declined_conflict"
    (elsewhere,) = figures([first], passed(), at=COMMISSIONED)
    assert elsewhere.left_out is None


def second_of(claim: Claim) -> Commission:
    """What an objection to a publicised case brings about."""
    objecting.object_to(
        claim.pk, kind=ObjectionKind.NON_DISCLOSURE, objector=membership(), by=staff("intake"), at=PUBLISHED
    )
    assert sweeping.run("investigations.open_commissions", at=PUBLISHED) == 1
    return Commission.objects.get(claim=claim, kind="second")


def publicised_after(field: Commission) -> Claim:
    reported(field)
    services.accept_report(field.pk, by=staff("reviewer"), at=ACCEPTED)
    deciding.publish(field.claim_id, by=staff("reviewer"), at=PUBLISHED)
    return Claim.objects.get(pk=field.claim_id)


def test_a_second_investigation_goes_to_the_hospital_that_was_named(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    place = hospital()
    field = commission(passed(), hospital=place)
    assert field.agency == first
    conflict(second, hospital=place.name)

    again = second_of(publicised_after(field))

    assert again.hospital == place
    assert again.agency == first  # it looked into the case before, but the other one is too close to the place
    assert again.choice["left_out"] == [{"agency": second.name, "why": "conflict"}]


def test_what_is_passed_on_goes_to_the_hospital_by_which_the_next_agency_was_chosen(
    pair: tuple[Agency, Agency],
) -> None:
    claim = case_in(State.PUBLICISED)
    again, place = second_of(claim), hospital()
    assert again.hospital is None
    with pgtrigger.ignore("investigations.Commission:commission_keeps_its_task"):  # named since
        Commission.objects.filter(claim=claim, kind="field").update(hospital=place)

    passed_on = services.reassign(again.pk, reason="未回复", by=staff("supervisor"), at=PUBLISHED)

    assert passed_on.hospital == place


def test_where_everybody_is_left_out_the_reviewers_are_told_once(pair: tuple[Agency, Agency]) -> None:
    claim = case_in(State.PUBLICISED)
    declared = [conflict(agency, case_number=claim.number) for agency in pair]
    objecting.object_to(
        claim.pk, kind=ObjectionKind.NON_DISCLOSURE, objector=membership(), by=staff("intake"), at=PUBLISHED
    )

    for _ in range(3):
        sweeping.run("investigations.open_commissions", at=PUBLISHED)

    assert Message.objects.filter(template="investigation_held").count() == 1
    assert not Commission.objects.filter(claim=claim, kind="second").exists()
    services.end_conflict(declared[0].pk, by=staff("supervisor"), at=PUBLISHED)
    assert sweeping.run("investigations.open_commissions", at=PUBLISHED) == 1


def test_nobody_is_asked_where_everybody_is_left_out(pair: tuple[Agency, Agency]) -> None:
    claim = passed()
    for agency in pair:
        conflict(agency, case_number=claim.number)

    with pytest.raises(NoAgency):
        commission(claim)


@pytest.mark.parametrize(
    "said", [{}, {"case_number": "x"}, {"hospital": "没有的医院"}, {"case_number": "C", "hospital": "H"}]
)
def test_a_conflict_is_with_one_known_member_or_hospital(pair: tuple[Agency, Agency], said: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        conflict(pair[0], **said)


def test_a_conflict_that_stands_is_not_recorded_twice(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    claim, place = passed(), hospital()
    newer = hospital(name="湘雅示例总院", valid_from=date(2025, 1, 1), aliases=[])
    for said in ({"case_number": claim.number}, {"hospital": place.name}):
        declared = conflict(first, **said)
        with pytest.raises(InvalidInput):
            conflict(first, **said)
        conflict(second, **said)
        services.end_conflict(declared.pk, by=staff("supervisor"), at=COMMISSIONED)
        conflict(first, **said)

    with pytest.raises(InvalidInput):  # the same hospital, by its code
        conflict(first, hospital=newer.name)


@pytest.mark.parametrize("said", ["case_number", "hospital"])
def test_the_table_has_one_standing_conflict_of_a_pair(pair: tuple[Agency, Agency], said: str) -> None:
    declared = conflict(pair[0], **{said: {"case_number": passed().number, "hospital": hospital().name}[said]})
    declared.pk, declared._state.adding = None, True

    with pytest.raises(DatabaseError, match="one_standing_conflict_with_a_"), transaction.atomic():
        declared.save(force_insert=True)


def test_a_conflict_is_ended_once_and_never_deleted(pair: tuple[Agency, Agency]) -> None:
    declared = conflict(pair[0], hospital=hospital().name)
    rows = Conflict.objects.filter(pk=declared.pk)

    def refused(why: str, **changes: object) -> None:
        with pytest.raises(DatabaseError, match=why), transaction.atomic():
            rows.update(**changes)

    for frozen in (
        {"declared_by": staff("supervisor")},
        {"declared_at": PUBLISHED},
        {"reason": "x"},
        {"agency": pair[1]},
        {"hospital": None, "member": passed().membership.member},
    ):
        refused("conflict_stays_as_declared", **frozen)
    with pytest.raises(DatabaseError, match="conflict_is_never_deleted"), transaction.atomic():
        rows.delete()
    services.end_conflict(declared.pk, by=staff("supervisor"), at=COMMISSIONED)
    refused("conflict_is_ended_once", ended_by=None, ended_at=None)
    refused("conflict_is_ended_once", ended_at=PUBLISHED)


@pytest.mark.parametrize("role", ["reviewer", "intake", "finance", "auditor", "administrator", "investigator"])
def test_a_conflict_is_recorded_by_a_supervisor(pair: tuple[Agency, Agency], role: str) -> None:
    claim = passed()
    declared = conflict(pair[0], case_number=claim.number)

    with pytest.raises(NotPermitted):
        services.declare_conflict(pair[0].pk, reason="x", case_number=claim.number, by=staff(role), at=COMMISSIONED)
    with pytest.raises(NotPermitted):
        services.end_conflict(declared.pk, by=staff(role), at=COMMISSIONED)


def test_a_hospital_is_known_by_its_names_while_it_has_them() -> None:
    old = hospital(valid_to=date(2024, 12, 31))

    assert hospital_named(" 示例附一 ", at=at("2024-12-31")) == old
    assert hospital_named("", at=COMMISSIONED) is None
    with pytest.raises(InvalidInput):
        hospital_named("示例附一", at=COMMISSIONED)


def test_a_name_of_two_hospitals_says_which_and_takes_the_code() -> None:
    one = hospital()
    other = hospital(code="420102-07", name="武汉示例医院", province="湖北省", city="武汉市")

    with pytest.raises(InvalidInput) as no:
        hospital_named("示例附一", at=COMMISSIONED)

    for place in (one, other):
        assert place.name in no.value.data["why"]
        assert place.code in no.value.data["why"]
    assert hospital_named("武汉示例医院", at=COMMISSIONED) == other
    assert hospital_named(one.code, at=COMMISSIONED) == one


def test_the_form_shows_the_figures_and_takes_another_agency_with_a_reason(pair: tuple[Agency, Agency]) -> None:
    first, second = pair
    claim, reviewer = passed(), signed_in("reviewer")
    url = reverse("admin:claims_claim_move", args=[claim.pk, "commission", claim.pk])

    shown = reviewer.get(url)
    assert [one.name for one in shown.context["form"].ranking.ranked] == [first.name, second.name]
    said = {"agency": second.pk, "reason": "", "hospital": ""}
    refused = reviewer.post(url, said)
    assert (refused.status_code, first.name in refused.content.decode()) == (409, True)
    assert reviewer.post(url, said | {"hospital": "没有的医院"}).status_code == 409

    assert reviewer.post(url, said | {"reason": "熟悉该院流程"}).status_code == 302

    text = reviewer.get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
    assert Commission.objects.get().agency == second
    assert "熟悉该院流程" in text


def test_the_form_weighs_by_the_hospital_that_is_typed_and_says_whom_the_rule_names_then(
    pair: tuple[Agency, Agency],
) -> None:
    first, second = pair
    place, claim, reviewer = hospital(), passed(), signed_in("reviewer")
    conflict(first, hospital=place.name)
    url = reverse("admin:claims_claim_move", args=[claim.pk, "commission", claim.pk])
    shown = reviewer.get(url).context["form"]
    assert shown["named"].value() == first.pk
    said = {"agency": "", "reason": "", "hospital": place.name, "named": shown["named"].value()}

    other = reviewer.post(url, said)

    assert not Commission.objects.exists()
    form = other.context["form"]
    assert [one.name for one in form.ranking.ranked] == [second.name]
    assert second.name in form.errors["agency"][0]
    assert form["hospital"].value() == place.name
    assert reviewer.post(url, said | {"named": form["named"].value()}).status_code == 302
    assert Commission.objects.get().agency == second
