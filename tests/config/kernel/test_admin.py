"""Accounts, roles and the calendar on the desk."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from config.kernel import pages
from config.kernel.admin.base import DeskAdmin
from config.kernel.fields import EncryptedTextField
from config.kernel.models import CalendarDay, User
from config.kernel.working_days import load_holidays
from members.models import Plan
from members.services.plans import founders
from tests.factories import staff


@pytest.fixture
def administrator(db: None) -> User:
    user = staff("administrator")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


@pytest.fixture
def client(administrator: User) -> Client:
    signed_in = Client()
    signed_in.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    return signed_in


def account(user: User, **said: object) -> dict[str, object]:
    return {"username": user.username, "display_name": "", "email": "", "is_active": "on", "is_staff": "on", **said}


def test_an_administrator_gives_a_role_to_another(client: Client) -> None:
    other, role = staff("intake"), Group.objects.get(name="reviewer")
    url = reverse("admin:kernel_user_change", args=[other.pk])
    assert client.post(url, account(other, groups=[role.pk])).status_code == 302
    assert [group.name for group in other.groups.all()] == ["reviewer"]


def test_nobody_gives_himself_a_role_or_becomes_a_superuser(client: Client, administrator: User) -> None:
    role = Group.objects.get(name="reviewer")
    url = reverse("admin:kernel_user_change", args=[administrator.pk])
    assert client.post(url, account(administrator, groups=[role.pk], is_superuser="on")).status_code == 302
    administrator.refresh_from_db()
    assert [group.name for group in administrator.groups.all()] == ["administrator"]
    assert not administrator.is_superuser


def test_nobody_gets_the_role_of_the_system(client: Client) -> None:
    other, role = staff("intake"), Group.objects.get(name="system")
    url = reverse("admin:kernel_user_change", args=[other.pk])
    assert client.post(url, account(other, groups=[role.pk])).status_code == 200
    assert [group.name for group in other.groups.all()] == ["intake"]


@pytest.mark.parametrize("name", ["system", "founder-1", "founder-2"])
def test_the_accounts_of_the_house_itself_are_read_only(client: Client, name: str) -> None:
    User.objects.system()
    founders()
    ours = User.objects.get(username=name)
    before = (User.objects.values().get(pk=ours.pk), list(ours.groups.values_list("name", flat=True)))
    url = reverse("admin:kernel_user_change", args=[ours.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, account(ours, is_active="")).status_code == 403
    password = {"password1": "a-long-word-9", "password2": "a-long-word-9", "usable_password": "true"}
    assert client.post(f"/admin/kernel/user/{ours.pk}/password/", password).status_code == 403
    assert (User.objects.values().get(pk=ours.pk), list(ours.groups.values_list("name", flat=True))) == before


def test_a_new_account_can_do_nothing_yet(client: Client) -> None:
    said = {"username": "newcomer", "display_name": "新人", "password1": "a-long-word-9", "password2": "a-long-word-9"}
    assert client.post(reverse("admin:kernel_user_add"), {**said, "usable_password": "true"}).status_code == 302
    newcomer = User.objects.get(username="newcomer")
    assert (newcomer.is_staff, newcomer.get_all_permissions()) == (False, set())


def test_a_day_edited_here_is_not_overwritten_by_the_files(client: Client, administrator: User) -> None:
    load_holidays()
    day = CalendarDay.objects.get(day=date(2026, 10, 1))
    url = reverse("admin:kernel_calendarday_change", args=[day.pk])
    assert client.post(url, {"day": "2026-10-01", "name": "停业", "source": "国务院"}).status_code == 302
    load_holidays()
    day.refresh_from_db()
    assert (day.name, day.source) == ("停业", f"由 {administrator.username} 手工录入")


def test_every_table_is_on_the_desk_and_no_encrypted_column(db: None) -> None:
    for model, page in admin.site._registry.items():
        assert isinstance(page, DeskAdmin), model
        secret = {field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)}
        assert secret <= set(page.get_exclude(None)), model
        assert page.list_per_page <= 50
        assert not page.show_full_result_count


def test_two_parts_of_a_page_are_not_named_alike() -> None:
    move = pages.Move(name="twice", label="", consequence="")
    pages.add_moves(Plan, move)
    with pytest.raises(ValueError, match="twice"):
        pages.add_moves(Plan, move)
    del pages._moves[Plan._meta.label]


def test_the_sign_in_page_leads_to_the_desk(db: None) -> None:
    user = staff("intake")
    user.is_staff = True
    user.set_password("a-long-word-9")
    user.save()
    response = Client().post(
        reverse("admin:login"), {"username": user.username, "password": "a-long-word-9"}, follow=True
    )
    assert response.redirect_chain == [(reverse("admin:index"), 302)]
