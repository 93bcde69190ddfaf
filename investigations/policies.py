"""What must hold for a move of a commission: about the person first. Each check returns None or raises."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kernel.permissions import check_permission, may
from config.kernel.refusals import NotPermitted, WrongState
from config.kernel.roles import who_has
from investigations.querysets import has_authorisation
from investigations.refusals import AuthorisationMissing

if TYPE_CHECKING:
    from claims.models import Claim
    from config.kernel.models import User
    from investigations.models import Commission

FILE_REPORT = "investigations.file_report"

may_accept_report = may("investigations.accept_report")
may_reassign = may("investigations.reassign_commission")
may_record_authorisation = may("investigations.record_authorisation")
may_declare_conflict = may("investigations.declare_conflict")
may_agree_fee = may("investigations.agree_fee")


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


def check_authorised(claim: "Claim", *, by: "User", at: datetime) -> None:
    """Nobody is sent to a hospital without a signed letter of authorisation on file."""
    if not type(claim)._default_manager.filter(has_authorisation("pk"), pk=claim.pk).exists():
        raise AuthorisationMissing(who=who_has("investigations.record_authorisation"))
