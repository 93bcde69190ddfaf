"""The case list's pages of work: take the next case, go to the next one, say that one looks at it, give out many."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import action

from claims.forms.work import GiveOut
from claims.models import Claim
from claims.panels.work_lists import mine
from claims.querysets import ClaimQuerySet
from claims.services import assigning, presence
from config.kernel.admin import DeskAdmin
from config.kernel.admin.paging import person
from config.kernel.clock import database_now
from config.kernel.desks import MOST
from config.kernel.models import User
from config.kernel.refusals import Refusal

AT_ONCE = 500
"""Cases that are given out in one go."""


@dataclass(slots=True)
class Line:
    """One case of the page on which many are given out: who had it, who is to have it, or why not."""

    claim: Claim
    had: User | None
    gets: User | None = None
    why_not: str = ""
    is_done: bool = False

    @property
    def said(self) -> str:
        """What the preview promised, to be confirmed."""
        return f"{self.claim.pk}:{self.claim.version}:{self.gets.pk}" if self.gets else ""


class WorkAdmin(DeskAdmin):
    """What the list and the pages of cases have for those who work on them."""

    actions = ("give_out",)  # type: ignore[assignment]  # the base is typed for its own empty tuple

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages = [
            path("next/", wrap(require_POST(self.take_next_view)), name="claims_claim_take_next"),
            path("<int:page_id>/next/", wrap(self.next_view), name="claims_claim_next"),
            path("<int:page_id>/here/", wrap(require_POST(self.here_view)), name="claims_claim_here"),
            path("assign/", wrap(self.assign_view), name="claims_claim_assign"),
        ]
        return [*pages, *super().get_urls()]

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return person(request).has_perm("claims.assign_claim")

    @action(description=gettext_lazy("Give out the chosen cases"), permissions=["assign"])
    def give_out(self, request: HttpRequest, queryset: QuerySet[Claim]) -> HttpResponse:
        many = Claim.objects.filter(pk__in=queryset.order_by().values("pk")).by_due()
        if left := _left_over(many.count()):
            messages.warning(request, left)
        ids = ",".join(map(str, many.values_list("pk", flat=True)[:AT_ONCE]))
        return HttpResponseRedirect(f"{reverse('admin:claims_claim_assign')}?ids={ids}")

    def take_next_view(self, request: HttpRequest) -> HttpResponse:
        """Take what is most urgent and go there; back to the desk where nothing waits."""
        try:
            claim = assigning.take_next(by=person(request), at=database_now())
        except Refusal as no:
            messages.warning(request, str(no))
            return HttpResponseRedirect(reverse("admin:index"))
        return _to_case(claim.pk)

    def next_view(self, request: HttpRequest, page_id: int) -> HttpResponse:
        """The case of one's own desk after this one; the desk after the last."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = list(mine(person(request), database_now()).by_due().values_list("pk", flat=True)[:MOST])
        after = own[own.index(page_id) + 1 :] if page_id in own else own
        return _to_case(after[0]) if after else HttpResponseRedirect(reverse("admin:index"))

    def here_view(self, request: HttpRequest, page_id: int) -> HttpResponse:
        """Somebody looks at the case at this moment: no event, for nothing about it changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not Claim.objects.filter(pk=page_id).exists():
            raise Http404
        presence.see(page_id, by=person(request), at=database_now())
        return HttpResponse(status=204)

    def assign_view(self, request: HttpRequest) -> HttpResponse:
        """Give out many cases: choose, look at who would get what, confirm; one refusal holds up no other."""
        if not self.has_assign_permission(request):
            raise PermissionDenied
        by, at = person(request), database_now()
        context: dict[str, Any] = {"form": GiveOut(initial=_wish(request)), "lines": [], "step": "choose"}
        if request.method == "POST":
            form = GiveOut(request.POST)
            context["form"] = form
            if "line" in request.POST:
                lines = confirm(request.POST.getlist("line"), request.POST.get("note", ""), by=by, at=at)
                done = sum(line.is_done for line in lines)
                context |= {"lines": lines, "step": "done", "done": done, "refused": len(lines) - done}
            elif form.is_valid():
                cases = chosen(form.cleaned_data)
                lines = preview(cases, form.cleaned_data, at=at)
                can_go = sum(line.gets is not None for line in lines)
                left = _left_over(cases.count()) if len(lines) == AT_ONCE else ""
                context |= {"lines": lines, "step": "preview", "can_go": can_go, "left": left}
        base = {
            **self.admin_site.each_context(request),
            "title": _("Give out cases"),
            "list_url": reverse("admin:claims_claim_changelist"),
        }
        return TemplateResponse(request, "desk/give_out.html", base | context)


def preview(cases: ClaimQuerySet, said: dict[str, Any], *, at: datetime) -> list[Line]:
    """Who would get each of the cases, the most urgent first."""
    lines = [Line(claim, held.user if held else None) for claim, held in assigning.with_holders(cases[:AT_ONCE])]
    to: User | None = said["to"]
    among = [one for one in assigning.crew(at=at) if (to is None and one.user != _leaving(said)) or one.user == to]
    turns = assigning.in_turn([line.claim for line in lines], among, at=at)
    for line, turn in zip(lines, turns, strict=True):
        if turn is None:
            line.why_not = _why_nobody(line.claim, to, at=at)
        else:
            line.gets = turn.user
    return lines


def chosen(said: dict[str, Any]) -> ClaimQuerySet:
    """The cases that the form means: named ones, all that nobody has, or all of one person."""
    if said["which"] == GiveOut.UNASSIGNED:
        return Claim.objects.unassigned().by_due()
    if said["which"] == GiveOut.OF_PERSON:
        return Claim.objects.wanting_work().with_work_of(said["of"]).by_due()
    return Claim.objects.filter(pk__in=said["ids"]).by_due()


def confirm(said: list[str], note: str, *, by: User, at: datetime) -> list[Line]:
    """Give out what the preview promised, each case in a transaction of its own."""
    promised = [tuple(map(int, one.split(":"))) for one in said[:AT_ONCE] if _is_promise(one)]
    claims = Claim.objects.select_related("membership__member").in_bulk([pk for pk, _version, _to in promised])
    people = User.objects.in_bulk([to for _pk, _version, to in promised])
    lines = []
    for pk, version, to in promised:
        if pk not in claims or to not in people:
            continue
        line = Line(claims[pk], None, people[to])
        try:
            assigning.assign(pk, to=people[to], note=note, by=by, at=at, version=version)
            line.is_done = True
        except Refusal as no:
            line.why_not = str(no)
        lines.append(line)
    return lines


def _left_over(number: int) -> str:
    """What to say where there are more cases than are given out in one go."""
    if number <= AT_ONCE:
        return ""
    said = {"most": AT_ONCE, "number": number}
    return _("These are the %(most)s most urgent of %(number)s cases. Give out the others after them.") % said


def _leaving(said: dict[str, Any]) -> User | None:
    """Whose cases are all given away: he gets none of them back."""
    return said["of"] if said["which"] == GiveOut.OF_PERSON else None


def _why_nobody(claim: Claim, to: User | None, *, at: datetime) -> str:
    if to is None:
        return _("Nobody who is here may work on this case in its step.")
    return assigning.bar(claim, to, at=at) or _("away on this day.")


def _is_promise(text: str) -> bool:
    parts = text.split(":")
    return len(parts) == 3 and all(part.isdecimal() and len(part) < 19 for part in parts)


def _wish(request: HttpRequest) -> dict[str, Any]:
    """What the address asks for: some cases, or those of one person."""
    if ids := request.GET.get("ids"):
        return {"which": GiveOut.CHOSEN, "ids": ids}
    if of := request.GET.get("of"):
        return {"which": GiveOut.OF_PERSON, "of": of}
    return {"which": GiveOut.UNASSIGNED}


def _to_case(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:claims_claim_change", args=[pk]))
