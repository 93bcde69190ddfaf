"""What a demonstration adds to the sample agencies: a second person in each, and work that is shared out.

Nothing here runs but when a demo is played.
"""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import Group

from claims.enums import Reporter
from config.kernel.civil import civil_date
from config.kernel.models import StoredFile, User
from investigations.enums import ON_THE_SPOT
from investigations.models import Agency, Authorisation, Commission, Investigator
from investigations.services.agencies import SAMPLES, ensure_sample_agencies
from investigations.services.authorising import record_authorisation
from investigations.services.commissioning import assign, take

LETTER_LINES = (
    "授 权 委 托 书",
    "本人授权受托机构查阅、复制病历资料",
    "委托人(签名):样例",
    "受托事项:住院与门诊记录",
    "有效期:本案调查期间",
)
"""What stands on a sample letter of authorisation."""

Drawn = Callable[[tuple[str, ...], str], StoredFile]
"""A sample page with these lines, and the number of its case."""


def ensure_second_people() -> list[Investigator]:
    """`investigator4` and so on: one more in each sample agency, who coordinates nothing."""
    return [_second(agency, number) for number, agency in enumerate(ensure_sample_agencies(), start=len(SAMPLES) + 1)]


def share_out(drawn: Drawn, *, at: datetime) -> int:
    """Give each agency's commissions to its people as they might be halfway, some to nobody; how many were given.

    Letters of what goes to a hospital get a scan. Does nothing where somebody has taken one on by himself.
    """
    agencies = ensure_sample_agencies()
    if Commission.objects.filter(agency__in=agencies, assignee__is_coordinator=False).exists():
        return 0
    _scan_letters(drawn, at=at)
    return sum(_share(agency, at=at) for agency in agencies)


def _second(agency: Agency, number: int) -> Investigator:
    user, is_new = User.objects.get_or_create(
        username=f"investigator{number}", defaults={"display_name": f"调查员{number}号", "password": "!"}
    )
    if is_new:
        Group.objects.get(name="investigator").user_set.add(user)
    return Investigator.objects.get_or_create(user=user, defaults={"agency": agency})[0]


def _share(agency: Agency, *, at: datetime) -> int:
    """Of those that wait, by their day: the first to the second person, the second taken on, the third is nobody's."""
    coordinator, second = agency.investigators.select_related("user").order_by("pk")[:2]
    waiting = Commission.objects.awaiting_report().filter(agency=agency, assignee__isnull=True)
    given = 0
    for turn, sent in enumerate(waiting.order_by("deadline__due_at", "pk")):
        if turn % 3 == 0:
            assign(sent.pk, investigator_id=second.pk, by=coordinator.user, at=at)
        elif turn % 3 == 1:
            take(sent.pk, by=coordinator.user if turn % 2 else second.user, at=at)
        given += turn % 3 != 2
    return given


def _scan_letters(drawn: Drawn, *, at: datetime) -> None:
    out = Commission.objects.at_work().filter(kind__in=ON_THE_SPOT).select_related("claim")
    intake = User.objects.filter(groups__name="intake").order_by("pk")[0]
    for sent in out:
        if Authorisation.objects.filter(claim=sent.claim, scan__isnull=False).exists():
            continue
        record_authorisation(
            sent.claim_id,
            signed_as=Reporter.MEMBER,
            signed_on=civil_date(at),
            scan=drawn(LETTER_LINES, sent.claim.number),
            by=intake,
            at=at,
        )
