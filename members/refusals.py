from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import InvalidInput, Refusal, Stale, WrongState


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


class DraftChanged(Stale):
    """Somebody else edited the draft since the form was opened; `what` says who and which parts."""

    sentence = _(
        "Meanwhile somebody else changed this draft: %(what)s. What you did not touch now shows what it says; look at"
        " it again before you go on."
    )


class DraftInUse(WrongState):
    sentence = _("Past cases were tried under this draft, or something else refers to it: it is kept.")


class BeginsTooEarly(InvalidInput):
    sentence = _(
        "A version begins after the day on which it is published, so that it binds nobody whom another bound before:"
        " %(day)s is too early."
    )


class CorrectionIsOpen(WrongState):
    sentence = _("A correction of this joining date waits for its second supervisor already.")


class CorrectionIsClosed(WrongState):
    sentence = _("This correction was confirmed already.")
