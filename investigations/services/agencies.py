"""Whom to ask: the choice of an agency, and three made-up ones for demos and training."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from claims.enums import ProcedureKind
from claims.models import Claim
from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from investigations.enums import AT_WORK, WHY_LEFT_OUT, DeclineReason
from investigations.models import Agency, Commission, Conflict, Investigator
from investigations.refusals import AgencyLeftOut, NoAgency
from investigations.rules.choosing import Figures, LeftOut, Ranking, rank, reaches
from investigations.services import scoring
from members.models import Hospital, Member

SAMPLES = (
    ("清衡调查事务所(虚构)", "91000000MA0000001R", "华东", (ProcedureKind.FIELD, ProcedureKind.SECOND)),
    (
        "远山信息核验中心(虚构)",
        "91000000MA0000002W",
        "华中",
        (ProcedureKind.FIELD, ProcedureKind.SECOND, ProcedureKind.FORENSIC),
    ),
    (
        "明镜医学与司法评议院(虚构)",
        "91000000MA00000030",
        "华北",
        (ProcedureKind.EXPERT, ProcedureKind.FORENSIC, ProcedureKind.ARBITRATION),
    ),
)
"""Name, credit code (of a region that does not exist), region, procedures: together they do every kind."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An agency, and why it."""

    agency: Agency
    ranking: Ranking
    reason: str = ""
    """Of the person who took another one than the rule names."""
    hospital: Hospital | None = None
    """The one to be visited, by which the agencies were weighed."""

    def told(self) -> dict[str, Any]:
        """As a commission keeps it: by whom, the figures of that moment, who was left out and why."""
        is_first = self.ranking.ranked[0].agency == self.agency.pk
        return {
            "by": "rule" if is_first else "person",
            "because": self.ranking.because.value,
            "reason": self.reason,
            "ranked": [_figures(one) for one in self.ranking.ranked],
            "left_out": [{"agency": one.name, "why": one.left_out} for one in self.ranking.left_out],
        }


def choose(
    claim: Claim,
    kind: ProcedureKind,
    *,
    agency_id: int | None = None,
    reason: str = "",
    hospital: Hospital | None = None,
    never: Collection[int] = (),
    at: datetime,
) -> Chosen:
    """The agency that the rule names, or the one asked for; `never` are ids that were asked already.

    Without a `hospital` it is the one named before in the case, if any.

    Refused: `NoAgency` (nobody may be asked, or this one does not do it), `AgencyLeftOut`, `InvalidInput` (another
    one than the rule names, without a reason).
    """
    able = list(Agency.objects.able(kind))
    place = hospital or hospital_of(claim)
    ranking = rank(figures(able, claim, hospital=place, never=never, at=at))
    wanted = ranking.ranked[0].agency if agency_id is None and ranking.ranked else agency_id
    agency = next((one for one in able if one.pk == wanted), None)
    if agency is None:
        raise NoAgency(
            field=_("Agency"), why=_("no active agency may be asked for this: %(kind)s.") % {"kind": kind.label}
        )
    _check_choice(ranking, agency, reason)
    return Chosen(agency, ranking, reason.strip(), place)


def weigh(
    claim: Claim, kind: ProcedureKind, *, hospital: Hospital | None = None, never: Collection[int] = (), at: datetime
) -> Ranking:
    """Whom the rule would ask now, and after whom; for a reader. Arguments as those of `choose`."""
    able = list(Agency.objects.able(kind))
    return rank(figures(able, claim, hospital=hospital or hospital_of(claim), never=never, at=at))


def figures(
    agencies: Sequence[Agency],
    claim: Claim,
    *,
    hospital: Hospital | None = None,
    never: Collection[int] = (),
    at: datetime,
) -> list[Figures]:
    """What the rule goes by, for each of these agencies in this case.

    The place is that of the hospital to be visited, else that of the member.
    """
    ids = [agency.pk for agency in agencies]
    member = claim.membership.member
    place = hospital.province if hospital else member.region
    counts = _counts(ids, claim)
    conflicts = set(_conflicts(member, hospital).filter(agency__in=ids).values_list("agency", flat=True))
    known = scoring.records(ids, at=at)
    return [
        Figures(
            agency=agency.pk,
            name=agency.name,
            knows_case=counts.get(agency.pk, {}).get("knows_case", 0),
            reaches=reaches(agency.provinces, place),
            load=counts.get(agency.pk, {}).get("load", 0),
            capacity=agency.capacity,
            score=known[agency.pk].score,
            left_out=_left_out(agency.pk, conflicts, counts, never),
        )
        for agency in agencies
    ]


def hospital_of(claim: Claim) -> Hospital | None:
    """The hospital that was named in the case last."""
    named = Commission.objects.filter(claim=claim, hospital__isnull=False).select_related("hospital").order_by("-pk")
    last = named.first()
    return last.hospital if last else None


