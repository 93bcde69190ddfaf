"""The closed lists of the investigations app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CommissionState(TextChoices):
    SENT = "sent", pgettext_lazy("commission", "sent out")
    REPORTED = "reported", pgettext_lazy("commission", "report in")
    RETURNED = "returned", pgettext_lazy("commission", "report sent back")
    ACCEPTED = "accepted", pgettext_lazy("commission", "report accepted")
    CLOSED = "closed", pgettext_lazy("commission", "closed")
    DECLINED = "declined", pgettext_lazy("commission", "declined by the agency")


AT_WORK = (CommissionState.SENT, CommissionState.REPORTED, CommissionState.RETURNED)
"""Somebody still has to do something about these."""

OVER = (CommissionState.CLOSED, CommissionState.DECLINED)
"""These make room for another commission of the same procedure."""

MOVES = (
    (CommissionState.SENT, CommissionState.REPORTED),
    (CommissionState.SENT, CommissionState.DECLINED),
    (CommissionState.SENT, CommissionState.CLOSED),
    (CommissionState.REPORTED, CommissionState.RETURNED),
    (CommissionState.REPORTED, CommissionState.ACCEPTED),
    (CommissionState.REPORTED, CommissionState.CLOSED),
    (CommissionState.RETURNED, CommissionState.REPORTED),
    (CommissionState.RETURNED, CommissionState.CLOSED),
)
"""What the database lets through, whoever writes."""


class Conclusion(TextChoices):
    """What a report says about the case; it changes no outcome by itself."""

    CONSISTENT = "consistent", _("consistent with the report of the case")
    INCONSISTENT = "inconsistent", _("inconsistent with the report of the case")
    INCONCLUSIVE = "inconclusive", _("inconclusive")


class DeclineReason(TextChoices):
    """Why an agency cannot do what it was asked."""

    CONFLICT_OF_INTEREST = "conflict_of_interest", _("it knows the member or the hospital")
    NO_CAPACITY = "no_capacity", _("it has nobody free in time")
    OUT_OF_REACH = "out_of_reach", _("the place is out of its reach")
    NOT_QUALIFIED = "not_qualified", _("it lacks the expertise or the licence")
    OTHER = "other", _("another reason")


class FactorVerb(TextChoices):
    """What happened to a second factor."""

    SET_UP = "set_up", _("set up")
    RECOVERY = "recovery", _("a recovery code was used")
    RESET = "reset", _("taken away by an administrator")


class Method(TextChoices):
    """How facts are checked on the spot (SR-23)."""

    HOSPITAL_RECORDS = "hospital_records", _("original records at the hospital's records office")
    DOCTOR_INTERVIEW = "doctor_interview", _("recorded interview with the attending doctor")
    WORK_OR_CONTRIBUTIONS = "work_or_contributions", _("comparison with the employer's or contribution records")
    PRIOR_EXAMS = "prior_exams", _("data of earlier check-ups")


class ExhibitKind(TextChoices):
    """What a collected file is, by its content."""

    PHOTO = "photo", _("photo")
    PDF = "pdf", _("PDF document")
    AUDIO = "audio", _("sound recording")
    VIDEO = "video", _("video recording")


class ExhibitState(TextChoices):
    RECEIVING = "receiving", pgettext_lazy("exhibit", "being uploaded")
    QUARANTINED = "quarantined", pgettext_lazy("exhibit", "being checked")
    CLEAN = "clean", pgettext_lazy("exhibit", "kept")
    REFUSED = "refused", pgettext_lazy("exhibit", "not taken")


EXHIBIT_MOVES = (
    (ExhibitState.RECEIVING, ExhibitState.QUARANTINED),
    (ExhibitState.QUARANTINED, ExhibitState.CLEAN),
    (ExhibitState.QUARANTINED, ExhibitState.REFUSED),
)
"""What the database lets through, whoever writes."""


class Unwanted(TextChoices):
    """Why a file is not taken, and what the investigator can do."""

    EMPTY = "empty", _("it is empty.")
    TYPE = "type", _("it is none of the kinds that are taken: JPEG, PNG, PDF, MP3, M4A, WAV, AMR, MP4, MOV, WebM.")
    HEIC = "heic", _("it is a HEIC photo: set the camera to JPEG (“most compatible”) and send the photo again.")
    TOO_LARGE = "too_large", _("photos and PDFs may have 50 MB at most.")
    DAMAGED = "damaged", _("it is damaged and cannot be opened.")
    LOCKED = "locked", _("it is locked with a password.")
    COSTLY = "costly", _("it has too many pages, is too large as an image, or takes too much to open.")
    INFECTED = "infected", _("the virus scanner found something in it.")


class Act(TextChoices):
    """What happens to a file in custody."""

    RECEIVED = "received", pgettext_lazy("custody", "received")
    SCANNED = "scanned", pgettext_lazy("custody", "checked for viruses")
    REFUSED = "refused", pgettext_lazy("custody", "not taken")
    OPENED = "opened", pgettext_lazy("custody", "opened")
    EXPORTED = "exported", pgettext_lazy("custody", "exported")
