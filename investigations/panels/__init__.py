"""The investigations' parts of pages; autodiscovery finds them here."""

from investigations.panels import agencies, authorisations, commissions, reports

__all__ = ["agencies", "authorisations", "commissions", "reports"]
