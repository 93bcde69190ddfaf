"""The agency's own pages: what an investigator sees of a commission, files and declines, and nothing beyond."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from claims.models import Claim, ClaimEvent
from config.kernel.models import User
from investigations import services
from investigations.enums import CommissionState, Conclusion, DeclineReason
from investigations.models import Agency, Commission, Report
from tests.factories import FILED, case_in, investigator_of, reported, staff

SAID = {"conclusion": Conclusion.INCONSISTENT.value, "text": "病历与报案不一致"}
NO = {"code": DeclineReason.NO_CAPACITY.value, "reason": "本月无人可派"}
LIST = reverse("admin:investigations_commission_changelist")


def signed_in(user: User) -> Client:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def agency(sent: Commission) -> Client:
    return signed_in(investigator_of(sent))


@pytest.fixture
def stranger(sent: Commission) -> Client:
    """An investigator of another agency."""
    return signed_in(Agency.objects.exclude(pk=sent.agency_id)[0].investigators.get().user)


def page(sent: Commission) -> str:
    return reverse("admin:investigations_commission_change", args=[sent.pk])


def move(sent: Commission, name: str) -> str:
    return reverse("admin:investigations_commission_move", args=[sent.pk, name, sent.pk])


def state_of(sent: Commission) -> str:
    return Commission.objects.values_list("state", flat=True).get(pk=sent.pk)


def test_a_report_filed_on_the_page_lets_the_reviewer_accept_it(sent: Commission, agency: Client) -> None:
    assert move(sent, "file-report") in agency.get(page(sent)).content.decode()
    assert agency.post(move(sent, "file-report"), SAID).headers["location"] == page(sent)

    report = Report.objects.get()
    assert (report.conclusion, report.findings, report.filed_by) == (
        "inconsistent",
        SAID["text"],
        investigator_of(sent),
    )
    reviewer = signed_in(staff("reviewer"))
    accept = reverse("admin:claims_claim_move", args=[sent.claim_id, "accept-report", sent.pk])
    case = reverse("admin:claims_claim_change", args=[sent.claim_id])
    assert accept in reviewer.get(case).content.decode()
    assert reviewer.post(accept).status_code == 302
    assert Claim.objects.get(pk=sent.claim_id).state == State.DECIDING


def test_an_agencys_desk_has_its_open_commissions_and_nothing_of_the_member(
    sent: Commission, agency: Client, stranger: Client
) -> None:
    ((section, listing),) = agency.get(reverse("admin:index")).context["sections"]
    ((_section, others),) = stranger.get(reverse("admin:index")).context["sections"]

    assert section.name == "commissions"
    assert [(row.url, row.name, row.about) for row in listing.rows] == [(page(sent), sent.claim.number, "")]
    assert others.count == 0


def test_a_filed_report_wants_a_reviewer(sent: Commission) -> None:
    assert not Claim.objects.wanting_work().exists()
    reported(sent)
    assert list(Claim.objects.unassigned()) == [sent.claim]

    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)
    assert not Claim.objects.wanting_work().exists()


def test_a_report_sent_back_is_filed_again_with_the_reason_in_view(sent: Commission, agency: Client) -> None:
    reported(sent)
    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)

    text = agency.get(page(sent)).content.decode()
    assert "缺少病案室盖章" in text
    assert "原始病历一致" not in text
    assert agency.post(move(sent, "file-report"), SAID).status_code == 302
    assert sorted(Report.objects.values_list("version", flat=True)) == [1, 2]


def test_what_was_typed_survives_a_report_that_came_too_late(sent: Commission, agency: Client) -> None:
    reported(sent)

    response = agency.post(move(sent, "file-report"), SAID)

    assert response.status_code == 409
    assert SAID["text"] in response.content.decode()
    assert Report.objects.count() == 1


def test_a_report_without_words_is_asked_for_again(sent: Commission, agency: Client) -> None:
    response = agency.post(move(sent, "file-report"), {"conclusion": "consistent", "text": " "})

    assert response.context["form"].errors.keys() == {"text"}
    assert state_of(sent) == CommissionState.SENT


def test_declining_asks_another_agency_and_takes_the_commission_out_of_sight(sent: Commission, agency: Client) -> None:
    assert agency.post(move(sent, "decline"), NO).headers["location"] == LIST

    assert state_of(sent) == CommissionState.DECLINED
    assert Commission.objects.exclude(pk=sent.pk).get().agency_id != sent.agency_id
    event = ClaimEvent.objects.get(verb="decline")
    assert (event.reason_code, event.reason) == (NO["code"], NO["reason"])
    assert not agency.get(LIST).context["cl"].result_list
    assert agency.get(page(sent)).status_code == 404
    assert agency.get(move(sent, "file-report")).status_code == 404


def test_what_was_typed_survives_a_commission_that_a_colleague_declined(sent: Commission, agency: Client) -> None:
    services.decline(sent.pk, reason="x", by=investigator_of(sent), at=FILED)

    response = agency.post(move(sent, "file-report"), SAID)

    assert response.status_code == 409
    assert SAID["text"] in response.content.decode()


def test_declining_where_nobody_else_does_it_is_refused_in_place(sent: Commission, agency: Client) -> None:
    Agency.objects.exclude(pk=sent.agency_id).update(active=False)

    response = agency.post(move(sent, "decline"), NO)

    assert response.status_code == 409
    assert NO["reason"] in response.content.decode()
    assert state_of(sent) == CommissionState.SENT


@pytest.mark.parametrize("said", [{}, {"code": "bored", "reason": "x"}, {"code": "other", "reason": ""}])
def test_declining_takes_a_coded_reason_and_a_sentence(sent: Commission, agency: Client, said: dict[str, str]) -> None:
    assert agency.post(move(sent, "decline"), said).context["form"].errors
    assert state_of(sent) == CommissionState.SENT


def test_another_agencys_commission_is_not_found(sent: Commission, stranger: Client) -> None:
    assert not stranger.get(LIST).context["cl"].result_list
    assert not stranger.get(LIST, {"q": sent.claim.number}).context["cl"].result_list
    history = reverse("admin:investigations_commission_history", args=[sent.pk])
    for url in (page(sent), history, move(sent, "file-report"), move(sent, "decline")):
        assert stranger.get(url).status_code == 404, url
        assert stranger.post(url, SAID | NO).status_code == 404, url
    assert state_of(sent) == CommissionState.SENT


def test_somebody_without_an_agency_sees_no_commission(sent: Commission) -> None:
    nobody = signed_in(staff("investigator"))

    assert not nobody.get(LIST).context["cl"].result_list
    assert nobody.get(page(sent)).status_code == 404
    assert nobody.post(move(sent, "file-report"), SAID).status_code == 404


def test_an_agency_opens_no_page_of_the_case_or_the_member(sent: Commission, agency: Client) -> None:
    case = Claim.objects.select_related("membership").get(pk=sent.claim_id)
    reported(sent)
    of_others = (
        reverse("admin:claims_claim_changelist"),
        reverse("admin:claims_claim_change", args=[case.pk]),
        reverse("admin:claims_claim_move", args=[case.pk, "accept-report", sent.pk]),
        reverse("admin:members_member_change", args=[case.membership.member_id]),
        reverse("admin:members_membership_change", args=[case.membership_id]),
        reverse("admin:investigations_report_changelist"),
        reverse("admin:investigations_report_change", args=[Report.objects.get().pk]),
        reverse("admin:investigations_agency_changelist"),
    )
    for url in of_others:
        assert agency.get(url).status_code == 403, url
        assert agency.post(url, {}).status_code == 403, url


def test_the_pages_of_an_agency_say_nothing_of_the_member_or_the_reviewer(sent: Commission, agency: Client) -> None:
    person = Claim.objects.get(pk=sent.claim_id).membership.member
    case = reverse("admin:claims_claim_change", args=[sent.claim_id])
    for url in (LIST, page(sent), move(sent, "file-report"), move(sent, "decline")):
        text = agency.get(url).content.decode()
        for word in (person.name, str(person), person.id_number, person.phone, str(sent.sent_by), case):
            assert word not in text, (url, word)
    assert sent.claim.number in agency.get(LIST).content.decode()


def test_the_desk_reads_every_commission_and_files_for_nobody(sent: Commission) -> None:
    for role in ("reviewer", "auditor"):
        reader = signed_in(staff(role))
        assert list(reader.get(LIST).context["cl"].result_list) == [sent]
        text = reader.get(page(sent)).content.decode()
        assert reverse("admin:claims_claim_change", args=[sent.claim_id]) in text
        assert move(sent, "file-report") not in text
        assert reader.post(move(sent, "file-report"), SAID).status_code == 403
    assert state_of(sent) == CommissionState.SENT


def test_neither_list_nor_page_asks_more_for_more_rows(sent: Commission, agency: Client) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert agency.get(url).status_code == 200
        return len(asked)

    def report_and_return() -> None:
        reported(sent)
        services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=FILED)

    report_and_return()
    queries(LIST)
    one = queries(LIST), queries(page(sent))
    Agency.objects.exclude(pk=sent.agency_id).update(active=False)
    for _ in range(2):
        case_in(State.INVESTIGATING)
        report_and_return()
    assert len(agency.get(LIST).context["cl"].result_list) == 3
    assert (queries(LIST), queries(page(sent))) == one
