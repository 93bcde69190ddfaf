"""What objections and appeals leave behind is pulled, sent out once, and closed with them (SR-25)."""

from datetime import datetime, timedelta

import pytest

from claims.enums import AppealFinding, Channel, DeadlineStatus, ObjectionFinding, ObjectionKind, State
from claims.models import Claim, ClaimEvent, Procedure
from claims.services import appealing, deciding, objecting, reviewing
from config.kernel import sweeping
from config.kernel.models import User
from config.kernel.refusals import NotPermitted, SamePerson, WrongState
from investigations import services
from investigations.enums import CommissionState
from investigations.models import Agency, Commission
from investigations.sweeps import CloseCommissions, OpenCommissions
from members.models import Message
from tests.factories import PUBLISHED, case_in, membership, reported, staff

OBJECTED = PUBLISHED + timedelta(days=2)
RESOLVED = PUBLISHED + timedelta(days=4)
KINDS = [("non_disclosure", "second"), ("definition", "expert"), ("forgery", "forensic")]


def object_to(case: Claim, kind: str = "non_disclosure", *, at: datetime = OBJECTED) -> Procedure:
    objecting.object_to(case.pk, kind=ObjectionKind(kind), objector=membership(), by=staff("intake"), at=at)
    return Procedure.objects.filter(claim=case).latest("pk")


def open_commissions(at: datetime = OBJECTED, only: int | None = None) -> int:
    return sweeping.run("investigations.open_commissions", at=at, only=only)


def close_commissions(at: datetime) -> int:
    return sweeping.run("investigations.close_commissions", at=at)


def commission_of(procedure: Procedure) -> Commission:
    return Commission.objects.get(procedure=procedure)


def resolve(case: Claim, kind: str, finding: str, *, by: User | None = None) -> None:
    services.resolve_objection(
        case.pk, kind=ObjectionKind(kind), finding=ObjectionFinding(finding), by=by or staff("reviewer"), at=RESOLVED
    )


@pytest.mark.parametrize(("kind", "asked"), KINDS)
def test_an_objection_sends_out_its_procedure(publicised: Claim, kind: str, asked: str) -> None:
    procedure = object_to(publicised, kind)
    assert OpenCommissions().next_due(only=publicised.pk) == OBJECTED

    assert open_commissions() == 1

    sent = commission_of(procedure)
    assert (sent.kind, sent.state, sent.sent_by.username) == (asked, CommissionState.SENT, "system")
    assert sent.deadline.opened_at == OBJECTED
    assert Claim.objects.get(pk=publicised.pk).state == State.PUBLICISED
    assert ClaimEvent.objects.filter(claim=publicised).latest("version").verb == "commission_sent"


def test_a_sweep_sends_once(publicised: Claim) -> None:
    object_to(publicised)
    version = Claim.objects.get(pk=publicised.pk).version

    assert [open_commissions(), open_commissions()] == [1, 0]

    assert Claim.objects.get(pk=publicised.pk).version == version + 1
    assert OpenCommissions().next_due(only=publicised.pk) is None


def test_nothing_is_sent_before_its_time_or_for_another_case(publicised: Claim) -> None:
    object_to(publicised)

    assert open_commissions(OBJECTED - timedelta(seconds=1)) == 0
    assert open_commissions(only=publicised.pk + 1) == 0
    assert OpenCommissions().next_due(only=publicised.pk + 1) is None
    assert open_commissions(only=publicised.pk) == 1


def test_a_second_investigation_goes_to_another_agency(publicised: Claim) -> None:
    procedure = object_to(publicised)
    open_commissions()

    assert commission_of(procedure).agency != Commission.objects.get(claim=publicised, kind="field").agency


@pytest.mark.parametrize("missing", ["consent", "agency"])
def test_what_cannot_be_sent_is_told_once_and_goes_when_it_can(publicised: Claim, missing: str) -> None:
    consents = publicised.membership.consents.filter(purpose="investigation")
    if missing == "consent":
        consents.update(withdrawn_at=PUBLISHED)
    else:
        Agency.objects.update(active=False)
    procedure = object_to(publicised)

    assert [open_commissions(), open_commissions()] == [1, 0]
    assert Message.objects.filter(template="investigation_held", to="reviewer").count() == 1
    assert OpenCommissions().next_due(only=publicised.pk) is None

    consents.update(withdrawn_at=None)
    Agency.objects.update(active=True)
    assert open_commissions(RESOLVED) == 1
    assert commission_of(procedure).sent_at == RESOLVED


def test_a_case_sent_back_to_investigation_is_commissioned_anew(db: None) -> None:
    case = case_in(State.DECIDING)
    at = PUBLISHED
    reviewing.return_to(case.pk, to=State.INVESTIGATING, reason="look again", by=staff("reviewer"), at=at)

    assert open_commissions(at) == 1

    again = Commission.objects.filter(claim=case, kind="field").latest("pk")
    reported(again, at=at)
    services.accept_report(again.pk, by=staff("reviewer"), at=at)
    assert Claim.objects.get(pk=case.pk).state == State.DECIDING


