"""Why nobody is sent out; the general refusals are the kernel's."""

from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import InvalidInput, Refusal


class AuthorisationMissing(Refusal):
    code = "AUTHORISATION_MISSING"
    sentence = _(
        "The signed letter of authorisation is not on file: have it signed, then it is recorded on the page of the "
        "case by: %(who)s."
    )


class NoAgency(InvalidInput):
    """Nobody may be asked: nobody does it, or whoever does is left out."""


class AgencyLeftOut(Refusal):
    code = "AGENCY_LEFT_OUT"
    sentence = _("%(agency)s cannot be asked in this case: %(why)s. Choose another agency.")
