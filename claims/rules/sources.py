"""What each rule looks at, so that a finding can be shown with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass

from claims.rules.kinds import PaperKind

_CERTIFICATE, _PATHOLOGY = PaperKind.DIAGNOSIS_CERTIFICATE.value, PaperKind.PATHOLOGY_REPORT.value


@dataclass(frozen=True, slots=True)
class Source:
    """The facts that a rule reads, `medical` for all that are known of the illness, and the kinds that show them."""

    facts: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()


SOURCES: Mapping[str, Source] = {
    "SR-04": Source(),
    "SR-05": Source(),
    "SR-06": Source(),
    "SR-07": Source(("medical",), (_CERTIFICATE, _PATHOLOGY, PaperKind.SURGERY_RECORD.value)),
    "SR-08": Source(("joined_on", "diagnosed_on")),
    "SR-09": Source(("cause", "accident_on", "joined_on")),
    "SR-10": Source(("symptoms_in_waiting",), (PaperKind.NO_SYMPTOM_EVIDENCE.value,)),
    "SR-11": Source(("joined_on",)),
    "SR-12": Source(("diagnosed_on", "reported_on", "dialysis_since", "transplanted_on")),
    "SR-13": Source(),
    "SR-14": Source(),
    "SR-15": Source(("medical",)),
    "SR-16": Source(("behaviour",)),
    "SR-17": Source(
        ("dialysis_since", "transplanted_on"), (PaperKind.DIALYSIS_RECORD.value, PaperKind.TRANSPLANT_RECORD.value)
    ),
    "SR-18": Source(("site", "tnm"), (_PATHOLOGY,)),
    "SR-19": Source(("tier_fen",)),
    "SR-20": Source(("diagnosed_on",)),
    "SR-21": Source(("behaviour",), (_PATHOLOGY,)),
    "SR-22": Source(("reported_on",)),
    "SR-25": Source(),
}
"""By the rule's id; the checklist's own rules state which paper they are about (`papers.SHOWN_BY`)."""
