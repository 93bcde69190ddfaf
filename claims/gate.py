"""The kernel's gate, bound to the case: every change of a case comes through here."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from claims.models import Claim, ClaimEvent
from config.kernel import gate
from config.kernel.bell import ring_bell
from config.kernel.display import moment
from config.kernel.pages import verb_label
from config.kernel.rows import Event, Values

if TYPE_CHECKING:
    from config.kernel.models import User

_CASES = Claim.objects.all()
_NO_REASON: Values = {"reason_code": "", "reason": "", "data": {}}


def moving(
    claim_id: int, verb: str, *, by: "User", at: datetime, version: int | None = None
) -> AbstractContextManager[Claim]:
    """Open the case: lock it, compare `version`, save what the body does, write the event `verb` last and ring.

    What moves no state but changes the case (a paper, an objection, a waiver) passes here too.
    """
    return gate.moving(_CASES, claim_id, verb, by=by, at=at, version=version, log=_LOG)


def is_free(claim_id: int) -> bool:
    """Lock the case unless somebody else has it: then he rings when he is done, and nobody queues behind him."""
    return Claim.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=claim_id).exists()


class _Log:
    def since(self, claim: Claim, version: int) -> str:
        events = claim.events.filter(version__gt=version).select_related("by").order_by("version")
        return "; ".join(f"{event.by}: {verb_label(event.verb)} ({moment(event.at)})" for event in events)

    def write(self, claim: Claim, verb: str, was: str, *, by: "User", at: datetime) -> Event:
        ring_bell()
        return ClaimEvent, {
            "claim_id": claim.pk,
            "verb": verb,
            "version": claim.version,
            "from_state": was,
            "to_state": claim.state,
            "by_id": by.pk,
            "at": at,
            "assessment_id": claim.assessment_id,
            **claim.__dict__.pop("_because", _NO_REASON),
        }


_LOG = _Log()
