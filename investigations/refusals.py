"""What investigations refuse: sending out, the investigators' pages, uploads. The general ones are the kernel's."""

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


class FileTooLarge(Refusal):
    code = "FILE_TOO_LARGE"
    sentence = _("A file may have %(most)s MB at most.")


class TooMuch(Refusal):
    code = "TOO_MUCH"
    sentence = _("More of the file came than was announced: choose it again.")


class TooManyPieces(Refusal):
    code = "TOO_MANY_PIECES"
    sentence = _("The line broke too often for this file: choose it again where the line is better.")


class TooManyFiles(Refusal):
    code = "TOO_MANY_FILES"
    sentence = _("A commission takes %(most)s files at most.")


class CommissionFull(Refusal):
    code = "COMMISSION_FULL"
    sentence = _("The files of a commission may have %(most)s GB together at most.")


class NoRoom(Refusal):
    """The store has no room for it now; somebody has to make some."""

    code = "NO_ROOM"
    sentence = _("The store is nearly full and takes no files now. Tell the plan, and send the file later.")


class LogBroken(Refusal):
    code = "LOG_BROKEN"
    sentence = _("The custody log of this commission is broken. Tell an administrator: %(faults)s")


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


class SignInAgain(Refusal):
    """A session from before the second factor was taken away sets up no other."""

    code = "SIGN_IN_AGAIN"
    sentence = _("Your second factor was taken away: sign in again, then set up another.")


class TooManyTries(Refusal):
    """`seconds` until the next code is looked at."""

    code = "TOO_MANY_TRIES"
    sentence = _("Too many wrong codes: the next one is looked at in %(seconds)s seconds.")


class FilesNotKept(Refusal):
    code = "FILES_NOT_KEPT"
    sentence = _(
        "The report points to files that are still being checked, or were not taken: %(files)s. Wait for the check, or "
        "send the report back."
    )
