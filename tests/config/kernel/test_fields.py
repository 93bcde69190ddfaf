import base64
from contextlib import contextmanager

import pytest
from django.apps.registry import Apps
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F
from django.db.models.functions import Length

from config.kernel.crypto import DamagedValue, blind, keyring
from config.kernel.fields import BlindIndexField, EncryptedTextField
from config.kernel.rotation import rotate_field

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()

ID = "11010519491231002X"
PHONE = "13800138000"


class Person(models.Model):  # noqa: DJ008  (nothing shows it)
    name = models.CharField(max_length=20, default="")
    id_number = EncryptedTextField()
    id_number_index = BlindIndexField(source="id_number", unique=True)
    phone = EncryptedTextField(blank=True, default="")
    phone_index = BlindIndexField(source="phone")
    notes = EncryptedTextField(null=True)

    class Meta:
        app_label = "fieldtest"
        apps = Apps()


@pytest.fixture(autouse=True)
def table(db):
    with connection.schema_editor() as editor:
        editor.create_model(Person)


@pytest.fixture
def person():
    return Person.objects.create(name="A", id_number=ID, phone=PHONE)


def stored(column, pk):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM fieldtest_person WHERE id = %s", [pk])
        (value,) = cursor.fetchone()
    return None if value is None else bytes(value)


@contextmanager
def refused(match):
    with pytest.raises(FieldError, match=match), transaction.atomic():
        yield


def test_the_table_holds_no_number_and_the_model_does(person):
    assert Person.objects.get().id_number == ID
    for column in ("id_number", "id_number_index", "phone", "phone_index"):
        assert ID.encode() not in stored(column, person.pk)
        assert PHONE.encode() not in stored(column, person.pk)
    assert stored("id_number", person.pk).startswith(keyring().header)


def test_none_stays_none_and_empty_stays_empty():
    person = Person.objects.create(id_number=ID, phone="", notes=None)

    assert stored("notes", person.pk) is None
    assert stored("phone", person.pk) is not None
    again = Person.objects.get()
    assert (again.notes, again.phone, again.phone_index) == (None, "", None)
    assert list(Person.objects.filter(notes__isnull=True)) == [person]
    assert list(Person.objects.filter(notes=None)) == [person]


def test_a_number_is_found_however_it_is_typed(person):
    Person.objects.create(name="B", id_number="other")

    assert Person.objects.get(id_number=" 110105 19491231 002x") == person
    assert list(Person.objects.filter(id_number__in=[ID, "unknown"])) == [person]
    assert not Person.objects.filter(id_number="110105194912310021").exists()
    assert not Person.objects.filter(id_number__in=[]).exists()


def test_a_search_goes_by_the_index_and_shows_no_number(person):
    query = str(Person.objects.filter(id_number=ID).query)

    assert "id_number_index" in query
    assert ID not in query


def test_exclude_keeps_rows_without_a_number(person):
    bare = Person.objects.create(name="B", id_number="other", phone="")

    assert list(Person.objects.exclude(phone=PHONE)) == [bare]
    assert list(Person.objects.exclude(phone__in=[PHONE])) == [bare]


@pytest.mark.parametrize("lookup", ["icontains", "contains", "startswith", "iexact", "gt", "regex", "range", "length"])
def test_every_other_lookup_is_refused(lookup):
    with pytest.raises(FieldError):
        Person.objects.filter(**{f"id_number__{lookup}": "110"})


def test_a_field_without_an_index_is_not_searched():
    with pytest.raises(FieldError, match="no blind index"):
        Person.objects.filter(notes="ill")


@pytest.mark.parametrize("value", ["", F("phone"), 5])
def test_only_a_text_is_compared(value):
    with pytest.raises(FieldError):
        Person.objects.filter(id_number=value)
    with pytest.raises(FieldError):
        Person.objects.filter(id_number__in=[value])


def test_a_number_is_unique_and_the_refusal_does_not_repeat_it(person):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Person.objects.create(name="B", id_number=ID.lower())

    assert ID not in str(refused.value).upper()


def test_only_text_is_stored_and_the_refusal_does_not_repeat_it():
    with pytest.raises(TypeError) as refused:
        Person.objects.create(id_number=110105194912310021)

    assert "110105" not in str(refused.value)


def test_the_index_follows_save_and_bulk_create(person):
    person.phone = "13900139000"
    person.save(update_fields=["phone", "phone_index"])
    Person.objects.bulk_create([Person(id_number=f"n{n}", phone=f"p{n}") for n in range(3)])

    assert Person.objects.get(phone="13900139000") == person
    assert not Person.objects.filter(phone=PHONE).exists()
    assert Person.objects.get(phone="p1").id_number == "n1"


