"""The page of quality: figures of a month and of twelve, each number a link to its list; drawings and reports."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from claims.admin.look_filters import ANY, NOBODY, today
from claims.enums import Agreement, Mistake, Post
from claims.forms import words
from claims.forms.quality import OfMonth, month_code, month_name, read_month
from claims.rules.agreement import ENOUGH
from claims.services import monthly, quality, sampling
from config.kernel.admin import DeskAdmin
from config.kernel.admin.paging import person
from config.kernel.civil import add_months
from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the list that has as many rows; `percent` is how much of its bar is full."""

    value: int
    url: str
    percent: int | None = None


class QualityPages(DeskAdmin):
    """What the list of second looks has beside its rows, for those who read of quality."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("quality/", wrap(self.quality_view), name="claims_quality"),
            path("quality/draw/", wrap(require_POST(self.draw_view)), name="claims_quality_draw"),
            path("quality/report/", wrap(require_POST(self.report_view)), name="claims_quality_report"),
            *super().get_urls(),
        ]

    def quality_view(self, request: HttpRequest) -> HttpResponse:
        """The figures of the month that the address names, or of the last one."""
        by = _reader(request)
        month = read_month(request.GET.get("month", "")) or add_months(today().replace(day=1), -1)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Quality"),
            "month": month_name(month),
            "code": month_code(month),
            "form": OfMonth({"month": month_code(month)}, today=today()),
            "may_draw": by.has_perm("claims.draw_sample"),
            "may_name": by.has_perm(monthly.NAMES),
            "enough": ENOUGH,
            **figures(month, has_names=by.has_perm(monthly.NAMES)),
            "year": year(month),
        }
        return TemplateResponse(request, "desk/look/quality.html", context)

    def draw_view(self, request: HttpRequest) -> HttpResponse:
        """Draw further cases of a month."""
        looks = reverse("admin:claims_secondlook_changelist")

        def drawn(month: date, by: User, at: datetime) -> str:
            drawing = sampling.draw(month, by=by, at=at)
            messages.success(request, _("%(n)s cases were drawn.") % {"n": drawing.looks.count()})
            return f"{looks}?month={month_code(drawing.month)}"

        return _asked(request, drawn)

    def report_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the report of a month."""

        def asked(month: date, by: User, at: datetime) -> str:
            made = monthly.ask(month, has_names="names" in request.POST, by=by, at=at)
            messages.success(
                request,
                _("The report is being made; a message comes when it is ready.")
                if made.asked_by == by
                else _("The report is being made already: %(who)s asked for it, and is told when it is ready.")
                % {"who": made.asked_by},
            )
            return reverse("admin:claims_monthlyreport_changelist")

        return _asked(request, asked)


def _reader(request: HttpRequest) -> User:
    by = person(request)
    if not by.has_perm(monthly.VIEW):
        raise PermissionDenied
    return by


def _asked(request: HttpRequest, do: Any) -> HttpResponse:
    """Do something about the month that was chosen, and go where that leads; a refusal is said on the page."""
    by, form = _reader(request), OfMonth(request.POST, today=today())
    back = reverse("admin:claims_quality")
    if not form.is_valid():
        messages.error(request, _("Choose one of the months."))
        return HttpResponseRedirect(back)
    try:
        return HttpResponseRedirect(do(form.cleaned_data["month"], by, database_now()))
    except Refusal as no:
        messages.error(request, str(no))
        return HttpResponseRedirect(f"{back}?month={month_code(form.cleaned_data['month'])}")


def figures(month: date, *, has_names: bool) -> dict[str, Any]:
    """What a month shows: rows of words and numbers. Whose they are is named as in the report of this reader."""
    over, code = quality.month(month), month_code(month)
    agreed, back, fell = quality.agreement(over), quality.returned(over), quality.overturned_of(over)
    keys = [*(one.user for one in agreed), *(row[2] for row in back), *(row[0] for row in fell)]
    names = quality.called(keys, has_names=has_names)
    return {
        "agreement": [_agreed(one, names, code) for one in agreed],
        "faults": _bars(
            ((Post(post).label, Mistake(kind).label), n, looks(month=code, fault_post=post, fault_kind=kind))
            for post, kind, n in quality.faults(over)
        ),
        "returns": _bars(
            (
                (words.state(to), words.reason_code(reason), names[user]),
                n,
                events(returned_in=code, returned_to=to, returned_because=reason, had_by=user or NOBODY),
            )
            for to, reason, user, n in back
        ),
        "overturned": _bars(
            ((names[user],), n, appeals(overturned_in=code, refused_by=user or NOBODY)) for user, n in fell
        ),
    }


def _agreed(one: quality.Agreed, names: dict[int | None, str], code: str) -> dict[str, Any]:
    of = {"month": code, "decided_by": one.user}
    return {
        "who": names[one.user],
        "looks": Number(one.looks, looks(standing="stated", **of)),
        "agreed": Number(one.agreed, looks(agreement=Agreement.AGREES.value, **of), int(one.share * 100)),
        "kappa": "—" if one.hundredths is None else f"{one.hundredths / 100:.2f}",
    }


def _bars(rows: Any) -> list[tuple[tuple[Any, ...], Number]]:
    """Rows of words with their number, and a bar beside the largest of them."""
    listed = list(rows)
    most = max((n for _words, n, _url in listed), default=1)
    return [(named, Number(n, url, n * 100 // most)) for named, n, url in listed]


def year(month: date) -> list[dict[str, Any]]:
    """Twelve months up to this one, the latest first."""
    return [_row(one) for one in quality.by_month(quality.last_year(month))]


def _row(one: quality.OfAMonth) -> dict[str, Any]:
    code = month_code(one.month)
    share = one.agreed * 100 // one.looks if one.looks else None
    return {
        "month": month_name(one.month),
        "code": code,
        "drawn": Number(one.drawn, looks(month=code)),
        "looks": Number(one.looks, looks(month=code, standing="stated")),
        "agreed": Number(one.agreed, looks(month=code, agreement=Agreement.AGREES.value), share),
        "faults": Number(one.faults, looks(month=code, fault_post=ANY)),
        "returns": Number(one.returns, events(returned_in=code)),
        "overturned": Number(one.overturned, appeals(overturned_in=code)),
    }


def looks(**asked: Any) -> str:
    return f"{reverse('admin:claims_secondlook_changelist')}?{urlencode(asked)}"


def events(**asked: Any) -> str:
    return f"{reverse('admin:claims_claimevent_changelist')}?{urlencode(asked)}"


def appeals(**asked: Any) -> str:
    return f"{reverse('admin:claims_appeal_changelist')}?{urlencode({'open': 'all', **asked})}"
