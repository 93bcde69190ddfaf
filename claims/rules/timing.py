"""The waiting period with its exceptions, and the reporting window: civil days, the start day not counted."""

from datetime import date, timedelta
from functools import lru_cache

from claims.rules.definitions import MALIGNANT_TUMOUR, RENAL_FAILURE, dialysis_met_on
from claims.rules.facts import Facts
from claims.rules.grounds import met, needs, rejects
from claims.rules.kinds import Behaviour, Cause, PaperKind, SymptomsInWaiting
from config.kernel.civil import days_between
from members.rules.admission import last_waiting_day
from members.rules.codes import Code
from members.rules.findings import Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _

# Reading a member off its enum class is slow before Python 3.12, and these are read for every case.
_ACCIDENT, _IN_SITU, _EVIDENCE = Cause.ACCIDENT, Behaviour.IN_SITU, PaperKind.NO_SYMPTOM_EVIDENCE.value
_PRESENT, _NONE = SymptomsInWaiting.PRESENT, SymptomsInWaiting.NONE

_days = lru_cache(timedelta)


def _waiting(facts: Facts, terms: Terms) -> Params:
    return {
        "day": days_between(facts.joined_on, facts.diagnosed_on),
        "days": terms.waiting.days,
        "diagnosed_on": facts.diagnosed_on.isoformat(),
        "joined_on": facts.joined_on.isoformat(),
        "last_day": last_waiting_day(facts.joined_on, terms).isoformat(),
    }


def _reported(facts: Facts, terms: Terms) -> Params:
    return {"reported_on": facts.reported_on.isoformat(), "last_day": last_reporting_day(facts, terms).isoformat()}


WITHIN_WAITING = rejects(
    Code.WAITING_PERIOD,
    "SR-08",
    "waiting.days",
    _("Diagnosed on day %(day)s of the %(days)s waiting days, which end on %(last_day)s."),
    _waiting,
)
BEFORE_JOINING = rejects(
    Code.WAITING_PERIOD,
    "SR-08",
    "waiting.days",
    _("Diagnosed on %(diagnosed_on)s, before the waiting period that began with joining on %(joined_on)s."),
    _waiting,
)
AFTER_WAITING = met("SR-08", "waiting.days", _("Diagnosed on day %(day)s, after the %(days)s waiting days."), _waiting)
BY_ACCIDENT = met(
    "SR-09", "waiting.accident_exempt", _("Caused by an accident after joining: there is no waiting period.")
)
SYMPTOMS_PRESENT = rejects(
    Code.WAITING_PERIOD_SYMPTOM,
    "SR-10",
    "waiting.tumour_evidence",
    _("Symptoms were already there in the waiting period."),
)
SYMPTOMS_NONE = met("SR-10", "waiting.tumour_evidence", _("There were no symptoms in the waiting period."))
EVIDENCE_MISSING = needs(
    Code.NO_SYMPTOM_EVIDENCE,
    "SR-10",
    "waiting.tumour_evidence",
    _("Nothing shows yet that there were no symptoms in the waiting period."),
)
LATE = rejects(
    Code.LATE_REPORT,
    "SR-12",
    "report.days",
    _("Reported on %(reported_on)s, after the last day %(last_day)s."),
    _reported,
)
LATE_WAIVED = met(
    "SR-12",
    "report.days",
    _("Reported on %(reported_on)s, after the last day %(last_day)s; a supervisor waived the lateness."),
    _reported,
)
IN_TIME = met("SR-12", "report.days", _("Reported on %(reported_on)s; the last day is %(last_day)s."), _reported)


def waiting_period(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-08, SR-09, AMB-03: no right on a diagnosis up to the last waiting day, unless an accident caused it."""
    if facts.cause is _ACCIDENT and terms.waiting.accident_exempt and _happened_after_joining(facts):
        return BY_ACCIDENT
    if facts.diagnosed_on > last_waiting_day(facts.joined_on, terms):
        return AFTER_WAITING
    return WITHIN_WAITING if facts.diagnosed_on >= facts.joined_on else BEFORE_JOINING


def symptoms_in_waiting(facts: Facts, terms: Terms) -> Ground[Facts] | None:
    """SR-10, AMB-24: symptoms that were there in the waiting period reject, whatever the disease and whatever is shown.

    Their absence is to be shown for a malignant tumour only (a carcinoma in situ is none here), not after an accident,
    and only after the waiting period, where it can help.
    """
    if not terms.waiting.tumour_evidence:
        return None
    medical = facts.medical
    if medical.symptoms_in_waiting is _PRESENT:
        return SYMPTOMS_PRESENT
    if facts.cause is _ACCIDENT or facts.disease != MALIGNANT_TUMOUR or medical.behaviour is _IN_SITU:
        return None
    if medical.symptoms_in_waiting is _NONE or _EVIDENCE in facts.on_file:
        return SYMPTOMS_NONE
    return EVIDENCE_MISSING if facts.diagnosed_on > last_waiting_day(facts.joined_on, terms) else None


def reporting(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-12, AMB-04: reported up to 24:00 of the last day, or waived by a supervisor."""
    if facts.reported_on <= last_reporting_day(facts, terms):
        return IN_TIME
    return LATE_WAIVED if facts.late_waived else LATE


def last_reporting_day(facts: Facts, terms: Terms) -> date:
    """The last day of the reporting window; for renal failure it starts anew when the condition is met (AMB-05).

    Where the covenant says so, a last day among `facts.days_off` moves to the next day that is none (AMB-04).
    """
    window = _days(terms.report.days)
    last_day = facts.diagnosed_on + window
    if facts.disease == RENAL_FAILURE and (met_on := dialysis_met_on(facts, terms)) is not None:
        last_day = max(last_day, met_on + window)
    if terms.report.extend_on_holiday:
        while last_day in facts.days_off:
            last_day += timedelta(1)
    return last_day


def _happened_after_joining(facts: Facts) -> bool:
    accident_on = facts.accident_on or facts.diagnosed_on
    return accident_on >= facts.joined_on and facts.diagnosed_on >= facts.joined_on
