"""Rights are what was given, on every path that Django asks by; nobody is exempt."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.context_processors import PermWrapper
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse

from config.kernel import roles
from config.kernel.models import User
from config.kernel.roles import NAMES, ROLES, sync_roles, who_has

pytestmark = pytest.mark.django_db

ADMIT = "members.admit_member"


@pytest.fixture
def somebody() -> Callable[..., User]:
    def one(role: str = "", **facts: object) -> User:
        user = User.objects.create(username=role or "nobody", **facts)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    return one


ASKED: dict[str, Callable[[User], bool]] = {
    "has_perm": lambda user: user.has_perm(ADMIT),
    "has_perms": lambda user: user.has_perms([ADMIT]),
    "has_module_perms": lambda user: user.has_module_perms("members"),
    "get_all_permissions": lambda user: ADMIT in user.get_all_permissions(),
    "get_group_permissions": lambda user: ADMIT in user.get_group_permissions(),
    "ahas_perm": lambda user: async_to_sync(user.ahas_perm)(ADMIT),
    "ahas_perms": lambda user: async_to_sync(user.ahas_perms)([ADMIT]),
    "ahas_module_perms": lambda user: async_to_sync(user.ahas_module_perms)("members"),
    "aget_all_permissions": lambda user: ADMIT in async_to_sync(user.aget_all_permissions)(),
    "aget_group_permissions": lambda user: ADMIT in async_to_sync(user.aget_group_permissions)(),
    "template": lambda user: bool(PermWrapper(user)["members"]["admit_member"]),
}


class TestPermissions:
    @pytest.mark.parametrize("path", ASKED)
    def test_a_role_gives_its_rights(self, somebody, path):
        assert ASKED[path](somebody("intake"))

    @pytest.mark.parametrize("path", ASKED)
    def test_a_superuser_has_none_that_were_not_given(self, somebody, path):
        assert not ASKED[path](somebody(is_superuser=True, is_staff=True))

    @pytest.mark.parametrize("path", ASKED)
    def test_a_superuser_keeps_those_that_were(self, somebody, path):
        assert ASKED[path](somebody("intake", is_superuser=True))

    @pytest.mark.parametrize("path", ASKED)
    def test_who_left_has_none(self, somebody, path):
        assert not ASKED[path](somebody("intake", is_active=False))

    @pytest.mark.parametrize("path", sorted(set(ASKED) - {"get_group_permissions", "aget_group_permissions"}))
    def test_a_right_given_to_the_person_counts(self, somebody, path):
        user = somebody()
        user.user_permissions.add(Permission.objects.get(codename="admit_member"))

        assert ASKED[path](user)
        assert user.get_user_permissions() == {ADMIT} == async_to_sync(user.aget_user_permissions)()
        assert user.get_group_permissions() == set()

    def test_a_superusers_own_and_group_permissions_are_not_all_there_are(self, somebody):
        user = somebody(is_superuser=True)

        assert user.get_user_permissions() == user.get_group_permissions() == set()
        assert async_to_sync(user.aget_user_permissions)() == set()

    def test_a_single_object_gives_no_right(self, somebody):
        user = somebody("intake")

        assert not user.has_perm(ADMIT, user)
        assert user.get_all_permissions(user) == set()

    def test_a_word_is_no_list_of_permissions(self, somebody):
        with pytest.raises(ValueError, match="iterable"):
            somebody("intake").has_perms(ADMIT)

    def test_rights_are_read_once_a_request(self, somebody, django_assert_num_queries):
        user = somebody("reviewer")

        with django_assert_num_queries(2):
            user.has_perm("members.no_such")
            user.has_perms(["claims.review_claim", "members.recheck_health"])
            user.has_module_perms("members")

    def test_a_right_taken_away_is_gone_with_the_next_request(self, somebody):
        user = somebody("intake")
        assert user.has_perm(ADMIT)

        user.groups.clear()

        assert not User.objects.get(pk=user.pk).has_perm(ADMIT)
        user.refresh_from_db()
        assert not user.has_perm(ADMIT)

    def test_who_is_sent_away_meanwhile_has_no_right_even_now(self, somebody):
        user = somebody("intake")
        assert user.has_perm(ADMIT)

        user.is_active = False

        assert not user.has_perm(ADMIT)


class TestRoles:
    def test_every_right_that_a_role_names_exists(self):
        known = {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}

        assert {name for names in ROLES.values() for name in names} <= known

    def test_every_role_has_its_group_with_exactly_its_rights_and_a_name(self):
        assert set(NAMES) == set(ROLES) == set(Group.objects.values_list("name", flat=True))
        for role, names in ROLES.items():
            given = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
            assert {f"{app}.{code}" for app, code in given} == set(names)

    def test_a_right_that_was_added_or_lost_by_hand_is_set_right(self):
        group = Group.objects.get(name="intake")
        group.permissions.set([Permission.objects.get(codename="correct_joining")])

        sync_roles(apps.get_app_config("members"))

        given = group.permissions.filter(content_type__app_label="members").values_list("codename", flat=True)
        assert "admit_member" in given
        assert "correct_joining" not in given

    def test_a_right_that_does_not_exist_is_refused(self, monkeypatch):
        monkeypatch.setitem(ROLES, "intake", ("members.fly",))

        with pytest.raises(LookupError, match=r"members\.fly"):
            sync_roles(apps.get_app_config("members"))

    def test_an_app_that_is_not_migrated_yet_has_its_turn_later(self):
        Permission.objects.filter(content_type__app_label="payouts").delete()

        sync_roles(apps.get_app_config("payouts"))

        assert Group.objects.filter(name="finance").exists()

    def test_who_may_is_named_by_role(self):
        assert who_has(ADMIT) == str(NAMES["intake"])
        assert who_has("members.fly") == str(roles._("nobody"))

    def test_administrators_decide_no_case_and_auditors_change_nothing(self):
        registers = {"user", "group", "outbox", "calendarday", "hospital", "agency", "investigator"}
        registers |= {"team", "disease", "import"}
        assert {name.rpartition("_")[2] for name in ROLES["administrator"]} <= registers
        changes = {name for name in ROLES["auditor"] if not name.partition(".")[2].startswith(("view_", "export_"))}
        assert changes == {"kernel.add_export", "claims.watch_deadline"}


class TestSystem:
    def test_the_system_is_one_cannot_sign_in_and_may_run_sweeps(self):
        system = User.objects.system()

        assert User.objects.system() == system
        assert not system.has_usable_password()
        assert ModelBackend().authenticate(None, username="system", password="!") is None
        assert system.get_all_permissions() == set(ROLES["system"])

    def test_a_system_without_its_role_is_not_left_behind(self):
        Group.objects.filter(name="system").delete()

        with pytest.raises(Group.DoesNotExist):
            User.objects.system()
        assert not User.objects.filter(username="system").exists()

    def test_it_is_read_in_one_query(self, django_assert_num_queries):
        User.objects.system()

        with django_assert_num_queries(1 + 2):  # and the savepoint
            User.objects.system()

    def test_names_are_taken_once(self):
        User.objects.system()

        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(username="system")


class TestSigningIn:
    @pytest.mark.parametrize(
        ("facts", "welcome"),
        [
            ({"is_staff": True}, True),
            ({"is_staff": False}, False),
            ({"is_staff": True, "is_active": False}, False),
            ({"is_staff": False, "is_superuser": True}, False),
        ],
    )
    def test_the_desk_is_for_active_staff(self, somebody, client, facts, welcome):
        user = somebody("intake", **facts)
        user.set_password("right horse")
        user.save()

        answer = client.post(reverse("admin:login"), {"username": "intake", "password": "right horse", "next": "/"})

        assert ("_auth_user_id" in client.session) is welcome
        assert answer.status_code == (302 if welcome else 200)

    def test_a_superuser_who_signs_in_sees_no_table(self, somebody):
        request = RequestFactory().get("/")
        request.user = somebody(is_superuser=True, is_staff=True)
        request.resolver_match = SimpleNamespace(url_name="index")

        assert admin.site.has_permission(request)
        assert admin.site.get_app_list(request) == []

    def test_who_is_named_is_shown_by_name(self, somebody):
        assert str(somebody("intake")) == "intake"
        assert str(somebody("reviewer", display_name="李审核")) == "李审核"
