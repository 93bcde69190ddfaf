"""Short lists, no deleting, and no encrypted column on any screen."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from config.kernel.fields import BlindIndexField, EncryptedTextField

Row = models.Model


class DeskAdmin(ModelAdmin):  # type: ignore[misc]
    """A table that people may edit; nothing is ever deleted here.

    Encrypted columns are left out; a page that shows one shows a mask, by a method of its own.
    """

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    actions = None
    warn_unsaved_form = True
    list_filter_submit = False

    def get_exclude(self, request: HttpRequest, obj: Row | None = None) -> list[str]:
        secret = [
            field.name
            for field in self.model._meta.get_fields()
            if isinstance(field, EncryptedTextField | BlindIndexField)
        ]
        return [*(super().get_exclude(request, obj) or ()), *secret]

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


class ReadOnlyAdmin(DeskAdmin):
    """A table that services write, and nobody by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False
