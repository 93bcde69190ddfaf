"""What cases add to the page of a covenant: a draft is tried on those of the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import OUTCOMES
from claims.forms import words
from claims.models import Trial, TrialChange
from claims.services import trying
from config.kernel.display import yuan, yuan_or_dash
from config.kernel.forms import Blank
from config.kernel.keyboard import whole_number
from config.kernel.models import User
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels
from config.kernel.permissions import may
from members.models import Covenant
from members.panels.covenant_moves import is_draft
from members.services.drafting import digest_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many cases come from one outcome to another; `is_asked` when these are the ones listed below."""

    was: str
    now: str
    cases: int
    is_asked: bool

    @property
    def was_label(self) -> str:
        return str(OUTCOMES[self.was])

    @property
    def now_label(self) -> str:
        return str(OUTCOMES[self.now])


def ask(covenant: Covenant, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return trying.ask(covenant.pk, by=by, at=at)


def none_runs(covenant: Covenant, *, by: User, at: datetime) -> None:
    trying.check_no_trial_runs(covenant)


def tried(covenant: Covenant, look: Look) -> dict[str, Any]:
    trial = trying.last_trial(covenant)
    if trial is None:
        return {"trial": None, "covenant": covenant}
    return {
        "covenant": covenant,
        "trial": trial,
        "percent": min(100, trial.done * 100 // trial.total) if trial.total else 0,
        "because": gettext(trial.failed_because) if trial.failed_because else "",
        "is_behind": trial.wording != digest_of(covenant),
        **(_result(trial, look.query) if trial.finished_at and not trial.failed_because else {}),
    }


def _result(trial: Trial, query: Any) -> dict[str, Any]:
    crossing, asked = trying.crossing(trial), (query.get("from", ""), query.get("to", ""))
    changes = _asked_for(trial, *asked, after=query.get("after", ""))
    shown = list(changes.select_related("claim").order_by("pk")[: PAGE + 1])
    difference = trial.after_fen - trial.before_fen
    return {
        "changed": sum(n for _was, _now, n in crossing),
        "unread": trial.changes.filter(outcome_after=trying.UNREADABLE).count(),
        "crossing": [Crossing(was, now, n, is_asked=(was, now) == asked) for was, now, n in crossing],
        "before": yuan(trial.before_fen),
        "after": yuan(trial.after_fen),
        "difference": ("+" if difference > 0 else "") + yuan(difference),
        "changes": [_row(change) for change in shown[:PAGE]],
        "next": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "asked": asked if all(asked) else None,
    }


def _asked_for(trial: Trial, was: str, now: str, *, after: str) -> QuerySet[TrialChange]:
    """The changed cases of one kind, or all of them, from the one after `after` on."""
    changes = trial.changes.all()
    if was in OUTCOMES and now in OUTCOMES:
        changes = changes.filter(outcome_before=was, outcome_after=now)
    number = whole_number(after)
    return changes if number is None else changes.filter(pk__gt=number)


def _row(change: TrialChange) -> dict[str, Any]:
    return {
        "claim": change.claim,
        "was": OUTCOMES[change.outcome_before],
        "now": OUTCOMES.get(change.outcome_after, _("its facts cannot be read")),
        "codes": gettext(", ").join(words.code(code) for code in change.codes_after),
        "before": yuan_or_dash(change.before_fen),
        "after": yuan_or_dash(change.after_fen),
    }


add_panels(
    Covenant,
    Panel(
        name="trial",
        title=_("Tried on past cases"),
        template="desk/covenant/trial.html",
        read=tried,
        permission="claims.view_trial",
        place=25,
    ),
)

add_moves(
    Covenant,
    Move(
        name="try",
        label=_("Try it on past cases"),
        consequence=_(
            "The rules are asked again about every past case of the plan, as if this draft had bound it. No case is"
            " changed, and nobody is told."
        ),
        form=Blank,
        perform=ask,
        when=is_draft,
        checks=(may("members.draft_covenant"), none_runs),
    ),
)
