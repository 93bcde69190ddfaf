"""The list that an investigator begins with; a coordinator's shows who has what, and hands it out."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, F, Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.pages import Text
from config.kernel.refusals import Refusal
from investigations import services
from investigations.forms.field import HandOver
from investigations.models import Commission, Investigator
from investigations.querysets import CommissionQuerySet
from investigations.services import teams
from investigations.views import showing
from investigations.views.guarding import in_the_field

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the list, with how many it has."""

    key: str
    label: Text
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one that was to be handed over; `number` is missing where it is not the agency's any more."""

    number: str
    refusal: Text


@require_safe
@in_the_field
def commissions(request: HttpRequest, investigator: Investigator) -> HttpResponse:
    """What waits, the most urgent first."""
    return _list(request, investigator, form=HandOver(agency=investigator.agency))


@in_the_field
def hand_over(request: HttpRequest, investigator: Investigator) -> HttpResponse:
    """Those that were ticked go to one colleague, each by itself: what is refused is told, and the others go."""
    if not investigator.is_coordinator:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("field:commissions"))
    ids = list(dict.fromkeys(int(said) for said in request.POST.getlist("commission")[:ON_A_PAGE] if _is_id(said)))
    form = HandOver(request.POST, agency=investigator.agency)
    if not form.is_valid() or not ids:
        if not ids:
            form.add_error(None, _("Tick at least one commission."))
        return _list(request, investigator, form=form, ticked=ids)
    colleague = form.cleaned_data["investigator"]
    refused = _hand_over(ids, colleague, coordinator=investigator)
    done = len(ids) - len(refused)
    if done:
        said = ngettext(
            "%(count)s commission was handed to %(colleague)s.",
            "%(count)s commissions were handed to %(colleague)s.",
            done,
        )
        messages.success(request, said % {"count": done, "colleague": colleague.user})
    if not refused:
        return HttpResponseRedirect(reverse("field:commissions"))
    return render(request, "field/hand_over.html", {"refused": refused, "colleague": colleague.user}, status=409)


def _is_id(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) <= 18


def _hand_over(ids: Collection[int], colleague: Investigator, *, coordinator: Investigator) -> list[Outcome]:
    """What was refused, and why."""
    own = Commission.objects.in_hands_of(coordinator).at_work().filter(pk__in=ids)
    numbers = dict(own.values_list("pk", "claim__number"))
    outcomes = [
        Outcome(numbers.get(pk, ""), _hand(pk, colleague, by=coordinator.user) if pk in numbers else NOT_THERE)
        for pk in ids
    ]
    return [one for one in outcomes if one.refusal]


def _hand(pk: int, colleague: Investigator, *, by: User) -> str:
    """Why not; empty when it is done."""
    try:
        services.assign(pk, investigator_id=colleague.pk, by=by, at=database_now())
    except Refusal as no:
        return str(no)
    return ""


NOT_THERE = gettext_lazy("It is no longer with your agency.")


def _list(
    request: HttpRequest, investigator: Investigator, *, form: HandOver, ticked: Collection[int] = ()
) -> HttpResponse:
    at, whose = database_now(), request.GET.get("whose", "")
    shares = teams.shares(investigator, at=at)
    page = Paginator(_rows(investigator, whose), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "investigator": investigator,
        "page": page,
        "query": f"whose={whose}&" if whose in PARTS else "",
        "lines": [showing.line(commission, at=at) for commission in page],
        "parts": _parts(investigator, shares, whose),
        "late": shares.late,
        "ticked": ticked,
    }
    if investigator.is_coordinator:
        team = teams.team(investigator.agency, at=at)
        form.show(team)
        context |= {"team": team, "form": form}
    return render(request, "field/commissions.html", context, status=409 if form.errors else 200)


PARTS = ("nobody", "mine", "others")


def _rows(investigator: Investigator, whose: str) -> CommissionQuerySet:
    """Those at work, of one part or all: first what is waited for, by its day, so that what is late comes first."""
    parts = {
        "nobody": Q(assignee__isnull=True),
        "mine": Q(assignee=investigator),
        "others": Q(assignee__isnull=False) & ~Q(assignee=investigator),
    }
    rows = Commission.objects.in_hands_of(investigator).at_work().filter(parts.get(whose, Q()))
    rows = rows.select_related("claim", "deadline", "assignee__user")
    awaited = Case(When(teams.WAITED_FOR, then=Value(0)), default=Value(1))
    return rows.order_by(awaited, F("deadline__due_at").asc(nulls_last=True), "pk")


def _parts(investigator: Investigator, shares: teams.Shares, whose: str) -> list[Part]:
    everything = shares.nobody + shares.mine + shares.others
    rows = [
        ("", _("All"), everything),
        ("nobody", _("Nobody's yet"), shares.nobody),
        ("mine", _("Yours"), shares.mine),
        ("others", _("Colleagues'"), shares.others),
    ]
    known = rows if investigator.is_coordinator else rows[:3]
    return [Part(key, label, count, key == (whose if whose in PARTS else "")) for key, label, count in known]