def hospital_named(name: str, *, at: datetime) -> Hospital | None:
    """The hospital of this name, other name or code in the register of the day; None where none was named.

    `InvalidInput` for one that is not there, and for a name that several have: it lists them.
    """
    if not (name := name.strip()):
        return None
    rows = Hospital.objects.valid_on(civil_date(at)).order_by("valid_from", "pk")
    known = {one.code: one for one in rows.filter(Q(name=name) | Q(aliases__contains=[name]) | Q(code=name))}
    if not known:
        raise InvalidInput(field=_("Hospital"), why=_("the register has none of this name."))
    if len(known) > 1:
        which = "; ".join(f"{one.name} ({one.province} {one.city}, {one.code})" for one in known.values())
        why = _("several have this name, give the code of one of them: %(which)s.") % {"which": which}
        raise InvalidInput(field=_("Hospital"), why=why)
    return next(iter(known.values()))


def kinds_covered() -> set[str]:
    """The procedures that some active agency does."""
    return {kind for kinds in Agency.objects.filter(active=True).values_list("kinds", flat=True) for kind in kinds}


def ensure_sample_agencies() -> list[Agency]:
    """Three made-up agencies with one investigator each (who cannot sign in); does nothing where they are."""
    known = list(Agency.objects.filter(uscc__in=[uscc for _name, uscc, _region, _kinds in SAMPLES]).order_by("pk"))
    return known if len(known) == len(SAMPLES) else _found_samples({agency.uscc for agency in known})


def _check_choice(ranking: Ranking, agency: Agency, reason: str) -> None:
    """Nobody who is left out is asked, and nobody but the first without a reason."""
    for one in ranking.left_out:
        if one.agency == agency.pk and one.left_out:
            raise AgencyLeftOut(agency=agency.name, why=WHY_LEFT_OUT[one.left_out])
    if ranking.ranked[0].agency != agency.pk and not reason.strip():
        raise InvalidInput(
            field=_("Reason"),
            why=_("say why it is not %(agency)s, which the rule names.") % {"agency": ranking.ranked[0].name},
        )


def _counts(agencies: Collection[int], claim: Claim) -> dict[int, Mapping[str, int]]:
    """By agency: its commissions of this case, those of any that are at work, and those it declined as too near."""
    of_case = Q(claim=claim)
    too_near = of_case & Q(decline_code=DeclineReason.CONFLICT_OF_INTEREST)
    rows: Any = (
        Commission.objects.filter(Q(state__in=AT_WORK) | of_case, agency__in=agencies)
        .order_by()
        .values("agency")
        .annotate(
            knows_case=Count("pk", filter=of_case),
            load=Count("pk", filter=Q(state__in=AT_WORK)),
            too_near=Count("pk", filter=too_near),
        )
    )
    return {row["agency"]: row for row in rows}


def _conflicts(member: Member, hospital: Hospital | None) -> "QuerySet[Conflict]":
    near = Q(member=member)
    if hospital is not None:
        near |= Q(hospital__code=hospital.code)
    return Conflict.objects.filter(near, ended_at__isnull=True)


def _left_out(
    agency: int, conflicts: Collection[int], counts: Mapping[int, Mapping[str, int]], never: Collection[int]
) -> LeftOut | None:
    if agency in conflicts:
        return LeftOut.CONFLICT
    if counts.get(agency, {}).get("too_near", 0):
        return LeftOut.DECLINED_CONFLICT
    return LeftOut.ASKED_ALREADY if agency in never else None


def _figures(one: Figures) -> dict[str, Any]:
    return {
        "agency": one.name,
        "knows_case": one.knows_case,
        "reaches": one.reaches,
        "load": one.load,
        "capacity": one.capacity,
        "score": one.score,
    }


def _found_samples(known: set[str]) -> list[Agency]:
    """Those of the samples that are not there yet, each with its investigator, who coordinates himself."""
    wanted = [(number, *sample) for number, sample in enumerate(SAMPLES, start=1) if sample[1] not in known]
    with transaction.atomic():
        Agency.objects.bulk_create(
            Agency(uscc=uscc, name=name, region=region, kinds=[kind.value for kind in kinds])
            for _number, name, uscc, region, kinds in wanted
        )
        people = User.objects.bulk_create(
            User(username=f"investigator{number}", display_name=f"调查员{number}号", password="!")
            for number, *_sample in wanted
        )
        Group.objects.get(name="investigator").user_set.add(*people)
        agencies = {agency.uscc: agency for agency in Agency.objects.order_by("pk")}
        Investigator.objects.bulk_create(
            Investigator(user=user, agency=agencies[uscc], is_coordinator=True)
            for user, (_number, _name, uscc, *_rest) in zip(people, wanted, strict=True)
        )
    return [agencies[uscc] for _name, uscc, *_rest in SAMPLES]
