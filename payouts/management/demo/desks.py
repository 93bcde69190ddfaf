"""Who works on the demo's cases: most have somebody, some wait, one rests, one was handed over, one person is away."""

from datetime import datetime, timedelta

from claims.enums import DESK_KINDS, DeadlineStatus, PauseReason
from claims.models import Assignment, Claim, Deadline
from claims.querysets import standing
from claims.services import assigning, clocks, rescheduling
from config.kernel.civil import civil_date
from config.kernel.models import Absence, Team, User

LEFT = 4
"""Every fourth case is left for anybody."""


def give_out(*, at: datetime) -> int:
    """Give the open cases to people, each to whose turn it is; how many. Nothing where somebody has cases already."""
    if Assignment.objects.exists():
        return 0
    supervisor = User.objects.get(username="supervisor-1")
    crew, given = assigning.crew(at=at), []
    returned = set(Claim.objects.returned().values_list("pk", flat=True))
    urgent = Claim.objects.unassigned().by_due().select_related("covenant", "assessment")
    for number, claim in enumerate(urgent):
        if number % LEFT == 0 and claim.pk not in returned:
            continue
        turn = assigning.fairest(claim, _first(crew, claim, returned), at=at) or assigning.fairest(claim, crew, at=at)
        if turn is not None:
            assigning.assign(claim.pk, to=turn.user, by=supervisor, at=at)
            turn.load, turn.last = turn.load + 1, at
            given.append(claim.pk)
    _hand_over_and_rest(at=at)
    _teams()
    _reschedule(supervisor, at=at)
    _away(User.objects.get(username="reviewer-6"), at=at)
    return len(given)


def _first(crew: list[assigning.Colleague], claim: Claim, returned: set[int]) -> list[assigning.Colleague]:
    """Who gets a case that came back, so that one desk shows everything there is."""
    return [one for one in crew if claim.pk not in returned or one.user.username == "reviewer-1"]


def _hand_over_and_rest(*, at: datetime) -> None:
    """The first reviewer lays one case aside, and is handed another by a colleague."""
    first = User.objects.get(username="reviewer-1")
    own = Claim.objects.wanting_work().held_by(first).exclude(pk__in=Claim.objects.returned().values("pk"))
    if (claim := own.order_by("-pk").first()) is not None:
        until = civil_date(at) + timedelta(days=6)
        assigning.hold(claim.pk, until=until, because="等待医院病案室寄回原始病历", by=first, at=at)
    for held in Assignment.objects.filter(step="reviewing").exclude(user=first).order_by("pk"):
        if held in standing():
            note = "家属下周三前可补充手术记录,电话已沟通,请继续跟进。"
            assigning.hand_over(held.claim_id, to=first, note=note, by=held.user, at=at)
            return


def _teams() -> None:
    """Two teams of reviewers, each with a lead among them."""
    for name, lead, others in (("一组", 1, (2, 3)), ("二组", 4, (5, 6))):
        team, _created = Team.objects.get_or_create(
            name=name, defaults={"lead": User.objects.get(username=f"reviewer-{lead}")}
        )
        User.objects.filter(username__in=[f"reviewer-{one}" for one in (lead, *others)]).update(team=team)


def _reschedule(supervisor: User, *, at: datetime) -> None:
    """Three clocks stand still, and two overdue deadlines got more days, so that the board shows them all."""
    running = Deadline.objects.filter(status=DeadlineStatus.OPEN, due_at__gt=at, kind__in=DESK_KINDS)
    reasons = ((PauseReason.HOSPITAL, "等医院病案室盖章"), (PauseReason.APPLICANT, "申请人住院手术,家属在外地"))
    for (code, reason), one in zip(reasons * 2, running.order_by("due_at", "pk")[:3], strict=False):
        rescheduling.pause(one.claim_id, one.pk, code=code, reason=reason, by=supervisor, at=at)
    for one in list(clocks.overdue().order_by("-due_at", "pk")[:2]):
        rescheduling.extend(one.claim_id, one.pk, days=3, reason="系统升级停办两天", by=supervisor, at=at)


def _away(user: User, *, at: datetime) -> None:
    """From today on for a week; what he was given before is on the supervisors' desk."""
    today = civil_date(at)
    Absence.objects.get_or_create(
        user=user, first_day=today, defaults={"last_day": today + timedelta(days=7), "note": "年假"}
    )
