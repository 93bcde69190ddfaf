"""What the page of a case shows, in reading order."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.enums import Number
from claims.forms import words
from claims.models import Claim, Material
from claims.panels.clocks import clocks
from claims.panels.cover import cover
from claims.panels.sheet import sheet
from claims.panels.story import timeline
from claims.services.reading import number_label, numbers_of
from config.kernel import masks
from config.kernel.display import yuan
from config.kernel.pages import Panel, add_panels
from members.models import Disease, Message
from members.services.messages import shown

LATEST = 50
"""Messages shown on a page; the list has all."""


def disease_name(code: str) -> str:
    """The catalogue's name of a disease; the code where it has none."""
    return str(Disease.objects.filter(code=code).first() or code)


def masked(key: str, number: str) -> str:
    """A number of `numbers_of` as it stands on the page."""
    mask = {
        Number.ID_NUMBER: masks.id_number,
        Number.PHONE: masks.phone,
        Number.REPORTER_PHONE: masks.phone,
    }
    return mask.get(Number(key.partition(":")[0]), masks.bank_card)(number)


def report(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim,
        "disease": disease_name(claim.disease),
        "facts": words.facts(claim.facts),
        "tier": yuan(claim.membership.tier_fen),
        "ground": words.code(claim.ground) if claim.ground else "",
        "has_notes": bool(claim.notes),
        "numbers": [(number_label(key), masked(key, number)) for key, number in numbers_of(claim).items()],
    }


def papers(claim: Claim) -> dict[str, Any]:
    rows = claim.materials.select_related("received_by").order_by("replaced_at", "kind", "id")
    gaps = [
        finding for finding in (claim.assessment.findings if claim.assessment else []) if finding["outcome"] == "need"
    ]
    return {
        "papers": [(paper, words.facts(paper.details)) for paper in _current_first(rows)],
        "gaps": [words.code(finding["code"]) for finding in gaps],
    }


def _current_first(rows: Any) -> list[Material]:
    return sorted(rows, key=lambda paper: paper.replaced_at is not None)


def publicity(claim: Claim) -> dict[str, Any]:
    rows = claim.publicities.order_by("-id")
    return {"publicities": [(row, yuan(row.card["amount_fen"]) if row.card.get("amount_fen") else "—") for row in rows]}


def disputes(claim: Claim) -> dict[str, Any]:
    objections = claim.objections.select_related(
        "objector__member", "objector__plan", "recorded_by", "resolved_by", "merged_into"
    )
    return {
        "objections": list(objections),
        "appeals": [
            (appeal, yuan(appeal.deposit_fen)) for appeal in claim.appeals.select_related("decided_by", "filed_by")
        ],
        "procedures": list(claim.procedures.all()),
    }


def letters(claim: Claim) -> dict[str, Any]:
    written = Message.objects.filter(about=claim.number).select_related("member", "user").order_by("-id")[:LATEST]
    return {"messages": [(message, *shown(message)) for message in written]}


def _panel(name: str, title: Any, read: Any, permission: str, place: int, *, is_half: bool = False) -> Panel:
    template = f"desk/case/{name}.html"
    return Panel(
        name=name, title=title, template=template, read=read, permission=permission, place=place, is_half=is_half
    )


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
    _panel("cover", _("Membership and cover"), cover, "members.view_membership", 15),
    _panel("report", _("Report"), report, "claims.view_material", 20),
    _panel("papers", _("Papers"), papers, "claims.view_material", 30),
    _panel("publicity", _("Publicity"), publicity, "claims.view_publicity", 45, is_half=True),
    _panel("disputes", _("Objections and appeals"), disputes, "claims.view_objection", 50, is_half=True),
    _panel("clocks", _("Deadlines and reminders"), clocks, "claims.view_deadline", 80, is_half=True),
    _panel("letters", _("Letters and messages"), letters, "claims.view_letter", 85, is_half=True),
    _panel("timeline", _("What happened"), timeline, "claims.view_claimevent", 90),
)
