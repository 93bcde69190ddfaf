"""The desk's pages of members, their memberships, and what binds them."""

from members.admin.covenants import CovenantAdmin
from members.admin.people import PersonAdmin

__all__ = ["CovenantAdmin", "PersonAdmin"]
