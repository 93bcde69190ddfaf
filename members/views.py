"""The page on which a clerk admits a member: first the plan, then what its covenant of today asks."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from config.kernel.admin.paging import look_of
from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.refusals import Refusal
from members.forms import Admission
from members.models import Membership, Plan
from members.refusals import NoCovenant
from members.services import joining
from members.services.plans import covenant_on


def admission_urls(site: AdminSite) -> list[URLPattern]:
    """The page's two addresses; a plan's code is all that ever stands in them."""
    return [
        path("admit/", site.admin_view(partial(choose_plan, site=site)), name="members_membership_admit"),
        path("admit/<slug:code>/", site.admin_view(partial(admit, site=site)), name="members_membership_admit_to"),
    ]


def choose_plan(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    _check_permission(request)
    return _page(request, site, {"plans": Plan.objects.order_by("code")})


@sensitive_post_parameters()
def admit(request: HttpRequest, code: str, *, site: AdminSite) -> HttpResponse:
    """GET shows what is asked; POST admits as of now. A refusal comes back with 409, its words, and what was typed."""
    look = look_of(request)
    by, at = _check_permission(request), look.at
    plan = get_object_or_404(Plan, code=code)
    try:
        covenant = covenant_on(plan, civil_date(at))
    except NoCovenant as no:
        return _page(request, site, {"plan": plan, "no": no}, status=409)
    form = Admission(request.POST if request.method == "POST" else None, row=covenant, look=look)
    show = partial(_page, request, site, {"plan": plan, "covenant": covenant, "form": form, "today": civil_date(at)})
    if not form.is_valid():
        return show()
    try:
        membership = joining.admit(plan, form.applicant(), **form.choices(), by=by, at=at)
    except Refusal as no:
        form.refuse(no)
        return show(status=409)
    messages.success(request, _("Done: %(move)s") % {"move": _("Admit a member")})
    return HttpResponseRedirect(reverse("admin:members_membership_change", args=[membership.pk]))


def _check_permission(request: HttpRequest) -> User:
    if not (isinstance(request.user, User) and request.user.has_perm("members.admit_member")):
        raise PermissionDenied
    return request.user


def _page(request: HttpRequest, site: AdminSite, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    base = {
        **site.each_context(request),
        "title": _("Admit a member"),
        "model_opts": Membership._meta,
        "list_url": reverse("admin:members_membership_changelist"),
    }
    request.current_app = site.name
    return TemplateResponse(request, "desk/admission.html", base | context, status=status)
