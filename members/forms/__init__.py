"""The forms of the members app: joining, and the drafts of a covenant."""

from members.forms.admission import Admission

__all__ = ["Admission"]