def test_the_index_follows_an_upsert():
    Person.objects.create(id_number=ID, phone="old")
    row = Person(id_number=ID, phone="new")
    upsert = {"update_conflicts": True, "unique_fields": ["id_number_index"]}

    Person.objects.bulk_create([row], update_fields=["phone", "phone_index"], **upsert)

    assert Person.objects.get(phone="new").id_number == ID
    with refused("phone_index"):
        Person.objects.bulk_create([row], update_fields=["phone"], **upsert)


def test_a_write_that_would_leave_the_index_behind_is_refused(person):
    people = Person.objects.filter(pk=person.pk)
    person.phone = "13900139000"

    with refused("phone_index"):
        people.update(phone="13900139000")
    with refused("phone_index"):
        people.update(phone="13900139000", phone_index=blind("wrong", where="fieldtest_person.phone"))
    with refused("phone_index"):
        person.save(update_fields=["phone"])
    with refused("bulk_update"):
        Person.objects.bulk_update([person], ["phone"])
    with refused("expression"):
        people.update(notes=F("phone"))
    assert Person.objects.get().phone == PHONE


def test_a_field_without_an_index_may_be_updated(person):
    Person.objects.update(notes="ill")

    assert Person.objects.get().notes == "ill"
    assert b"ill" not in stored("notes", person.pk)


def test_rows_loaded_without_their_numbers_keep_them(person):
    partial = Person.objects.defer("phone", "id_number").get()
    partial.name = "C"
    partial.save()

    assert Person.objects.get(phone=PHONE, id_number=ID).name == "C"


def test_a_value_moved_between_columns_does_not_open(person):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fieldtest_person SET phone = id_number")

    with pytest.raises(DamagedValue):
        Person.objects.get()


def test_a_number_is_not_computed_with_in_the_database_nor_dumped(person):
    with pytest.raises(FieldError):
        Person.objects.filter(id_number__length=Length("name"))
    with pytest.raises(FieldError):
        Person._meta.get_field("id_number").value_to_string(person)


def test_the_fields_can_be_written_into_a_migration():
    for name in ("id_number", "id_number_index", "phone_index"):
        field = Person._meta.get_field(name)
        again = field.clone()

        assert again.deconstruct()[1:] == field.deconstruct()[1:]
        assert (again.null, again.unique, again.db_index) == (field.null, field.unique, field.db_index)
        assert "config.kernel.fields." in MigrationWriter.serialize(field)[0]


def test_a_column_added_to_a_full_table_is_readable(person):
    address = EncryptedTextField(blank=True)
    address.set_attributes_from_name("address")
    address.model = Person
    with connection.schema_editor() as editor:
        editor.add_field(Person, address)

    assert address.from_db_value(stored("address", person.pk), None, connection) == ""


def test_an_index_of_no_encrypted_field_is_an_error():
    class Wrong(models.Model):  # noqa: DJ008  (nothing shows it)
        name = models.CharField(max_length=5)
        name_index = BlindIndexField(source="name")
        other_index = BlindIndexField(source="nothing")

        class Meta:
            app_label = "fieldtest"
            apps = Apps()

    for name in ("name_index", "other_index"):
        assert "kernel.E001" in [error.id for error in Wrong._meta.get_field(name).check()]


@pytest.fixture
def two_keys(settings):
    """Seven people under the old key, then a new key before it."""
    settings.FIELD_KEYS = OLD
    Person.objects.bulk_create([Person(id_number=f"n{n}", phone=f"p{n}") for n in range(7)])
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    return settings


def test_rotation_rewrites_every_value_once(two_keys):
    field = Person._meta.get_field("id_number")

    assert rotate_field(field, batch=3).rotated == 7
    assert rotate_field(field, batch=3).rotated == 0
    rotate_field(Person._meta.get_field("phone"), batch=100)
    rotate_field(Person._meta.get_field("notes"), batch=100)
    two_keys.FIELD_KEYS = NEW
    assert sorted(person.id_number for person in Person.objects.all()) == [f"n{n}" for n in range(7)]
    assert Person.objects.get(phone="p3").id_number == "n3"


def test_rotation_leaves_and_reports_what_does_not_open(two_keys):
    broken = Person.objects.get(phone="p2").pk
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fieldtest_person SET id_number = phone WHERE id = %s", [broken])
    field = Person._meta.get_field("id_number")

    tally = rotate_field(field, batch=2)

    assert (tally.rotated, tally.unreadable) == (6, [broken])
