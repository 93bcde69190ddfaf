"""Third parties: who they are, what they were asked, what they found."""

from investigations.models.agencies import Agency, Investigator
from investigations.models.authorisations import Authorisation
from investigations.models.commissions import Commission
from investigations.models.conflicts import Conflict
from investigations.models.evidence import CustodyEntry, CustodyHead, Exhibit
from investigations.models.factors import FactorEvent
from investigations.models.fees import FeeAgreement, FeeSheet
from investigations.models.reports import FoundFact, Report

__all__ = [
    "Agency",
    "Authorisation",
    "Commission",
    "Conflict",
    "CustodyEntry",
    "CustodyHead",
    "Exhibit",
    "FactorEvent",
    "FeeAgreement",
    "FeeSheet",
    "FoundFact",
    "Investigator",
    "Report",
]
