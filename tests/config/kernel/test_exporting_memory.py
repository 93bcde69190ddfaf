"""Half a million rows pass through a process that does not grow."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from config.embedded.addresses import ROOT
from tests.factories import membership
from tests.faults.processes import database_url

ROWS = 500_000
GROWTH_MB = 16
"""What the process may need above what it needs for a handful of rows (performance goal of exports)."""

SCRIPT = """
import django
django.setup()
from django.utils.translation import override
from config.kernel.exporting.copying import Chosen, Copy, own_connection, xml_blocks
from config.kernel.exporting.workbook import Workbook
from members.models import Share
from members.resources.exports import ShareSheet

def write(rows):
    chosen = [Chosen(name, column) for name, column in ShareSheet.fields.items()]
    with override("zh-hans"), own_connection() as here:
        blocks = xml_blocks(Copy(rows, chosen), here)
        return sum(map(len, Workbook(blocks, chosen, "x", lambda: ("y", [])).stream()))

def peak():
    # KB that this process ever needed; unlike ru_maxrss, without what its parent did
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

few = write(Share.objects.order_by("pk")[:1000])
base = peak()
many = write(Share.objects.order_by("pk"))
print(few, many, (peak() - base) / 1024)
"""


@pytest.fixture
def shares(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_share (membership_id, due_on, fen) SELECT %s, date '2020-01-01' + n %% 2000, n"
            " FROM generate_series(1, %s) n",
            [membership().pk, ROWS],
        )


def test_memory_does_not_grow_with_rows(shares: None) -> None:
    few, many, growth = (float(figure) for figure in run(SCRIPT).split())
    assert many > 50 * few
    assert growth < GROWTH_MB


def test_a_way_that_keeps_its_rows_is_noticed(shares: None) -> None:
    """The same by the ORM, which keeps them all: the measure can fail."""
    kept = SCRIPT.replace('many = write(Share.objects.order_by("pk"))', "many = len(list(Share.objects.all()))")
    assert kept != SCRIPT
    assert float(run(kept).split()[2]) > 4 * GROWTH_MB


def run(script: str) -> str:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
