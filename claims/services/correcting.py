"""Facts of the membership that change while a case is open: the case is assessed again (SR-05, SR-11, AMB-25)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from django.db import transaction

from claims.enums import ENDED, WITH_THE_BANK, Payee, State
from claims.gate import moving
from claims.models import Assessment, Claim
from claims.services import letters
from claims.services.assessing import assess
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import WrongState
from members.enums import Recipient
from members.models import JoiningCorrection, Membership
from members.services import health, joining


def confirm_joining(correction_id: int, *, by: User, at: datetime) -> Membership:
    """The second supervisor confirms a corrected joining date; everything that hangs on it is computed again."""
    membership_id = JoiningCorrection.objects.values_list("membership_id", flat=True).get(pk=correction_id)
    with _cases_of(membership_id, "correct_joined_at", by=by, at=at):
        return joining.confirm_correction(correction_id, by=by, at=at)


def recheck_health(membership_id: int, *, by: User, at: datetime) -> None:
    """A migrated member's health was checked again (SR-05)."""
    with _cases_of(membership_id, "recheck_health", by=by, at=at):
        health.recheck(membership_id, by=by, at=at)


def record_breach(membership_id: int, *, question: str, by: User, at: datetime) -> None:
    """A declaration was found untrue: the case is referred to a person, never refused by itself (AMB-17)."""
    with _cases_of(membership_id, "breach", by=by, at=at):
        health.record_breach(membership_id, question, by=by, at=at)


def run_assessment(claim_id: int, *, by: User, at: datetime) -> Assessment:
    """Ask the rules now and keep what they say, in whatever step the case is."""
    with moving(claim_id, "assess", by=by, at=at) as claim:
        return assess(claim, at=at)


def record_death(claim_id: int, *, by: User, at: datetime, version: int | None = None) -> Claim:
    """The member died: the aid goes to the legal heirs (AMB-26). Not possible once the money is with the bank."""
    with moving(claim_id, "die", by=by, at=at, version=version) as claim:
        check_permission("claims.submit_material", by)
        if claim.state in (*WITH_THE_BANK, *ENDED):
            raise WrongState(state=claim.get_state_display())
        claim.payee = Payee.HEIRS
    return claim


@contextmanager
def _cases_of(membership_id: int, verb: str, *, by: User, at: datetime) -> Iterator[None]:
    """Open the member's unsettled cases, by ascending id and before the membership's own lock; assess them after it.

    What is settled or ended stays as it was decided.
    """
    unsettled = Claim.objects.filter(membership=membership_id).exclude(state__in=(*WITH_THE_BANK, *ENDED))
    with ExitStack() as stack:
        stack.enter_context(transaction.atomic())
        ids = list(unsettled.order_by("pk").values_list("pk", flat=True))
        cases = [stack.enter_context(moving(claim_id, verb, by=by, at=at)) for claim_id in ids]
        yield
        reported_meanwhile = unsettled.exclude(pk__in=ids).order_by("pk").values_list("pk", flat=True)
        cases += [stack.enter_context(moving(claim_id, verb, by=by, at=at)) for claim_id in reported_meanwhile]
        for claim in cases:
            if claim.state in (*WITH_THE_BANK, *ENDED):  # since it was looked for
                continue
            _warn_if_decided_otherwise(claim, assess(claim, at=at), at=at)
            if claim.state == State.COLLECTING:
                letters.ask_for_papers(claim, by=by, at=at)


def _warn_if_decided_otherwise(claim: Claim, said: Assessment, *, at: datetime) -> None:
    """What was put before the members stands until a person changes it: a supervisor is told that the rules differ."""
    decided = claim.state in (State.PUBLICISED, State.SUSPENDED, State.APPROVED)
    if decided and (said.outcome in ("reject", "wait", "need") or said.net_fen not in (None, claim.decided_fen)):
        letters.tell(claim, "decided_otherwise", to=Recipient.SUPERVISOR, at=at)
