"""The second look (复核抽查): given to somebody without a part in the case, blind, and never rewritten.

Nothing of the case is changed by it. Each step locks the row of the second look and writes its own columns once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from claims import policies
from claims.enums import Agreement, LookAnswer, Mistake, Post, Settlement, Verdict
from claims.models import Assessment, Claim, Reading, SecondLook
from claims.querysets import took_part
from claims.refusals import CannotWork, LookClosed, NotYourLook
from claims.rules.facts import Facts, Medical
from claims.services.reading import LETTER, PAGE
from config.kernel.bell import ring_bell
from config.kernel.civil import civil_date
from config.kernel.models import Absence, User
from config.kernel.permissions import check_permission, holders
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson
from config.kernel.roles import who_has
from members.enums import Recipient
from members.rules.codes import REJECT_CODES
from members.services import messages

DAYS = 14
"""Until a second look is to be done, from the day on which it was given."""

LOOK, SETTLE = "claims.take_second_look", "claims.settle_second_look"


def give_out(*, at: datetime) -> int:
    """Give the cases that were drawn to people without a part in them, each to whoever has the least to do.

    What nobody may look at stays drawn and says so, until somebody may. What was given to somebody who left, or lost
    the right, before he stated his own is given to somebody else.
    """
    left = SecondLook.objects.filter(given_to__isnull=False, stated_at__isnull=True).exclude(given_to__in=holders(LOOK))
    for pk in list(left.values_list("pk", flat=True)):
        _free(pk, at=at)
    waiting = list(SecondLook.objects.filter(given_to__isnull=True).order_by("id").values_list("pk", flat=True))
    return sum(_give_next(pk, at=at) for pk in waiting)


@transaction.atomic
def _free(look_id: int, *, at: datetime) -> None:
    rows = SecondLook.objects.select_for_update(of=("self",), skip_locked=True).select_related("claim")
    look = rows.filter(pk=look_id, stated_at__isnull=True).exclude(given_to__in=holders(LOOK)).first()
    if look is None or look.given_to_id is None:
        return
    look.given_to = look.given_at = look.due_on = None
    look.save(update_fields=["given_to", "given_at", "due_on"])
    messages.post("second_look_freed", to=Recipient.SUPERVISOR, about=look.claim.number, at=at)


def _give_next(look_id: int, *, at: datetime) -> int:
    with transaction.atomic():
        rows = SecondLook.objects.select_for_update(of=("self",), skip_locked=True).select_related("claim", "drawing")
        look = rows.filter(pk=look_id, given_to__isnull=True).first()
        user = None if look is None else _freest(look, at=at)
        if look is None:
            return 0
        if user is None:
            _note_nobody(look, at=at)
            return 0
        _hand(look, user, at=at)
        return 1


def _note_nobody(look: SecondLook, *, at: datetime) -> None:
    """Whether there is nobody at all, here or away: the supervisors are told once, until somebody may."""
    has_somebody = holders(LOOK).exclude(pk__in=barred(look)).exists()
    if has_somebody == (look.nobody_since is None):
        return
    look.nobody_since = None if has_somebody else at
    look.save(update_fields=["nobody_since"])
    if not has_somebody:
        messages.post("second_look_nobody", to=Recipient.SUPERVISOR, about=look.claim.number, at=at)


def _freest(look: SecondLook, *, at: datetime) -> User | None:
    away = Absence.objects.on(civil_date(at)).values("user")
    people = holders(LOOK).exclude(pk__in=barred(look)).exclude(pk__in=away).order_by("pk")
    load = dict(
        SecondLook.objects.filter(looked_at__isnull=True, given_to__isnull=False)
        .order_by()
        .values_list("given_to")
        .annotate(n=Count("pk"))
    )
    return min(people, key=lambda user: (load.get(user.pk, 0), user.pk), default=None)


def barred(look: SecondLook) -> set[int]:
    """The keys of those to whom it cannot be given: who had a part in the case, or looked at it before."""
    return took_part(look.claim) | _looked_before(look)


def _looked_before(look: SecondLook) -> set[int]:
    others = SecondLook.objects.filter(claim=look.claim_id).exclude(pk=look.pk).exclude(given_to__isnull=True)
    return set(others.order_by().values_list("given_to", flat=True))


def check_may_look(look: SecondLook, *, by: User, at: datetime) -> None:
    """Whether this person may be given it: has the right, had no part in the case, and never looked at it before."""
    check_permission(LOOK, by)
    policies.check_had_no_part(look.claim, by=by, at=at)
    if by.pk in _looked_before(look):
        raise SamePerson(did=_("a second look at this case"), who=who_has(LOOK))


def give(look_id: int, *, to: User, by: User, at: datetime) -> SecondLook:
    """A supervisor gives it to somebody, or to somebody else as long as nothing was stated."""
    check_permission("claims.draw_sample", by)
    with _opened(look_id) as look:
        if look.stated_at is not None:
            raise LookClosed
        try:
            check_may_look(look, by=to, at=at)
        except Refusal as no:
            raise CannotWork(who=str(to), why=str(no)) from no
        _hand(look, to, at=at)
    return look


def _hand(look: SecondLook, user: User, *, at: datetime) -> None:
    look.given_to, look.given_at, look.nobody_since = user, at, None
    look.due_on = civil_date(at) + timedelta(days=DAYS)
    look.save(update_fields=["given_to", "given_at", "due_on", "nobody_since"])
    messages.post("second_look_given", user=user, about=look.claim.number, facts={"until": look.due_on}, at=at)


def state_own(
    look_id: int, *, outcome: Verdict, fen: int | None = None, ground: str = "", reason: str, by: User, at: datetime
) -> SecondLook:
    """What the second one would have decided, before he is shown the decision (`fen` for aid, `ground` for none)."""
    with _opened(look_id) as look:
        check_may_state(look, by=by, at=at)
        look.own_outcome, look.own_fen, look.own_ground = _own(outcome, fen, ground)
        look.own_reason = _needed(reason)
        look.agreement = agreement_of(look)
        told = Reading.objects.filter(claim=look.claim_id, by=by, what__in=(PAGE, LETTER), at__lte=at)
        look.was_blind = not told.exists()
        look.stated_at = at
        look.save()
    return look


def _own(outcome: Verdict, fen: int | None, ground: str) -> tuple[Verdict, int | None, str]:
    if outcome is Verdict.AID:
        if not fen:
            raise InvalidInput(field=_("Amount"), why=_("is needed where you would give aid."))
        return outcome, fen, ""
    if ground not in {code.value for code in REJECT_CODES}:
        raise InvalidInput(field=_("Ground"), why=_("is needed where you would give no aid."))
    return outcome, None, ground


def agreement_of(look: SecondLook) -> Agreement:
    """What the statement comes to beside the decision."""
    if look.own_outcome != look.outcome:
        return Agreement.OTHER_OUTCOME
    if look.outcome == Verdict.AID:
        return Agreement.AGREES if look.own_fen == look.amount_fen else Agreement.OTHER_AMOUNT
    return Agreement.AGREES if look.own_ground == look.ground else Agreement.OTHER_GROUND


def conclude(
    look_id: int,
    *,
    post: Post | None = None,
    kind: Mistake | None = None,
    is_serious: bool = False,
    finding: str = "",
    by: User,
    at: datetime,
) -> SecondLook:
    """Where the fault lay, if there is one; a serious one is told to the supervisors, any to whose decision it was."""
    with _opened(look_id) as look:
        check_may_conclude(look, by=by, at=at)
        if (post is None) != (kind is None):
            raise InvalidInput(
                field=_("Kind of error"), why=_("goes with the post where it was made, and never alone.")
            )
        if post is None and is_serious:
            raise InvalidInput(field=_("Serious"), why=_("is said of an error only: name its post and its kind."))
        look.fault_post, look.fault_kind, look.is_serious = post or "", kind or "", is_serious
        look.finding = finding.strip() if post is None and look.agreement == Agreement.AGREES else _needed(finding)
        look.looked_at = at
        look.save()
        _tell(look, at=at)
    return look


def _tell(look: SecondLook, *, at: datetime) -> None:
    facts = {"post": look.fault_post, "kind": look.fault_kind}
    if look.is_serious:
        messages.post("second_look_serious", to=Recipient.SUPERVISOR, about=look.claim.number, facts=facts, at=at)
    if look.decided_by is not None and is_answerable(look):
        messages.post("second_look_finding", user=look.decided_by, about=look.claim.number, at=at)


def moment_of(look: SecondLook) -> datetime:
    """The moment of the decision that is looked at; that of the drawing where it is not known."""
    return look.decided_at or look.drawing.drawn_at


def as_decided(look: SecondLook) -> Claim:
    """The case with the facts by which it was decided, and what the rules then said of them; never to be saved."""
    claim, said = copy(look.claim), _said_by(look)
    if said is None:
        return claim
    facts = Facts.from_json(said.facts)
    claim.assessment, claim.covenant = said, said.covenant
    claim.diagnosed_on, claim.accident_on = facts.diagnosed_on, facts.accident_on
    if facts.medical != Medical.from_json(claim.facts):
        claim.facts = facts.medical.to_json()
    return claim


def _said_by(look: SecondLook) -> Assessment | None:
    """The last assessment at the moment of the decision."""
    rows = Assessment.objects.filter(claim=look.claim_id, at__lte=moment_of(look))
    return rows.select_related("covenant__plan").order_by("-id").first()


@dataclass(frozen=True, slots=True)
class Later:
    """What came after the decision: papers, pieces of evidence, and whether the case now goes by other facts."""

    papers: int
    evidence: int
    has_other_facts: bool

    def __bool__(self) -> bool:
        return bool(self.papers or self.evidence or self.has_other_facts)


def came_later(look: SecondLook) -> Later:
    """Counted for whoever may know that there is a later: before the own statement it would tell."""
    since = moment_of(look)
    then, now = _said_by(look), look.claim.assessment
    return Later(
        papers=look.claim.materials.filter(received_at__gt=since).count(),
        evidence=look.claim.evidence.filter(recorded_at__gt=since).count(),
        has_other_facts=then is not None and now is not None and _apart_from_papers(then) != _apart_from_papers(now),
    )


def _apart_from_papers(said: Assessment) -> dict[str, Any]:
    return {name: fact for name, fact in said.facts.items() if name not in ("papers", "unpaid")}


def is_answerable(look: SecondLook) -> bool:
    """Whether it says anything against the decision."""
    return bool(look.fault_post) or look.agreement not in ("", Agreement.AGREES)


def answer(look_id: int, *, said: LookAnswer, text: str = "", by: User, at: datetime) -> SecondLook:
    """The one whose decision it was accepts what was found or contests it, once."""
    with _opened(look_id) as look:
        check_may_answer(look, by=by, at=at)
        look.answer, look.answered_at = said, at
        look.answer_text = _needed(text) if said is LookAnswer.CONTESTED else text.strip()
        look.save()
        if said is LookAnswer.CONTESTED:
            messages.post("second_look_contested", to=Recipient.SUPERVISOR, about=look.claim.number, at=at)
    return look


def settle(look_id: int, *, settled: Settlement, reason: str, by: User, at: datetime) -> SecondLook:
    """A supervisor who is neither of the two settles what was contested; what falls counts in no figure of errors."""
    with _opened(look_id) as look:
        check_may_settle(look, by=by, at=at)
        look.settled_as, look.settled_text = settled, _needed(reason)
        look.settled_by, look.settled_at = by, at
        look.save()
    return look


def check_may_state(look: SecondLook, *, by: User, at: datetime) -> None:
    """The right and the part are asked again: either may have changed since it was given."""
    _check_is_its_person(look, by)
    if look.stated_at is not None:
        raise LookClosed
    check_may_look(look, by=by, at=at)


def check_may_conclude(look: SecondLook, *, by: User, at: datetime) -> None:
    _check_is_its_person(look, by)
    if look.stated_at is None or look.looked_at is not None:
        raise LookClosed


def check_may_answer(look: SecondLook, *, by: User, at: datetime) -> None:
    if look.decided_by_id != by.pk:
        raise NotPermitted(who=str(look.decided_by or "—"))
    if look.looked_at is None or look.answered_at is not None or not is_answerable(look):
        raise LookClosed


def check_may_settle(look: SecondLook, *, by: User, at: datetime) -> None:
    check_permission(SETTLE, by)
    if by.pk in (look.given_to_id, look.decided_by_id):
        raise SamePerson(did=_("a part in this dispute"), who=who_has(SETTLE))
    if look.answer != LookAnswer.CONTESTED or look.settled_at is not None:
        raise LookClosed


def _check_is_its_person(look: SecondLook, by: User) -> None:
    check_permission(LOOK, by)
    if look.given_to_id != by.pk:
        raise NotYourLook(who=str(look.given_to or "—"))


@contextmanager
def _opened(look_id: int) -> Iterator[SecondLook]:
    """The row, locked, until what the body wrote is committed."""
    with transaction.atomic():
        rows = SecondLook.objects.select_for_update(of=("self",))
        yield rows.select_related("claim", "drawing", "given_to", "decided_by").get(pk=look_id)
        ring_bell()


def _needed(text: str) -> str:
    if not text.strip():
        raise InvalidInput(field=_("Reason"), why=_("is needed."))
    return text.strip()