@pytest.mark.parametrize(
    ("kind", "finding", "state"),
    [
        ("non_disclosure", "dismissed", State.PUBLICISED),
        ("non_disclosure", "upheld", State.DECIDING),
        ("definition", "upheld", State.DECIDING),
        ("forgery", "dismissed", State.PUBLICISED),
        ("forgery", "upheld", State.REJECTED),
    ],
)
def test_a_finding_closes_the_commission_of_its_objection(
    publicised: Claim, kind: str, finding: str, state: State
) -> None:
    procedure = object_to(publicised, kind)
    sweeping.ring(at=OBJECTED, only=publicised.pk)

    resolve(publicised, kind, finding)

    sent = commission_of(procedure)
    assert (sent.state, sent.closed_at) == (CommissionState.CLOSED, RESOLVED)
    assert sent.deadline.status == DeadlineStatus.CANCELLED
    assert Claim.objects.get(pk=publicised.pk).state == state
    assert close_commissions(RESOLVED) == 0


def test_a_finding_leaves_an_accepted_report_and_other_commissions_alone(publicised: Claim) -> None:
    second, expert = object_to(publicised), object_to(publicised, "definition")
    assert open_commissions() == 2
    sent = commission_of(second)
    reported(sent, at=OBJECTED)
    services.accept_report(sent.pk, by=staff("reviewer"), at=OBJECTED)
    assert Claim.objects.get(pk=publicised.pk).state == State.PUBLICISED

    resolve(publicised, "non_disclosure", "dismissed")

    assert commission_of(second).state == CommissionState.ACCEPTED
    assert commission_of(expert).state == CommissionState.SENT


def test_a_finding_before_the_sweep_leaves_nothing_to_send(publicised: Claim) -> None:
    procedure = object_to(publicised)

    resolve(publicised, "non_disclosure", "dismissed")

    assert open_commissions(RESOLVED) == 0
    assert not Commission.objects.filter(procedure=procedure).exists()


def test_resolving_takes_the_right_and_an_open_objection(publicised: Claim) -> None:
    with pytest.raises(WrongState):
        resolve(publicised, "non_disclosure", "dismissed")
    object_to(publicised)

    for role in ("intake", "investigator", "finance", "auditor"):
        with pytest.raises(NotPermitted):
            resolve(publicised, "non_disclosure", "dismissed", by=staff(role))


def test_a_refused_case_calls_its_agencies_off(publicised: Claim) -> None:
    procedure = object_to(publicised)
    open_commissions()
    deciding.reject(
        publicised.pk,
        contrary="nothing found",
        ground="DEFINITION_NOT_MET",
        reason="stage",
        by=staff("reviewer"),
        at=RESOLVED,
    )
    assert CloseCommissions().next_due(only=publicised.pk) == RESOLVED

    assert [close_commissions(RESOLVED), close_commissions(RESOLVED)] == [1, 0]

    assert commission_of(procedure).state == CommissionState.CLOSED
    assert ClaimEvent.objects.filter(claim=publicised).latest("version").verb == "commission_closed"


def appealed(channel: Channel) -> tuple[Claim, User]:
    case, refuser = case_in(State.DECIDING), staff("reviewer")
    deciding.reject(
        case.pk, contrary="nothing found", ground="DEFINITION_NOT_MET", reason="stage", by=refuser, at=PUBLISHED
    )
    appealing.appeal(case.pk, channel=channel, deposit_fen=50_000, by=staff("intake"), at=OBJECTED)
    return case, refuser


@pytest.mark.parametrize(("finding", "state"), [("upheld", State.REJECTED), ("overturned", State.DECIDING)])
def test_a_decided_appeal_closes_its_arbitration(db: None, finding: str, state: State) -> None:
    case, _refuser = appealed(Channel.ARBITRATION)
    assert open_commissions() == 1
    sent = Commission.objects.get(claim=case, kind="arbitration")

    services.decide_appeal(case.pk, finding=AppealFinding(finding), by=staff("reviewer"), at=RESOLVED)

    assert Commission.objects.get(pk=sent.pk).state == CommissionState.CLOSED
    assert Claim.objects.get(pk=case.pk).state == state


def test_an_online_appeal_asks_no_third_party(db: None) -> None:
    case, refuser = appealed(Channel.ONLINE)
    assert open_commissions() == 0

    with pytest.raises(SamePerson):
        services.decide_appeal(case.pk, finding=AppealFinding.UPHELD, by=refuser, at=RESOLVED)
    with pytest.raises(NotPermitted):
        services.decide_appeal(case.pk, finding=AppealFinding.UPHELD, by=staff("intake"), at=RESOLVED)
