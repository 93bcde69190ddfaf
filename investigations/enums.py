"""The closed lists of the investigations app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.enums import ProcedureKind
from investigations.rules.choosing import Because, LeftOut
from investigations.rules.visits import ELSEWHERE, Result


class CommissionState(TextChoices):
    SENT = "sent", pgettext_lazy("commission", "sent out")
    REPORTED = "reported", pgettext_lazy("commission", "report in")
    RETURNED = "returned", pgettext_lazy("commission", "report sent back")
    ACCEPTED = "accepted", pgettext_lazy("commission", "report accepted")
    CLOSED = "closed", pgettext_lazy("commission", "closed")
    DECLINED = "declined", pgettext_lazy("commission", "declined by the agency")
    WITHDRAWN = "withdrawn", pgettext_lazy("commission", "taken from the agency")


AWAITED = (CommissionState.SENT, CommissionState.RETURNED)
"""The agency has to write."""

AT_WORK = (CommissionState.SENT, CommissionState.REPORTED, CommissionState.RETURNED)
"""Somebody still has to do something about these."""

OVER = (CommissionState.CLOSED, CommissionState.DECLINED, CommissionState.WITHDRAWN)
"""These make room for another commission of the same procedure."""

MOVES = (
    (CommissionState.SENT, CommissionState.REPORTED),
    (CommissionState.SENT, CommissionState.DECLINED),
    (CommissionState.SENT, CommissionState.CLOSED),
    (CommissionState.SENT, CommissionState.WITHDRAWN),
    (CommissionState.REPORTED, CommissionState.RETURNED),
    (CommissionState.REPORTED, CommissionState.ACCEPTED),
    (CommissionState.REPORTED, CommissionState.CLOSED),
    (CommissionState.RETURNED, CommissionState.REPORTED),
    (CommissionState.RETURNED, CommissionState.CLOSED),
    (CommissionState.RETURNED, CommissionState.WITHDRAWN),
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
    SIGNED_IN = "signed_in", _("signed in with a code")
    RECOVERY = "recovery", _("a recovery code was used")
    WRONG = "wrong", _("a wrong code was given")
    LOCKED = "locked", _("after wrong codes no other was looked at for a while")
    RESET = "reset", _("taken away by an administrator")


class Method(TextChoices):
    """How facts are checked on the spot (SR-23)."""

    HOSPITAL_RECORDS = "hospital_records", _("original records at the hospital's records office")
    DOCTOR_INTERVIEW = "doctor_interview", _("recorded interview with the attending doctor")
    WORK_OR_CONTRIBUTIONS = "work_or_contributions", _("comparison with the employer's or contribution records")
    PRIOR_EXAMS = "prior_exams", _("data of earlier check-ups")


METHOD_NAMES = {**dict(Method.choices), ELSEWHERE: _("another visit")}
"""Of everything that a report may tell of."""

RESULTS = {
    Result.AGREES: _("agrees with the file"),
    Result.CONTRADICTS: _("contradicts the file"),
    Result.NOTHING: _("nothing was found there"),
    Result.NOT_DONE: _("could not be done"),
}


WHY_LEFT_OUT = {
    LeftOut.CONFLICT: _("it declared a conflict of interest"),
    LeftOut.DECLINED_CONFLICT: _("it declined this case because of a conflict of interest"),
    LeftOut.ASKED_ALREADY: _("it was asked for this already"),
}

WHY_FIRST = {
    Because.ONLY: _("no other agency may be asked"),
    Because.KNOWS_CASE: _("it did not look into this case before"),
    Because.REGION: _("it goes to the place"),
    Because.ROOM: _("it has room for another commission"),
    Because.SCORE: _("its record is better"),
    Because.LOAD: _("it has less to do"),
    Because.ORDER: _("all else is equal, and it came first into the register"),
}
"""Why the first agency of a ranking comes before the second."""

PROVINCES = (
    *("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽"),
    *("福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州"),
    *("云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "香港", "澳门", "台湾"),
)
"""By their short names, with which every longer way of writing one begins."""

ON_THE_SPOT = (ProcedureKind.FIELD, ProcedureKind.SECOND)
"""These go to hospitals: all four methods of SR-23, and a signed letter of authorisation. Experts read papers."""


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
    CHECKED = "checked", pgettext_lazy("custody", "checked, without a virus scanner")
    REFUSED = "refused", pgettext_lazy("custody", "not taken")
    OPENED = "opened", pgettext_lazy("custody", "opened")
    PLAYED = "played", pgettext_lazy("custody", "played")
    EXPORTED = "exported", pgettext_lazy("custody", "exported")
    FAILED = "failed", pgettext_lazy("custody", "export failed")
    SIGNED = "signed", pgettext_lazy("custody", "report signed")
