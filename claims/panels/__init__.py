"""The page of a case, this app's part of a membership's page and of the landing page: loaded by autodiscovery, upper
apps add theirs."""

from claims.panels import case_moves, case_panels, desk_parts, membership_parts, work_moves

__all__ = ["case_moves", "case_panels", "desk_parts", "membership_parts", "work_moves"]
