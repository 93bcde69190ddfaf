"""What a case has in common with other members' cases: looked up when the page is read, never stored.

Signals refer a case to a person. They refuse nothing, hold no move, and what was found about one is kept as its answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from claims import policies
from claims.enums import Cause, SignalKind
from claims.gate import moving
from claims.models import Claim, Material, PaperFile, SignalAnswer
from claims.services.reasons import required
from config.kernel.civil import days_between
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from members.rules.admission import last_waiting_day
from members.services.plans import terms_of

WEIGHTS: Mapping[SignalKind, int] = {
    SignalKind.SAME_FILE: 60,
    SignalKind.SAME_PAYEE: 40,
    SignalKind.SAME_RECORD: 40,
    SignalKind.SAME_PHONE: 30,
    SignalKind.SAME_AGENCY: 20,
    SignalKind.SOON_AFTER_WAITING: 20,
}
"""Points of a kind, counted once however many things of it are shared. Why: docs/decisions/0013-signals-refer.md."""

WORTH_A_LOOK = 50
"""From this total on a case should be looked into."""

AGENCY_MEMBERS = 3
"""Other members for whom the same agency has reported before it is worth a word."""

SOON_DAYS = 30
"""Days after the waiting period in which a first diagnosis is worth a word."""

MOST = 500
"""Other cases that are looked at for one thing in common; an agency may have reported thousands."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another member's case."""

    pk: int
    number: str
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One named reason to look twice; `others` newest first.

    `about` is its key within its kind, and names the newest other case: an answer stands until one more turns up.
    """

    kind: SignalKind
    about: str = ""
    others: tuple[Other, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    answer: SignalAnswer | None = None

    @property
    def weight(self) -> int:
        return WEIGHTS[self.kind]


def signals_of(claim: Claim) -> list[Signal]:
    """Every signal of a case with the answer it got, heaviest first. As many queries for fifty matches as for one."""
    found = [
        *_same_file(claim),
        *_same_payee(claim),
        *_same_record(claim),
        *_same_phone(claim),
        *_same_agency(claim),
        *_soon_after_waiting(claim),
    ]
    answers = {(one.kind, one.about): one for one in claim.signal_answers.select_related("answered_by")}
    return [replace(signal, answer=answers.get((signal.kind.value, signal.about))) for signal in found]


def total(signals: Iterable[Signal]) -> int:
    """The weight of the kinds that nobody has answered yet."""
    return sum(WEIGHTS[kind] for kind in {signal.kind for signal in signals if signal.answer is None})


def answer(
    claim_id: int, *, kind: SignalKind, about: str, note: str, by: User, at: datetime, version: int | None = None
) -> SignalAnswer:
    """Keep what was found when a signal was looked into; from then on it no longer counts.

    Refused: `NotPermitted`, `WrongState` on a settled case, `InvalidInput` without a note, or for no open signal.
    """
    with moving(claim_id, "answer_signal", by=by, at=at, version=version) as claim:
        policies.may_record_evidence(claim, by=by, at=at)
        policies.check_unsettled(claim, by=by, at=at)
        known = {(signal.kind, signal.about): signal for signal in signals_of(claim)}
        signal = known.get((kind, about))
        if signal is None or signal.answer is not None:
            raise InvalidInput(field=_("Signal"), why=_("choose one that nobody has answered yet."))
        claim.because(code=kind, reason=required(note), weight=signal.weight)
        return SignalAnswer.objects.create(
            claim=claim, kind=kind, about=about, note=note.strip(), answered_by=by, answered_at=at
        )


def _same_file(claim: Claim) -> list[Signal]:
    own = PaperFile.objects.filter(material__claim=claim).order_by("id").values_list("stored_id", "material__kind")
    kinds: dict[int, str] = {}
    for stored_id, kind in own:
        kinds.setdefault(stored_id, kind)
    elsewhere = PaperFile.objects.filter(stored__in=list(kinds))
    shared = _by_key(elsewhere, "stored_id", claim, through="material__claim")
    return [_shared(SignalKind.SAME_FILE, others, key=f"{key}-", paper=kinds[key]) for key, others in shared.items()]


def _same_payee(claim: Claim) -> list[Signal]:
    card = claim.membership.member.bank_card
    return _signal(SignalKind.SAME_PAYEE, _others(claim, membership__member__bank_card=card)) if card else []


def _same_record(claim: Claim) -> list[Signal]:
    own = claim.materials.filter(record_number_index__isnull=False).order_by("id")
    first: dict[bytes, Material] = {}
    for paper in own:
        first.setdefault(bytes(paper.record_number_index), paper)
    elsewhere = Material.objects.filter(record_number_index__in=list(first))
    shared = _by_key(elsewhere, "record_number_index", claim, through="claim")
    return [
        _shared(SignalKind.SAME_RECORD, others, key=f"{first[key].pk}-", paper=first[key].kind)
        for key, others in shared.items()
    ]


def _same_phone(claim: Claim) -> list[Signal]:
    """A column's blind index is like no other's: the number itself is compared with each column in turn."""
    phones = sorted({claim.membership.member.phone, claim.reporter_phone} - {""})
    if not phones:
        return []
    others = _others(claim, membership__member__phone__in=phones) + _others(claim, reporter_phone__in=phones)
    return _signal(SignalKind.SAME_PHONE, others)


def _same_agency(claim: Claim) -> list[Signal]:
    if not claim.reporter_agency:
        return []
    others = _others(claim, reporter_agency=claim.reporter_agency)
    if len({other.member_id for other in others}) < AGENCY_MEMBERS:
        return []
    return [Signal(kind=SignalKind.SAME_AGENCY, others=_newest(others), params={"agency": claim.reporter_agency})]


def _soon_after_waiting(claim: Claim) -> list[Signal]:
    last_day = last_waiting_day(claim.membership.joined_on, terms_of(claim.covenant))
    days = days_between(last_day, claim.diagnosed_on)
    if claim.cause == Cause.ACCIDENT or not 0 < days <= SOON_DAYS:
        return []
    return [Signal(kind=SignalKind.SOON_AFTER_WAITING, params={"days": days})]


def _others(claim: Claim, **same: Any) -> list[Other]:
    """Cases of other members that have this in common, the newest of a crowd; cut off before they are joined."""
    alike = Claim.objects.filter(**same).order_by("-pk")
    rows = Claim.objects.filter(pk__in=alike.values("pk")[:MOST]).exclude(_own(claim, "membership"))
    return [Other(*row) for row in rows.order_by().values_list("pk", "number", "membership__member_id")]


def _by_key(rows: QuerySet[Any], key: str, claim: Claim, *, through: str) -> dict[Any, list[Other]]:
    """The other members' cases that rows of theirs lead to, by what these rows share; of each the newest of a crowd."""
    newness = Window(RowNumber(), partition_by=key, order_by=F(f"{through}_id").desc())
    others = rows.order_by().exclude(_own(claim, f"{through}__membership"))
    alike = others.annotate(newness=newness).filter(newness__lte=MOST)
    found: dict[Any, list[Other]] = {}
    names = (key, f"{through}_id", f"{through}__number", f"{through}__membership__member_id")
    for shared, *other in alike.values_list(*names):
        found.setdefault(shared if isinstance(shared, int) else bytes(shared), []).append(Other(*other))
    return found


def _own(claim: Claim, membership: str) -> Q:
    return Q(**{f"{membership}__member_id": claim.membership.member_id})


def _signal(kind: SignalKind, others: Sequence[Other]) -> list[Signal]:
    return [_shared(kind, others)] if others else []


def _shared(kind: SignalKind, others: Iterable[Other], *, key: str = "", **params: Any) -> Signal:
    newest = _newest(others)
    return Signal(kind=kind, about=f"{key}{newest[0].pk}", others=newest, params=params)


def _newest(others: Iterable[Other]) -> tuple[Other, ...]:
    return tuple(sorted({other.pk: other for other in others}.values(), key=lambda other: -other.pk))
