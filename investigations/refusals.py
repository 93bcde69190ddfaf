"""What the pages of investigators, and their uploads, refuse."""

from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import Refusal


class FileTooLarge(Refusal):
    code = "FILE_TOO_LARGE"
    sentence = _("A file may have %(most)s MB at most.")


class TooManyFiles(Refusal):
    code = "TOO_MANY_FILES"
    sentence = _("A commission takes %(most)s files at most.")


class WrongOffset(Refusal):
    """More or less of the file has arrived than the sender believes: it asks, and goes on from there."""

    code = "WRONG_OFFSET"
    sentence = _("The upload goes on at another place.")


class AlreadyReceived(Refusal):
    """What has arrived is in custody, and is not taken back."""

    code = "ALREADY_RECEIVED"
    sentence = _("The file has arrived and stays with the commission.")


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
