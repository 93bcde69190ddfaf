"""The investigations' parts of pages; autodiscovery finds them here."""

from investigations.panels import agencies, authorisations, commissions, figures, reports

__all__ = ["agencies", "authorisations", "commissions", "figures", "reports"]
