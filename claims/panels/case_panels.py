"""What the page of a case shows, in reading order."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.enums import Number
from claims.forms import words
from claims.models import Claim
from claims.panels.cards import card
from claims.panels.clocks import clocks
from claims.panels.cover import cover
from claims.panels.sheet import sheet
from claims.panels.story import timeline
from claims.services.reading import number_label, numbers_of
from config.kernel import masks
from config.kernel.display import yuan
from config.kernel.pages import Look, Panel, add_panels, panel
from members.models import Disease

MASKS = {
    Number.ID_NUMBER: masks.id_number,
    Number.PHONE: masks.phone,
    Number.BANK_CARD: masks.bank_card,
    Number.REPORTER_PHONE: masks.phone,
    Number.RECORD_NUMBER: masks.record_number,
}


def disease_name(code: str) -> str:
    """The catalogue's name of a disease; the code where it has none."""
    return str(Disease.objects.filter(code=code).first() or code)


def masked(key: str, number: str) -> str:
    """A number of `numbers_of` as it stands on the page."""
    return MASKS[Number(key.partition(":")[0])](number)


def report(claim: Claim, look: Look) -> dict[str, Any]:
    return {
        "claim": claim,
        "disease": disease_name(claim.disease),
        "facts": words.facts(claim.facts),
        "tier": yuan(claim.membership.tier_fen),
        "ground": words.code(claim.ground) if claim.ground else "",
        "has_notes": bool(claim.notes),
        "numbers": [(number_label(key), masked(key, number)) for key, number in numbers_of(claim).items()],
    }


def publicity(claim: Claim, look: Look) -> dict[str, Any]:
    return {"publicities": [(row, card(row)) for row in claim.publicities.order_by("-id")]}


add_panels(
    Claim,
    Panel(
        name="assessment",
        title=_("Decision sheet"),
        template="desk/case/sheet.html",
        read=sheet,
        permission="claims.view_assessment",
        place=10,
    ),
    panel("case", "cover", _("Membership and cover"), cover, "members.view_membership", 15),
    panel("case", "report", _("Report"), report, "claims.view_material", 20),
    panel("case", "publicity", _("Publicity"), publicity, "claims.view_publicity", 45, is_half=True),
    panel("case", "clocks", _("Deadlines and reminders"), clocks, "claims.view_deadline", 80, is_half=True),
    panel("case", "timeline", _("What happened"), timeline, "claims.view_claimevent", 90),
)
