"""What the pages say of a commission: the least that the work needs, read for a telephone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.enums import MaterialKind, ProcedureKind
from claims.panels.case_panels import disease_name
from claims.panels.work_lists import due_words
from claims.services.reading import number_label
from config.kernel.display import day
from config.kernel.models import StoredFile
from config.kernel.pages import Text
from investigations.enums import AWAITED, ON_THE_SPOT, CommissionState, Method
from investigations.models import Commission, Investigator
from investigations.services import files, visiting
from members.enums import Ownership

QUESTIONS: dict[str, Text] = {
    ProcedureKind.FIELD: _("Does what the hospital, the doctor and the records know agree with what was reported?"),
    ProcedureKind.SECOND: _("Was anything known before joining, or afterwards, that was not said?"),
    ProcedureKind.EXPERT: _("Does the illness meet the definition of the covenant?"),
    ProcedureKind.FORENSIC: _("Are the papers genuine?"),
    ProcedureKind.ARBITRATION: _("Whose reading of the medical facts holds: the applicant's or the plan's?"),
}

SEALED = ("findings", "content", "points")
"""Of a report: what is not opened for a list."""

WANTS: dict[str, Text] = {
    CommissionState.SENT: _("File the report"),
    CommissionState.RETURNED: _("File the report anew: it was sent back"),
    CommissionState.REPORTED: _("Nothing: the report is being read"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A commission in the list."""

    commission: Commission
    wants: Text
    due: str
    is_late: bool
    may_be_handed: bool


def line(commission: Commission, *, at: datetime) -> Line:
    """What is wanted and until when, with the days that are left."""
    due, is_late = due_words(commission.deadline.due_at, at=at)
    is_awaited = wants_report(commission)
    return Line(commission, wants_of(commission), due if is_awaited else "", is_late and is_awaited, is_awaited)


def wants_of(commission: Commission) -> Text:
    return _("Accept or decline it") if is_to_take(commission) else WANTS[commission.state]


def wants_report(commission: Commission) -> bool:
    """Whether the agency has to write."""
    return commission.state in AWAITED


def is_to_take(commission: Commission) -> bool:
    return commission.state == CommissionState.SENT and commission.taken_at is None


def facts(commission: Commission, *, by: Investigator, at: datetime) -> dict[str, Any]:
    """The page of one: the member's name, the illness, the hospital as far as it is known, and what is asked."""
    claim, methods = commission.claim, dict(Method.choices)
    return {
        "commission": commission,
        "line": line(commission, at=at),
        "known": [
            (_("Member"), claim.membership.member.name),
            (_("Region"), claim.membership.member.region),
            (_("Disease"), disease_name(claim.disease)),
            (_("First diagnosed on"), day(claim.diagnosed_on)),
            (_("Hospital of the certificate"), _hospital(commission)),
            *([(_("Hospital to visit"), commission.hospital.name)] if commission.hospital else []),
        ],
        "question": QUESTIONS[commission.kind],
        "doubt": commission.procedure.objection and commission.procedure.objection.get_kind_display(),
        "methods": [methods.get(name, name) for name in commission.methods],
        "is_visit": commission.kind in ON_THE_SPOT,
        "letters": [(letter, _pages(letter.scan)) for letter in files.letters(commission)],
        "papers": [(paper, _pages(paper.stored)) for paper in files.papers(commission)],
        "reports": list(commission.reports.select_related("filed_by").defer(*SEALED).order_by("-version")),
        "is_to_take": is_to_take(commission),
        "may_decline": commission.state == CommissionState.SENT,
        "wants_report": wants_report(commission),
        "may_assign": by.is_coordinator and wants_report(commission),
    }


def number_labels(commission: Commission) -> dict[str, str]:
    """How the numbers are called that can be asked for, by their key."""
    return {key: number_label(key) for key in visiting.numbers_needed(commission)}


def _pages(stored: StoredFile | None) -> range:
    return range(1, stored.pages + 1) if stored else range(0)


def _hospital(commission: Commission) -> str:
    """Its grade and whose it is, as the certificate says; a dash where it says neither."""
    papers = commission.claim.materials.filter(kind=MaterialKind.DIAGNOSIS_CERTIFICATE, replaced_at__isnull=True)
    said = papers.values_list("details__hospital", flat=True).first() or {}
    owner = said.get("ownership")
    parts = [said.get("grade"), Ownership(owner).label if owner in Ownership.values else None]
    return " · ".join(str(part) for part in parts if part) or "—"
