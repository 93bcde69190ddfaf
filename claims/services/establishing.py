"""The facts that a case goes by, put in the place of what was reported; inside the gate of the case."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from claims.models import Assessment, Claim
from claims.rules.facts import FactsInvalid, Medical
from claims.services.assessing import assess
from claims.services.reasons import read_as_input
from claims.services.reporting import check_born, check_dates
from config.kernel.civil import civil_date
from config.kernel.refusals import InvalidInput

DIAGNOSED_ON = "diagnosed_on"


def establish(claim: Claim, key: str, value: Any, *, at: datetime) -> Assessment:
    """Let the case go by this fact from now on, and ask the rules again.

    `key` is one of `Medical`, or `diagnosed_on` with a day (YYYY-MM-DD). `InvalidInput` for what could not have been
    reported either.
    """
    with read_as_input():
        medical = Medical.from_json(claim.facts if key == DIAGNOSED_ON else {**claim.facts, key: value})
    diagnosed_on = date.fromisoformat(value) if key == DIAGNOSED_ON else claim.diagnosed_on
    if diagnosed_on > civil_date(claim.reported_at):
        raise InvalidInput(field=_("Date of diagnosis"), why=_("lies after the day of the report."))
    check_born(claim.membership, diagnosed_on)
    check_dates(civil_date(at), diagnosed_on, claim.accident_on, medical)
    if key == DIAGNOSED_ON:
        claim.diagnosed_on = diagnosed_on
    else:
        claim.facts = {**claim.facts, key: value}
    return assess(claim, at=at)


def established(claim: Claim, key: str) -> Any:
    """What the case goes by now, as `establish` takes it; None where it knows nothing."""
    if key == DIAGNOSED_ON:
        return claim.diagnosed_on.isoformat()
    return Medical.from_json(claim.facts).to_json()[key]


def differs(claim: Claim, key: str, value: Any) -> bool:
    """Whether a fact says something else than what the case goes by, however it is written."""
    known = established(claim, key)
    if key == DIAGNOSED_ON:
        return bool(known != value)
    try:
        found = Medical.from_json({key: value}).to_json()[key]
    except FactsInvalid:
        return True
    if isinstance(found, str) and isinstance(known, str):
        return found.strip().casefold() != known.strip().casefold()
    return bool(found != known)
