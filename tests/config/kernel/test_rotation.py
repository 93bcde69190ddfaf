import base64
import io
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from PIL import Image

from config.kernel import files
from config.kernel.rotation import encrypted_fields
from members.models import Member
from tests.factories import at

pytestmark = pytest.mark.django_db

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
FIELDS = ("members_member.id_number", "members_member.phone", "members_member.bank_card")


@pytest.fixture
def member(settings, tmp_path):
    """A member under the old key, who meets the new one; no file of another test is in the store."""
    settings.FIELD_KEYS, settings.MEDIA_ROOT = OLD, tmp_path
    member = Member.objects.create(
        name="吴小漫",
        sex="F",
        birth_date=date(1949, 12, 31),
        region="湖北",
        id_number="11010519491231002X",
        phone="13800138000",
    )
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    return member


def rotate_keys():
    out = io.StringIO()
    call_command("rotate_keys", batch=2, stdout=out, stderr=out)
    return out.getvalue()


def test_every_private_number_of_a_member_is_rotated():
    assert set(FIELDS) <= {field.where for field in encrypted_fields()}


def test_after_rotation_the_old_key_can_be_thrown_away(member, settings):
    said = rotate_keys()

    assert all(f"{where}: 1 rotated, 0 unreadable" in said for where in FIELDS)
    settings.FIELD_KEYS = NEW
    assert Member.objects.get(phone="13800138000").id_number == "11010519491231002X"


def test_a_second_rotation_finds_nothing_to_do(member):
    rotate_keys()

    assert "1 rotated" not in rotate_keys()


def test_a_value_that_does_not_open_is_named_by_its_row_and_the_rest_is_rotated(member):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET bank_card = phone")
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 value"):
        call_command("rotate_keys", stdout=out, stderr=out)

    assert f"members_member.bank_card: row {member.pk} does not open" in out.getvalue()
    assert "members_member.phone: 1 rotated" in out.getvalue()
    assert "13800138000" not in out.getvalue()


def certificate():
    drawn = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(drawn, "PNG")
    return drawn.getvalue()


CERTIFICATE = certificate()


@pytest.fixture
def paper(settings, tmp_path):
    """A file stored under the old key, which meets the new one."""
    settings.MEDIA_ROOT, settings.FIELD_KEYS = tmp_path, OLD
    stored = files.keep(CERTIFICATE, at=at("2025-04-05"))
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    return stored


def test_stored_files_are_rotated_too(paper, settings):
    assert "stored files: 1 rotated, 0 unreadable" in rotate_keys()

    settings.FIELD_KEYS = NEW
    assert files.read(paper) == CERTIFICATE
    assert "stored files: 0 rotated" in rotate_keys()


def test_a_file_that_is_not_there_is_named_and_nothing_else_stops(paper):
    files.place_of(paper).unlink()

    with pytest.raises(CommandError, match="1 value"):
        rotate_keys()
