"""The letter of authorisation on the page of a case."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.enums import UNSETTLED
from claims.forms import Because
from claims.models import Claim
from config.kernel.pages import Look, Move, add_moves, add_panels, in_states, name_verbs, panel
from investigations import services
from investigations.forms.desk import RecordAuthorisation
from investigations.models import Authorisation
from investigations.policies import may_record_authorisation


def letters(claim: Claim) -> list[Authorisation]:
    return list(Authorisation.objects.filter(claim=claim).select_related("claim"))


def on_file(claim: Claim, look: Look) -> dict[str, Any]:
    rows = Authorisation.objects.filter(claim=claim).select_related("scan", "recorded_by")
    return {"letters": [(row, range(1, row.scan.pages + 1) if row.scan else ()) for row in rows]}


def record(claim: Claim, said: dict[str, Any], **who: Any) -> Authorisation:
    return services.record_authorisation(
        claim.pk, signed_as=said["signed_as"], signed_on=said["signed_on"], scan=said.get("stored"), **who
    )


def take_back(letter: Authorisation, said: dict[str, Any], **who: Any) -> Authorisation:
    return services.withdraw_authorisation(letter.pk, reason=said["reason"], **who)


def stands(letter: Authorisation) -> bool:
    return letter.withdrawn_at is None and letter.claim.state in UNSETTLED


add_panels(
    Claim,
    panel(
        "case",
        "authorisations",
        _("Letter of authorisation"),
        on_file,
        "investigations.view_authorisation",
        39,
    ),
)

add_moves(
    Claim,
    Move(
        name="record-authorisation",
        label=_("Record the letter of authorisation"),
        consequence=_("Somebody can be sent to a hospital in this case."),
        form=RecordAuthorisation,
        perform=record,
        when=in_states(*UNSETTLED),
        checks=(may_record_authorisation,),
    ),
    Move(
        name="withdraw-authorisation",
        label=_("Take the letter of authorisation back"),
        consequence=_("It was recorded by mistake: it stays to be read, struck out, and nobody is sent out on it."),
        form=Because,
        perform=take_back,
        rows=letters,
        when=stands,
        checks=(may_record_authorisation,),
        harsh=True,
    ),
)

name_verbs(
    {
        "record_authorisation": _("Letter of authorisation recorded"),
        "withdraw_authorisation": _("Letter of authorisation taken back"),
    }
)
