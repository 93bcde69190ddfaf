"""What must hold for a move of a commission: about the person first. Each check returns None or raises."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kernel.permissions import check_permission, may
from config.kernel.refusals import NotPermitted, WrongState

if TYPE_CHECKING:
    from config.kernel.models import User
    from investigations.models import Commission

FILE_REPORT = "investigations.file_report"
VIEW_EXHIBIT = "investigations.view_exhibit"
EXPORT_CUSTODY = "investigations.export_custody"

may_accept_report = may("investigations.accept_report")


def check_own_agency(commission: "Commission", *, by: "User", at: datetime) -> None:
    """Only an investigator of the commissioned agency reports, or declines."""
    check_permission(FILE_REPORT, by)
    if not commission.agency.investigators.filter(user=by).exists():
        who = _("an investigator of %(agency)s") % {"agency": commission.agency.name}
        raise NotPermitted(permission=FILE_REPORT, who=who)


def check_nobody_waits(commission: "Commission", *, by: "User", at: datetime) -> None:
    """A commission is closed after the procedure that it serves, never before."""
    if commission.procedure.closed_at is None:
        raise WrongState(state=commission.get_state_display())
