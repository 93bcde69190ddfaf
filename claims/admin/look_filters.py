"""What the lists of second looks, returns and appeals are filtered by: the questions of the page of quality."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import Agreement, LookAnswer, Mistake, Post, ReturnReason, SampleReason, Settlement, State
from claims.forms.quality import months_until, read_month
from claims.models import Appeal, ClaimEvent, SecondLook
from claims.services import looking, quality
from config.kernel.admin.filters import TypedFilter
from config.kernel.admin.paging import person
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.keyboard import whole_number
from config.kernel.models import User
from config.kernel.permissions import holders

ANY, NOBODY = "any", "nobody"


def told_to(user: User, rows: QuerySet[SecondLook]) -> QuerySet[SecondLook]:
    """Those whose decision this reader may know: also a filter must not tell what was decided (`is_shown`)."""
    return rows.exclude(stated_at__isnull=True) if user.has_perm(looking.LOOK) else rows


def today() -> date:
    return civil_date(database_now())


class MonthFilter(TypedFilter):
    """The month in which the cases came to their end."""

    title = _("month")
    parameters = ("month",)

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        return months_until(today())

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        month = read_month(self.said["month"])
        return queryset if month is None else queryset.filter(drawing__month=month)


class StandingFilter(TypedFilter):
    """How far a second look has come."""

    title = _("state")
    parameters = ("standing",)

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        return [
            ("mine", gettext("to be done or answered by me")),
            ("open", gettext("not done")),
            ("overdue", gettext("overdue")),
            ("watched", gettext("late, disputed, or nobody's")),
            ("drawn", gettext("given to nobody")),
            ("nobody", gettext("nobody may look at it")),
            ("stated", gettext("own decision stated")),
            ("done", gettext("looked at")),
            ("contested", gettext("contested, not settled")),
        ]

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = standing(self.said["standing"], by=person(request), on=today())
        return queryset if asked is None else queryset.filter(asked)


def standing(name: str, *, by: User, on: date) -> Q | None:
    """The condition of a state that a list is filtered by; None for a name that says nothing."""
    undone = Q(looked_at__isnull=True)
    disputed = Q(answer=LookAnswer.CONTESTED, settled_at__isnull=True)
    return {
        "mine": quality.waiting_for(by),
        "open": undone,
        "overdue": undone & Q(due_on__lt=on),
        "watched": (undone & Q(due_on__lt=on)) | disputed | Q(given_to__isnull=True),
        "drawn": Q(given_to__isnull=True),
        "nobody": Q(nobody_since__isnull=False),
        "stated": Q(stated_at__isnull=False),
        "done": Q(looked_at__isnull=False),
        "contested": disputed,
    }.get(name)


class ReasonFilter(TypedFilter):
    """Why the case was drawn."""

    title = _("drawn because")
    parameters = ("reason",)

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in SampleReason.choices]

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return told_to(person(request), queryset).filter(reasons__contains=[self.said["reason"]])


class AgreementFilter(TypedFilter):
    title = _("agreement")
    parameters = ("agreement",)

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Agreement.choices]

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(agreement=self.said["agreement"])


class FaultFilter(TypedFilter):
    """Errors that stand, by post and kind; any post means all of them."""

    title = _("error")
    parameters = ("fault_post", "fault_kind")

    def label_of(self, name: str) -> str:
        return gettext("Post") if name == "fault_post" else gettext("Kind of error")

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        if name == "fault_kind":
            return [(value, str(label)) for value, label in Mistake.choices]
        return [(ANY, gettext("any post")), *((value, str(label)) for value, label in Post.choices)]

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = queryset.exclude(fault_post="").exclude(settled_as=Settlement.FALLS)
        for name, value in self.used_parameters.items():
            if value != ANY:
                rows = rows.filter(**{name: value})
        return rows


class PersonFilter(TypedFilter):
    """One of the people of the desk."""

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        return [(str(user.pk), str(user)) for user in holders("claims.take_claim").order_by("username")]


class DeciderFilter(PersonFilter):
    """Whose decision it was."""

    title = _("decided by")
    parameters = ("decided_by",)

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = whole_number(self.said["decided_by"])
        return told_to(person(request), queryset).filter(decided_by=key) if key is not None else queryset


def _is(said: str, column: str) -> Q:
    """Somebody's key in a column; what is no key asks for those who have nobody there."""
    key = whole_number(said)
    return Q(**{f"{column}__isnull": True}) if key is None else Q(**{column: key})


class ReturnFilter(PersonFilter):
    """Cases that were sent back, in a month: to which step, why, and who had brought them through it before."""

    title = _("sent back")
    parameters = ("returned_in", "returned_to", "returned_because", "had_by")

    def label_of(self, name: str) -> str:
        return {
            "returned_in": gettext("Month"),
            "returned_to": gettext("Back to"),
            "returned_because": gettext("Reason"),
            "had_by": gettext("Who had brought it through"),
        }[name]

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        if name == "returned_in":
            return months_until(today())
        if name == "returned_to":
            return [(one.value, str(one.label)) for one in (State.COLLECTING, State.REVIEWING, State.INVESTIGATING)]
        if name == "returned_because":
            return [(value, str(label)) for value, label in ReturnReason.choices]
        return super().choices_of(name)

    def filtered(self, request: HttpRequest, queryset: QuerySet[ClaimEvent]) -> QuerySet[ClaimEvent]:
        rows = queryset.filter(verb="return")
        if (month := read_month(self.said["returned_in"])) is not None:
            rows = rows.filter(pk__in=quality.returns(quality.month(month)).values("pk"))
        if to := self.said["returned_to"]:
            rows = rows.filter(to_state=to)
        if code := self.said["returned_because"]:
            rows = rows.filter(reason_code=code)
        if said := self.said["had_by"]:
            rows = quality.with_who_had(rows).filter(_is(said, "had_by"))
        return rows


class OverturnedFilter(PersonFilter):
    """Appeals by which a refusal fell, in a month, by whose refusal it was."""

    title = _("refusal overturned")
    parameters = ("overturned_in", "refused_by")

    def label_of(self, name: str) -> str:
        return gettext("Month") if name == "overturned_in" else gettext("Whose refusal")

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        return months_until(today()) if name == "overturned_in" else super().choices_of(name)

    def filtered(self, request: HttpRequest, queryset: QuerySet[Appeal]) -> QuerySet[Appeal]:
        month = read_month(self.said["overturned_in"])
        if month is None:
            return queryset
        fallen = quality.overturned(quality.month(month))
        if said := self.said["refused_by"]:
            fallen = fallen.filter(_is(said, "refused_by"))
        return queryset.filter(pk__in=fallen.values("pk"))
