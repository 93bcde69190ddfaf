"""The tables of the members app on the desk."""

from members.admin.covenants import CovenantAdmin
from members.admin.people import found_by_number

__all__ = ["CovenantAdmin", "found_by_number"]
