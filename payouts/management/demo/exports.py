"""Exports of the demo: a file that is ready, one that waits for a second person, and one of every working day."""

from dataclasses import replace
from datetime import datetime

from claims.resources.exports import CaseSheet
from config.kernel.exporting import jobs, schedules
from config.kernel.models import Export, Rhythm, User


def take_out(*, at: datetime) -> int:
    """Ask for them as the supervisors would; how many. The sweeps write the file. Nothing where somebody did before."""
    if Export.objects.exists():
        return 0
    first, second = (User.objects.get(username=f"supervisor-{number}") for number in (1, 2))
    usual, deadlines = (list(CaseSheet.sets[name][1]) for name in ("usual", "deadlines"))
    month = jobs.Wanted(sheet=CaseSheet.name, query="", columns=usual, language="zh-hans", purpose="三方例会月度统计")
    calls = replace(
        month,
        query="state__exact=publicised",
        columns=["number", "member", "phone", "plan", "published_at"],
        clear=["member", "phone"],
        purpose="公示期电话回访",
    )
    jobs.ask(month, by=first, at=at)
    jobs.ask(calls, by=second, at=at)
    daily = replace(month, columns=deadlines, format="csv", purpose="晨会核对各环节时限")
    schedules.plan(daily, "每日时限表", Rhythm.DAILY, 7, by=first, at=at)
    return 2
