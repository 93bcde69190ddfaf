"""Conflicts of interest that an agency declares: it is not asked where they hold."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from claims.models import Claim
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from investigations import policies
from investigations.models import Agency, Conflict
from investigations.services.agencies import hospital_named
from members.models import Hospital


def declare_conflict(
    agency_id: int, *, reason: str, case_number: str = "", hospital: str = "", by: User, at: datetime
) -> Conflict:
    """An agency is too close to the member of a case, or to a hospital of the register: one of the two.

    Refused: `NotPermitted`, `InvalidInput` (no such case or hospital, both, neither, no reason, one that stands).
    """
    with transaction.atomic():
        agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency_id)
        policies.may_declare_conflict(agency, by=by, at=at)
        if bool(case_number.strip()) == bool(hospital.strip()):
            raise InvalidInput(field=_("Conflict of interest"), why=_("name a case or a hospital, one of the two."))
        member, place = _member_of(case_number), hospital_named(hospital, at=at)
        _check_new(agency, member, place)
        return Conflict.objects.create(
            agency=agency, member_id=member, hospital=place, reason=required(reason), declared_by=by, declared_at=at
        )


def end_conflict(conflict_id: int, *, by: User, at: datetime) -> Conflict:
    """It no longer holds. Refused: `NotPermitted`, `InvalidInput` (over already)."""
    with transaction.atomic():
        conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
        policies.may_declare_conflict(conflict.agency, by=by, at=at)
        if conflict.ended_at is not None:
            raise InvalidInput(field=_("Conflict of interest"), why=_("it is over already."))
        conflict.ended_by, conflict.ended_at = by, at
        conflict.save(update_fields=["ended_by", "ended_at"])
    return conflict


def _member_of(case_number: str) -> int | None:
    if not case_number.strip():
        return None
    found = Claim.objects.filter(number=case_number.strip()).values_list("membership__member_id", flat=True).first()
    if found is None:
        raise InvalidInput(field=_("Case number"), why=_("there is no case of this number."))
    return found


def _check_new(agency: Agency, member: int | None, hospital: Hospital | None) -> None:
    """A hospital is all its rows of the register."""
    standing = agency.conflicts.filter(ended_at__isnull=True)
    same = standing.filter(hospital__code=hospital.code) if hospital else standing.filter(member=member)
    if same.exists():
        raise InvalidInput(field=_("Conflict of interest"), why=_("it is on record already, and stands."))
