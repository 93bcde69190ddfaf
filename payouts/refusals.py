"""Why a payout does not move; the general refusals are the kernel's."""

from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import WrongState


class PayoutUnderWay(WrongState):
    """One live payout a case."""

    sentence = _("The payout %(reference)s of this case is already “%(state)s”: there is no second one beside it.")


class PayoutOutOfDate(WrongState):
    """The decision, the amount or the payee changed after the payout was prepared."""

    sentence = _(
        "The payout %(reference)s was prepared for an earlier decision. The case is now “%(state)s”: prepare it anew."
    )
