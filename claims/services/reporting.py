"""Taking down a report: the case gets its number and its first assessment (SR-12)."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from claims.enums import Cause, DeadlineKind, Payee, Reporter, State
from claims.gate import moving
from claims.models import Claim
from claims.rules.facts import Medical
from claims.services import clocks, letters
from claims.services.assessing import assess
from claims.services.reasons import read_as_input
from config.kernel.civil import civil_date
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, WrongState
from members.enums import EndReason
from members.models import Membership
from members.policies import check_member_on
from members.refusals import NotAMember
from members.services.plans import binding_covenant

PAYEES = {Reporter.GUARDIAN: Payee.GUARDIAN, Reporter.HEIR: Payee.HEIRS}


def report(
    membership_id: int,
    *,
    disease: str,
    diagnosed_on: date,
    cause: Cause = Cause.ILLNESS,
    accident_on: date | None = None,
    facts: dict[str, Any] | None = None,
    notes: str = "",
    reporter: Reporter = Reporter.MEMBER,
    reporter_phone: str = "",
    reporter_agency: str = "",
    by: User,
    at: datetime,
) -> Claim:
    """Open a case for a membership. `facts` are the medical facts of the case script, dates as ISO text.

    `reporter_phone` and `reporter_agency` say who brought the report, where that was not the member alone.

    Raises `InvalidInput` for dates that cannot be, `NotAMember`, and `WrongState` while a case is open already.
    """
    facts = facts or {}
    check_permission("claims.report_claim", by)
    with read_as_input():
        medical = Medical.from_json(facts)
    check_dates(civil_date(at), diagnosed_on, accident_on, medical)
    with busy_when_locked(), transaction.atomic():
        membership = (
            Membership.objects.select_for_update(of=("self",)).select_related("member", "plan").get(pk=membership_id)
        )
        _check_member(membership, diagnosed_on, civil_date(at))
        _check_no_other_case(membership, disease)
        claim = Claim.objects.create(
            number=_next_number(at),
            membership=membership,
            covenant=binding_covenant(membership, diagnosed_on),
            state_since=at,
            disease=disease,
            diagnosed_on=diagnosed_on,
            cause=cause,
            accident_on=accident_on,
            facts=facts,
            notes=notes,
            reporter=reporter,
            reporter_phone=reporter_phone,
            reporter_agency=reporter_agency.strip(),
            payee=PAYEES.get(reporter, Payee.MEMBER),
            reported_by=by,
            reported_at=at,
        )
        return _open_collection(claim.pk, by=by, at=at)


def _check_member(membership: Membership, diagnosed_on: date, today: date) -> None:
    """A member on the day of the event, who has joined by now and has had no aid yet (AMB-11, AMB-23).

    A diagnosis before the recorded joining is left to the rules: the record may be what is wrong (SR-11).
    """
    check_member_on(membership, max(diagnosed_on, membership.joined_on))
    if membership.joined_on > today or membership.end_reason == EndReason.PAID:
        raise NotAMember(day=today)
    check_born(membership, diagnosed_on)


def check_born(membership: Membership, diagnosed_on: date) -> None:
    """Nobody falls ill before the own birth."""
    if diagnosed_on < membership.member.birth_date:
        raise InvalidInput(field=_("Date of diagnosis"), why=_("lies before the date of birth."))


def _open_collection(claim_id: int, *, by: User, at: datetime) -> Claim:
    with moving(claim_id, "report", by=by, at=at) as claim:
        assess(claim, at=at)
        claim.open_collection(by=by, at=at)
        clocks.start(claim, DeadlineKind.SUPPLEMENT, at=at)
        letters.ask_for_papers(claim, by=by, at=at)
    return claim


def _next_number(at: datetime) -> str:
    """`MA20250405-000123`; the tail comes from a sequence, so gaps are normal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('claims_claim_number')")
        return f"MA{civil_date(at):%Y%m%d}-{cursor.fetchone()[0]:06d}"


def _check_no_other_case(membership: Membership, disease: str) -> None:
    """One case at a time; a refused one of the same disease is appealed, not reported again."""
    others = Claim.objects.filter(membership=membership)
    other = others.live().first() or others.filter(disease=disease, state__in=(State.REJECTED, State.APPEALING)).first()
    if other is not None:
        raise WrongState(state=other.get_state_display())


def check_dates(today: date, diagnosed_on: date, accident_on: date | None, medical: Medical) -> None:
    """What has not happened yet cannot be reported; an accident comes before what it caused."""
    dates = {
        _("Date of diagnosis"): diagnosed_on,
        _("Date of the accident"): accident_on,
        _("Dialysis since"): medical.dialysis_since,
        _("Date of the transplant"): medical.transplanted_on,
    }
    for label, day in dates.items():
        if day is not None and day > today:
            raise InvalidInput(field=label, why=_("this day is still to come."))
    if accident_on is not None and accident_on > diagnosed_on:
        raise InvalidInput(
            field=_("Date of the accident"), why=_("lies after the diagnosis that it is said to have caused.")
        )
