"""What the list of cases is filtered by. None of them reads more than it lists."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from claims.forms.figures import own_period, plan_of
from claims.models import Claim
from claims.panels.work_lists import LISTS, PARAMETER
from config.kernel.admin.filters import TypedFilter
from config.kernel.civil import add_months, civil_date, end_of, start_of
from config.kernel.clock import database_now
from config.kernel.display import language
from config.kernel.figures import Asked, Behind, label_behind, rows_behind
from config.kernel.keyboard import civil_day, whole_number
from config.kernel.models import User
from config.kernel.permissions import holders
from members.models import Covenant, Disease, Plan


def parameters(one: type[TypedFilter] | type[admin.SimpleListFilter]) -> tuple[str, ...]:
    """The names by which an address asks for a filter of our own."""
    return one.parameters if issubclass(one, TypedFilter) else (str(one.parameter_name),)


class WorkFilter(admin.SimpleListFilter):
    """One of the lists that the desk's tiles count; those of "mine" are the reader's own."""

    title = _("work")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        by = request.user
        return [(name, listed.label) for name, listed in LISTS.items() if by.has_perm(listed.permission)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        listed = LISTS.get(self.value() or "")
        assert isinstance(request.user, User)
        if listed is None or not request.user.has_perm(listed.permission):
            return queryset
        return queryset.filter(pk__in=listed.rows(request.user, database_now()).order_by().values("pk"))


class FigureFilter(TypedFilter):
    """The cases that a number of the page of figures counts; `of` is the part of the figure, by days both included.

    Behind a figure that there is not, that is not for the reader, or of no period, there are none.
    """

    title = _("figure")
    template = "desk/list/figure.html"
    parameters = ("figure", "of", "from", "to", "team")

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        assert isinstance(request.user, User)
        self.label = label_behind(self.said["figure"], request.user)
        self.period = own_period(self.said)

    def has_output(self) -> bool:
        return bool(self.said["figure"])

    def filtered(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        if not self.said["figure"]:
            return queryset
        if self.label is None or self.period is None:
            return queryset.none()
        asked = Asked(self.period, plan_of(request.GET.dict()), whole_number(self.said["team"]))
        rows = rows_behind(Behind(self.said["figure"], self.said["of"]), asked, at=database_now())
        return queryset.filter(pk__in=rows.order_by().values("pk"))

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """What the list is narrowed to, and the address without it."""
        yield {
            "label": self.label,
            "period": self.period,
            "all": changelist.get_query_string(dict.fromkeys(self.parameters)),
        }


class AssignmentFilter(TypedFilter):
    """Who works on the case in the step it is in: the reader, nobody, or somebody else."""

    title = _("who works on it")
    parameters = ("worker",)

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        people = holders("claims.take_claim").order_by("username")
        names = [(str(user.pk), str(user)) for user in people]
        return [("me", _now("I do")), ("nobody", _now("nobody yet")), *names]

    def filtered(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        said = self.said["worker"]
        if said == "nobody":
            return queryset.filter(pk__in=Claim.objects.unassigned().values("pk"))
        key = request.user.pk if said == "me" else whole_number(said)
        if key is None:
            return queryset
        user = User.objects.filter(pk=key).first()
        return (
            queryset.none() if user is None else queryset.filter(pk__in=Claim.objects.with_work_of(user).values("pk"))
        )


class ReportedFilter(TypedFilter):
    """Civil days of the report, both included; links for the months that are asked for most."""

    title = _("day of the report")
    parameters = ("reported_from", "reported_to")
    kind = "date"

    def label_of(self, name: str) -> str:
        return _now("From") if name == "reported_from" else _now("To")

    def links(self) -> Iterator[tuple[str, dict[str, str]]]:
        first = civil_date(database_now()).replace(day=1)
        for back in range(3):
            start = add_months(first, -back)
            end = date.fromordinal(add_months(start, 1).toordinal() - 1)
            yield f"{start:%Y-%m}", {"reported_from": start.isoformat(), "reported_to": end.isoformat()}

    def filtered(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        if (start := civil_day(self.said["reported_from"])) is not None:
            queryset = queryset.filter(reported_at__gte=start_of(start))
        if (end := civil_day(self.said["reported_to"])) is not None:
            queryset = queryset.filter(reported_at__lt=end_of(end))
        return queryset


class PlanFilter(admin.SimpleListFilter):
    """The plan of the covenant that binds the case."""

    title = _("plan")
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(plan.code, str(plan)) for plan in Plan.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        if self.value() is None:
            return queryset
        return queryset.filter(covenant__in=Covenant.objects.filter(plan__code=self.value()).values("pk"))


class DiseaseFilter(TypedFilter):
    """Part of a disease's name, in either language; the names are offered while one types."""

    title = _("disease")
    parameters = ("illness",)
    kind = "list"

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        column = "name_en" if language() == "en" else "name_zh"
        return [(words, words) for words in Disease.objects.values_list(column, flat=True)]

    def filtered(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        said = self.said["illness"]
        exact = Q(code=said) | Q(name_zh=said) | Q(name_en__iexact=said)
        codes = list(Disease.objects.filter(exact).values_list("code", flat=True)) or list(
            Disease.objects.filter(Q(name_zh__icontains=said) | Q(name_en__icontains=said)).values_list(
                "code", flat=True
            )
        )
        return queryset.filter(disease__in=codes)
