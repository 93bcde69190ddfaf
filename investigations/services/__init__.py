"""The use cases of investigations; each opens the gate of its case. Lock order: case, commission."""

from investigations.services.agencies import ensure_sample_agencies
from investigations.services.commissioning import assign, commission, decline, take
from investigations.services.reporting import accept_report, file_report, return_report
from investigations.services.resolving import decide_appeal, resolve_objection

__all__ = [
    "accept_report",
    "assign",
    "commission",
    "decide_appeal",
    "decline",
    "ensure_sample_agencies",
    "file_report",
    "resolve_objection",
    "return_report",
    "take",
]
