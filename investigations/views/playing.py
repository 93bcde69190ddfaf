"""Recordings on a page with the browser's own player, and the stream that feeds it, range by range."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.refusals import Refusal
from investigations.models import Exhibit, Investigator
from investigations.services import evidence, playing
from investigations.views.exhibits import asked, guarded, nothing_of, part, said
from investigations.views.guarding import in_the_field

PORTION = 4 * evidence.MEGABYTE
"""Bytes of an answer at most, whatever range is asked for: a player that waits holds up nobody, and asks for more."""
PLAYERS = ("audio", "video")
"""What a browser says a stream is for, where it says so."""


@require_GET
@in_the_field
def play(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """A recording of an own commission; the desk has a page of its own."""
    try:
        player = playing.open_player(pk, by=investigator.user, at=database_now())
    except Exhibit.DoesNotExist as error:
        raise Http404 from error
    except Refusal as no:
        return said(str(no), status=409)
    return render(request, "field/play.html", {"player": player, "commission": player.exhibit.commission})


@guarded
def stream(request: HttpRequest, by: User, pk: int) -> HttpResponseBase:
    """The bytes that a player asks for. It was opened by the same person a short time ago, and that is in the log."""
    if request.headers.get("Sec-Fetch-Dest", PLAYERS[0]) not in PLAYERS:
        raise Http404
    exhibit = playing.streamed(pk, key=request.GET.get("key", ""), by=by, at=database_now())
    span = asked(request, exhibit, at_most=PORTION)
    if span is None and exhibit.size > PORTION:
        return nothing_of(exhibit)
    return part(request, exhibit, span)
