"""Playing a recording: a line in the log for each player that is opened, and a key that its stream asks for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from investigations.enums import Act, ExhibitKind
from investigations.models import Exhibit
from investigations.querysets import ExhibitQuerySet
from investigations.services import custody
from investigations.services.evidence import readable

PLAYED = (ExhibitKind.AUDIO, ExhibitKind.VIDEO)
OPEN_FOR = timedelta(hours=4)
"""How long a player gets what it plays; then its page is opened anew, and that is another line in the log."""


@dataclass(frozen=True)
class Player:
    """A recording, and the key for its stream."""

    exhibit: Exhibit
    key: str


def open_player(exhibit_id: int, *, commission_id: int | None = None, by: User, at: datetime) -> Player:
    """A recording to be played, and the line in the log that `by` plays it; of this commission, where one is named.

    Exhibit.DoesNotExist for everybody else, and for what is no recording.
    """
    with busy_when_locked(), transaction.atomic():
        rows = recordings(by) if commission_id is None else recordings(by).filter(commission=commission_id)
        exhibit = rows.select_related("commission__claim").get(pk=exhibit_id)
        custody.append(exhibit.commission_id, Act.PLAYED, exhibit=exhibit, by=by, at=at)
    until = int((at + OPEN_FOR).timestamp())
    return Player(exhibit, _signer().sign_object([exhibit.pk, by.pk, until]))


def streamed(exhibit_id: int, *, key: str, by: User, at: datetime) -> Exhibit:
    """The recording, for whoever opened a player of it and may still see it; Exhibit.DoesNotExist for others."""
    try:
        exhibit, person, until = _signer().unsign_object(key)
    except signing.BadSignature as error:
        raise Exhibit.DoesNotExist from error
    if (exhibit, person) != (exhibit_id, by.pk) or at.timestamp() >= until:
        raise Exhibit.DoesNotExist
    return recordings(by).get(pk=exhibit_id)


def recordings(by: User) -> ExhibitQuerySet:
    """What `by` may play."""
    return readable(by).kept().filter(kind__in=PLAYED)


def _signer() -> signing.Signer:
    return signing.Signer(salt="investigations.playing")
