"""The page of a row, with its panels and moves, and the page of each move.

GET changes nothing. POST calls the service; a refusal comes back with 409 (403 where the person may not), its reason,
and what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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

PART = "part"
"""Parameter of a page's address: the one panel of it that is wanted, as while it says how far something is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the page of a move says: its form, what speaks against it, and what it would do."""

    form: Any
    refusals: Sequence[Refusal] = ()
    is_barred: bool = False
    """By a right that the reader has not: then there is no form."""
    version: int | None = None
    """What the form was opened at; the row's own where it is none."""
    preview: tuple[str, str] | None = None
    """Its digest and HTML."""

    @property
    def status(self) -> int:
        return 403 if self.is_barred else 409 if self.refusals and self.form.is_bound else 200


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
        """The page itself, or the one panel that is wanted; nothing is changed on it."""
        look = look_of(request)
        row = self.row_of(request, object_id, look)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        wanted = request.GET.get(PART)
        shown = [panel for panel in pages.panels_for(row, look.by) if wanted in (None, panel.name)]
        if wanted is not None and not shown:
            raise Http404
        if request.method == "GET":
            self.opened(row, look)
        panels = [
            {"panel": panel, "html": render_to_string(panel.template, dict(panel.read(row, look)), request)}
            for panel in shown
        ]
        if wanted is not None:
            return TemplateResponse(request, "desk/panels.html", {"panels": panels})
        offers = pages.offers(row, by=look.by, at=look.at)
        listed = [(offer, self._move_url(row, offer)) for offer in offers if not offer.move.in_place]
        return self.respond(request, self.page_template, row, look, {"panels": panels, "offers": listed})

    def move_view(self, request: HttpRequest, page_id: int, move_name: str, row_id: int) -> HttpResponse:
        """The page of one move: its consequence, its form, and why it is not possible where it is not."""
        look = look_of(request)
        page_row = self.row_of(request, str(page_id), look)
        move = pages.moves_of(self.model).get(move_name)
        if move is None or move.form is None:
            raise Http404
        row = next((row for row in move.rows(page_row) if row.pk == row_id), None)
        if row is None:
            raise Http404
        form = move.form(request.POST, request.FILES, row=row, look=look) if request.method == "POST" else None
        if form is not None and form.is_valid():
            try:
                return self._perform(request, page_row, move, row, form, look)
            except Refusal as no:
                version = None if isinstance(no, Stale) else _version(request)  # a new one only to who was told of it
                is_barred = _is_forbidden(_standing(move, row, look))
                page_row = self.row_of(request, str(page_id), look)
                answer = Answer(form=form, refusals=[no], is_barred=is_barred, version=version)
                return self.move_page(request, page_row, move, row, look, answer)
        refusals = _standing(move, row, look)
        is_barred = _is_forbidden(refusals)  # what a form looked up is for those only who may make the move
        if form is None:
            answer = Answer(form=move.form(row=row, look=look), refusals=refusals, is_barred=is_barred)
        else:
            answer = Answer(form=form, refusals=refusals[:1], is_barred=is_barred, version=_version(request))
        return self.move_page(request, page_row, move, row, look, answer)

    def _perform(
        self, request: HttpRequest, page_row: Any, move: pages.Move, row: Any, form: Any, look: pages.Look
    ) -> HttpResponse:
        """What was asked for, or first what it would do; raises the move's refusal."""
        said, version = form.cleaned_data, _version(request)
        seen = previewing.digest(request, at=look.at)
        if move.preview is not None and not previewing.is_confirmed(request, seen):
            html = previewing.try_out(request, move, row, said, by=look.by, at=look.at, version=version)
            answer = Answer(form=form, version=version, preview=(seen, html))
            return self.move_page(request, page_row, move, row, look, answer)
        done = move.perform(row, said, by=look.by, at=look.at, version=version)
        messages.success(request, _("Done: %(move)s") % {"move": move.label})
        return HttpResponseRedirect(move.arrive(done) if move.arrive else self._page_url(page_row))

    def opened(self, row: Any, look: pages.Look) -> None:
        """Somebody opened the page of a row."""

    def head(self, row: Any, look: pages.Look) -> dict[str, Any]:
        """What the head of the page, and of its moves, shows."""
        return {}

    def page_rows(self, look: pages.Look) -> models.QuerySet[Any]:
        """The rows with what a page reads of their neighbours."""
        rows: models.QuerySet[Any] = self.model._default_manager.all()
        return rows

    def row_of(self, request: HttpRequest, pk: str, look: pages.Look) -> Any:
        """The row of a page; 404 where it is not there, or not for this reader."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.page_rows(look).filter(pk=whole_number(pk)).first()
        if row is None:
            raise Http404
        return row

    def move_page(
        self, request: HttpRequest, page_row: Any, move: pages.Move, row: Any, look: pages.Look, answer: Answer
    ) -> HttpResponse:
        """The page of a move with its answer."""
        context = {
            "move": move,
            "about": "" if row == page_row else str(row),
            "form": answer.form,
            "refusals": answer.refusals,
            "may_try": not answer.is_barred,
            "version": getattr(page_row, "version", None) if answer.version is None else answer.version,
            "subtitle": move.label,
            "preview": answer.preview,
            "is_previewed": move.preview is not None,
            "asks_again": "confirm" in request.POST,
        }
        return self.respond(request, "desk/move.html", page_row, look, context, status=answer.status)

    def respond(
        self,
        request: HttpRequest,
        template: str,
        row: Any,
        look: pages.Look,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        """A page of the row, under its head."""
        base = {
            **self.admin_site.each_context(request),
            "opts": None,
            "model_opts": self.opts,
            "row": row,
            "title": str(row),
            "page_url": self._page_url(row),
            "list_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            "head_template": self.head_template,
            "head": self.head(row, look),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, base | context, status=status)

    def _page_url(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def _move_url(self, row: Any, offer: pages.Offer) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_move"
        return reverse(name, args=[row.pk, offer.move.name, offer.row.pk])


def person(request: HttpRequest) -> User:
    """Who asks; a page of the desk has nobody who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


def look_of(request: HttpRequest) -> pages.Look:
    """The one look that a request has at its page."""
    return pages.Look(person(request), database_now(), request.GET)


def _version(request: HttpRequest) -> int | None:
    return whole_number(request.POST.get("version", ""))


def _standing(move: pages.Move, row: Any, look: pages.Look) -> list[Refusal]:
    """What speaks against the move, whatever is typed."""
    return move.refusals(row, by=look.by, at=look.at)


def _is_forbidden(refusals: list[Refusal]) -> bool:
    return any(isinstance(no, NotPermitted) for no in refusals)
