"""The second factor of an investigator: a code that changes every half minute, or one of ten that are used up.

django-otp keeps the key, refuses a code that was used, and makes each wrong one wait twice as long as the last.
"""

from datetime import datetime
from secrets import choice

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.kernel.keyboard import compact
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal
from investigations.enums import FactorVerb
from investigations.models import FactorEvent, Investigator
from investigations.refusals import SignInAgain, TooManyTries, WrongCode

RECOVERY_CODES = 10
LETTERS, LENGTH = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 10
"""None of those that are mistaken for another; 31 to the power of 10 codes."""

NAME = "field"


def is_set_up(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def check_sign_in(user: User, *, since: datetime | None) -> None:
    """Whoever signed in before a factor was taken away may hold the lost telephone: the password is asked for again.

    `since` is when this session signed in, None where that is not known. Refused: `SignInAgain`.
    """
    resets = FactorEvent.objects.filter(investigator__user=user, verb=FactorVerb.RESET)
    if (resets.filter(at__gte=since) if since else resets).exists():
        raise SignInAgain


def proposed(user: User, *, since: datetime | None) -> TOTPDevice:
    """The key that is shown at setting up, the same until a code has proved that it arrived. As `check_sign_in`."""
    with transaction.atomic():
        _hold(user)
        check_sign_in(user, since=since)
        found = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
        return found or TOTPDevice.objects.create(user=user, name=NAME, confirmed=False)


def set_up(user: User, code: str, *, since: datetime | None, at: datetime) -> tuple[TOTPDevice, list[str]]:
    """The code proves that the key arrived: from now on it is asked for. Returns the recovery codes, this once.

    Refused: `WrongCode`, `TooManyTries`, `NotPermitted` (it is set up already: an administrator takes it away first);
    `SignInAgain` as `check_sign_in`.
    """
    check_sign_in(user, since=since)
    if is_set_up(user):
        raise NotPermitted(permission="investigations.change_investigator", who=_("an administrator"))
    device = _tried(user, compact(code), confirmed=False, at=at)
    with transaction.atomic():
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        codes = _recovery_codes(user)
        _note(user, FactorVerb.SET_UP, by=user, at=at)
    return device, codes


def check_code(user: User, code: str, *, at: datetime) -> TOTPDevice | StaticDevice:
    """What vouches for the user from now on, by its code or a recovery code. Refused: `WrongCode`, `TooManyTries`."""
    device = _tried(user, compact(code), confirmed=True, at=at)
    verb = FactorVerb.RECOVERY if isinstance(device, StaticDevice) else FactorVerb.SIGNED_IN
    _note(user, verb, by=user, at=at)
    return device


def reset(investigator: Investigator, *, reason: str, by: User, at: datetime) -> None:
    """Take a lost factor away: a session that began before is of no use, and the next sign-in sets up another.

    Refused: `NotPermitted`, `InvalidInput` (no reason).
    """
    check_permission("investigations.change_investigator", by)
    if not reason.strip():
        raise InvalidInput(field=_("Reason"), why=_("write down why, and how you knew who was asking."))
    with transaction.atomic():
        _hold(investigator.user)
        TOTPDevice.objects.filter(user=investigator.user_id).delete()
        StaticDevice.objects.filter(user=investigator.user_id).delete()
        FactorEvent.objects.create(
            investigator=investigator, verb=FactorVerb.RESET, by=by, at=at, reason=reason.strip()
        )


def _hold(user: User) -> None:
    """Until the transaction ends, nobody else shows a key of this person or takes one away."""
    Investigator.objects.select_for_update(of=("self",), no_key=True).get(user=user)


def _tried(user: User, code: str, *, confirmed: bool, at: datetime) -> TOTPDevice | StaticDevice:
    """The device that knows the code. A wrong code has to be counted: the refusal is raised after the commit."""
    with transaction.atomic():
        answer = _try(user, code, confirmed=confirmed, at=at)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _try(user: User, code: str, *, confirmed: bool, at: datetime) -> TOTPDevice | StaticDevice | Refusal:
    is_current = len(code) == 6
    devices = (TOTPDevice if is_current else StaticDevice).objects
    device = devices.select_for_update().filter(user=user, confirmed=confirmed).order_by("pk").first()
    if device is None:
        return WrongCode()
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        _note_lock_out(user, since=device.throttling_failure_timestamp, at=at)
        return TooManyTries(seconds=max(1, round((why["locked_until"] - at).total_seconds())))
    is_first = device.throttling_failure_count == 0
    if device.verify_token(code if is_current else _digest(code)):
        return device
    if is_first:
        _note(user, FactorVerb.WRONG, by=user, at=at)
    return WrongCode()


def _note_lock_out(user: User, *, since: datetime, at: datetime) -> None:
    """Once for each wrong code that makes the next one wait, however often that is tried."""
    known = FactorEvent.objects.filter(investigator__user=user, verb=FactorVerb.LOCKED, at__gte=since)
    if not known.exists():
        _note(user, FactorVerb.LOCKED, by=user, at=at)


def _recovery_codes(user: User) -> list[str]:
    """New ones, of which the database knows digests alone."""
    codes = ["".join(choice(LETTERS) for _letter in range(LENGTH)) for _code in range(RECOVERY_CODES)]
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=NAME)
    device.token_set.bulk_create(device.token_set.model(device=device, token=_digest(code)) for code in codes)
    return codes


def _digest(code: str) -> str:
    return salted_hmac("investigations.recovery", code, algorithm="sha256").hexdigest()[:16]


def _note(user: User, verb: FactorVerb, *, by: User, at: datetime) -> None:
    FactorEvent.objects.create(investigator=Investigator.objects.get(user=user), verb=verb, by=by, at=at)
