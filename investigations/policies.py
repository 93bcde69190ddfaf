"""What must hold for a move of a commission: about the person first. Each check returns None or raises."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kernel.permissions import check_permission, may
from config.kernel.refusals import NotPermitted, WrongState
from config.kernel.roles import who_has
from investigations.querysets import has_authorisation
from investigations.refusals import AlreadyTaken, AuthorisationMissing

if TYPE_CHECKING:
    from claims.models import Claim
    from config.kernel.models import User
    from investigations.models import Commission

FILE_REPORT = "investigations.file_report"
VIEW_EXHIBIT = "investigations.view_exhibit"
EXPORT_CUSTODY = "investigations.export_custody"

may_accept_report = may("investigations.accept_report")
may_reassign = may("investigations.reassign_commission")
may_record_authorisation = may("investigations.record_authorisation")
may_declare_conflict = may("investigations.declare_conflict")
may_agree_fee = may("investigations.agree_fee")


def check_own_agency(commission: "Commission", *, by: "User", at: datetime) -> None:
    """Only who works on it for the commissioned agency reports, takes it on or declines; a coordinator does for all."""
    check_permission(FILE_REPORT, by)
    person = commission.agency.investigators.filter(user=by).first()
    if person is None:
        who = _("an investigator of %(agency)s") % {"agency": commission.agency.name}
        raise NotPermitted(permission=FILE_REPORT, who=who)
    if not person.is_coordinator and commission.assignee_id not in (None, person.pk):
        raise NotPermitted(permission=FILE_REPORT, who=_("the investigator whose commission it is"))


def check_coordinator(commission: "Commission", *, by: "User", at: datetime) -> None:
    """Only a coordinator of the commissioned agency says who of its people does the work."""
    check_permission(FILE_REPORT, by)
    if not commission.agency.investigators.filter(user=by, is_coordinator=True).exists():
        who = _("a coordinator of %(agency)s") % {"agency": commission.agency.name}
        raise NotPermitted(permission=FILE_REPORT, who=who)


def check_not_taken(commission: "Commission", *, by: "User", at: datetime) -> None:
    """It is taken on once."""
    if commission.taken_at is not None:
        raise AlreadyTaken(who=str(commission.taken_by), at=commission.taken_at)


def check_nobody_waits(commission: "Commission", *, by: "User", at: datetime) -> None:
    """A commission is closed after the procedure that it serves, never before."""
    if commission.procedure.closed_at is None:
        raise WrongState(state=commission.get_state_display())


def check_authorised(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Nobody is sent to a hospital without a signed letter of authorisation on file."""
    if not type(claim)._default_manager.filter(has_authorisation("pk"), pk=claim.pk).exists():
        raise AuthorisationMissing(who=who_has("investigations.record_authorisation"))
