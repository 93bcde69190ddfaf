from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import InvalidInput, Refusal, WrongState


class NotAMember(Refusal):
    code = "NOT_A_MEMBER"
    sentence = _("This person is not a member of the plan on %(day)s.")


class NotAdmitted(Refusal):
    """Joining is refused or waits for papers; the admission with its findings is on `admission`."""

    code = "NOT_ADMITTED"
    sentence = _("Joining is not possible: %(codes)s.")


class NoCovenant(InvalidInput):
    sentence = _("%(plan)s has no covenant in force on %(day)s.")


class CovenantPublished(WrongState):
    sentence = _("Version %(version)s is published already.")


class CorrectionIsOpen(WrongState):
    sentence = _("A correction of this joining date waits for its second supervisor already.")


class CorrectionIsClosed(WrongState):
    sentence = _("This correction was confirmed already.")
