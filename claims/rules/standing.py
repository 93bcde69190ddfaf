"""What concerns the member and the case as a whole: cover, health declaration, joining date, forgery."""

from claims.rules.facts import Facts
from claims.rules.grounds import met, refers, rejects
from members.rules.codes import Code
from members.rules.findings import Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _


def _disease(facts: Facts, terms: Terms) -> Params:
    return {"disease": facts.disease, "count": len(terms.diseases.covered)}


def _breaches(facts: Facts, terms: Terms) -> Params:
    return {"questions": ", ".join(facts.breaches)}


def _joined(facts: Facts, terms: Terms) -> Params:
    return {"joined_on": facts.joined_on.isoformat()}


NOT_COVERED = rejects(
    Code.NOT_COVERED,
    "SR-06",
    "diseases.covered",
    _("The disease %(disease)s is not among the %(count)s of the catalogue."),
    _disease,
)
COVERED = met("SR-06", "diseases.covered", _("The disease is one of the %(count)s of the catalogue."), _disease)
RECHECK = refers(
    Code.HEALTH_RECHECK, "SR-05", "health.questions", _("Migrated, and the health has not been checked again yet.")
)
BREACHED = refers(
    Code.NON_DISCLOSURE_REVIEW,
    "SR-04",
    "health.questions",
    _("Health questions found untrue: %(questions)s. A reviewer decides; it is no refusal by itself."),
    _breaches,
)
OBJECTION_UPHELD = refers(
    Code.NON_DISCLOSURE_REVIEW,
    "SR-04",
    "health.questions",
    _("An objection to the health declaration was upheld. A reviewer decides; it is no refusal by itself."),
)
DISCLOSED = met("SR-04", "health.questions", _("No answer to the health questions was found untrue."))
CORRECTED = met(
    "SR-11",
    "waiting.days",
    _("The joining date was corrected to %(joined_on)s, and everything is counted from it."),
    _joined,
)
FORGED = rejects(
    Code.FORGED_MATERIAL, "SR-25", "objection.forgery.effect", _("A forensic appraisal found a paper to be forged.")
)


def cover(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-06: is the disease in the catalogue of the version that binds the member?"""
    return COVERED if facts.disease in terms.diseases.covered else NOT_COVERED


def recheck(facts: Facts, terms: Terms) -> Ground[Facts] | None:
    """SR-05: a migrated member's health is checked again before aid is decided."""
    return RECHECK if facts.migrated_unchecked else None


def disclosure(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-04, AMB-17: untrue answers are put before a reviewer, never refused automatically."""
    if facts.breaches:
        return BREACHED
    return OBJECTION_UPHELD if facts.non_disclosure_upheld else DISCLOSED


def joining(facts: Facts, terms: Terms) -> Ground[Facts] | None:
    """SR-11, AMB-25: a corrected joining date is the one that counts."""
    return CORRECTED if facts.joining_corrected else None


def forgery(facts: Facts, terms: Terms) -> Ground[Facts] | None:
    """SR-25, AMB-13: a forged paper gives no right."""
    return FORGED if facts.forgery_found else None
