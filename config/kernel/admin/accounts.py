"""Accounts and their roles, the calendar, and what waits to leave the house."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from config.kernel.admin.base import DeskAdmin, ReadOnlyAdmin
from config.kernel.admin.searching import PeopleAdmin
from config.kernel.models import Absence, CalendarDay, Outbox, Team, User
from config.kernel.roles import NAMES

OF_THE_HOUSE = ("system", "founder-1", "founder-2")
"""Accounts of no person: without their rights no sweep runs, and nobody stands behind what ships."""

admin.site.unregister(Group)


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "display_name")


class AccountForm(UserChangeForm):
    class Meta:
        model = User
        fields = ("username", "display_name", "email", "team", "is_active", "is_staff", "groups")


@admin.register(User)
class UserAdmin(PeopleAdmin, DjangoUserAdmin, DeskAdmin):  # type: ignore[misc]  # the two skins agree only at run time
    """Accounts; rights come from roles alone, and nobody gives a role to himself."""

    is_small = True
    form = AccountForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "roles", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "email", "team")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "display_name", "password1", "password2")}),)
    readonly_fields: ClassVar = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return users

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.username in OF_THE_HOUSE:
            return False
        return bool(super().has_change_permission(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        own = ("groups", "is_active", "is_staff") if obj is not None and obj.pk == request.user.pk else ()
        return (*self.readonly_fields, *own)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":  # the system's own role is nobody's
            kwargs["queryset"] = Group.objects.exclude(name="system").order_by("name")
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.label_from_instance = role_name  # type: ignore[method-assign,assignment]  # the field's own hook
        return field

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(role_name(group) for group in user.groups.all()) or "—"


def role_name(group: Group) -> str:
    """The role as a reader calls it."""
    return str(NAMES.get(group.name, group.name))


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """Roles: what each may do is in the code, and the same everywhere."""

    is_small = True
    list_display = ("role", "name")
    fields = ("name", "rights")
    readonly_fields = ("rights",)
    ordering = ("name",)

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        return role_name(group)

    @admin.display(description=_("rights"))
    def rights(self, group: Group) -> str:
        return ", ".join(group.permissions.order_by("codename").values_list("codename", flat=True))


@admin.register(Team)
class TeamAdmin(DeskAdmin):
    """Who answers to whom; who is in a team is said on the page of the account."""

    is_small = True
    list_display = ("name", "lead")
    list_select_related = ("lead",)
    ordering = ("name",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "lead":
            kwargs["queryset"] = User.objects.filter(is_active=True, is_staff=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(CalendarDay)
class CalendarDayAdmin(DeskAdmin):
    """Holidays and days made up for. What is edited here is no longer overwritten by the files."""

    is_small = True
    list_display = ("day", "name", "is_working", "is_statutory", "source")
    list_filter = ("is_working", "is_statutory")
    search_fields = ("=name",)
    ordering = ("-day",)
    readonly_fields = ("source",)

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: bool) -> None:
        obj.source = gettext("entered by hand by %(user)s") % {"user": request.user.get_username()}
        obj.source = obj.source[: CalendarDay._meta.get_field("source").max_length]
        super().save_model(request, obj, form, change)


@admin.register(Absence)
class AbsenceAdmin(DeskAdmin):
    """Days on which somebody is given no cases; those he has already are on the supervisors' desk."""

    list_display = ("user", "first_day", "last_day", "note")
    list_select_related = ("user",)
    ordering = ("-first_day", "-id")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_active=True, is_staff=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("topic", "ref", "state", "attempts", "created_at", "retry_at", "done_at", "last_error")
    list_filter = ("state",)
    ordering = ("-id",)
