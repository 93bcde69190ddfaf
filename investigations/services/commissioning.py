"""Sending a procedure out, and ending a commission that nobody waits for any more."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from claims.enums import DeadlineStatus, ProcedureKind
from claims.gate import moving as moving_case
from claims.models import Claim, Deadline, Procedure
from claims.policies import check_investigation_consent
from claims.refusals import ConsentMissing
from claims.services import clocks, investigating
from claims.services.reasons import required
from config.kernel.gate import asking
from config.kernel.models import User
from config.kernel.permissions import holders
from config.kernel.refusals import InvalidInput
from investigations.enums import ON_THE_SPOT, OVER, DeclineReason, Method
from investigations.gate import moving
from investigations.models import Agency, Commission, Investigator
from investigations.policies import FILE_REPORT, check_authorised, check_coordinator
from investigations.refusals import AuthorisationMissing, NoAgency
from investigations.services import messages
from investigations.services.agencies import Chosen, choose
from members.models import Hospital

HELD = (ConsentMissing, AuthorisationMissing, NoAgency)
"""Nobody may be asked now; that can change."""


def commission(
    claim_id: int,
    *,
    agency_id: int | None = None,
    reason: str = "",
    hospital: Hospital | None = None,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Commission:
    """Send a case that passed its review to a field investigation, by the rule or to the agency named.

    Refused: `NotPermitted`, `WrongState`, `ConsentMissing`, `OpenInvestigation`, `AuthorisationMissing`, `NoAgency`,
    `AgencyLeftOut`, `InvalidInput` (no reason for another agency than the rule names).
    """
    with moving_case(claim_id, "commission", by=by, at=at, version=version) as claim:
        procedure = investigating.begin(claim, by=by, at=at)
        sent = send(claim, procedure, agency_id=agency_id, reason=reason, hospital=hospital, by=by, at=at)
        claim.because(agency=sent.agency.name, reason=sent.choice["reason"])
    return sent


@clocks.follows
def follow_clock(was: Deadline, becomes: Deadline) -> None:
    """A supervisor stopped the agency's clock, or gave it more days: the commission has the next generation.

    One that is over keeps what it had. Whoever still has to report is told, and not why.
    """
    Commission.objects.filter(deadline=was).exclude(state__in=OVER).update(deadline=becomes)
    template = "commission_moved" if becomes.due_at else "commission_stopped"
    for sent in Commission.objects.awaiting_report().filter(deadline=becomes).select_related("claim", "agency"):
        messages.tell_agency(sent, template, at=becomes.paused_at or becomes.opened_at)


@clocks.awaits
def at_work() -> Q:
    """An agency is at work under this clock, on a procedure that is not over."""
    open_ones = Commission.objects.at_work().filter(procedure__closed_at__isnull=True).order_by()
    return Q(Exists(open_ones.filter(deadline=OuterRef("pk"))))


def decline(commission_id: int, *, reason: str, code: str = "", by: User, at: datetime) -> Commission | None:
    """The agency cannot do it, and that stands: another is asked at once. Returns the new commission.

    None where none may be asked now: the procedure is open again, and the sweep tells the reviewers.

    Refused: `NotPermitted` (another agency), `WrongState`, `InvalidInput` (no reason, an unknown `code`).
    """
    with moving(commission_id, "decline", by=by, at=at) as (claim, declined):
        declined.decline(required(reason), code, by=by, at=at)
        if code and code not in DeclineReason.values:
            raise InvalidInput(field=_("Coded reason"), why=_("choose one of those in the list."))
        declined.save()
        claim.because(code=code, reason=reason)
        try:
            sent = _pass_on(claim, declined, by=by, at=at)
        except HELD:
            _leave_open(declined, at=at)
            return None
        claim.because(code=code, reason=reason, agency=sent.agency.name)
    return sent


def take(commission_id: int, *, by: User, at: datetime) -> Commission:
    """The agency says that it will do it; what was nobody's is then his who says so.

    Refused: `NotPermitted` (another agency, a colleague's), `WrongState`, `AlreadyTaken`.
    """
    with moving(commission_id, "take_commission", by=by, at=at) as (claim, commission):
        commission.take(by=by, at=at)
        claim.because(kind=commission.kind, agency=commission.agency.name)
    return commission


def assign(commission_id: int, *, investigator_id: int, by: User, at: datetime) -> Commission:
    """The agency's coordinator gives it to one of its people. Refused: `NotPermitted`, `WrongState`, `InvalidInput`."""
    with moving(commission_id, "assign_commission", by=by, at=at) as (claim, commission):
        check_coordinator(commission, by=by, at=at)  # before the move asks it: nobody else tries out who works there
        colleague = colleagues(commission.agency).filter(pk=investigator_id).first()
        if colleague is None:
            raise InvalidInput(field=_("Colleague"), why=_("choose one of those in the list."))
        before = commission.assignee
        commission.assign(colleague, by=by, at=at)
        _tell_of_hand_over(commission, before, by=by, at=at)
        claim.because(kind=commission.kind, agency=commission.agency.name)
    return commission


def colleagues(agency: Agency) -> QuerySet[Investigator]:
    """The people of an agency to whom its work can be given: those who may still sign in."""
    people = agency.investigators.filter(user__in=holders(FILE_REPORT))
    return people.select_related("user").order_by("user__display_name", "pk")


def reassign(
    commission_id: int, *, reason: str, agency_id: int | None = None, because: str = "", by: User, at: datetime
) -> Commission:
    """Take a commission from an agency that does not report and give it to another. Returns the new commission.

    Within the time that is left; where that is over, with a time of its own. Who was asked for it before is not asked
    again. `because` is the reason for another agency than the rule names.

    Refused: `NotPermitted`, `WrongState` (a report is in, or it is over), `InvalidInput` (no reason), `ConsentMissing`,
    `AuthorisationMissing`, `NoAgency`, `AgencyLeftOut`.
    """
    with moving(commission_id, "reassign", by=by, at=at) as (claim, taken):
        taken.withdraw(required(reason), by=by, at=at)
        taken.save()
        messages.tell_agency(taken, "commission_withdrawn", at=at)
        sent = _pass_on(claim, taken, agency_id=agency_id, reason=because, by=by, at=at)
        claim.because(reason=reason, kind=taken.kind, agency=sent.agency.name)
    return sent


def send(
    claim: Claim,
    procedure: Procedure,
    *,
    agency_id: int | None = None,
    reason: str = "",
    hospital: Hospital | None = None,
    deadline: Deadline | None = None,
    by: User,
    at: datetime,
) -> Commission:
    """Give a procedure of an open case to an agency that was not asked for it yet, with a new clock or this one.

    Every commission comes about here: nothing of a member goes out without consent, nor to a hospital without letter.
    """
    check_investigation_consent(claim, by=by, at=at)
    if procedure.kind in ON_THE_SPOT:
        check_authorised(claim, by=by, at=at)
    chosen = choose(
        claim,
        ProcedureKind(procedure.kind),
        agency_id=agency_id,
        reason=reason,
        hospital=hospital,
        never=list(Commission.objects.filter(procedure=procedure).values_list("agency_id", flat=True)),
        at=at,
    )
    clock = deadline or investigating.start_clock(claim, procedure, at=at)
    return _create(claim, procedure, clock, chosen, by=by, at=at)


def close_left_over(claim: Claim, *, by: User, at: datetime) -> int:
    """Close what is still out for an open case though its procedure is over; how many there were."""
    left = list(Commission.objects.left_over().select_for_update(of=("self",)).filter(claim=claim).order_by("pk"))
    for commission in left:
        with asking(commission, by=by, at=at):
            commission.close(by=by, at=at)
        commission.save()
        stop_clock(commission, DeadlineStatus.CANCELLED, at=at)
        messages.tell_agency(commission, "commission_closed", at=at)
    return len(left)


def stop_clock(commission: Commission, status: DeadlineStatus, *, at: datetime) -> None:
    """The agency's time no longer runs; what came after its end is `missed`, not `met`."""
    clocks.end(Deadline.objects.filter(pk=commission.deadline_id), status=status, at=at)


def _tell_of_hand_over(commission: Commission, before: Investigator | None, *, by: User, at: datetime) -> None:
    """Whoever gets it, and whoever had it; not who did it."""
    for person, template in ((commission.assignee, "commission_handed"), (before, "commission_handed_on")):
        if person is not None and person.user_id != by.pk and before != commission.assignee:
            messages.tell(commission, template, person, at=at)


def _pass_on(
    claim: Claim, left: Commission, *, agency_id: int | None = None, reason: str = "", by: User, at: datetime
) -> Commission:
    """Within the time that is left; once it is over with a new one, since nobody can answer in the past."""
    deadline: Deadline | None = left.deadline
    if _is_over(left.deadline, at=at):
        stop_clock(left, DeadlineStatus.MET, at=at)
        deadline = None
    return send(
        claim,
        left.procedure,
        agency_id=agency_id,
        reason=reason,
        hospital=left.hospital,
        deadline=deadline,
        by=by,
        at=at,
    )


def _is_over(deadline: Deadline, *, at: datetime) -> bool:
    """One that stands still is not: it does so for the next agency too, with the days that are left."""
    return deadline.status != DeadlineStatus.OPEN or (deadline.due_at is not None and deadline.due_at <= at)


def _leave_open(declined: Commission, *, at: datetime) -> None:
    """Nobody has the procedure now: it waits as one that was never sent out, and no time runs."""
    stop_clock(declined, DeadlineStatus.CANCELLED, at=at)
    declined.procedure.sent_at = None
    declined.procedure.save(update_fields=["sent_at"])


def _create(
    claim: Claim, procedure: Procedure, deadline: Deadline, chosen: Chosen, *, by: User, at: datetime
) -> Commission:
    methods: Iterable[str] = Method.values if procedure.kind in ON_THE_SPOT else ()
    sent = Commission.objects.create(
        procedure=procedure,
        claim=claim,
        kind=procedure.kind,
        agency=chosen.agency,
        methods=list(methods),
        hospital=chosen.hospital,
        choice=chosen.told(),
        sent_by=by,
        sent_at=at,
        deadline=deadline,
    )
    messages.tell_agency(sent, "commission_sent", at=at)
    return sent
