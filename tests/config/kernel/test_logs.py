"""What an exception says stays out of the logs: PostgreSQL quotes the whole row that it refuses."""

import logging
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from celery import current_app, shared_task
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import include, path
from django.utils.log import log_response
from django.utils.module_loading import import_string

from config.kernel.models import CalendarDay

MARKER = "吴小漫 13800138000"


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What the handlers of LOGGING print."""
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
    line = settings.LOGGING["formatters"]["line"]
    handler = logging.StreamHandler(printed := StringIO())
    handler.setFormatter(import_string(line["()"])(line["format"], style=line["style"]))
    logging.getLogger().addHandler(handler)
    yield printed
    logging.getLogger().removeHandler(handler)


def refused() -> None:
    """A row that a constraint does not take, and an error of ours that came of it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_calendarday ADD CONSTRAINT never CHECK (name = '') NOT VALID")
    try:
        CalendarDay.objects.create(day=date(2000, 1, 1), is_working=True, name=MARKER)
    except IntegrityError as error:
        raise RuntimeError(f"because: {error}") from error


@shared_task(name="tests.refused")
def task_refused() -> None:
    refused()


urlpatterns = [path("refused/", lambda request: refused()), path("", include(settings.ROOT_URLCONF))]


def check(printed: str) -> None:
    for word in ("RuntimeError", "django.db.utils.IntegrityError", "psycopg.errors.CheckViolation", "in refused"):
        assert word in printed
    assert "吴小漫" not in printed
    assert "13800138000" not in printed


@pytest.mark.django_db
class TestARowThatIsRefused:
    def test_by_way_of_a_logger(self, lines: StringIO) -> None:
        try:
            refused()
        except RuntimeError as error:
            logging.getLogger("claims").exception("%s: case %s: %s", "sweep", 7, error)

        check(lines.getvalue())
        assert "sweep: case 7: RuntimeError" in lines.getvalue()

    def test_by_way_of_a_task(self, lines: StringIO) -> None:
        task_refused.apply()

        check(lines.getvalue())
        assert "Task tests.refused[" in lines.getvalue()

    @pytest.mark.urls(__name__)
    def test_by_way_of_a_page(self, lines: StringIO) -> None:
        client = Client(raise_request_exception=False)

        assert client.get("/refused/").status_code == 500

        check(lines.getvalue())

    def test_where_only_its_text_is_left(self, lines: StringIO) -> None:
        try:
            refused()
        except RuntimeError as error:
            logging.getLogger("claims").error(f"{error}")
            logging.getLogger("claims").error(f"{error!r}")

        assert "13800138000" not in lines.getvalue()


def test_what_another_handler_has_printed_is_not_taken_over(lines: StringIO) -> None:
    record = logging.LogRecord("claims", logging.ERROR, "", 1, "failed", None, None)
    record.exc_text = MARKER

    logging.getLogger().handle(record)

    assert MARKER not in lines.getvalue()


def test_an_ordinary_line_is_left_as_it_is(lines: StringIO) -> None:
    logging.getLogger("claims").error("%(name)s did %(count)d", {"name": "a", "count": 2})
    logging.getLogger("claims").error("%s of %d", "a", 2, exc_info=True)
    log_response("Not there: %s", "/x/", response=type("Response", (), {"status_code": 500})())

    assert [line.split(": ", 1)[1] for line in lines.getvalue().splitlines()] == ["a did 2", "a of 2", "Not there: /x/"]


def test_celerys_own_handlers_print_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    own = [logging.getLogger(name) for name in ("multiprocessing", "celery.task")]
    for logger in (*own, logging.getLogger()):
        monkeypatch.setattr(logger, "handlers", list(logger.handlers))
        monkeypatch.setattr(logger, "level", logger.level)
        monkeypatch.setattr(logger, "propagate", logger.propagate)
    monkeypatch.setattr(type(current_app.log), "_setup", False)

    current_app.log.setup_logging_subsystem(loglevel="ERROR")

    kind = import_string(settings.LOGGING["formatters"]["line"]["()"])
    assert all(logger.handlers for logger in own)
    assert {type(handler.formatter) for logger in own for handler in logger.handlers} == {kind}
