"""The page of a row, with its panels and moves, and the page of each move.

GET changes nothing. POST calls the service; a refusal comes back with 409 (403 where the person may not), its reason,
and what was typed.
"""

from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from config.kernel import pages
from config.kernel.admin import previewing
from config.kernel.admin.base import ReadOnlyAdmin
from config.kernel.clock import database_now
from config.kernel.keyboard import whole_number
from config.kernel.models import User
from config.kernel.refusals import NotPermitted, Refusal, Stale


class PageAdmin(ReadOnlyAdmin):
    """A read-only table whose rows have pages made of registered panels and moves."""

    page_template: ClassVar[str] = "desk/page.html"
    head_template: ClassVar[str] = ""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        view = self.admin_site.admin_view(self.move_view)
        return [
            path("<int:page_id>/do/<slug:move_name>/<int:row_id>/", view, name=name),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page itself; nothing is changed on it."""
        row, by, at = self._row(request, object_id), _user(request), database_now()
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if request.method == "GET":
            self.opened(row, by=by, at=at)
        panels = [
            {"panel": panel, "html": render_to_string(panel.template, dict(panel.read(row)), request)}
            for panel in pages.panels_for(row, by)
        ]
        offers = pages.offers(row, by=by, at=at)
        listed = [(offer, self._move_url(row, offer)) for offer in offers if not offer.move.in_place]
        context = {"panels": panels, "offers": listed}
        return self._response(request, self.page_template, row, context)

    def move_view(self, request: HttpRequest, page_id: int, move_name: str, row_id: int) -> HttpResponse:
        """The page of one move: its consequence, its form, and why it is not possible where it is not."""
        page_row, by = self._row(request, str(page_id)), _user(request)
        move = pages.moves_of(self.model).get(move_name)
        if move is None or move.form is None:
            raise Http404
        row = next((row for row in move.rows(page_row) if row.pk == row_id), None)
        if row is None:
            raise Http404
        show = partial(self._move_page, request, page_row, move, row)
        if request.method != "POST":
            refusals = _standing(move, row, by)
            is_barred = _is_forbidden(refusals)
            return show(move.form(row=row), refusals, may_try=not is_barred, status=403 if is_barred else 200)
        form = move.form(request.POST, request.FILES, row=row)
        form.by = by  # for what a form keeps of somebody: files that came with one that was refused
        if not form.is_valid():
            refusals = move.refusals(row, by=by, at=database_now())
            is_barred = _is_forbidden(refusals)  # what a form looked up is for those only who may make the move
            status = 403 if is_barred else 409 if refusals else 200
            return show(form, refusals[:1], may_try=not is_barred, version=_version(request), status=status)
        at, version = database_now(), _version(request)
        seen = previewing.digest(request, at=at)
        try:
            if move.preview is not None and not previewing.is_confirmed(request, seen):
                html = previewing.try_out(request, move, row, form.cleaned_data, by=by, at=at, version=version)
                return show(form, [], version=version, preview=(seen, html))
            done = move.perform(row, form.cleaned_data, by=by, at=at, version=version)
        except Refusal as no:
            page_row, is_barred = self._row(request, str(page_id)), _is_forbidden(_standing(move, row, by))
            version = None if isinstance(no, Stale) else _version(request)  # a new one only to who was told of it
            status = 403 if is_barred else 409
            return self._move_page(
                request, page_row, move, row, form, [no], may_try=not is_barred, version=version, status=status
            )
        messages.success(request, _("Done: %(move)s") % {"move": move.label})
        return HttpResponseRedirect(move.arrive(done) if move.arrive else self._page_url(page_row))

    def opened(self, row: Any, *, by: User, at: datetime) -> None:
        """Somebody opened the page of a row."""

    def head(self, row: Any) -> dict[str, Any]:
        """What the head of the page, and of its moves, shows."""
        return {}

    def page_rows(self) -> models.QuerySet[Any]:
        """The rows with what a page reads of their neighbours."""
        rows: models.QuerySet[Any] = self.model._default_manager.all()
        return rows

    def _move_page(
        self,
        request: HttpRequest,
        page_row: Any,
        move: pages.Move,
        row: Any,
        form: Any,
        refusals: list[Refusal],
        *,
        may_try: bool = True,
        version: int | None = None,
        preview: tuple[str, str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """`version` is what the form was opened at; without one, the row's own. `preview` is its digest and HTML."""
        context = {
            "move": move,
            "about": "" if row == page_row else str(row),
            "form": form,
            "refusals": refusals,
            "may_try": may_try,
            "version": getattr(page_row, "version", None) if version is None else version,
            "subtitle": move.label,
            "preview": preview,
            "is_previewed": move.preview is not None,
            "asks_again": "confirm" in request.POST,
        }
        return self._response(request, "desk/move.html", page_row, context, status=status)

    def _response(
        self, request: HttpRequest, template: str, row: Any, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        base = {
            **self.admin_site.each_context(request),
            "opts": None,
            "model_opts": self.opts,
            "row": row,
            "title": str(row),
            "page_url": self._page_url(row),
            "list_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            "head_template": self.head_template,
            "head": self.head(row),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, base | context, status=status)

    def _row(self, request: HttpRequest, pk: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.page_rows().filter(pk=whole_number(pk)).first()
        if row is None:
            raise Http404
        return row

    def _page_url(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def _move_url(self, row: Any, offer: pages.Offer) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_move"
        return reverse(name, args=[row.pk, offer.move.name, offer.row.pk])


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _version(request: HttpRequest) -> int | None:
    return whole_number(request.POST.get("version", ""))


def _standing(move: pages.Move, row: Any, by: User) -> list[Refusal]:
    """What speaks against the move before anything is typed."""
    return move.refusals(row, by=by, at=database_now()) if move.belongs_to(row) else []


def _is_forbidden(refusals: list[Refusal]) -> bool:
    return any(isinstance(no, NotPermitted) for no in refusals)
