"""What must hold for a move: about the person first, then about the case. Each check returns None or raises."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.enums import OUTCOMES, UNSETTLED, AppealFinding, DeadlineStatus, PaperFinding, State
from claims.querysets import TOOK_OVER, had_a_part, took_part
from claims.refusals import ConsentMissing, NotAccepted, NothingMissing, OpenInvestigation, OpenObjection
from config.kernel.display import yuan
from config.kernel.permissions import check_permission, may
from config.kernel.refusals import OverAuthority, SamePerson, WrongState
from config.kernel.roles import who_has
from members.enums import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import Promise

    from claims.models import Assessment, Claim
    from config.kernel.models import User
    from members.models import Membership


REMEDIES = {
    "reject": gettext_lazy("a refusal with its ground is what the rules propose."),
    "refer": gettext_lazy("give the reason for which you decide so."),
    "wait": gettext_lazy("wait for the condition, or for the paper that shows it."),
    "need": gettext_lazy("ask for the papers that are still missing."),
    "accept": gettext_lazy("there is nothing against it."),
}
"""What to do about an outcome that stands in the way."""


may_report = may("claims.report_claim")
may_withdraw = may("claims.withdraw_claim")
may_lapse = may("claims.lapse_claim")
may_review = may("claims.review_claim")
may_judge = may("claims.judge_material")
may_commission = may("investigations.commission_investigation")
may_accept_report = may("investigations.accept_report")
may_return = may("claims.return_claim")
may_decide = may("claims.decide_claim")
may_resolve = may("claims.resolve_objection")
may_run_sweeps = may("claims.run_sweeps")
may_reopen = may("claims.reopen_claim")
may_release_payment = may("payouts.release_payout")
may_record_bank_return = may("payouts.record_bank_return")
may_record_appeal = may("claims.record_appeal")
may_decide_appeal = may("claims.decide_appeal")
may_waive = may("claims.waive_late_report")
may_record_evidence = may("claims.record_evidence")


def may_refuse(claim: "Claim", *, by: "User", at: datetime) -> None:
    """The first reviewer refuses in the first review, a final one after it."""
    check_permission("claims.review_claim" if claim.state == State.REVIEWING else "claims.decide_claim", by)


def may_ask_for_papers(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Whoever takes papers in, and whoever sends them back."""
    if not by.has_perm("claims.submit_material"):
        check_permission("claims.judge_material", by)


def check_something_is_missing(claim: "Claim", *, by: "User", at: datetime) -> None:
    """A paper that a rule asks for, or one that was sent back though none does."""
    findings = claim.assessment.findings if claim.assessment else []
    if any(finding["outcome"] == "need" for finding in findings):
        return
    if not claim.materials.filter(replaced_at__isnull=True, finding=PaperFinding.RETURNED).exists():
        raise NothingMissing


def may_suspend(claim: "Claim", *, by: "User", at: datetime) -> None:
    """The sweep suspends; whoever resolves the objection before the sweep came does so on the way."""
    if not by.has_perm("claims.run_sweeps"):
        check_permission("claims.resolve_objection", by)


def may_close(claim: "Claim", *, by: "User", at: datetime) -> None:
    """A supervisor closes by hand; the sweep closes when the clock says so."""
    if not by.has_perm("claims.run_sweeps"):
        check_permission("claims.close_claim", by)


