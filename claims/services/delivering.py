"""How a letter reached its reader, as whoever brought it there says."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims.enums import Delivery
from claims.gate import moving
from claims.models import Letter
from claims.refusals import LetterDelivered
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput


def deliver(
    letter_id: int, *, channel: Delivery, note: str, by: User, at: datetime, version: int | None = None
) -> Letter:
    """Record once how a letter was delivered; `note` is the proof (a tracking number, who signed for it).

    Refused: `NotPermitted`, `LetterDelivered`, `InvalidInput` where a delivery by post has no proof.
    """
    claim_id = Letter.objects.values_list("claim_id", flat=True).get(pk=letter_id)
    with moving(claim_id, "deliver", by=by, at=at, version=version) as claim:
        check_permission("claims.deliver_letter", by)
        letter = claim.letters.select_for_update(of=("self",)).get(pk=letter_id)
        if letter.delivered_at is not None:
            raise LetterDelivered(channel=letter.get_delivery_display(), who=letter.delivered_by)
        if channel is Delivery.POST and not note.strip():
            raise InvalidInput(field=_("Proof of delivery"), why=_("a registered letter has a number."))
        letter.delivery, letter.delivery_note = channel, note
        letter.delivered_by, letter.delivered_at = by, at
        letter.save(update_fields=["delivery", "delivery_note", "delivered_by", "delivered_at"])
        claim.because(code=channel, reason=note, letter=letter.pk, kind=letter.kind)
    return letter
