"""G3: the lists of the desk at 1,000,000 cases, beside the same list as stock admin serves it, in turn.

SQL is the time of all statements that read the list's own table; a page is the whole request in process, with
middleware, session, filters and template.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import django.contrib.admin
from django.contrib import admin
from django.db import connection, models
from django.template.backends.django import DjangoTemplates
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path, reverse

from claims.enums import State
from claims.models import Claim, ClaimEvent, Deadline
from config.kernel.admin.listing import Order
from members.models import Member, Membership
from tests.benchmarks.loading import load
from tests.benchmarks.measuring import Times, ratio, say, timed, verdict
from tests.factories import case_in, signed_in

CASES = 1_000_000
ROUNDS = 20
STOCK_ROUNDS = 3
ROWS = 50
DEEP = CASES * 19 // 20 // ROWS
"""The page that a stock list counts off."""
SQL_GOAL = 5.0
DEEP_GOAL = 1.1


@dataclass(frozen=True)
class Page:
    """One list, as both admins are asked for it; `goal` is how many times faster ours is to be."""

    name: str
    ours: str
    stock: str
    goal: float | None = None


@dataclass
class Taken:
    """The seconds of each round: the whole page, and the database's part of it."""

    pages: Times
    sql: Times


def run() -> None:
    """Load, then measure each page both ways."""
    seconds = timed(load, case_in(State.COLLECTING), CASES)
    print(f"G3  {CASES:,} cases of {CASES:,} members, loaded in {seconds:.0f} s")
    client = signed_in("supervisor")
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"]):
        first = None
        for page in _pages(client):
            ours = _compare(client, page)
            first = first or ours
            if page.name == "deep":
                deep = verdict(ratio_of_sql(ours, first), at_most=DEEP_GOAL)
                say("    deep beside page 1, ours", [("SQL", deep)])
        _say_others(client)
        _say_desk(client)


def _pages(client: Client) -> Iterator[Page]:
    ours, stock = _list_of(Claim), "/stock/claims/claim/"
    middle = Claim.objects.select_related("membership__member").order_by("-pk")[CASES // 3]
    name = middle.membership.member.name[-2:]
    month, stock_month = (
        "reported_from=2025-03-01&reported_to=2025-03-31",
        "reported_at__gte=2025-03-01T00:00:00%2B08:00&reported_at__lt=2025-04-01T00:00:00%2B08:00",
    )
    yield Page("page 1", ours, stock, 8)
    yield Page("deep", _deep(Claim, "reported_at"), f"{stock}?p={DEEP}", 40)
    yield Page(
        "a step and a month", f"{ours}?state__exact=closed&{month}", f"{stock}?state__exact=closed&{stock_month}"
    )
    found = client.post(ours, {"q": name}).headers["location"]
    yield Page("two characters of a name", found, f"{stock}?q={name}", 24)
    yield Page("a whole number", f"{ours}?q={middle.number}", f"{stock}?q={middle.number}")


def _list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _deep(model: type[models.Model], *columns: str) -> str:
    """The page after the row that stands as deep as the stock list counts."""
    order = Order(tuple(model._meta.get_field(name) for name in (*columns, "id")), descends=True)
    row = model._default_manager.order_by(*order.names)[DEEP * ROWS]
    return f"{_list_of(model)}?after={order.place_of(row)}"


def _compare(client: Client, page: Page) -> Taken:
    """Stock, ours, stock, ours; then ours alone, for a p95 that is one."""
    stock, ours = Taken(Times(), Times()), Taken(Times(), Times())
    _ask(client, page.ours)
    for _round in range(STOCK_ROUNDS):
        _take(stock, client, page.stock)
        _take(ours, client, page.ours)
    times = ratio(stock.pages, ours.pages)
    for _round in range(ROUNDS - STOCK_ROUNDS):
        _take(ours, client, page.ours)
    say(
        f"    {page.name}",
        [
            ("stock: page", stock.pages.in_ms()),
            ("stock: SQL", stock.sql.in_ms()),
            ("ours: page", ours.pages.in_ms()),
            ("ours: SQL", ours.sql.in_ms()),
            ("ours: SQL, p95 in ms", verdict(1000 * ours.sql.p95(), at_most=SQL_GOAL)),
            ("times as fast as stock", verdict(times, at_least=page.goal) if page.goal else f"{times:.1f}"),
        ],
    )
    return ours


def _say_others(client: Client) -> None:
    """Page 1 and a deep one of the other long lists, in turn."""
    lines = []
    for model in (Member, Membership, Deadline, ClaimEvent):
        first, deep = Taken(Times(), Times()), Taken(Times(), Times())
        urls = _list_of(model), _deep(model)
        for url in urls:
            _ask(client, url)
        for _round in range(ROUNDS):
            _take(first, client, urls[0])
            _take(deep, client, urls[1])
        shown = f"{first.sql.in_ms()}, deep {deep.sql.in_ms()}, ratio "
        lines.append((str(model._meta.model_name), shown + verdict(ratio_of_sql(deep, first), at_most=DEEP_GOAL)))
    say("    the other lists, SQL of page 1 and deep", lines)


def _say_desk(client: Client) -> None:
    """The landing page, which counts cases by step and by list."""
    url, pages, sql = reverse("admin:index"), Times(), Times()
    client.get(url)
    for _round in range(ROUNDS):
        with _watched("claim") as asked:
            pages.seconds.append(timed(client.get, url))
        sql.seconds.append(sum(asked))
    say("    the desk of a supervisor", [("page", pages.in_ms()), ("SQL of the cases", sql.in_ms())])


def ratio_of_sql(mine: Taken, other: Taken) -> float:
    return ratio(mine.sql, other.sql)


def _take(taken: Taken, client: Client, url: str) -> None:
    seconds, sql = _ask(client, url)
    taken.pages.seconds.append(seconds)
    taken.sql.seconds.append(sql)


def _ask(client: Client, url: str) -> tuple[float, float]:
    """Seconds of the request, and of the SQL of its list."""
    with _watched(url.split("/")[-2]) as asked:
        start = perf_counter()
        response = client.get(url, headers={"accept-encoding": "gzip"})
        seconds = perf_counter() - start
    if response.status_code != 200 or not response.context_data["cl"].result_list:
        raise AssertionError(f"{url} answered {response.status_code}, or shows nothing.")
    return seconds, sum(asked)


@contextmanager
def _watched(table: str) -> Iterator[list[float]]:
    """The seconds of each statement that names the table."""
    asked: list[float] = []

    def watch(execute: Callable[..., Any], sql: str, *about: Any) -> Any:
        start = perf_counter()
        try:
            return execute(sql, *about)
        finally:
            if f'_{table}"' in sql:
                asked.append(perf_counter() - start)

    with connection.execute_wrapper(watch):
        yield asked


class StockClaims(admin.ModelAdmin):
    """As people write it, in Django's own templates."""

    list_display = ("number", "membership", "disease", "state", "state_since", "assessment")
    list_filter = ("state", "cause", "disease", "reported_at")
    search_fields = ("number", "membership__member__name")
    list_select_related = ("membership__member", "membership__plan", "assessment")
    list_per_page = ROWS
    change_list_template = DjangoTemplates(
        {
            "NAME": "stock",
            "DIRS": [Path(django.contrib.admin.__file__).parent / "templates"],
            "APP_DIRS": False,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ).get_template("admin/change_list.html")


stock = admin.AdminSite("stock")
stock.register(Claim, StockClaims)
urlpatterns = [path("", include("config.urls")), path("stock/", stock.urls)]
