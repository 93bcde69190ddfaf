"""What cases put on the page of figures, and the lists behind their numbers."""

from django.utils.translation import gettext_lazy as _

from claims.services.figures import closing, disputes, forecast, stages
from config.kernel.figures import Block, add_behind, add_figures

add_figures(
    Block(
        name="closing",
        title=_("Speed of closing"),
        about=_(
            "Of the cases whose papers became complete in the period: how many the desk had decided, for publicity or "
            "for refusal, by the end of the next civil day. A case whose next day is not over yet is not counted "
            "before it is decided. The fastest closure is the shortest time from the last paper to the decision."
        ),
        empty=_("No case had its papers complete in this period."),
        read=closing.closing,
        place=10,
    ),
    Block(
        name="online",
        title=_("Online share"),
        about=_(
            "Of the cases reported in the period that have handed in papers: those whose every standing paper came as "
            "a file. One paper without a file, taken in by hand or by post, makes the case one on paper."
        ),
        empty=_("No case reported in this period has handed in papers."),
        read=closing.online,
        place=20,
    ),
    Block(
        name="stays",
        title=_("Days in each step"),
        about=_(
            "Cases that left the step in the period, and the days they had been in it; several stays of one case in "
            "the period are added up. Nine of ten cases took no longer than the 90th of a hundred."
        ),
        empty=_("No case left a step in this period."),
        read=stages.stays,
        place=30,
    ),
    Block(
        name="in-time",
        title=_("In time, by stage"),
        about=_(
            "Cases with a deadline that ended in the period, met or run out; one that ran out once is late. The ends "
            "of publicity, appeal window and condition are nobody's to meet, and cancelled deadlines do not count."
        ),
        empty=_("No deadline ended in this period."),
        read=stages.in_time,
        place=40,
    ),
    Block(
        name="teams",
        title=_("In time, by team"),
        about=_(
            "Cases of which somebody of the team ended a step in the period, before its deadline or after it. "
            "Investigations are counted with their agencies."
        ),
        empty=_("Nobody who is in a team ended a step with a deadline in this period."),
        read=stages.by_team,
        by_team=True,
        place=50,
    ),
    Block(
        name="workload",
        title=_("Work of each person"),
        about=_(
            "Cases that a person has in their present step, and cases of which the person ended a step in the period."
        ),
        empty=_("Nobody has a case, and nobody ended a step in this period."),
        read=stages.workload,
        by_team=True,
        place=60,
    ),
    Block(
        name="objections",
        title=_("Objections"),
        about=_(
            "Cases with an objection received in the period, by its kind and what came of it. Objections that were "
            "merged into an earlier one of their kind count with it."
        ),
        empty=_("No objection was received in this period."),
        read=disputes.objections,
        place=70,
    ),
    Block(
        name="appeals",
        title=_("Overturned decisions"),
        about=_("Cases of which an appeal was decided in the period, and how many refusals fell."),
        empty=_("No appeal was decided in this period."),
        read=disputes.overturned,
        place=80,
    ),
    Block(
        name="forecast",
        title=_("Deadlines of the coming two weeks"),
        about=_(
            "Cases with a deadline that ends on the day, today first; days off are marked. It is the same for every "
            "period."
        ),
        empty=_("No deadline ends in the coming two weeks."),
        read=forecast.forecast,
        place=100,
    ),
)

add_behind("closed-within-a-day", _("complete files closed within one day"), closing.CLOSING.cases)
add_behind("fastest", _("fastest closure"), closing.FASTEST.cases)
add_behind("online", _("online and on paper"), closing.ONLINE.cases)
add_behind("left-a-step", _("left a step"), stages.STAYS.cases)
add_behind("in-time", _("deadlines met and missed"), stages.IN_TIME.cases)
add_behind("team-in-time", _("steps ended by a team"), stages.BY_TEAM.cases)
add_behind("held-by", _("work of a person"), stages.held)
add_behind("done-by", _("steps ended by a person"), stages.DONE.cases)
add_behind("objections", _("objections"), disputes.OBJECTIONS.cases)
add_behind("appeals", _("appeals decided"), disputes.APPEALS.cases)
add_behind("due", _("deadlines to come"), forecast.due)
