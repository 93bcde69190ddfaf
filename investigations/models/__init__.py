"""Third parties: who they are, what they were asked, what they found."""

from investigations.models.agencies import Agency, Investigator
from investigations.models.commissions import Commission
from investigations.models.evidence import CustodyEntry, Exhibit
from investigations.models.factors import FactorEvent
from investigations.models.reports import Report

__all__ = ["Agency", "Commission", "CustodyEntry", "Exhibit", "FactorEvent", "Investigator", "Report"]
