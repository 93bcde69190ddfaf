"""The use cases of investigations; each opens the gate of its case. Lock order: case, commission."""

from investigations.services.agencies import ensure_sample_agencies
from investigations.services.authorising import record_authorisation, withdraw_authorisation
from investigations.services.commissioning import assign, commission, decline, reassign, take
from investigations.services.conflicts import declare_conflict, end_conflict
from investigations.services.fees import agree_fee, take_fee_sheet
from investigations.services.finding import leave_aside, take_over
from investigations.services.reporting import accept_report, file_report, return_report
from investigations.services.resolving import decide_appeal, resolve_objection

__all__ = [
    "accept_report",
    "agree_fee",
    "assign",
    "commission",
    "decide_appeal",
    "declare_conflict",
    "decline",
    "end_conflict",
    "ensure_sample_agencies",
    "file_report",
    "leave_aside",
    "reassign",
    "record_authorisation",
    "resolve_objection",
    "return_report",
    "take",
    "take_fee_sheet",
    "take_over",
    "withdraw_authorisation",
]