def check_no_gap(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Only a `need` of the last assessment holds the collection; a ground against the case does not."""
    check_permission("claims.submit_material", by)
    if claim.assessment is None or any(finding["outcome"] == "need" for finding in claim.assessment.findings):
        raise not_accepted(claim.assessment)


def check_not_passed_yet(claim: "Claim", *, by: "User", at: datetime) -> None:
    """A review is passed once; after a return it stands, or was taken back, and the investigation comes next."""
    awaits_investigation = claim.covenant.terms["investigation.required"] and claim.investigated_at is None
    if claim.passed_at is not None and awaits_investigation:
        raise WrongState(state=_("first review, passed"))


def check_review_passed(claim: "Claim", *, by: "User", at: datetime) -> None:
    if claim.passed_at is None:
        raise WrongState(state=_("first review, not passed yet"))


def check_second_pair_of_eyes(claim: "Claim", *, by: "User", at: datetime) -> None:
    """The first and the final review are made by two people; who overturned a refusal made the first.

    Nor does one person both take a fact over, on which the amount hangs, and decide.
    """
    if claim.state != State.REVIEWING and claim.passed_by_id == by.pk:
        raise SamePerson(did=_("first review"), who=who_has("claims.decide_claim"))
    overturned = claim.appeals.filter(finding=AppealFinding.OVERTURNED)
    if claim.passed_by_id is None and claim.state == State.DECIDING and overturned.filter(decided_by=by).exists():
        raise SamePerson(did=_("decision on the appeal"), who=who_has("claims.decide_claim"))
    if claim.state != State.REVIEWING and claim.events.filter(verb=TOOK_OVER, by=by).exists():
        raise SamePerson(did=_("taking over a fact of the investigation"), who=who_has("claims.decide_claim"))


def check_fresh_eyes(claim: "Claim", *, by: "User", at: datetime) -> None:
    """An appeal is decided by somebody who had no part in the refusal, nor in an earlier one of the same case."""
    if by.pk == claim.rejected_by_id or had_a_part(claim, by):
        raise SamePerson(did=_("review or refusal of this case"), who=who_has("claims.decide_appeal"))


def check_unsettled(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Nothing is weighed any more once the money is with the bank, or the case has ended."""
    if claim.state not in UNSETTLED:
        raise WrongState(state=claim.get_state_display())


def check_consent(membership: "Membership", purpose: Purpose) -> None:
    """PIPL 23, 25, 29: a separate consent that was given and not withdrawn."""
    if not membership.consents.filter(purpose=purpose, withdrawn_at__isnull=True).exists():
        raise ConsentMissing(purpose=purpose.label)


def check_publicity_consent(claim: "Claim", *, by: "User", at: datetime) -> None:
    check_consent(claim.membership, Purpose.PUBLICITY)


def check_investigation_consent(claim: "Claim", *, by: "User", at: datetime) -> None:
    check_consent(claim.membership, Purpose.INVESTIGATION)


def check_no_open_objection(claim: "Claim", *, by: "User", at: datetime) -> None:
    open_ones = claim.objections.filter(resolved_at__isnull=True, merged_into__isnull=True)
    if kinds := [str(objection.get_kind_display()) for objection in open_ones]:
        raise OpenObjection(kinds=", ".join(kinds), who=who_has("claims.resolve_objection"))


def check_no_open_investigation(claim: "Claim", *, by: "User", at: datetime) -> None:
    if kinds := [str(row.get_kind_display()) for row in claim.procedures.filter(closed_at__isnull=True)]:
        raise OpenInvestigation(kinds=", ".join(kinds))


def check_publishable(claim: "Claim", *, by: "User", at: datetime) -> None:
    """`reject`, `wait` and `need` cannot go before the members; `refer` can, with a reason (asked by the service)."""
    if claim.assessment is None or claim.assessment.outcome in ("reject", "wait", "need"):
        raise not_accepted(claim.assessment)


def check_authority(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Where the rules know the amount; one that a person sets is compared when it is set."""
    if claim.assessment is not None and claim.assessment.net_fen is not None:
        check_amount(claim, claim.assessment.net_fen, by=by)


def check_amount(claim: "Claim", amount: int, *, by: "User") -> None:
    """Above the covenant's limit for reviewers (fen) the decision is a supervisor's: `OverAuthority`."""
    limit = claim.covenant.terms["authority.reviewer_fen"]
    if amount > limit and not by.has_perm("claims.decide_any_amount"):
        raise OverAuthority(limit_fen=limit, amount_fen=amount, limit=yuan(limit), amount=yuan(amount))


def check_publicity_is_over(claim: "Claim", *, by: "User", at: datetime) -> None:
    publicity = claim.publicities.filter(ended_at__isnull=True).first()
    if publicity is None or publicity.ends_at is None or at < publicity.ends_at:
        raise WrongState(state=_("publicity, not over yet"))


def check_appeal_window_is_open(claim: "Claim", *, by: "User", at: datetime) -> None:
    if not _appeal_window_is_open(claim, at):
        raise WrongState(state=_("no aid, appeal window over"))


def check_appeal_window_is_over(claim: "Claim", *, by: "User", at: datetime) -> None:
    """A refused case is not closed while its applicant may still appeal."""
    if claim.state == State.REJECTED and _appeal_window_is_open(claim, at):
        raise WrongState(state=_("no aid, appeal window open"))


def _appeal_window_is_open(claim: "Claim", at: datetime) -> bool:
    return claim.deadlines.filter(kind="appeal_window", status=DeadlineStatus.OPEN, due_at__gt=at).exists()


def check_had_no_part(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Whoever looks at a closed case a second time made no move in it and never had it on the desk."""
    if by.pk in took_part(claim):
        raise SamePerson(did=_("a part in this case"), who=who_has("claims.take_second_look"))


WORK: "dict[str, tuple[Callable[..., None], ...]]" = {
    State.REVIEWING: (may_review,),
    State.INVESTIGATING: (may_accept_report,),
    State.DECIDING: (may_decide, check_second_pair_of_eyes, check_authority),
    State.PUBLICISED: (may_resolve,),
    State.SUSPENDED: (may_resolve,),
    State.APPEALING: (may_decide_appeal, check_fresh_eyes),
}
"""In which steps somebody works on a case, and what must hold for him. An amount above the limit is a supervisor's."""


def check_may_work(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Whether `by` may have the case on the desk in its present step; the same bars as for the step's own decision."""
    check_permission("claims.take_claim", by)
    if claim.state not in WORK:
        raise WrongState(state=claim.get_state_display())
    for check in WORK[claim.state]:
        check(claim, by=by, at=at)


def not_accepted(said: "Assessment | None", remedy: "str | Promise | None" = None) -> NotAccepted:
    """The refusal to go on against an assessment; a case without one lacks its papers."""
    outcome, codes = (said.outcome, said.codes) if said else ("need", [])
    return NotAccepted(outcome=outcome, said=OUTCOMES[outcome], codes=codes, remedy=remedy or REMEDIES[outcome])
