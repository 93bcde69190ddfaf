"""Who works on a case, as moves of its page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims import policies
from claims.forms.work import Assign, GiveBack, HandOver, Hold
from claims.models import Claim
from claims.services import assigning
from config.kernel.forms import Blank
from config.kernel.models import User
from config.kernel.pages import Move, add_moves, name_verbs, once
from config.kernel.permissions import may


def _is_free(claim: Claim) -> bool:
    return claim.state in policies.WORK and once(claim, assigning.holding) is None


def _is_held(claim: Claim) -> bool:
    return claim.state in policies.WORK and once(claim, assigning.holding) is not None


def _rests(claim: Claim) -> bool:
    return _is_held(claim) and once(claim, assigning.holding).held_until is not None


def check_holder(claim: Claim, *, by: User, at: datetime) -> None:
    assigning.check_holder(once(claim, assigning.holding), by=by)


def take(claim: Claim, said: Any, **who: Any) -> object:
    return assigning.take(claim.pk, **who)


def hand_over(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return assigning.hand_over(claim.pk, to=said["who"], note=said["note"], **who)


def assign(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return assigning.assign(claim.pk, to=said["who"], note=said["note"], **who)


def give_back(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return assigning.give_back(claim.pk, note=said["note"], **who)


def hold(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return assigning.hold(claim.pk, until=said["until"], because=said["because"], **who)


def wake(claim: Claim, said: Any, **who: Any) -> object:
    return assigning.wake(claim.pk, **who)


add_moves(
    Claim,
    Move(
        name="take",
        label=_("Take the case"),
        consequence=_("The case is on your desk until it moves on."),
        form=Blank,
        perform=take,
        when=_is_free,
        checks=(policies.check_may_work,),
    ),
    Move(
        name="hand-over",
        label=_("Hand over"),
        consequence=_("The case goes to your colleague's desk, with what you write down."),
        form=HandOver,
        perform=hand_over,
        when=_is_held,
        checks=(check_holder,),
    ),
    Move(
        name="give-back",
        label=_("Give back"),
        consequence=_("The case is anybody's again."),
        form=GiveBack,
        perform=give_back,
        when=_is_held,
        checks=(check_holder,),
    ),
    Move(
        name="hold",
        label=_("Lay aside"),
        consequence=_("The case rests, and is on your desk again by itself on the day you choose."),
        form=Hold,
        perform=hold,
        when=_is_held,
        checks=(check_holder,),
    ),
    Move(
        name="wake",
        label=_("Go on with it now"),
        consequence=_("The case no longer rests."),
        form=Blank,
        perform=wake,
        when=_rests,
        checks=(check_holder,),
    ),
    Move(
        name="assign",
        label=_("Give to somebody"),
        consequence=_("The case goes to this person's desk, whoever had it."),
        form=Assign,
        perform=assign,
        when=lambda claim: claim.state in policies.WORK,
        checks=(may("claims.assign_claim"),),
    ),
)

name_verbs(
    {
        "take": _("Taken to work on"),
        "hand_over": _("Handed over"),
        "assign": _("Given to somebody"),
        "give_back": _("Given back"),
        "hold": _("Laid aside"),
        "wake": _("Gone on with"),
    }
)
