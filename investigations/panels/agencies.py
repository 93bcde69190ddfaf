"""The page of an agency: its record with what it is made of, its fees by the month, and whom it is too close to."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kernel.display import yuan, yuan_or_dash
from config.kernel.forms import Blank
from config.kernel.models import User
from config.kernel.pages import Look, Move, add_moves, add_panels, once, panel
from investigations import services
from investigations.forms.desk import AgreeFee, DeclareConflict
from investigations.models import Agency, Conflict
from investigations.policies import may_agree_fee, may_declare_conflict
from investigations.rules.choosing import FEW, NOT_OVERTURNED, NOT_REWORKED, ON_TIME, Record, percent
from investigations.services import scoring
from investigations.services.fees import months_until

MONTHS_SHOWN = 13
SHEETS_SHOWN = 10


def record(agency: Agency, look: Look) -> dict[str, Any]:
    said = once(agency, _record, at=look.at)
    return {"record": said, "since": scoring.since(look.at), "few": FEW, "lines": _lines(said)}


def _record(agency: Agency, *, at: datetime) -> Record:
    return scoring.records([agency.pk], at=at)[agency.pk]


def _lines(said: Record) -> list[dict[str, Any]]:
    """What the score is made of: counted of how many, the share, and what it is worth."""
    rows = (
        (_("First report within the time set"), said.on_time, said.asked, ON_TIME),
        (_("Sent back at least once"), said.reworked, said.answered, NOT_REWORKED),
        (_("Overturned by a later finding"), said.overturned, said.finished, NOT_OVERTURNED),
    )
    return [
        {"label": label, "part": part, "whole": whole, "percent": percent(part, whole), "points": points}
        for label, part, whole, points in rows
    ]


def cost(said: Record) -> str:
    return yuan_or_dash(said.cost_fen)


def fees(agency: Agency, look: Look) -> dict[str, Any]:
    said = once(agency, _record, at=look.at)
    sheets = agency.fee_sheets.select_related("by")[:SHEETS_SHOWN]
    name = "admin:investigations_agency_fees"
    return {
        "agreements": [(one, yuan(one.fee_fen)) for one in agency.fees.select_related("agreed_by")],
        "cost": cost(said),
        "record": said,
        "months": [
            (month, reverse(name, args=[agency.pk, month.year, month.month]))
            for month in months_until(look.at, count=MONTHS_SHOWN)
        ],
        "sheets": sheets,
    }


def conflicts(agency: Agency, look: Look) -> dict[str, Any]:
    return {"conflicts": agency.conflicts.select_related("member", "hospital", "declared_by", "ended_by")}


def standing_conflicts(agency: Agency) -> list[Conflict]:
    rows = agency.conflicts.filter(ended_at__isnull=True).select_related("member", "hospital", "agency")
    return list(rows.order_by("-id"))


def declare(agency: Agency, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Conflict:
    return services.declare_conflict(agency.pk, **said, by=by, at=at)


def end(conflict: Conflict, said: Any, *, by: User, at: datetime, version: int | None) -> Conflict:
    return services.end_conflict(conflict.pk, by=by, at=at)


def agree(agency: Agency, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> object:
    return services.agree_fee(agency.pk, **said, by=by, at=at)


add_panels(
    Agency,
    panel("agency", "record", _("Record of the last twelve months"), record, "investigations.view_agency", 10),
    panel("agency", "fees", _("Fees"), fees, "investigations.view_feeagreement", 20),
    panel("agency", "conflicts", _("Conflicts of interest"), conflicts, "investigations.view_conflict", 30),
)

add_moves(
    Agency,
    Move(
        name="declare-conflict",
        label=_("Record a conflict of interest"),
        consequence=_("The agency is not asked any more where this member or this hospital is concerned."),
        form=DeclareConflict,
        perform=declare,
        checks=(may_declare_conflict,),
    ),
    Move(
        name="end-conflict",
        label=_("End a conflict of interest"),
        consequence=_("The agency can be asked again."),
        form=Blank,
        perform=end,
        rows=standing_conflicts,
        checks=(may_declare_conflict,),
    ),
    Move(
        name="agree-fee",
        label=_("Record what was agreed on fees"),
        consequence=_("What goes out from this day on earns this; what went out before keeps its own fee."),
        form=AgreeFee,
        perform=agree,
        checks=(may_agree_fee,),
    ),
)
