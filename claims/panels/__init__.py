"""The page of a case, and this app's part of a membership's page: loaded by autodiscovery, upper apps add theirs."""

from claims.panels import appeals, case_moves, case_panels, disputes, evidence, membership_parts, signals

__all__ = ["appeals", "case_moves", "case_panels", "disputes", "evidence", "membership_parts", "signals"]
