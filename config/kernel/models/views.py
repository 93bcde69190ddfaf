"""Lists as people like to see them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list as somebody likes to see it: its filters and order, under a name. Never what was searched of a person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("whose")
    )
    page = models.CharField(_("list"), max_length=80)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters and order"), max_length=1000, blank=True)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=("user", "page", "name"), name="saved_view_has_one_name"),
        ]

    def __str__(self) -> str:
        return self.name
