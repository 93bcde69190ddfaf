"""What becomes known of a member's health declaration after joining (SR-04, SR-05)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput
from members.models import Membership
from members.services.joining import lock_membership


def recheck(membership_id: int, *, by: User, at: datetime) -> Membership:
    """The health of a migrated member was checked again; the first check is the one that is kept."""
    check_permission("members.recheck_health", by)
    with busy_when_locked(), transaction.atomic():
        membership = lock_membership(membership_id)
        if membership.health_rechecked_at is None:
            membership.health_rechecked_by, membership.health_rechecked_at = by, at
            membership.save(update_fields=["health_rechecked_by", "health_rechecked_at"])
    return membership


def record_breach(membership_id: int, question: str, *, by: User, at: datetime) -> Membership:
    """An answer given at joining was found untrue. Found again, it changes nothing; `InvalidInput` for no question."""
    check_permission("members.record_breach", by)
    with busy_when_locked(), transaction.atomic():
        membership = lock_membership(membership_id)
        declaration = membership.declarations.filter(question=question).first()
        if declaration is None:
            raise InvalidInput(field=_("Health question"), why=_("was not asked at joining: %s.") % question)
        if declaration.found_untrue_at is None:
            declaration.found_untrue_by, declaration.found_untrue_at = by, at
            declaration.save(update_fields=["found_untrue_by", "found_untrue_at"])
    return membership
