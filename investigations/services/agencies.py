"""Whom to ask: the choice of an agency, and three made-up ones for demos and training."""

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from claims.enums import ProcedureKind
from claims.models import Claim
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from investigations.enums import AT_WORK
from investigations.models import Agency, Investigator

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


def choose(claim: Claim, kind: ProcedureKind, *, agency_id: int | None = None, never: Collection[int] = ()) -> Agency:
    """The agency asked for, or the one with the least to do; `InvalidInput` where there is none.

    Whoever looked into the case before is asked again only where nobody else does this kind; `never` are ids that
    are not asked at all.
    """
    able = Agency.objects.filter(active=True, kinds__contains=[kind]).exclude(pk__in=never)
    if agency_id is not None:
        able = able.filter(pk=agency_id)
    agency = _least_busy(able, claim)
    if agency is None:
        raise InvalidInput(field=_("Agency"), why=_("no active agency does this: %(kind)s.") % {"kind": kind.label})
    return agency


def kinds_covered() -> set[str]:
    """The procedures that some active agency does."""
    return {kind for kinds in Agency.objects.filter(active=True).values_list("kinds", flat=True) for kind in kinds}


def ensure_sample_agencies() -> list[Agency]:
    """Three made-up agencies with one investigator each (who cannot sign in); does nothing where they are."""
    known = list(Agency.objects.filter(uscc__in=[uscc for _name, uscc, _region, _kinds in SAMPLES]).order_by("pk"))
    return known if len(known) == len(SAMPLES) else _found_samples({agency.uscc for agency in known})


def _least_busy(agencies: "QuerySet[Agency]", claim: Claim) -> Agency | None:
    return (
        agencies.annotate(
            knows_case=Count("commissions", filter=Q(commissions__claim=claim)),
            busy=Count("commissions", filter=Q(commissions__state__in=AT_WORK)),
        )
        .order_by("knows_case", "busy", "pk")
        .first()
    )


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
