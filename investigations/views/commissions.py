"""What an agency was asked: the page of one commission, and what can be done about it.

Whatever is not the investigator's own is not found: another agency's, a colleague's, one that ended.
"""

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kernel.clock import database_now
from config.kernel.refusals import Refusal, WrongState
from investigations import services
from investigations.enums import AT_WORK
from investigations.forms import field as forms
from investigations.forms.report import Filing
from investigations.models import Commission, Investigator
from investigations.querysets import CommissionQuerySet
from investigations.services import reporting, visiting
from investigations.services.playing import PLAYED
from investigations.views import showing
from investigations.views.guarding import in_the_field


@require_safe
@in_the_field
def commission(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """One of them, with what the visit needs."""
    return page_of(request, investigator, commission_of(investigator, pk))


@in_the_field
def take(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """No page of its own: whoever comes to its address by a sign-in or the switch of the language is shown the page."""
    found = commission_of(investigator, pk)
    if request.method != "POST":
        return to_page(found)
    try:
        services.take(found.pk, by=investigator.user, at=database_now())
    except Refusal as no:
        return page_of(request, investigator, commission_of(investigator, pk), refusal=no)
    messages.success(request, _("Accepted: the commission is yours."))
    return to_page(found)


@in_the_field
def decline(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    found = commission_of(investigator, pk)
    form = forms.Decline(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            again = services.decline(found.pk, **form.cleaned_data, by=investigator.user, at=database_now())
        except Refusal as no:
            return form_page(request, "field/decline.html", found, form, refusal=no)
        messages.success(
            request, _("Declined: another agency is asked.") if again else _("Declined: the plan is told.")
        )
        return HttpResponseRedirect(reverse("field:commissions"))
    return form_page(request, "field/decline.html", found, form)


@in_the_field
def assign(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """For coordinators: nobody else finds the page."""
    found = commission_of(investigator, pk)
    if not investigator.is_coordinator:
        raise Http404
    form = forms.Assign(request.POST if request.method == "POST" else None, commission=found)
    if form.is_valid():
        colleague = form.cleaned_data["investigator"]
        try:
            services.assign(found.pk, investigator_id=colleague.pk, by=investigator.user, at=database_now())
        except Refusal as no:
            return form_page(request, "field/assign.html", found, form, refusal=no)
        messages.success(request, _("Handed over to %(colleague)s.") % {"colleague": colleague.user})
        return to_page(found)
    return form_page(request, "field/assign.html", found, form)


@in_the_field
def reveal(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """A number in full, in the answer to the form alone: it is in no address, and no later page shows it."""
    found, at = commission_of(investigator, pk), database_now()
    if request.method != "POST":
        return to_page(found)
    labels = showing.number_labels(found)
    form = forms.Reveal(request.POST, numbers=labels)
    if not form.is_valid():
        return page_of(request, investigator, found, reveal=form)
    asked = form.cleaned_data["number"]
    try:
        number = visiting.reveal(found, **form.cleaned_data, by=investigator.user, at=at)
    except Commission.DoesNotExist as error:
        raise Http404 from error
    except Refusal as no:
        return page_of(request, investigator, found, reveal=form, refusal=no)
    return page_of(request, investigator, found, revealed=(labels[asked], number))


@in_the_field
def report(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """The report, begun with the version that was sent back.

    What is posted about an own commission that ended meanwhile gets its answer, and what was typed with it.
    """
    at = database_now()
    if request.method != "POST":
        found = commission_of(investigator, pk)
        if not showing.wants_report(found):
            return to_page(found)
        return report_page(request, Filing(found, at=at))
    found = commission_of(investigator, pk, may_be_over=True)
    filing = Filing(found, data=request.POST, at=at)
    is_whole, by = filing.is_valid(), investigator.user
    if found.state not in AT_WORK:
        return ended_page(request, found)
    if not is_whole:
        is_awaited = showing.wants_report(found)
        return report_page(request, filing, refusal=None if is_awaited else WrongState(state=found.get_state_display()))
    said = filing.said
    try:
        services.file_report(found.pk, **said, by=by, at=at)
    except WrongState as no:
        if not reporting.was_filed(found.pk, **said, by=by):
            return report_page(request, filing, refusal=no)
    except Refusal as no:
        return report_page(request, filing, refusal=no)
    messages.success(request, _("The report is filed. The reviewers are told."))
    return filed(request, found)


def ended_page(request: HttpRequest, commission: Commission) -> HttpResponse:
    """What was typed about a commission that has ended, and nothing else of it: 409."""
    typed = [said for name in request.POST for said in request.POST.getlist(name) if name != "csrfmiddlewaretoken"]
    refusal = WrongState(state=commission.get_state_display())
    context = {"commission": commission, "refusal": refusal, "typed": [said for said in typed if said.strip()]}
    return render(request, "field/ended.html", context, status=409)


def report_page(request: HttpRequest, filing: Filing, *, refusal: Refusal | None = None) -> HttpResponse:
    """The report with what was typed; 409 with what was refused."""
    upload_url = reverse("field:uploads", args=[filing.commission.pk])
    context = {"commission": filing.commission, "filing": filing, "refusal": refusal, "upload_url": upload_url}
    is_refused = refusal is not None or filing.whole.is_bound
    return render(request, "field/report.html", context, status=409 if is_refused else 200)


def own(investigator: Investigator) -> CommissionQuerySet:
    return Commission.objects.in_hands_of(investigator)


def commission_of(investigator: Investigator, pk: int, *, may_be_over: bool = False) -> Commission:
    """One of the investigator's own, with what its pages read; Http404 for any other."""
    rows = own(investigator) if may_be_over else own(investigator).at_work()
    rows = rows.select_related("claim__membership__member", "deadline", "agency", "procedure__objection", "hospital")
    found = rows.select_related("assignee__user", "taken_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def to_page(commission: Commission) -> HttpResponse:
    return HttpResponseRedirect(reverse("field:commission", args=[commission.pk]))


def filed(request: HttpRequest, commission: Commission) -> HttpResponse:
    """To the page; a script that sent the report goes there itself, so that it is the reader who sees the message."""
    answer = to_page(commission)
    if "X-Field" in request.headers:
        answer.status_code = 201
    return answer


def page_of(
    request: HttpRequest,
    investigator: Investigator,
    commission: Commission,
    *,
    refusal: Refusal | None = None,
    reveal: forms.Reveal | None = None,
    revealed: tuple[str, str] | None = None,
) -> HttpResponse:
    """The page of a commission, and the note that it was opened; 409 with what was refused."""
    at = database_now()
    visiting.note_visit(commission, by=investigator.user, at=at)
    facts = showing.facts(commission, by=investigator, at=at)
    form = reveal or forms.Reveal(numbers=showing.number_labels(commission))
    context = {
        **facts,
        "refusal": refusal,
        "reveal": form,
        "revealed": revealed,
        "investigator": investigator,
        "upload_url": reverse("field:uploads", args=[commission.pk]),
        "exhibits": commission.exhibits.order_by("pk"),
        "played": PLAYED,
    }
    is_refused = refusal is not None or (reveal is not None and bool(reveal.errors))
    return render(request, "field/commission.html", context, status=409 if is_refused else 200)


def form_page(
    request: HttpRequest,
    template: str,
    commission: Commission,
    form: django_forms.Form,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """A page of one form, with what was typed; 409 with what was refused."""
    context = {"commission": commission, "form": form, "refusal": refusal}
    is_refused = refusal is not None or bool(form.errors)
    return render(request, template, context, status=409 if is_refused else 200)
