"""Who belongs, under which covenant, what they declared, consented to and owe."""

from members.models.covenants import Covenant, CovenantEdit, Disease, Hospital, Plan
from members.models.messages import Message
from members.models.people import Consent, Declaration, JoiningCorrection, Member, Membership, Share

__all__ = [
    "Consent",
    "Covenant",
    "CovenantEdit",
    "Declaration",
    "Disease",
    "Hospital",
    "JoiningCorrection",
    "Member",
    "Membership",
    "Message",
    "Plan",
    "Share",
]
