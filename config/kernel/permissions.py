"""Rights are what was given to a person or to a role, and nothing else: nobody is exempt."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import models

from config.kernel.refusals import NotPermitted
from config.kernel.roles import who_has

if TYPE_CHECKING:
    from config.kernel.models import User


class ExplicitPermissions(models.Model):
    """Replaces every path of Django's on which a superuser may do everything, the asynchronous ones too.

    Permissions are read once an instance; `refresh_from_db` forgets them. An inactive person has none.
    """

    class Meta:
        abstract = True

    def get_user_permissions(self, obj: Any = None) -> set[str]:
        """Those given to the person alone; none for a single object."""
        return self._granted(obj, user=self)

    def get_group_permissions(self, obj: Any = None) -> set[str]:
        """Those of the person's roles; none for a single object."""
        return self._granted(obj, group__user=self)

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        """Both, as `app.codename`; never "all there are"."""
        return self.get_user_permissions(obj) | self.get_group_permissions(obj)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return perm in self.get_group_permissions(obj) or perm in self.get_user_permissions(obj)

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        if isinstance(perm_list, str):
            raise ValueError("perm_list must be an iterable of permissions.")
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())

    async def aget_user_permissions(self, obj: Any = None) -> set[str]:
        return await sync_to_async(self.get_user_permissions)(obj)

    async def aget_group_permissions(self, obj: Any = None) -> set[str]:
        return await sync_to_async(self.get_group_permissions)(obj)

    async def aget_all_permissions(self, obj: Any = None) -> set[str]:
        return await sync_to_async(self.get_all_permissions)(obj)

    async def ahas_perm(self, perm: str, obj: Any = None) -> bool:
        return await sync_to_async(self.has_perm)(perm, obj)

    async def ahas_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return await sync_to_async(self.has_perms)(perm_list, obj)

    async def ahas_module_perms(self, app_label: str) -> bool:
        return await sync_to_async(self.has_module_perms)(app_label)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("_permissions", None)
        super().refresh_from_db(*args, **kwargs)

    def _granted(self, obj: Any, **through: Any) -> set[str]:
        if not getattr(self, "is_active", False) or obj is not None:
            return set()
        cache: dict[str, set[str]] = self.__dict__.setdefault("_permissions", {})
        (path,) = through
        if path not in cache:
            rows = Permission.objects.filter(**through).order_by().values_list("content_type__app_label", "codename")
            cache[path] = {f"{app}.{code}" for app, code in rows}
        return cache[path]


def check_permission(permission: str, by: "User") -> None:
    """`NotPermitted`, naming who may, unless `by` holds the permission."""
    if not by.has_perm(permission):
        raise NotPermitted(permission=permission, who=who_has(permission))


def holders(permission: str) -> "models.QuerySet[User]":
    """Everybody active who holds the permission, by a role or alone."""
    app, _dot, code = permission.partition(".")
    granted = Permission.objects.filter(content_type__app_label=app, codename=code)
    people: models.QuerySet[User] = get_user_model()._default_manager.filter(is_active=True)
    by_role = people.filter(groups__in=granted.values("group"))
    return people.filter(models.Q(pk__in=by_role.values("pk")) | models.Q(pk__in=granted.values("user")))


def may(permission: str) -> Callable[..., None]:
    """The guard that asks for a permission and nothing else, for whatever row."""

    def check(row: Any, *, by: "User", at: datetime) -> None:
        check_permission(permission, by)

    check.__name__ = f"may_{permission.partition('.')[2]}"
    return check
