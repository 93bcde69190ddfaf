"""Production starts with its secrets or not at all; addresses survive the way into Django's settings."""

import os
import subprocess
import sys
import time

import pytest
from celery import Celery
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from kombu.exceptions import OperationalError

from config.settings.base import broker, database

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_KEYS": "2026:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "BLIND_INDEX_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "DATABASE_URL": "postgresql://claims:secret@database.invalid/claims",
    "REDIS_URL": "redis://broker.invalid/0",
    "ALLOWED_HOSTS": "desk.example.org",
    "FIELD_SCANNER": "scanner.invalid:3310",
}


def in_production(*command: str, without: str = "", **instead: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, since settings are read once a process."""
    environment = {"PATH": os.environ["PATH"]} | PRODUCTION | instead
    environment.pop(without, None)
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"DJANGO_SETTINGS_MODULE"}))
@pytest.mark.parametrize("how", ["absent", "blank"])
def test_production_refuses_to_start_without(name: str, how: str) -> None:
    done = in_production("manage.py", "check", **({"without": name} if how == "absent" else {name: " "}))

    assert done.returncode != 0
    assert f"Production needs {name} in the environment." in done.stderr


def test_production_refuses_a_short_secret() -> None:
    done = in_production("manage.py", "check", SECRET_KEY="development-only")

    assert "SECRET_KEY is too short" in done.stderr


@pytest.mark.parametrize("scanner", ["none", "scanner.invalid", ":3310", "scanner.invalid:0", "[::1]:99999", "a:b"])
def test_production_refuses_a_scanner_that_is_no_address(scanner: str) -> None:
    done = in_production("manage.py", "check", FIELD_SCANNER=scanner)

    assert "FIELD_SCANNER is host:port" in done.stderr


@pytest.mark.parametrize("scanner", ["off", "[::1]:3310"])
def test_production_starts_with_a_scanner_or_says_that_there_is_none(scanner: str) -> None:
    assert in_production("manage.py", "check", FIELD_SCANNER=scanner).returncode == 0


def test_a_web_server_without_settings_is_in_production() -> None:
    done = in_production("-c", "import config.wsgi", without="DJANGO_SETTINGS_MODULE", SECRET_KEY="")

    assert "Production needs SECRET_KEY" in done.stderr


def test_a_worker_without_settings_is_in_production() -> None:
    code = "from config.celery import app; app.conf.broker_url"
    done = in_production("-c", code, without="DJANGO_SETTINGS_MODULE", SECRET_KEY="")

    assert "Production needs SECRET_KEY" in done.stderr


def test_production_passes_the_deployment_checks() -> None:
    done = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr


def test_the_environments_servers_are_used_as_they_are() -> None:
    code = "from django.conf import settings as s; print(s.DATABASES['default']['HOST'], s.CELERY_BROKER_URL)"
    done = in_production("-c", code, DJANGO_SETTINGS_MODULE="config.settings.development")

    assert done.stdout.split() == ["database.invalid", "redis://broker.invalid/0"]


def test_a_database_url_keeps_its_socket_and_its_options() -> None:
    parsed = database("postgresql://claims@:5432/claims?host=/somewhere&application_name=desk&options=-c%20jit%3Doff")

    assert parsed["HOST"] == "/somewhere"
    assert parsed["OPTIONS"]["application_name"] == "desk"
    assert parsed["OPTIONS"]["options"].split("-c ")[1:] == [
        "jit=off ",
        "lock_timeout=3s ",
        "idle_in_transaction_session_timeout=60s",
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///run/a.sock?db=3", "redis+socket:///run/a.sock?virtual_host=3"),
        ("unix:///run/a.sock", "redis+socket:///run/a.sock?virtual_host=0"),
        ("rediss://:secret@broker/2", "rediss://:secret@broker/2"),
    ],
)
def test_celery_is_told_of_sockets_in_its_own_words(url: str, expected: str) -> None:
    assert broker(url) == expected


def test_a_broker_that_is_down_keeps_nobody_waiting() -> None:
    app = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    began = time.monotonic()

    with pytest.raises(OperationalError):
        app.send_task("kernel.ring", retry=False)

    assert time.monotonic() - began < 2  # the clients' own defaults try for six seconds


@pytest.mark.django_db
def test_nobody_waits_for_a_lock_longer_than_three_seconds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)


@pytest.mark.django_db
def test_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True)
