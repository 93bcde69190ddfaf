"""Commissions at the desk, which reads them; an administrator takes a lost second factor away."""

import pytest
from django.test import Client
from django.urls import reverse

from claims.models import Claim
from config.kernel.refusals import InvalidInput, NotPermitted
from investigations import services
from investigations.enums import FactorVerb
from investigations.models import Commission, FactorEvent, Investigator
from investigations.services import second_factor
from tests.factories import FILED, in_the_field, investigator_of, reported, signed_in, staff

LIST = reverse("admin:investigations_commission_changelist")


def page(sent: Commission) -> str:
    return reverse("admin:investigations_commission_change", args=[sent.pk])


def reset_page(sent: Commission) -> str:
    investigator = Investigator.objects.get(user=investigator_of(sent))
    return reverse("admin:investigations_investigator_reset", args=[investigator.pk])


def test_a_filed_report_wants_a_reviewer(sent: Commission) -> None:
    assert not Claim.objects.wanting_work().exists()
    reported(sent)
    assert list(Claim.objects.unassigned()) == [sent.claim]

    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)
    assert not Claim.objects.wanting_work().exists()


def test_the_desk_reads_every_commission_and_what_was_filed(sent: Commission) -> None:
    reported(sent)
    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)
    for role in ("reviewer", "auditor"):
        reader = signed_in(role)
        assert list(reader.get(LIST).context["cl"].result_list) == [sent]
        text = reader.get(page(sent)).content.decode()
        assert reverse("admin:claims_claim_change", args=[sent.claim_id]) in text
        assert "缺少病案室盖章" in text


def test_an_agency_opens_no_page_of_the_desk(sent: Commission) -> None:
    user = investigator_of(sent)
    assert in_the_field(user).get(page(sent)).status_code == 302
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    let_in = in_the_field(user)
    for url in (LIST, page(sent), reverse("admin:claims_claim_change", args=[sent.claim_id])):
        assert let_in.get(url).status_code == 403, url


class TestReset:
    def test_a_lost_factor_is_taken_away_for_a_reason_and_open_sessions_end(self, sent: Commission) -> None:
        user, administrator = investigator_of(sent), signed_in("administrator")
        phone = in_the_field(user)
        assert phone.get(reverse("field:commissions")).status_code == 200

        assert administrator.post(reset_page(sent), {"reason": " "}).status_code == 409
        assert second_factor.is_set_up(user)
        assert administrator.post(reset_page(sent), {"reason": "手机丢失,已回拨机构核实"}).status_code == 302

        assert phone.get(reverse("field:commissions")).headers["location"].startswith(reverse("field:code"))
        event = FactorEvent.objects.get()
        assert (event.verb, event.reason, event.investigator.user) == (
            FactorVerb.RESET,
            "手机丢失,已回拨机构核实",
            user,
        )
        assert "手机丢失" in administrator.get(reset_page(sent)).content.decode()

    @pytest.mark.parametrize("role", ["reviewer", "supervisor", "auditor", "finance", "intake", "investigator"])
    def test_nobody_but_an_administrator_takes_it_away(self, sent: Commission, role: str) -> None:
        investigator = Investigator.objects.get(user=investigator_of(sent))
        assert signed_in(role).post(reset_page(sent), {"reason": "x"}).status_code == 403
        with pytest.raises(NotPermitted):
            second_factor.reset(investigator, reason="x", by=staff(role), at=FILED)

    def test_the_service_takes_a_reason(self, sent: Commission) -> None:
        investigator = Investigator.objects.get(user=investigator_of(sent))
        with pytest.raises(InvalidInput):
            second_factor.reset(investigator, reason=" ", by=staff("administrator"), at=FILED)

    def test_the_page_of_an_investigator_says_whether_it_is_set_up_and_never_the_key(self, sent: Commission) -> None:
        user = investigator_of(sent)
        url = reverse("admin:investigations_investigator_change", args=[Investigator.objects.get(user=user).pk])
        administrator = signed_in("administrator")
        assert "尚未设置" in administrator.get(url).content.decode()
        in_the_field(user)
        text = administrator.get(url).content.decode()
        assert "尚未设置" not in text
        assert reset_page(sent) in text
        assert Client().get(reset_page(sent)).status_code == 302
