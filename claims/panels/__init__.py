"""The page of a case, and this app's part of a membership's page: loaded by autodiscovery, upper apps add theirs."""

from claims.panels import case_moves, case_panels, letters, membership_parts, papers

__all__ = ["case_moves", "case_panels", "letters", "membership_parts", "papers"]
