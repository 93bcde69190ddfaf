"""Why a case does not move; the general refusals are the kernel's."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.refusals import Refusal, WrongState
from members.services.templates import CODES


class OpenObjection(Refusal):
    code = "OPEN_OBJECTION"
    sentence = _("An objection is still open: %(kinds)s. After the third party's report it is resolved by: %(who)s.")


class OpenInvestigation(Refusal):
    code = "OPEN_INVESTIGATION"
    sentence = _("A third party is still at work: %(kinds)s. Wait for its report and accept it first.")


class NotAccepted(Refusal):
    """`codes` are those of the assessment; the sentence has their words."""

    code = "NOT_ACCEPTED"
    sentence = _("The rules' assessment is “%(said)s” (%(codes)s): %(remedy)s")
    bare = _("The rules' assessment is “%(said)s”: %(remedy)s")

    def __str__(self) -> str:
        found = gettext(", ").join(str(CODES.get(code, code)) for code in self.data["codes"])
        return str(self.sentence if found else self.bare) % {**self.data, "codes": found}


class PublicityEnded(Refusal):
    code = "PUBLICITY_ENDED"
    sentence = _("The publicity ended on %(ends_on)s: objections are no longer admissible.")


class DepositNotPaid(Refusal):
    code = "DEPOSIT_NOT_PAID"
    sentence = _("Medical arbitration starts when the deposit of %(deposit)s has been paid.")


class NothingMissing(Refusal):
    code = "NOTHING_MISSING"
    sentence = _("No paper is missing: there is nothing to ask for.")


class AskedAlready(Refusal):
    code = "ASKED_ALREADY"
    sentence = _("The last letter, of %(day)s, asked for exactly this. Wait for the papers, or for the reminders.")


class PaperReplaced(Refusal):
    code = "PAPER_REPLACED"
    sentence = _("This paper was replaced by a newer one meanwhile: look at that one.")


class ConsentMissing(Refusal):
    code = "CONSENT_MISSING"
    sentence = _("The member's separate consent is missing: %(purpose)s.")


class LetterDelivered(Refusal):
    code = "LETTER_DELIVERED"
    sentence = _("The delivery of this letter was recorded already (%(channel)s, %(who)s).")


class TrialRuns(WrongState):
    sentence = _("A trial of this draft is running: wait until it is finished.")


class ClockStopped(Refusal):
    code = "CLOCK_STOPPED"
    sentence = _("This clock no longer runs: it was met, replaced or called off meanwhile.")


class ClockStandsStill(Refusal):
    code = "CLOCK_STANDS_STILL"
    sentence = _("This clock stands still: let it go on first.")


class ClockRuns(Refusal):
    code = "CLOCK_RUNS"
    sentence = _("This clock runs: there is nothing to let go on.")


class ClockRanOut(Refusal):
    code = "CLOCK_RAN_OUT"
    sentence = _(
        "This clock ran out at the end of %(day)s: nothing of it is left to be kept. Give it more days instead."
    )


class OwnRules(Refusal):
    code = "OWN_RULES"
    sentence = _("The covenant rules this clock: %(kind)s. Nobody stops it or gives it more days.")


class DayMovesNothing(Refusal):
    code = "DAY_MOVES_NOTHING"
    sentence = _("This day moves nothing: %(why)s")


class NotAsShown(Refusal):
    code = "NOT_AS_SHOWN"
    sentence = _("This would now come out otherwise than it was shown: look at it again.")


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


class LookClosed(Refusal):
    code = "LOOK_CLOSED"
    sentence = _("This step of the second look is not open: it was taken already, or its turn has not come.")


class NotYourLook(Refusal):
    code = "NOT_YOUR_LOOK"
    sentence = _("This second look was given to somebody else: %(who)s.")
