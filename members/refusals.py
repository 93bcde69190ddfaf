from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import Refusal


class NotAMember(Refusal):
    code = "NOT_A_MEMBER"
    sentence = _("This person is not a member of the plan on %(day)s.")


class NotAdmitted(Refusal):
    """Joining is refused or waits for papers; the admission with its findings is on `admission`."""

    code = "NOT_ADMITTED"
    sentence = _("Joining is not possible: %(codes)s.")
