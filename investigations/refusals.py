"""What the pages of investigators refuse."""

from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import Refusal


class AlreadyTaken(Refusal):
    code = "ALREADY_TAKEN"
    sentence = _("%(who)s took it on already, on %(at)s.")


class WrongCode(Refusal):
    code = "WRONG_CODE"
    sentence = _("This code is wrong, or was used before. Wait for the next one and type that.")


class TooManyTries(Refusal):
    """`seconds` until the next code is looked at."""

    code = "TOO_MANY_TRIES"
    sentence = _("Too many wrong codes: the next one is looked at in %(seconds)s seconds.")
