"""The pages of memberships and covenants: loaded by autodiscovery, upper apps add theirs."""

from members.panels import covenant_moves, covenants, memberships

__all__ = ["covenant_moves", "covenants", "memberships"]
