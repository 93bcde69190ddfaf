"""Why a case does not move; the general refusals are the kernel's."""

from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import Refusal


class OpenObjection(Refusal):
    code = "OPEN_OBJECTION"
    sentence = _("An objection is still open: %(kinds)s. Resolve it first.")


class OpenInvestigation(Refusal):
    code = "OPEN_INVESTIGATION"
    sentence = _("A third party is still at work: %(kinds)s. Wait for its report and accept it first.")


class NotAccepted(Refusal):
    code = "NOT_ACCEPTED"
    sentence = _("The rules' assessment is “%(said)s” (%(codes)s): %(remedy)s")


class PublicityEnded(Refusal):
    code = "PUBLICITY_ENDED"
    sentence = _("The publicity ended on %(ends_on)s: objections are no longer admissible.")


class DepositNotPaid(Refusal):
    code = "DEPOSIT_NOT_PAID"
    sentence = _("Medical arbitration starts when the deposit of %(deposit)s has been paid.")


class ConsentMissing(Refusal):
    code = "CONSENT_MISSING"
    sentence = _("The member's separate consent is missing: %(purpose)s.")


class AlreadyTaken(Refusal):
    code = "ALREADY_TAKEN"
    sentence = _("%(who)s works on this case.")


class NotYours(Refusal):
    code = "NOT_YOURS"
    sentence = _("You do not work on this case: take it first, or ask %(who)s.")


class NothingWaits(Refusal):
    code = "NOTHING_WAITS"
    sentence = _("No case waits for anybody that you may work on.")


class CannotWork(Refusal):
    """Somebody else than the one who asks; `why` says it of him."""

    code = "CANNOT_WORK"
    sentence = _("%(who)s cannot work on this case: %(why)s")
