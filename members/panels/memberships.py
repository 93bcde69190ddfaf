"""The page of a membership: what binds the member, what was declared, consented to and paid."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.kernel.display import language, yuan
from config.kernel.forms import Moment, MoveForm, Text
from config.kernel.models import User
from config.kernel.pages import Look, Move, add_moves, add_panels, panel
from config.kernel.permissions import may
from members.models import Membership
from members.services import joining

SHARES_SHOWN = 24


class ProposeCorrection(MoveForm):
    joined_at = Moment(label=_("Joining date as it should be"))
    reason = Text(
        label=_("Reason"),
        help_text=_("What went wrong on the platform. It stays with the membership."),
        is_private=False,
    )


def propose(membership: Membership, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> object:
    return joining.propose_correction(membership.pk, said["joined_at"], reason=said["reason"], by=by, at=at)


def bound(membership: Membership, look: Look) -> dict[str, Any]:
    return {"membership": membership, "tier": yuan(membership.tier_fen)}


def declared(membership: Membership, look: Look) -> dict[str, Any]:
    asked = {one["key"]: one[language()] for one in membership.covenant.questions}
    answers = membership.declarations.select_related("found_untrue_by").order_by("id")
    return {"answers": [(answer, asked.get(answer.question, answer.question)) for answer in answers]}


def consented(membership: Membership, look: Look) -> dict[str, Any]:
    return {"consents": membership.consents.select_related("covenant__plan").order_by("id")}


def shared(membership: Membership, look: Look) -> dict[str, Any]:
    shares = membership.shares.order_by("-due_on")[:SHARES_SHOWN]
    return {"shares": [(share, yuan(share.fen)) for share in shares]}


def corrected(membership: Membership, look: Look) -> dict[str, Any]:
    return {"corrections": membership.corrections.select_related("proposed_by", "confirmed_by").order_by("id")}


add_panels(
    Membership,
    panel("membership", "bound", _("Membership"), bound, "members.view_membership", 20),
    panel("membership", "declared", _("Health declaration"), declared, "members.view_declaration", 30),
    panel("membership", "consented", _("Consents"), consented, "members.view_consent", 40),
    panel(
        "membership", "corrected", _("Corrections of the joining date"), corrected, "members.view_joiningcorrection", 50
    ),
    panel("membership", "shared", _("Shares"), shared, "members.view_share", 60),
)

add_moves(
    Membership,
    Move(
        name="propose-correction",
        label=_("Propose another joining date"),
        consequence=_("Nothing changes until a second supervisor confirms it."),
        form=ProposeCorrection,
        perform=propose,
        checks=(may("members.correct_joining"),),
    ),
)
